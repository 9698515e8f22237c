"""Assembly: groups that are found become a network; the budget of the widths; Theorem R at its own sizes.

The source is the reconstruction of Vershynin's theorem on the page; its constants are ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from random import Random
from typing import Any

from flint import arb, fmpq, fmpq_mat, fmpz_mat

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.exact import dot, matrix
from memlib.vershynin.assembly_floats import feature_nodes, firing_sets, generator, sign_nodes
from memlib.vershynin.normal import Q, half, over

Row = tuple[int, ...]
#: Draws of a random block before a realization that fails its event is reported.
DRAWS = 5
#: The constant of (C3), and the squared distance of orthonormal points: balls, so that what follows is one.
CONSTANT, ORTHONORMAL = arb(1600), arb(2)


# Wiring: the table of the nodes, evaluated node by node.


@dataclass(frozen=True)
class Group:
    """Points that one pair of neurons finds: 2 |w.S(k)| > N exactly for the members k."""

    members: Row
    w: Row
    N: int


@dataclass(frozen=True)
class Wiring:
    """Blocks of features, the groups that each following layer finds in them, the labels, and which label is marked.

    blocks[j][k] : the outputs at point k of the block that layer j of the perception reads, ints.
    groups[j] : the groups found there. labels : K bits. marked : the label of the class T.
    """

    blocks: tuple[tuple[Row, ...], ...]
    groups: tuple[tuple[Group, ...], ...]
    labels: Row
    marked: int

    @property
    def sums(self) -> tuple[tuple[tuple[Row, int], ...], ...]:
        """For every layer and group: the numbers w.S(k), k = 1, ..., K, and N."""
        return tuple(
            tuple((tuple(dot(g.w, s) for s in block), g.N) for g in found)
            for block, found in zip(self.blocks, self.groups, strict=True)
        )


def fires(t: int) -> int:
    """Return [t > 0]: this chapter's threshold."""
    return int(t > 0)


def outputs(layers: Sequence[Sequence[tuple[Row, int]]], marked: int, K: int, carry: bool = True) -> Row:
    """Evaluate perception, carry and output nodes at the K points, as the table of the page says.

    layers : for each layer, the numbers w.S(k) and N of its groups. Biases N/2 and 1/2 are doubled away.
    carry : False leaves the carry nodes out.
    """
    answers = []
    for k in range(K):
        seen, z = 0, 0  # the perception nodes of the layer before, and its carry node
        for layer in layers:
            z = fires(2 * (seen + z) - 1) if carry else 0
            seen = sum(fires(2 * t[k] - N) + fires(-2 * t[k] - N) for t, N in layer)
        answers.append(fires(2 * (seen + z) - 1) if marked else fires(1 - 2 * (seen + z)))
    return tuple(answers)


def _each_group_is_found(x: Wiring) -> Answer:
    for layer, found in zip(x.sums, x.groups, strict=True):
        for (sums, N), group in zip(layer, found, strict=True):
            for k, t in enumerate(sums):
                if (2 * abs(t) > N) != (k in group.members):
                    verb = "misses" if k in group.members else "catches"
                    return Counterexample(
                        f"the pair for {group.members} {verb} point {k}, where it sees {t}, N = {N}"
                    )
    return True


def _groups_partition_the_class(x: Wiring) -> Answer:
    listed = sorted(i for found in x.groups for group in found for i in group.members)
    if listed != [k for k, y in enumerate(x.labels) if y == x.marked]:
        return Counterexample(f"the groups list the points {listed}, the labels are {x.labels}")
    return True


def _labels_are_bits(x: Wiring) -> Answer:
    if x.marked in (0, 1) and set(x.labels) <= {0, 1}:
        return True
    return Counterexample(f"the labels are {x.labels} and {x.marked} is marked")


def _wrong(answers: Row, labels: Row) -> Answer:
    bad = [k for k, (a, y) in enumerate(zip(answers, labels, strict=True)) if a != y]
    where = "point" if len(bad) == 1 else "the points"
    return not bad or Counterexample(f"the network is wrong at {where} {', '.join(map(str, bad))}")


def gives_the_labels(x: Wiring) -> Answer:
    return _wrong(outputs(x.sums, x.marked, len(x.labels)), x.labels)


def without_carry(x: Wiring) -> Answer:
    """Judge the same network without its carry nodes."""
    return _wrong(outputs(x.sums, x.marked, len(x.labels), carry=False), x.labels)


wiring = Claim(
    "vershynin-wiring",
    hypotheses={
        "labels in {0, 1}": _labels_are_bits,
        "each group is found": _each_group_is_found,
        "the groups partition the class": _groups_partition_the_class,
    },
    conclusion=gives_the_labels,
)


def draw_wiring(seed: int, K: int = 5, layers: int = 3, size: int = 6) -> Wiring:
    """Draw blocks of bits, keep disjoint groups of one or two points that some signs find, and label their points."""
    draw = Random(seed)
    left, blocks, groups, marked = set(range(K)), [], [], draw.randint(0, 1)
    for _ in range(layers):
        block = tuple(tuple(draw.randint(0, 1) for _ in range(size)) for _ in range(K))
        gram, found = tuple(tuple(dot(a, b) for b in block) for a in block), []
        for members in draw.sample([g for n in (1, 2) for g in combinations(range(K), n)], 2):
            signs = _signs(gram, members)
            if signs is not None and left >= set(members):
                w = tuple(
                    sum(s * block[i][j] for s, i in zip(signs, members, strict=True)) for j in range(size)
                )
                found.append(Group(members, w, min(gram[i][i] for i in members)))
                left -= set(members)
        blocks.append(block)
        groups.append(tuple(found))
    labels = tuple(marked if k not in left else 1 - marked for k in range(K))
    return Wiring(tuple(blocks), tuple(groups), labels, marked)


# Projection: a weight row may be replaced by its projection to the span of the inputs.


@dataclass(frozen=True)
class Projected:
    """Inputs u_1, ..., u_K of a layer, a weight row g, and an input u at which the two rows are compared."""

    inputs: tuple[Row, ...]
    g: Row
    u: Row


def coefficients(inputs: Sequence[Row], g: Row) -> list[fmpq]:
    """Return c with A c = U g, where U has the inputs as rows and A = U U^T; 0 off a largest independent set.

    Then g' = U^T c is the orthogonal projection of g to the span of the inputs.
    """
    chosen: list[int] = []
    for k in range(len(inputs)):
        if int(matrix([inputs[i] for i in (*chosen, k)]).rank()) == len(chosen) + 1:
            chosen.append(k)
    c = [fmpq(0)] * len(inputs)
    if chosen:
        U = matrix([inputs[i] for i in chosen])
        solution = fmpq_mat(U * U.transpose()).solve(fmpq_mat(U * fmpz_mat([[v] for v in g])))
        for position, k in enumerate(chosen):
            c[k] = solution[position, 0]
    return c


def projected_row(x: Projected) -> list[fmpq]:
    """Return g' = U^T c."""
    c = coefficients(x.inputs, x.g)
    return [sum((a * row[j] for a, row in zip(c, x.inputs, strict=True)), fmpq(0)) for j in range(len(x.g))]


def _u_lies_in_the_span(x: Projected) -> Answer:
    together = int(matrix([*x.inputs, x.u]).rank())
    if together == int(matrix(x.inputs).rank()):
        return True
    return Counterexample("u is not a combination of the inputs")


def rows_agree(x: Projected) -> Answer:
    there = sum((a * v for a, v in zip(projected_row(x), x.u, strict=True)), fmpq(0))
    if there == dot(x.g, x.u):
        return True
    return Counterexample(f"g'.u = {there} and g.u = {dot(x.g, x.u)}")


projection = Claim(
    "vershynin-projection",
    hypotheses={"u lies in the span of the inputs": _u_lies_in_the_span},
    conclusion=rows_agree,
)


# The budget: what (C2) and (C3) give, decided in balls.


@dataclass(frozen=True)
class Budget:
    """K points and the widths n_3, ..., n_L; `constant` is the 1600 of (C3), a ball like all that follows."""

    K: int
    widths: Row
    constant: arb = CONSTANT

    @property
    def Lambda(self) -> arb:
        log, e2 = arb(2 * self.K**2).log(), arb(2).exp()
        return log if log > e2 else e2

    @property
    def X(self) -> arb:
        """Lambda^2 ln(2 K)."""
        return self.Lambda**2 * arb(2 * self.K).log()

    @property
    def epsilon(self) -> arb:
        return over(arb(1), 4 * arb(max(self.widths)).log())

    def blocks(self, n: int) -> tuple[int, int]:
        """The nodes d = s of each block of a layer of width n, and the q nodes that are left for perception."""
        return n // 4, n - 1 - 2 * (n // 4)

    def r(self, n: int) -> int:
        """ceil(s / (64 X)) - 1, the largest integer below s / (64 X); -1 if the balls are too wide to tell."""
        below = over(arb(n // 4), 64 * self.X)
        whole = (below.ceil() - 1).unique_fmpz()
        return -1 if whole is None else int(whole)


def _two_points(x: Budget) -> Answer:
    return x.K >= 2 or Counterexample(f"K is {x.K}")


def _condition_2(x: Budget) -> Answer:
    K = x.K
    needed = {
        "18 ln(2 K^2) / epsilon^2": over(18 * arb(2 * K**2).log(), x.epsilon**2),
        "128 ln^2(4 K)": 128 * arb(4 * K).log() ** 2,
        "967": arb(967),
        "128 X": 128 * x.X,
    }
    for layer, n in enumerate(x.widths, start=3):
        for name, bound in needed.items():
            if not arb(n // 4) >= bound:
                return Counterexample(
                    f"a quarter of layer {layer} has {n // 4} nodes, {name} is {bound.str(5, radius=False)}"
                )
    return True


def _condition_3(x: Budget) -> Answer:
    connections = sum(a * b for a, b in zip(x.widths[1:], x.widths[2:], strict=False))
    needed = x.constant * (x.K * x.X)
    if arb(connections) >= needed:
        return True
    return Counterexample(f"{connections} deep connections, {needed.str(5, radius=False)} are asked for")


def inequalities(x: Budget) -> list[tuple[str, bool]]:
    """Return inequalities 1 to 6 of the lemma, each with what the balls say."""
    K, listed = x.K, []
    for layer, n in enumerate(x.widths, start=3):
        s, q = x.blocks(n)
        r, below = x.r(n), over(arb(s), 64 * x.X)
        listed += [
            (
                f"inequality 1 at layer {layer}",
                2 * x.epsilon <= 1 and 4 * x.epsilon * half(arb(s)).log() <= 1,
            ),
            (f"inequality 2 at layer {layer}", s * x.epsilon**2 >= 18 * arb(2 * K**2).log()),
            (f"inequality 3 at layer {layer}", s >= 967 and arb(s) >= 128 * arb(4 * K).log() ** 2),
            (f"inequality 4 at layer {layer}", r >= 1 and r < below and 2 * r >= below),
            (f"inequality 5 at layer {layer}", 5 * s >= n and 5 * (q // 2) >= n),
        ]
    pairs = zip(x.widths[1:], x.widths[2:], strict=False)
    marked = sum((x.blocks(n)[1] // 2) * x.r(before) for before, n in pairs)
    listed.append((f"inequality 6, marking half of {K} points with room for {marked},", 2 * marked >= K))
    return listed


def budget_suffices(x: Budget) -> Answer:
    for name, holds in inequalities(x):
        if not holds:
            return Counterexample(f"{name} fails")
    return True


budget = Claim(
    "vershynin-budget",
    hypotheses={
        "K >= 2": _two_points,
        "(C2)": _condition_2,
        "(C3)": _condition_3,
    },
    conclusion=budget_suffices,
)


# Theorem R at its own sizes, on orthonormal points.


@dataclass(frozen=True)
class OnBasis:
    """Points e_i (i in `indices`) of an orthonormal basis, and widths n_2, n_3, ..., n_L; `seed` for the rows.

    delta2 : the square of their distance, a ball.
    """

    indices: Row
    widths: Row
    seed: int = 0
    delta2: arb = ORTHONORMAL

    @property
    def budget(self) -> Budget:
        return Budget(len(self.indices), self.widths[1:])


def bias(x: Budget, delta2: arb) -> arb:
    """Return b = sqrt(2 (4 - delta^2) ln(4 / epsilon)) / delta."""
    return over(2 * (4 - delta2) * over(arb(4), x.epsilon).log(), delta2).sqrt()


def least_first_width(x: Budget, delta2: Any = ORTHONORMAL) -> arb:
    """Return 12 ln(4 K^2) / (epsilon^2 Q(b)), the right side of (C1)."""
    return over(12 * arb(4 * x.K**2).log(), x.epsilon**2 * Q(bias(x, arb(delta2))))


def least_widths(K: int, L: int) -> Row:
    """Return constant widths n_3 = ... = n_L and n_2 that satisfy (C1) and (C2), nearly the least."""
    n = 4 * 967
    while not _condition_2(Budget(K, (n,) * (L - 2))):
        n += max(n // 1000, 4)
    above = least_first_width(Budget(K, (n,) * (L - 2))).upper().ceil().unique_fmpz()
    if above is None:
        raise ArithmeticError("the balls are too wide for the width of layer 2")
    return (int(above), *(n,) * (L - 2))


def _points_keep_their_distance(x: OnBasis) -> Answer:
    for j, index in enumerate(x.indices):
        if index in x.indices[:j]:
            return Counterexample(f"points {x.indices.index(index)} and {j} are equal")
    return True


def _condition_1(x: OnBasis) -> Answer:
    needed = least_first_width(x.budget, x.delta2)
    if arb(x.widths[0]) >= needed:
        return True
    return Counterexample(f"layer 2 has {x.widths[0]} nodes, {needed.str(5, radius=False)} are asked for")


@dataclass(frozen=True)
class Realization:
    """The inner products that decide everything: of layer 2, of the channels D_3, ... and the features S_4, ..."""

    first: tuple[Row, ...]
    channels: tuple[tuple[Row, ...], ...]
    features: tuple[tuple[Row, ...], ...]


def realization(x: OnBasis) -> Realization:
    """Draw the random layers as integer rows, in the span of what they read, and return their inner products.

    Layer 2 is a choice of the nodes that fire at each point: for orthonormal points every choice is reached by
    the row sum_k zeta_k x_k. All later rows are sum_k c_k u_k with integers c_k (vershynin-projection).
    """
    rng, firing, L = generator(x.seed), {}, len(x.widths) + 1
    for i in sorted(set(x.indices)):
        firing[i] = firing_sets(x.widths[0], Q(bias(x.budget, x.delta2)), rng)
    first = tuple(tuple(len(firing[i] & firing[j]) for j in x.indices) for i in x.indices)
    gram, channels, features = first, [], []
    for layer in range(3, L):
        s, _ = x.budget.blocks(x.widths[layer - 2])
        if layer > 3:
            features.append(feature_nodes(gram, s, rng))
        gram = sign_nodes(gram, s, rng)
        channels.append(gram)
    return Realization(first, tuple(channels), tuple(features))


def perception(x: OnBasis, features: Sequence[tuple[Row, ...]], T: Row) -> list[list[tuple[Row, int]]] | None:
    """Assign the points T to groups, layer by layer, and return w.S(k) and N for each; None if nodes run out."""
    left, layers = list(T), []
    for number, gram in enumerate(features):
        n, before = x.widths[number + 3], x.widths[number + 2]
        pairs, size = x.budget.blocks(n)[1] // 2, max(1, x.budget.r(before))
        found: list[tuple[Row, int]] = []
        while left and len(found) < pairs:
            group = left[:size]
            signs = _signs(gram, group)
            if signs is None:
                break
            found.append((_sums(gram, group, signs), min(gram[i][i] for i in group)))
            del left[:size]
        layers.append(found)
    return None if left else layers


def _sums(gram: Sequence[Row], group: Sequence[int], signs: Row) -> Row:
    """Return w.S(k) at all points for w = the sum of +-S(i) over the group, from the inner products S(i).S(k)."""
    return tuple(sum(s * gram[i][k] for s, i in zip(signs, group, strict=True)) for k in range(len(gram)))


def _signs(gram: Sequence[Row], group: Sequence[int]) -> Row | None:
    """Return the first signs with which a pair finds the group and nobody else, N = the least |S(i)|^2 in it."""
    N = min(gram[i][i] for i in group)
    for signs in product((1, -1), repeat=len(group)):
        if all((2 * abs(t) > N) == (k in group) for k, t in enumerate(_sums(gram, group, signs))):
            return signs
    return None


def memorizes_all_labels(x: OnBasis) -> Answer:
    """Build the network for every vector of labels, and compare its outputs."""
    K = len(x.indices)
    if x.widths[0] < (K - 1).bit_length():
        return Counterexample(
            f"{x.widths[0]} node of layer 2 has {2 ** x.widths[0]} values, so two of the {K} points look alike"
        )
    for j in range(K):
        if x.indices[j] in x.indices[:j]:
            i = x.indices.index(x.indices[j])
            return Counterexample(f"no function gives points {i} and {j} different labels")
    for draw in range(DRAWS):
        trace = realization(replace(x, seed=x.seed + draw))
        answer = _all_labels(x, trace)
        if answer:
            return True
    return answer


def _all_labels(x: OnBasis, trace: Realization) -> Answer:
    K = len(x.indices)
    for labels in product((0, 1), repeat=K):
        marked = int(2 * sum(labels) <= K)
        T = tuple(k for k, y in enumerate(labels) if y == marked)
        layers = perception(x, trace.features, T)
        if layers is None:
            return Counterexample(f"for the labels {labels} some point is in no group that a pair can find")
        answer = _wrong(outputs(layers, marked, K), labels)
        if not answer:
            return Counterexample(f"for the labels {labels} {answer}")
    return True


assembly = Claim(
    "vershynin-assembly",
    hypotheses={
        "K >= 2": lambda x: _two_points(x.budget),
        "the points keep their distance": _points_keep_their_distance,
        "(C1)": _condition_1,
        "(C2)": lambda x: _condition_2(x.budget),
        "(C3)": lambda x: _condition_3(x.budget),
    },
    conclusion=memorizes_all_labels,
)


def steps(x: OnBasis) -> list[tuple[str, str, str]]:
    """Return what the proof promises at the steps R2 to R5 and what one realization gives: (step, promised, found)."""
    trace, K, eps = realization(x), len(x.indices), x.budget.epsilon
    p = Q(bias(x.budget, x.delta2))
    mean = x.widths[0] * p
    pairs = [(i, k) for k in range(K) for i in range(k)]

    def text(value: Any) -> str:
        return arb(value).str(3, radius=False)

    off = max(abs(arb(trace.first[k][k]) - mean) for k in range(K))
    rows = [
        ("R2 norms off the mean", f"<= {text(half(eps * mean))}", text(off)),
        ("R2 overlaps", f"<= {text(half(eps * mean))}", str(max(trace.first[i][k] for i, k in pairs))),
    ]
    for layer, gram in enumerate(trace.channels, start=3):
        largest = max(abs(fmpq(gram[i][k], gram[i][i])) for i, k in pairs)
        rows.append((f"R3, R4 correlation in D_{layer}", f"<= {text(eps)}", text(arb(largest))))
    for layer, gram in enumerate(trace.features, start=4):
        s, _ = x.budget.blocks(x.widths[layer - 2])
        rows += [
            (
                f"R5 overlaps in S_{layer}",
                f"< {text(x.budget.Lambda)}",
                str(max(gram[i][k] for i, k in pairs)),
            ),
            (
                f"R5 norms in S_{layer}",
                f"> {text((arb(s) * fmpq(1, 8)).sqrt())}",
                str(min(gram[k][k] for k in range(K))),
            ),
        ]
    return rows
