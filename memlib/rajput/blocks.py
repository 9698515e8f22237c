"""One neuron for a block of independent vectors: exact weights by linear algebra, and a gate that silences it.

Everything is a Python int or a Fraction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from flint import nmod_mat

from memlib.exact import Row, dot, matrix, solve
from memlib.rajput.chain import lifted
from memlib.rajput.lift import PRIME
from memlib.rajput.xor import total

# --- rajput-block-exact ---


@dataclass(frozen=True)
class Block:
    """The lifted vectors of a block, one a row, and the labels of its points."""

    rows: tuple[tuple[int, ...], ...]
    labels: tuple[int, ...]

    @property
    def targets(self) -> list[int]:
        return [2 * y - 1 for y in self.labels]


def block_of(codes: Sequence[int], subsets: Sequence[int], labels: Sequence[int]) -> Block:
    """Return the block of these codes, lifted by these parities."""
    return Block(tuple(map(tuple, lifted(codes, subsets))), tuple(labels))


def pivots(rows: Sequence[Row]) -> list[int]:
    """Return the columns, from the left, that raise the rank modulo a prime: they are independent."""
    reduced, rank = nmod_mat(matrix(rows), PRIME).rref()
    lines = reduced.tolist()[: int(rank)]
    return [next(k for k, v in enumerate(line) if int(v)) for line in lines]


def block_weights(rows: Sequence[Row], labels: Sequence[int]) -> tuple[dict[int, int], int]:
    """Return integers w, as {column: weight}, and D >= 1 with <w, v_i> = (2 y_i - 1) D for the rows v_i.

    The weights sit on len(rows) columns; they and D have no common factor. Implements rajput-block-exact.
    Raises ZeroDivisionError if the rows are not certified to be independent.
    """
    columns = pivots(rows)
    if len(columns) < len(rows):
        raise ZeroDivisionError(f"{len(rows)} rows of rank {len(columns)}")
    square = [[row[k] for k in columns] for row in rows]
    solution = [Fraction(int(w.p), int(w.q)) for w in solve(square, [2 * y - 1 for y in labels])]
    D = lcm(*(w.denominator for w in solution))
    return {k: int(w * D) for k, w in zip(columns, solution, strict=True) if w}, D


# --- rajput-block-gate ---


@dataclass(frozen=True)
class Unit:
    """The neuron of block number `place` out of q: [<w, chi> - M (1 - e) >= 1], where e indicates the block."""

    weights: Mapping[int, int]
    M: int
    place: int
    q: int

    def form(self, parities: Sequence[Mapping[int, int]], first: int) -> tuple[dict[int, int], int]:
        """Return its weights and bias on the units of the lifted layer.

        chi_l = 1 - 2 parities[l]; the unit B_k, for 1 <= k < q, has the number first + k - 1; B_0 = 1, B_q = 0.
        """
        scaled = [{u: -2 * w * c for u, c in parities[l].items()} for l, w in self.weights.items()]
        bias, gate = sum(self.weights.values()) - self.M - 1, {}
        if self.place == 0:
            bias += self.M
        else:
            gate[first + self.place - 1] = self.M
        if self.place + 1 < self.q:
            gate[first + self.place] = -self.M
        return total([*scaled, gate]), bias


def norm_1(weights: Mapping[int, int]) -> int:
    """Return the sum of the |w_l|."""
    return sum(map(abs, weights.values()))


@dataclass(frozen=True)
class Gated:
    """All points in order: their numbers z, lifted vectors and labels; the first point of every block; one neuron.

    The neuron of block number `place` is [<w, v> - M (1 - e) >= 1].
    """

    z: tuple[int, ...]
    rows: tuple[tuple[int, ...], ...]
    labels: tuple[int, ...]
    starts: tuple[int, ...]
    place: int
    w: tuple[int, ...]
    M: int

    @property
    def block(self) -> range:
        ends = (*self.starts[1:], len(self.z))
        return range(self.starts[self.place], ends[self.place])

    def staircase(self, k: int, z: int) -> int:
        """B_k(z) = [z >= the first number of block k]; B_0 = 1, and B_q = 0."""
        if k in (0, len(self.starts)):
            return int(k == 0)
        return int(z >= self.z[self.starts[k]])

    def outputs(self) -> list[int]:
        found = []
        for z, v in zip(self.z, self.rows, strict=True):
            e = self.staircase(self.place, z) - self.staircase(self.place + 1, z)
            found.append(int(dot(self.w, v) - self.M * (1 - e) >= 1))
        return found


def gated(
    codes: Sequence[int], labels: Sequence[int], subsets: Sequence[int], unit: Unit, starts: Sequence[int]
) -> Gated:
    """Return the neuron of a block, as the network has it, with all the points."""
    w = tuple(unit.weights.get(l, 0) for l in range(len(subsets)))
    rows = tuple(map(tuple, lifted(codes, subsets)))
    return Gated(tuple(codes), rows, tuple(labels), tuple(starts), unit.place, w, unit.M)
