"""The deep network, stage by stage: hyperplanes, a sparse code, trees of XORs, lifted parities, one neuron a block.

Everything after the draws is exact. The theorem is on the page `main`; its sizes are in `sizes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from memlib.layer import Layer, Sparse
from memlib.rajput.blocks import Unit, block_weights, norm_1, pivots
from memlib.rajput.chain import lifted
from memlib.rajput.hyperplanes import first_layer
from memlib.rajput.lift import bits_of, block_size, cut
from memlib.rajput.main_floats import generator, random_word, sparse_row
from memlib.rajput.sizes import Sizes
from memlib.rajput.xor import parity_layer, rows_of, threshold_layer, total, values_of

Words = tuple[int, ...]


# --- rajput-linear-code, as a network: sparse parity checks, cut to 2^t ones ---


def draw_pieces(
    words: Sequence[int], groups: Sequence, sizes: Sizes, m: int, rng: Any
) -> list[list[int]] | None:
    """Draw parity checks until the words of different groups differ in one; return their ones, cut to 2^t at most.

    words : m bits each. groups : what must be told apart. None if r checks are not enough.
    """
    D, pieces = sizes.distance(m), []
    seen: list[int] = [0] * len(words)
    for _ in range(sizes.r):
        row = sparse_row(m, D, rng)
        for piece in cut(row, 2**sizes.t):
            mask = sum(1 << i for i in piece)
            seen = [v << 1 | (w & mask).bit_count() % 2 for v, w in zip(seen, words, strict=True)]
            pieces.append(list(piece))
        if pieces and _told_apart(seen, groups):
            return pieces
    return None


def _told_apart(codes: Sequence[int], groups: Sequence) -> bool:
    owner: dict[int, Any] = {}
    return all(owner.setdefault(c, g) == g for c, g in zip(codes, groups, strict=True))


def pruned_trees(
    pieces: Sequence[Sequence[int]], levels: int, width: int
) -> tuple[tuple[Layer, ...], Sparse]:
    """Return `levels` layers that XOR the bits of each piece, and the parities as linear forms of the last one.

    pieces : not empty, at most 2^levels bits each, out of `width`. Each is the tree of `rajput-xor-tree` for its
    bits and zeros up to 2^levels bits, without what is always zero: a bit whose partner is a zero is passed on by
    one unit [a >= 1], and two zeros need no unit.
    """
    trees: list[list[dict[int, int]]] = [[{i: 1} for i in piece] for piece in pieces]
    layers = []
    for _ in range(levels):
        rows: list[dict[int, int]] = []
        biases: list[int] = []
        grown = []
        for forms in trees:
            values = []
            for pair in (forms[i : i + 2] for i in range(0, len(forms), 2)):
                u = len(rows)
                rows += [total(pair)] * len(pair)
                biases += [-1, -2][: len(pair)]
                values.append({u: 1, u + 1: -1} if len(pair) == 2 else {u: 1})
            grown.append(values)
        layers.append(threshold_layer(rows, biases, width))
        trees, width = grown, len(rows)
    return tuple(layers), Sparse.of([form for (form,) in trees], width)


# --- the network ---


@dataclass(frozen=True)
class Pipeline:
    """All stages of one network.

    codes : the different codes in increasing order, and labels : theirs. subsets : the lifted parities that are
    kept. blocks : of the codes. units : one for each block. layers : of the network.
    """

    sizes: Sizes
    m: int
    pieces: tuple[Words, ...]
    codes: Words
    labels: Words
    subsets: Words
    blocks: tuple[Words, ...]
    units: tuple[Unit, ...]
    layers: tuple[Layer, ...]

    @property
    def widths(self) -> dict[str, int]:
        """Units by stage."""
        xor = sum(layer.units for layer in self.layers[1:-3])
        gates = len(self.blocks) - 1
        lift = self.layers[-3].units
        return {"hyperplanes": self.m, "xors": xor, "lift": lift - gates, "gates": gates,
                "blocks": len(self.units), "output": 1}  # fmt: skip


def lift_until_independent(blocks: Sequence[Words], bits: int, N: int, rng: Any) -> Words | None:
    """Draw random parities until every block is independent; None if N are not enough."""
    subsets: list[int] = []
    waiting = list(blocks)
    while len(subsets) < N or not any(subsets):
        subsets.append(random_word(bits, rng))
        waiting = [b for b in waiting if len(b) > len(subsets) or len(pivots(lifted(b, subsets))) < len(b)]
        if not waiting and any(subsets):
            return tuple(subsets)
    return None


def back_end(
    codes: Words,
    labels: Words,
    forms: Sparse,
    sizes: Sizes,
    rng: Any,
) -> tuple[Words, tuple[Words, ...], tuple[Unit, ...], tuple[Layer, ...]] | None:
    """Return the lifted parities, the blocks, their units, and the last three layers; None if N are too few.

    codes : different, increasing; bit i of a code is the linear form number i of the layer before.
    """
    bits = rows_of(forms)
    s = block_size(len(codes))
    blocks, wanted = cut(codes, s), cut(labels, s)
    drawn = lift_until_independent(blocks, len(bits), sizes.N, rng)
    if drawn is None:
        return None
    found = [block_weights(lifted(b, drawn), y)[0] for b, y in zip(blocks, wanted, strict=True)]
    kept = sorted({l for w in found for l in w if drawn[l]} or {next(l for l, S in enumerate(drawn) if S)})
    kept += [l for l, S in enumerate(drawn) if not S and any(l in w for w in found)]
    where = {l: k for k, l in enumerate(kept)}
    subsets = tuple(drawn[l] for l in kept)
    units = tuple(
        Unit({where[l]: c for l, c in w.items()}, norm_1(w), k, len(blocks)) for k, w in enumerate(found)
    )
    parities, sums = parity_layer([bits_of(S) for S in subsets], forms)
    z = total({u: c << i for u, c in form.items()} for i, form in enumerate(bits))
    gates = [z] * (len(blocks) - 1)
    upper = threshold_layer(
        [*rows_of_layer(parities), *gates],
        [*parities.biases, *(-b[0] for b in blocks[1:])],
        forms.shape[1],
    )
    rows = [unit.form(rows_of(sums), parities.units) for unit in units]
    last = threshold_layer([form for form, _ in rows], [bias for _, bias in rows], upper.units)
    out = threshold_layer([dict.fromkeys(range(len(blocks)), 1)], (-1,), len(blocks))
    return subsets, tuple(blocks), units, (upper, last, out)


def rows_of_layer(layer: Layer) -> list[dict[int, int]]:
    """Return the weights of a layer as linear forms."""
    rows: list[dict[int, int]] = [{} for _ in range(layer.units)]
    for i, j, w in layer.entries:
        rows[i][j] = w
    return rows


def word(bits: Sequence[int]) -> int:
    """Return the number whose bit i is bits[i]."""
    return int("".join(map(str, reversed(bits))), 2)


def attempt(
    points: tuple[tuple[int, ...], ...],
    labels: Sequence[int],
    groups: Sequence,
    sizes: Sizes,
    m: int,
    radius: int,
    rng: Any,
) -> Pipeline | None:
    """Draw one network with m hyperplanes; None if a draw was unlucky. Points of equal `groups` may share a code."""
    first = first_layer(points, m, rng, sizes.bits, radius)
    words = [word(row) for row in first(points)]
    pieces = draw_pieces(words, groups, sizes, m, rng)
    if pieces is None:
        return None
    levels = (max(map(len, pieces)) - 1).bit_length()
    trees, forms = pruned_trees(pieces, levels, m)
    bits = values_of((first, *trees), forms, points)
    label_of = {word(row): y for row, y in zip(bits, labels, strict=True)}
    codes = tuple(sorted(label_of))
    tail = back_end(codes, tuple(label_of[c] for c in codes), forms, sizes, rng)
    if tail is None:
        return None
    subsets, blocks, units, layers = tail
    return Pipeline(
        sizes, m, tuple(map(tuple, pieces)), codes, tuple(label_of[c] for c in codes), subsets, blocks, units,
        (first, *trees, *layers),
    )  # fmt: skip


def theorem_network(
    points: tuple[tuple[int, ...], ...],
    radius: int,
    labels: Sequence[int],
    delta: Fraction,
    rng: Any,
    draws: int = 40,
) -> Pipeline:
    """Draw networks of the theorem's sizes until one is right; each is with probability >= 1/2.

    points / radius : in the unit ball, delta-separated. Implements rajput-main-paper. Raises ArithmeticError if
    `draws` networks in a row fail.
    """
    sizes, rng = Sizes(len(points), len(points[0]), delta), generator(rng)
    for _ in range(draws):
        found = attempt(points, labels, range(len(points)), sizes, sizes.m, radius, rng)
        if found is not None:
            return found
    raise ArithmeticError(f"{draws} draws failed, and each succeeds with probability 1/2 at least")
