"""Two other neurons for a block: a perceptron with short weights, and a sum of lifted vectors that needs no gate.

Everything is exact: integers, or balls that decide an inequality. `neurons_floats` proposes parities.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import arb, fmpq, fmpz_mat

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, Frequency
from memlib.exact import dot, matrix
from memlib.rajput.blocks import Block
from memlib.rajput.chain import Codes, lifted
from memlib.rajput.golden_thompson import golden_thompson
from memlib.rajput.lift import block_size, codes_are_distinct, cut, rounded_up
from memlib.rajput.parity_draws import Draw, labelled_blocks
from memlib.rajput.random_parities import ball, over

__all__ = ["Draw", "Memory", "block_hebb", "block_perceptron", "golden_thompson"]


def labels_are_bits(x: Block | Draw) -> Answer:
    for i, y in enumerate(x.labels):
        if y not in (0, 1):
            return Counterexample(f"point {i} has the label {y}")
    return True


# --- rajput-block-perceptron ---


def rows_of(M: fmpz_mat) -> list[list[int]]:
    """Return a FLINT matrix as rows of Python ints."""
    flat, width = list(map(int, M.entries())), M.ncols()
    return [flat[k : k + width] for k in range(0, len(flat), width)]


def gram(rows: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return V V^T for the matrix V with these rows."""
    V = matrix(rows)
    return rows_of(V * V.transpose())


def quarter_conditioned(rows: Sequence[Sequence[int]]) -> bool:
    """Decide whether the least eigenvalue of V V^T is at least N/4: 4 V V^T - N has no negative eigenvalue.

    A polynomial with real roots has no negative one iff the signs of its coefficients alternate (zeros allowed).
    """
    s, N = len(rows), len(rows[0])
    shifted = [[4 * v - N * (i == j) for j, v in enumerate(row)] for i, row in enumerate(gram(rows))]
    signed = [int(c) * (-1) ** (s - k) for k, c in enumerate(matrix(shifted).charpoly())]
    return min(signed) >= 0


Pick = Callable[[list[int], list[int], int], int]
#: Which of the wrong points to correct next: arguments are the wrong ones, all signed values, and the last one.
ORDERS: dict[str, Pick] = {
    "first": lambda wrong, values, last: wrong[0],
    "cyclic": lambda wrong, values, last: next((i for i in wrong if i > last), wrong[0]),
    "worst": lambda wrong, values, last: min(wrong, key=lambda i: values[i]),
    "mildest": lambda wrong, values, last: max(wrong, key=lambda i: values[i]),
}


def perceptron_run(block: Block, most: int, order: str = "first") -> tuple[tuple[int, ...], int] | None:
    """Return how often each point was added, with its sign, and the number of corrections; None beyond `most`.

    The weights are w = sum over i of c_i v_i; only the inner products <w, v_i> = sum of c_j (V V^T)_ij are kept.
    """
    inner, t, pick = gram(block.rows), block.targets, ORDERS[order]
    c, g, last = [0] * len(t), [0] * len(t), -1
    for k in range(most + 1):
        values = [a * b for a, b in zip(t, g, strict=True)]
        wrong = [i for i, v in enumerate(values) if v < 1]
        if not wrong:
            return tuple(c), k
        last = pick(wrong, values, last)
        c[last] += t[last]
        g = [a + t[last] * b for a, b in zip(g, inner[last], strict=True)]
    return None


def combination(c: Sequence[int], rows: Sequence[Sequence[int]]) -> list[int]:
    """Return the sum of c_i v_i."""
    if set(c) <= {0, 1}:
        chosen = [v for v, a in zip(rows, c, strict=True) if a]
        return list(map(sum, zip(*chosen, strict=True))) if chosen else [0] * len(rows[0])
    return [int(v) for v in (matrix([c]) * matrix(rows)).tolist()[0]]


def learned_within(block: Block, budget: int) -> Answer:
    """In each of four orders the run ends after at most `budget` corrections with margins >= 1 and |w_l| <= budget."""
    for order in ORDERS:
        run = perceptron_run(block, budget, order)
        if run is None:
            return Counterexample(f"more than {budget} corrections, always the {order} wrong point")
        w = combination(run[0], block.rows)
        for i, (row, t) in enumerate(zip(block.rows, block.targets, strict=True)):
            if t * sum(a * b for a, b in zip(w, row, strict=True)) < 1:
                return Counterexample(f"vector {i} is on the wrong side")
        if max(map(abs, w)) > budget:
            return Counterexample(f"a weight is {max(map(abs, w))} in size, above {budget}")
    return True


def perceptron_parities(n: int, eta: Fraction) -> arb:
    """Enclose s ln(q s / eta) / (3/4 - ln(2)/2), which is 2.478... s ln(q s / eta): parities, before rounding."""
    s = block_size(n)
    return over(
        s * ball(Fraction(s * -(-n // s)) / Fraction(eta)).log(), fmpq(3, 4) - arb(2).log() * fmpq(1, 2)
    )


def enough_parities(n: int, eta: Fraction) -> int:
    """Return the least N that rajput-block-perceptron allows."""
    return rounded_up(perceptron_parities(n, eta))


def blocks_are_conditioned(x: Draw, sets: Sequence[int]) -> bool:
    """Every block of these codes, lifted by these sets, has a least eigenvalue of at least N/4."""
    return all(quarter_conditioned(lifted(codes, sets)) for codes, _ in labelled_blocks(x.codes, x.labels))


def is_conditioned(x: Block | Draw) -> Answer:
    if isinstance(x, Draw) or quarter_conditioned(x.rows):
        return True
    return Counterexample("the least eigenvalue of V V^T is below N/4")


def entries_are_signs(x: Block | Draw) -> Answer:
    if isinstance(x, Draw) or all(v in (1, -1) for row in x.rows for v in row):
        return True
    return Counterexample("an entry is neither 1 nor -1")


def different_codes(x: Any) -> Answer:
    return isinstance(x, Block) or codes_are_distinct(x)


def at_least(asked: Callable[[int, Fraction], arb]) -> Callable[[Any], Answer]:
    """Return the hypothesis 0 < eta < 1, and N is at least a number of parities."""

    def enough(x: Block | Draw) -> Answer:
        if isinstance(x, Block):
            return True
        if not 0 < x.eta < 1:
            return Counterexample(f"eta is {x.eta}")
        bound = asked(len(x.codes), x.eta)
        return bool(bound <= x.N) or Counterexample(f"N is {x.N}, and the bound {bound.str(4, radius=False)}")

    return enough


def few_corrections(x: Block | Draw) -> Answer | Frequency:
    """A block is learned within 4s corrections; a draw conditions all blocks with probability >= 1 - eta."""
    if isinstance(x, Block):
        return learned_within(x, 4 * len(x.rows))
    return x.decide(blocks_are_conditioned)


block_perceptron = Claim(
    "rajput-block-perceptron",
    hypotheses={
        "the least eigenvalue of V V^T is at least N/4": is_conditioned,
        "the entries are 1 and -1": entries_are_signs,
        "labels in {0, 1}": labels_are_bits,
        "the codes are distinct": different_codes,
        "N >= s ln(qs/eta) / (3/4 - ln(2)/2) and 0 < eta < 1": at_least(perceptron_parities),
    },
    conclusion=few_corrections,
)


# --- rajput-block-hebb ---


def hebbian_parities(n: int, eta: Fraction) -> arb:
    """Enclose (28/3) s ln(n q / eta), the number of random parities before rounding."""
    s = block_size(n)
    return s * fmpq(28, 3) * ball(Fraction(n * -(-n // s)) / Fraction(eta)).log()


def enough_for_hebb(n: int, eta: Fraction) -> int:
    """Return the least N that rajput-block-hebb allows."""
    return rounded_up(hebbian_parities(n, eta))


#: Up to so many products are formed one by one; more by FLINT.
FEW = 64


@dataclass(frozen=True)
class Memory:
    """Labelled codes in blocks, lifted by some parities: each block has the neuron w, the sum of its vectors with
    label 1.
    """

    codes: Codes
    labels: tuple[int, ...]
    sets: tuple[int, ...]

    @cached_property
    def rows(self) -> list[list[int]]:
        return lifted(self.codes, self.sets)

    @property
    def weights(self) -> list[list[int]]:
        """One row of weights a block."""
        s = block_size(len(self.codes))
        parts = zip(cut(self.rows, s), cut(self.labels, s), strict=True)
        return [combination([int(y == 1) for y in labels], rows) for rows, labels in parts]

    @cached_property
    def products(self) -> list[list[int]]:
        """<w_k, v_j>, one row a block k and one column a point j."""
        weights, rows = self.weights, self.rows
        if len(weights) * len(rows) < FEW:
            return [[dot(w, v) for v in rows] for w in weights]
        return rows_of(matrix(weights) * matrix(rows).transpose())

    @property
    def wrong(self) -> list[tuple[int, int]]:
        """The (block, point) where [<w, v> >= N/2] is not the label on the block, or not 0 off it."""
        s, N, labels = block_size(len(self.codes)), len(self.sets), self.labels
        return [
            (k, j)
            for k, row in enumerate(self.products)
            for j, v in enumerate(row)
            if (2 * v >= N) != (labels[j] if j // s == k else 0)
        ]


def all_are_right(x: Draw, sets: Sequence[int]) -> bool:
    return not Memory(x.codes, x.labels, tuple(sets)).wrong


def neurons_add_up(x: Draw) -> Answer | Frequency:
    """With probability >= 1 - eta every block's neuron is right at every point."""
    return x.decide(all_are_right)


block_hebb = Claim(
    "rajput-block-hebb",
    hypotheses={
        "the codes are distinct": codes_are_distinct,
        "labels in {0, 1}": labels_are_bits,
        "N >= (28/3) s ln(nq/eta) and 0 < eta < 1": at_least(hebbian_parities),
    },
    conclusion=neurons_add_up,
)
