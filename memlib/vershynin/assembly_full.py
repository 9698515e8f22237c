"""Theorem R+: the first enriched layer perceives already, so that all deep connections count.

Layer 3 holds a block of sparse features that read layer 2 directly; its squared norms are only nearly equal, which
vershynin-enrich2-norms allows. Budget and network are decided as on the page on assembly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

from flint import arb

from memlib.evidence import Answer, Counterexample
from memlib.vershynin import assembly
from memlib.vershynin.assembly import (
    DRAWS,
    Budget,
    OnBasis,
    Q,
    Realization,
    Row,
    bias,
    generator,
    outputs,
    over,
)
from memlib.vershynin.assembly_floats import feature_nodes, firing_sets, sign_nodes
from memlib.vershynin.assembly_full_floats import first_features

#: 8^2 / .92^2 < 76: what the smaller norms of the first features cost.
FIRST = 76


@dataclass(frozen=True)
class Full:
    """Theorem R+ at orthonormal points and widths n_2, ..., n_L; or, without points, its budget for n_3, ..., n_L."""

    budget: Budget
    points: OnBasis | None = None


def at(points: OnBasis) -> Full:
    return Full(points.budget, points)


def first_r(x: Budget) -> int:
    """Return r_3 = ceil(s_3 / (76 X)) - 1."""
    whole = (over(arb(x.widths[0] // 4), FIRST * x.X).ceil() - 1).unique_fmpz()
    return -1 if whole is None else int(whole)


def sizes(x: Budget) -> Row:
    """Return r_3, r_4, ..., r_(L-1): the largest groups that are found in each layer of features."""
    return (first_r(x), *(x.r(n) for n in x.widths[1:-1]))


def room(x: Budget) -> int:
    """Return how many points the pairs of the layers 4, ..., L can find."""
    return sum((x.blocks(n)[1] // 2) * r for n, r in zip(x.widths[1:], sizes(x), strict=True))


def connections(x: Budget) -> int:
    """Return n_3 n_4 + ... + n_(L-1) n_L."""
    return sum(a * b for a, b in zip(x.widths, x.widths[1:], strict=False))


def condition_3(x: Full) -> Answer:
    needed = x.budget.constant * (x.budget.K * x.budget.X)
    if arb(connections(x.budget)) >= needed:
        return True
    return Counterexample(
        f"{connections(x.budget)} deep connections, {needed.str(5, radius=False)} are asked for"
    )


def of_points(name: str, x: Full) -> Answer:
    return x.points is None or assembly.assembly.hypotheses[name](x.points)


def _budget_holds(x: Budget) -> Answer:
    """Decide what the proof asks of layer 3, then the room for half of the points."""
    s, K, m = x.widths[0] // 4, x.K, arb(x.widths[0] // 4)
    first = {
        "s_3 >= 1062": s >= 1062,
        "s_3 >= 152 ln^2(4 K)": m >= 152 * arb(4 * K).log() ** 2,
        "epsilon / 2 <= 1 / (8 ln(s_3 / 2))": 4 * x.epsilon * over(m, arb(2)).log() <= 1,
        "1 <= r_3 < .8464 s_3 / (64 X)": first_r(x) >= 1 and 64 * 10**4 * first_r(x) * x.X < 8464 * m,
        "r_3 >= s_3 / (152 X)": 152 * first_r(x) * x.X >= m,
    }
    for name, holds in first.items():
        if not holds:
            return Counterexample(f"{name} fails")
    for name, holds in assembly.inequalities(x):
        if not holds and "inequality 6" not in name:
            return Counterexample(f"{name} fails")
    return 2 * room(x) >= K or Counterexample(
        f"there is room for {room(x)} points, half of {K} may have to be found"
    )


def realization(x: OnBasis) -> Realization:
    """Draw the layers as `assembly.realization` does, and the features of layer 3, which read layer 2 directly."""
    rng, L = generator(x.seed), len(x.widths) + 1
    p = Q(bias(x.budget, x.delta2))
    firing = {i: firing_sets(x.widths[0], p, rng) for i in sorted(set(x.indices))}
    first = tuple(tuple(len(firing[i] & firing[j]) for j in x.indices) for i in x.indices)
    gram, channels, features = first, [], []
    for layer in range(3, L):
        s, _ = x.budget.blocks(x.widths[layer - 2])
        if layer == 3:
            features.append(first_features(gram, s, x.widths[0] * p, rng))
        else:
            features.append(feature_nodes(gram, s, rng))
        gram = sign_nodes(gram, s, rng)
        channels.append(gram)
    return Realization(first, tuple(channels), tuple(features))


def perception(x: OnBasis, features: Sequence[tuple[Row, ...]], T: Row) -> list | None:
    """Assign the points T to groups, layer by layer from layer 4 on; None if nodes run out or a group has no signs."""
    left, layers = list(T), []
    for n, size, gram in zip(x.widths[2:], sizes(x.budget), features, strict=True):
        found: list[tuple[Row, int]] = []
        while left and len(found) < x.budget.blocks(n)[1] // 2:
            group = left[: max(1, size)]
            signs = assembly._signs(gram, group)
            if signs is None:
                break
            found.append((assembly._sums(gram, group, signs), min(gram[i][i] for i in group)))
            del left[: len(group)]
        layers.append(found)
    return None if left else layers


def memorizes_all_labels(x: OnBasis) -> Answer:
    """Build the network for every vector of labels, and compare its outputs."""
    K = len(x.indices)
    answer: Answer = Counterexample("nothing was drawn")
    if x.widths[0] < (K - 1).bit_length():
        return Counterexample(f"{x.widths[0]} node of layer 2 cannot tell {K} points apart")
    for j in range(K):
        if x.indices[j] in x.indices[:j]:
            i = x.indices.index(x.indices[j])
            return Counterexample(f"no function gives points {i} and {j} different labels")
    for draw in range(DRAWS):
        answer = _all_labels(x, realization(replace(x, seed=x.seed + draw)))
        if answer:
            return True
    return answer


def _all_labels(x: OnBasis, trace: Realization) -> Answer:
    K = len(x.indices)
    for labels in product((0, 1), repeat=K):
        marked = int(2 * sum(labels) <= K)
        layers = perception(x, trace.features, tuple(k for k, y in enumerate(labels) if y == marked))
        if layers is None:
            return Counterexample(f"for the labels {labels} some point is in no group that a pair can find")
        if outputs(layers, marked, K) != labels:
            return Counterexample(f"for the labels {labels} the network is wrong")
    return True


def holds(x: Full) -> Answer:
    """Decide the budget, and the networks where there are points."""
    answer = _budget_holds(x.budget)
    return answer if not answer or x.points is None else memorizes_all_labels(x.points)


def measured(x: OnBasis) -> list[tuple[str, str, str]]:
    """Return what the proof promises of the first features, and what one realization gives: (what, promised, found)."""
    gram, K = realization(x).features[0], len(x.indices)
    s = x.widths[1] // 4
    promised = over(23 * (arb(s) * over(arb(1), arb(8))).sqrt(), arb(25))  # .92 = 23/25
    overlap = max(gram[i][k] for k in range(K) for i in range(k))
    return [
        ("overlaps", f"< {x.budget.Lambda.str(3, radius=False)}", str(overlap)),
        ("squared norms", f"> {promised.str(3, radius=False)}", str(min(gram[k][k] for k in range(K)))),
    ]
