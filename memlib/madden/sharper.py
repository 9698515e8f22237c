"""All parameters count: the full Jacobian of tanh, sigmoid and softplus; and what a fixed X allows at most.

Points and weights are tuples of Python ints, one a row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from flint import arb, arb_mat, ctx

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.exact import rank, rank_mod
from memlib.madden.capacity import Zero, reaches_all_labels
from memlib.madden.exponentials import Functions, rank_from_below, relation, some_functions
from memlib.madden.jacobian import Rows
from memlib.madden.monomials import P, draw, khatri_rao
from memlib.madden.pairs import BITS, Analytic, Points, ball, defect
from memlib.points import names

NAMES = ("tanh", "sigmoid", "softplus")

# --- madden-full-jacobian, (a) and (b): independent functions ---


def one_of_three(f: Any) -> Answer:
    name = f.psi if isinstance(f.psi, str) else f.psi.name
    return name in NAMES or Counterexample(f"psi is {name}")


def no_weight_is_zero(f: Functions) -> Answer:
    zero = [j for j, w in enumerate(f.W) if not any(w)]
    return not zero or Counterexample(f"w_{zero[0] + 1} is 0")


def apart_up_to_sign(f: Functions) -> Answer:
    rows = [(*w, b) for w, b in zip(f.W, f.b, strict=True)]
    for i, j in combinations(range(len(rows)), 2):
        for sign, word in ((1, "equal"), (-1, "opposite")):
            if rows[i] == tuple(sign * c for c in rows[j]):
                return Counterexample(f"(w_{i + 1}, b_{i + 1}) and (w_{j + 1}, b_{j + 1}) are {word}")
    return True


def are_independent(f: Functions) -> Answer:
    """Whether all functions are independent: a rank mod P proves it, a relation in letters refutes it."""
    if rank_from_below(f, f.count) == f.count:
        return True
    c = relation(f) if f.psi != "softplus" else None
    if c is None:
        raise ValueError("whether the functions are independent is not decided here")
    terms = " ".join(f"{v:+d} {f.label(k)}" for k, v in enumerate(c) if v)
    return Counterexample(f"{terms} = 0 for all x")


independent = Claim(
    "madden-full-jacobian",
    hypotheses={
        "psi is tanh, sigmoid or softplus": one_of_three,
        "no w_j is 0": no_weight_is_zero,
        "no two (w_j, b_j) agree up to sign": apart_up_to_sign,
    },
    conclusion=are_independent,
)


@dataclass(frozen=True)
class Size:
    """An activation, a dimension and a number of neurons."""

    psi: str
    d: int
    h: int


def some_place_has_full_rank(size: Size) -> Answer:
    """One place mod P at which all h(d + 2) rows are independent: then they are for almost all W, b and X."""
    f = some_functions(size.psi, size.d, size.h)
    found = rank_from_below(f, f.count)
    return found == f.count or Counterexample(f"rank {found} was found, not {f.count}")


almost_everywhere = Claim(
    "madden-full-jacobian",
    hypotheses={"psi is tanh, sigmoid or softplus": one_of_three},
    conclusion=some_place_has_full_rank,
    generic=True,
)


def ball_witness(name: str, d: int, h: int, seed: int = 0) -> bool:
    """Whether balls prove that h(d + 2) rows at as many points are independent; for any function of `pairs.BALLS`.

    The points are random; on the line they are consecutive integers. False also where the balls do not decide.
    """
    n = h * (d + 2)
    W, b, X = _base(h, d, seed), draw(h, 1, seed + 1), draw(n, d, seed + 2)
    if d == 1:
        X = tuple((i - n // 2,) for i in range(n))
    neurons: Any = tuple((w, Fraction(c, 9), 1) for w, (c,) in zip(W, b, strict=True))
    psi: Any = Analytic(name)
    with ctx.workprec(BITS):
        J = full_rows(Zero(psi, X, neurons, arb(0)))
        try:
            return bool(defect(J * J.inv().mid()) < 1)
        except ZeroDivisionError:
            return False


# --- madden-full-jacobian, (c): all labels ---


def _base(h: int, d: int, seed: int) -> tuple:
    """Weights with which points up to 9 do not drive an activation into its flat part."""
    weights = draw(h, d, seed, most=99)
    return tuple(tuple(Fraction(c, 297) for c in (*w[:-1], w[-1] or 50)) for w in weights)


def network(name: str, X: Points, m: int, seed: int = 0) -> Zero:
    """Return m neurons that cancel: pairs with v = 1, -1, and for odd m one more with v = 0; biases at random."""
    W, biases = _base(m // 2 + m % 2, len(X[0]), seed), draw(m // 2 + m % 2, 1, seed + 1)
    signs = [(1, -1)] * (m // 2) + [(0,)] * (m % 2)
    neurons: Any = tuple(
        (w, Fraction(b, 9), v) for w, (b,), pair in zip(W, biases, signs, strict=True) for v in pair
    )
    psi: Any = Analytic(name)
    return Zero(psi, X, neurons, arb(0, 1))


def full_rows(net: Zero) -> arb_mat:
    """Return the full Jacobian in balls: the rows of all w_j, b_j and v_j."""
    return arb_mat(net.derivative([ball(p) for p in net.parameters]))


def is_exp(net: Zero) -> bool:
    psi: Any = net.psi
    return psi.name == "exp"


def span(net: Zero) -> int:
    """Return how many of the rows are independent functions: h(d + 2), for exp h(d + 1), and 1 for a spare neuron."""
    m, d = len(net.neurons), len(net.points[0])
    return m // 2 * (d + 1 if is_exp(net) else d + 2) + m % 2


def within_the_count(net: Zero) -> Answer:
    m, n, d = len(net.neurons), len(net.points), len(net.points[0])
    most = m // 2 * (d + 2) + m % 2
    return n <= most or Counterexample(f"there are {n} points, and {most} are allowed")


def points_are_generic(net: Zero) -> Answer:
    """Whether the rows have the rank min(n, `span`) at X, by an inverse in balls of some of them."""
    for i, k in combinations(range(len(net.points)), 2):
        if net.points[i] == net.points[k]:
            return Counterexample(f"points {i} and {k} are equal")
    r = min(len(net.points), span(net))
    with ctx.workprec(BITS):
        J = arb_mat([row[:r] for row in full_rows(net).tolist()])
        gram = J.transpose() * J
        try:
            if defect(gram * gram.inv().mid()) < 1:
                return True
        except ZeroDivisionError:
            pass
    raise ValueError("whether X is generic for these weights is not decided here")


def obstacle(net: Zero) -> str | None:
    """Return in words why no network with this psi and m has all labels at these points, or None."""
    n, m = len(net.points), len(net.neurons)
    for i, k in combinations(range(n), 2):
        if net.points[i] == net.points[k]:
            return f"labels 0 and 1 at the equal points {i} and {k} are out of reach"
    if m == 1 and net.psi.one_sign and n > 1:
        return "the outputs of one neuron have one sign, and (1, -1, ...) is out of reach"
    if is_exp(net) and n > m and net.points[: m + 1] == tuple((k,) for k in range(m + 1)):
        # sum_j A_j q_j^k = 0 for k < m: equal q_j merged, Vandermonde says that all A_j are 0
        return f"{m} exponentials that are 0 at {names(range(m))} are 0 everywhere: no label 1 at point {m}"
    return None


def all_labels_are_attained(net: Zero) -> Answer:
    """The neurons cancel, and near them all labels near 0 are attained (a contraction in balls); so all labels are."""
    reason = obstacle(net)
    if reason:
        return Counterexample(reason)
    total: dict = {}
    for w, b, v in net.neurons:
        total[w, b] = total.get((w, b), 0) + v
    if any(total.values()):
        raise ValueError("these neurons do not cancel")
    return reaches_all_labels(net)


onto = Claim(
    "madden-full-jacobian",
    hypotheses={
        "psi is tanh, sigmoid or softplus": one_of_three,
        "n <= floor(m/2)(d + 2) + [m odd]": within_the_count,
        "X is generic": points_are_generic,
    },
    conclusion=all_labels_are_attained,
)

# --- madden-kr-matroid ---


@dataclass(frozen=True)
class FixedPoints:
    """Slopes psi'(A_ji), one row for each of the m' neurons, and n points: the Jacobian is A * X."""

    A: Rows
    X: Points

    @property
    def rank(self) -> int:
        return rank(khatri_rao(self.A, list(zip(*self.X, strict=True))))


def subset_bounds(h: int, X: Points) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield n - |S| + h rank X_S for every set S of points."""
    n = len(X)
    for size in range(n + 1):
        for S in combinations(range(n), size):
            yield n - size + h * (rank([X[i] for i in S]) if S else 0), S


def subset_bound(h: int, X: Points) -> tuple[int, tuple[int, ...]]:
    """Return the least of these numbers, and a smallest S that gives it."""
    return min(subset_bounds(h, X), key=lambda found: (found[0], len(found[1])))


def feature_bound(h: int, X: Sequence[Sequence]) -> int:
    """Return the sum over the coordinates of min(h, number of points where the coordinate is not 0)."""
    return sum(min(h, sum(1 for c in feature if c)) for feature in zip(*X, strict=True))


def rank_obeys_the_bounds(fixed: FixedPoints) -> Answer:
    r, h = fixed.rank, len(fixed.A)
    if r > feature_bound(h, fixed.X):
        return Counterexample(f"the rank is {r}, and the coordinates allow {feature_bound(h, fixed.X)}")
    most, S = subset_bound(h, fixed.X)
    return r <= most or Counterexample(f"the rank is {r}, and {names(S)} allow {most}")


def rank_obeys_one_neuron_less(fixed: FixedPoints) -> Answer:
    """The wrong version with m' - 1."""
    most, _ = subset_bound(len(fixed.A) - 1, fixed.X)
    return fixed.rank <= most or Counterexample(f"the rank is {fixed.rank}, not at most {most}")


fixed_points = Claim("madden-kr-matroid", conclusion=rank_obeys_the_bounds)


@dataclass(frozen=True)
class Given:
    """Points, and a number of neurons whose slopes at the points may be anything."""

    h: int
    X: Points


def bound_is_attained(given: Given) -> Answer:
    """Some slopes give the rank of the bound: rank mod P at random slopes."""
    A = draw(given.h, len(given.X), seed=0, most=10**6)
    found = rank_mod(khatri_rao(A, list(zip(*given.X, strict=True))), P)
    most, _ = subset_bound(given.h, given.X)
    return found == most or Counterexample(f"the rank is {found}, the bound {most}")


attained = Claim("madden-kr-matroid", conclusion=bound_is_attained, generic=True)
