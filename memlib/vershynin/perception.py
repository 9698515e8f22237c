"""Perception: two opposite neurons find a whole group; signs without luck; carry nodes that remember.

Vectors are tuples of Python ints; sums of exponentials are decided by FLINT's balls, everything else in integers.
The network that is made of these parts is in `copying`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import product
from operator import mul
from typing import Any

import sympy
from flint import arb, ctx, fmpq

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal
from memlib.exact import matrix
from memlib.points import names

Vectors = tuple[tuple[int, ...], ...]
Number = int | Fraction
#: The most members of a group for which all signs are tried.
MOST = 16
#: Bits of the balls; doubled where they do not decide.
BITS = 128


# --- vershynin-perceive ---


@lru_cache(maxsize=4)
def as_matrix(vectors: Vectors) -> Any:
    """Return the FLINT matrix of the vectors, which many groups share."""
    return matrix(vectors)


@dataclass(frozen=True)
class Group:
    """Some of the vectors v_1, ..., v_K, by their indices, and the number N that their squared norms reach."""

    vectors: Vectors
    members: tuple[int, ...]
    N: Number

    @cached_property
    def products(self) -> Vectors:
        """The row k holds <v_i, v_k> for the members i, with 0 in the place of i = k: what disturbs the point k."""
        inner = (as_matrix(self.vectors) * matrix(self.vectors[i] for i in self.members).transpose()).tolist()
        return tuple(
            tuple(0 if i == k else int(a) for i, a in zip(self.members, row, strict=True))
            for k, row in enumerate(inner)
        )

    @cached_property
    def V(self) -> tuple[int, ...]:
        """V_k, the sum of <v_i, v_k>^2 over the members i other than k."""
        return tuple(sum(a * a for a in row) for row in self.products)

    @property
    def A(self) -> int:
        """The largest |<v_i, v_k>|, i a member, k another point."""
        return max(abs(a) for row in self.products for a in row)

    def noise(self, signs: Sequence[int]) -> list[int]:
        """X_k, the sum of xi_i <v_i, v_k> over the members i other than k, for every k."""
        return [sum(x * a for x, a in zip(signs, row, strict=True)) for row in self.products]

    def weights(self, signs: Sequence[int]) -> tuple[int, ...]:
        """w, the sum of xi_i v_i over the members."""
        rows = [self.vectors[i] for i in self.members]
        return tuple(
            sum(x * c for x, c in zip(signs, column, strict=True)) for column in zip(*rows, strict=True)
        )

    def responses(self, signs: Sequence[int]) -> list[int]:
        """<w, v_k> for every k."""
        w = self.weights(signs)
        return [sum(map(mul, w, v)) for v in self.vectors]


def hoeffding_sum(group: Group, divisor: int = 8) -> arb:
    """Enclose the sum of 2 exp(-N^2 / (8 V_k)) over the k with V_k > 0; with another number in the place of 8."""
    total = arb(0)
    for V, count in Counter(group.V).items():
        if V:
            x = Fraction(-group.N * group.N) * Fraction(1, divisor * V)
            total += 2 * count * arb(fmpq(x.numerator, x.denominator)).exp()
    return total


def sum_is_below_one(group: Group) -> Answer:
    """Decide whether the Hoeffding sum is below 1; the bits are doubled until the ball leaves 1.

    Terminates: by Lindemann's theorem exponentials of rational numbers other than 0 have no rational combination 1.
    """
    bits = BITS
    while True:
        with ctx.workprec(bits):
            total = hoeffding_sum(group)
            if total < 1:
                return True
            if total > 1:
                return Counterexample(f"the Hoeffding sum is {total.str(3, radius=False)}")
        bits *= 2


def is_small(group: Group) -> bool:
    """Decide 8 r A^2 ln(2K) < N^2, which makes the Hoeffding sum smaller than 1."""
    with ctx.workprec(BITS):
        square = Fraction(group.N) ** 2
        logarithm = arb(2 * len(group.vectors)).log()
        return bool(
            8 * len(group.members) * group.A**2 * logarithm < fmpq(square.numerator, square.denominator)
        )


def norms_reach_N(group: Group) -> Answer:
    for i in group.members:
        norm = sum(c * c for c in group.vectors[i])
        if not 0 < group.N <= norm:
            return Counterexample(f"N is {group.N} and member {i} has the squared norm {norm}")
    return True


def signs_are_good(group: Group, signs: Sequence[int]) -> Answer:
    """|X_k| < N/2 for every k."""
    X = group.noise(signs)
    k = max(range(len(X)), key=lambda j: abs(X[j]))
    good = 2 * abs(X[k]) < group.N
    return good or Counterexample(
        f"|X| is {abs(X[k])} at point {k}, and N/2 is {Fraction(group.N) * Fraction(1, 2)}"
    )


def pair_fires_exactly(group: Group, signs: Sequence[int]) -> Answer:
    """Exactly one of [<w, v_k> > N/2], [<-w, v_k> > N/2] is 1 at the members, and none at the other points."""
    for k, value in enumerate(group.responses(signs)):
        fired = int(2 * value > group.N) + int(-2 * value > group.N)
        if fired != int(k in group.members):
            place = "a member" if k in group.members else "not a member"
            return Counterexample(
                f"{fired} of the two neurons fires at point {k}, {place}: <w, v> is {value}"
            )
    return True


def all_signs(r: int) -> Iterable[tuple[int, ...]]:
    """All sign vectors up to a common sign, which only swaps the two neurons."""
    return ((1, *rest) for rest in product((1, -1), repeat=r - 1))


def good_signs_exist_and_serve(group: Group) -> Answer:
    """Some signs are good, and with good ones the pair fires exactly on the group.

    All signs are tried; in groups of more than 8 members only until the first good ones.
    """
    r, found = len(group.members), False
    if r > MOST:
        raise ValueError(f"{r} members are too many to try all signs")
    for signs in all_signs(r):
        if signs_are_good(group, signs):
            answer, found = pair_fires_exactly(group, signs), True
            if not answer or r > 8:
                return answer
    return found or Counterexample(f"none of the {2**r} sign vectors is good")


perceive = Claim(
    "vershynin-perceive",
    hypotheses={
        "0 < N <= |v|^2 on the group": norms_reach_N,
        "the Hoeffding sum is below 1": sum_is_below_one,
    },
    conclusion=good_signs_exist_and_serve,
)


# --- vershynin-derandomize ---


@dataclass(frozen=True)
class Run:
    """Signs chosen one after another, and the potential before the first and after each of them."""

    group: Group
    signs: tuple[int, ...]
    potentials: tuple[arb, ...]


@dataclass(frozen=True)
class Letters:
    """The two formulas of the proof in symbols: lambda, S, a real, the index n >= 0 of a power series."""

    factor: Any
    S: Any
    a: Any
    n: Any


def potential(group: Group, first: Sequence[int]) -> arb:
    """Enclose Psi when the first signs are chosen: the sum of 2 cosh(l S) exp(l^2 R / 2 - l N / 2), l = N / (2 V).

    S_k is the part of X_k with the chosen signs, R_k the sum of the squares in the other part. So the argument of
    cosh is N S / (2 V), and that of exp is N^2 (R - 2 V) / (8 V^2).
    """
    total, j = arb(0), len(first)
    N = Fraction(group.N)
    p, q = N.numerator, N.denominator
    for row, V in zip(group.products, group.V, strict=True):
        if V:
            S = sum(x * a for x, a in zip(first, row[:j], strict=True))
            R = sum(a * a for a in row[j:])
            x, y = fmpq(p * S, 2 * q * V), fmpq(p * p * (R - 2 * V), 8 * (q * V) ** 2)
            total += 2 * arb(x).cosh() * arb(y).exp()
    return total


def greedy_run(group: Group, worst: bool = False) -> Run:
    """Choose each sign so that the potential is least: the method of conditional expectations.

    Where the balls do not tell the two values apart, take +1. worst : choose the greater one instead.
    """
    with ctx.workprec(BITS):
        signs: list[int] = []
        trace = [potential(group, signs)]
        for _ in group.members:
            plus, minus = (potential(group, [*signs, x]) for x in (1, -1))
            negative = bool(minus > plus) if worst else bool(minus < plus)
            signs.append(-1 if negative else 1)
            trace.append(minus if negative else plus)
    return Run(group, tuple(signs), tuple(trace))


def starts_below_one(run: Run | Letters) -> Answer:
    return True if isinstance(run, Letters) else sum_is_below_one(run.group)


def each_sign_is_the_better(run: Run | Letters) -> Answer:
    if isinstance(run, Letters):
        return True
    with ctx.workprec(BITS):
        for j, x in enumerate(run.signs):
            first = run.signs[:j]
            if potential(run.group, [*first, x]) > potential(run.group, [*first, -x]):
                return Counterexample(f"sign {j} is {x}, and the other one has the smaller potential")
    return True


def cosh_is_below_gauss(s: Letters, divisor: int = 2) -> Answer:
    """Decide the addition formula, and t_(n+1) / t_n = 1 / (2n + 1) for the ratios t_n = 2^n n! / (2n)! of the series.

    The n-th terms are x^(2n) / (2n)! in cosh x and x^(2n) / (2^n n!) in exp(x^2 / 2); t_0 = 1, so t_n <= 1.
    divisor : the 2 of the exponential and of t_n; a wrong one makes a false statement.
    """

    def ratio(n: Any) -> Any:
        return divisor**n * sympy.factorial(n) * sympy.Pow(sympy.factorial(2 * n), -1)

    average = (sympy.cosh(s.factor * (s.S + s.a)) + sympy.cosh(s.factor * (s.S - s.a))) * sympy.Rational(1, 2)
    if not equal(
        average.rewrite(sympy.exp),
        (sympy.cosh(s.factor * s.S) * sympy.cosh(s.factor * s.a)).rewrite(sympy.exp),
    ):
        return Counterexample("the two choices do not average to cosh cosh")
    quotient = sympy.combsimp(ratio(s.n + 1) * sympy.Pow(ratio(s.n), -1))
    if not equal(quotient, sympy.Pow(2 * s.n + 1, -1)) or ratio(sympy.Integer(0)) != 1:
        return Counterexample("a term of cosh is not below the term of the exponential")
    return True


def potential_falls(run: Run | Letters) -> Answer:
    """Recompute the potentials: the first is the Hoeffding sum, each is smaller than the one before, or no product
    changes it; and the signs are good."""
    if isinstance(run, Letters):
        return cosh_is_below_gauss(run)
    with ctx.workprec(BITS):
        before = potential(run.group, ())
        if not before.overlaps(hoeffding_sum(run.group)):
            return Counterexample(
                f"the potential starts at {before.str(3, radius=False)}, not at the Hoeffding sum"
            )
        for j, given in enumerate(run.potentials[1:], start=1):
            after = potential(run.group, run.signs[:j])
            idle = not any(row[j - 1] for row in run.group.products)
            if not after.overlaps(given):
                return Counterexample(f"the potential after {j} signs is misreported")
            if not (after < before or idle):
                return Counterexample(f"sign {j - 1} raises the potential to {after.str(3, radius=False)}")
            before = after
    return signs_are_good(run.group, run.signs)


derandomize = Claim(
    "vershynin-derandomize",
    hypotheses={
        "the Hoeffding sum is below 1": starts_below_one,
        "each sign is the better one": each_sign_is_the_better,
    },
    conclusion=potential_falls,
)


# --- vershynin-carry ---

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Relay:
    """Perception values, layer by layer, and the carry nodes that collect them.

    layers[l][j][k] : the value of perception node j of layer l at point k.
    nodes[l - 1] : type of the carry node of layer l >= 1, "threshold" (t > 0) or "relu". offsets[l - 1] : its c; the
    last offset is that of the output, a threshold node. cut : the layers whose carry node does not read the one before.
    """

    layers: tuple[tuple[tuple[Number, ...], ...], ...]
    nodes: tuple[str, ...]
    offsets: tuple[Number, ...]
    cut: tuple[int, ...] = ()

    @cached_property
    def sums(self) -> list[list[Number]]:
        """The sum over the nodes of each layer, at every point."""
        return [[sum(column) for column in zip(*layer, strict=True)] for layer in self.layers]

    @cached_property
    def carry(self) -> list[list[Number]]:
        """z_l at every point, by its formula; z of the first layer is 0."""
        z: list[list[Number]] = [[0] * len(self.sums[0])]
        for l, (node, c) in enumerate(zip(self.nodes, self.offsets, strict=False), start=1):
            old = [0] * len(z[0]) if l in self.cut else z[-1]
            t = [p + q - c for p, q in zip(self.sums[l - 1], old, strict=True)]
            z.append([int(v > 0) if node == "threshold" else max(v, 0) for v in t])
        return z

    @property
    def total(self) -> list[Number]:
        """What the output node reads: the sum of the last layer and its carry."""
        return [p + q for p, q in zip(self.sums[-1], self.carry[-1], strict=True)]


def values_are_nonnegative(relay: Relay) -> Answer:
    least = min(v for layer in relay.layers for node in layer for v in node)
    return least >= 0 or Counterexample(f"a perception node has the value {least}")


def offsets_are_allowed(relay: Relay) -> Answer:
    """c = 0, or c = 1/2 at a threshold node that is fed by bits."""
    for l, c in enumerate(relay.offsets):
        bits = {v for node in relay.layers[l] for v in node} | set(relay.carry[l]) <= {0, 1}
        threshold = l == len(relay.nodes) or relay.nodes[l] == "threshold"
        if c != 0 and not (c == HALF and bits and threshold):
            return Counterexample(f"c is {c} at a node that reads layer {l}, which holds more than bits")
    return True


def carries_are_linked(relay: Relay) -> Answer:
    return not relay.cut or Counterexample(f"the carry of layer {relay.cut[0]} does not read the one before")


def carry_remembers(relay: Relay) -> Answer:
    """z_l > 0 iff something fired before layer l; both outputs are right; copies of bits are the bits."""
    seen = [False] * len(relay.sums[0])
    for l, z in enumerate(relay.carry):
        lost = [k for k, (v, s) in enumerate(zip(z, seen, strict=True)) if (v > 0) != s]
        if lost:
            return Counterexample(f"the carry of layer {l} is wrong at {names(lost)}")
        seen = [s or p > 0 for s, p in zip(seen, relay.sums[l], strict=True)]
    total, c = relay.total, relay.offsets[-1]
    gamma = min((v for v in total if v > 0), default=1)
    wrong = [k for k, v in enumerate(total) if (v - c > 0) != seen[k] or (2 * v < gamma) == seen[k]]
    if wrong:
        return Counterexample(f"an output is wrong at {names(wrong)}")
    return all(int(v > HALF) == v == max(v, 0) for v in (0, 1)) or Counterexample("a copy is not the bit")


carry = Claim(
    "vershynin-carry",
    hypotheses={
        "the values are at least 0": values_are_nonnegative,
        "c is 0, or 1/2 at a threshold node fed by bits": offsets_are_allowed,
        "each carry node reads the one before": carries_are_linked,
    },
    conclusion=carry_remembers,
)
