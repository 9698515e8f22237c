"""The arithmetic of vershynin-mix: the widths that Theorem R needs when node types are prescribed, in balls.

A ball contains the true value; an inequality holds if it holds for all numbers of the balls.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import arb, ctx, fmpq

from memlib.background.laws import Number
from memlib.evidence import Answer, Counterexample
from memlib.vershynin.normal import Q, ball, over, shown

#: Bits of the balls: more than twice those of n_2, which grows like exp(4 ln(4 / eps) / delta^2).
BITS = 512
#: The factor of condition 3.
CONNECTIONS = 3200


def precise(function: Callable) -> Callable:
    """Let a function compute with BITS bits."""
    return ctx.workprec(BITS)(function)


@dataclass(frozen=True)
class Widths:
    """K points, the square of their separation delta, a ball, and the widths n_2, ..., n_L of the hidden layers."""

    K: int
    square: arb
    n: tuple[int, ...]

    def width(self, l: int) -> int:
        return self.n[l - 2]

    @property
    def L(self) -> int:
        return len(self.n) + 1

    @property
    def late(self) -> range:
        """The layers 3, ..., L, to which condition 2 applies."""
        return range(3, self.L + 1)

    @property
    def eps(self) -> arb:
        """1 / (4 ln n_inf), n_inf the largest width from layer 3 on."""
        return over(fmpq(1, 4), ball(max(self.n[1:])).log())

    @property
    def b(self) -> arb:
        """sqrt(2 (4 - delta^2) ln(4 / eps)) / delta, the bias of layer 2."""
        return over(2 * (4 - self.square) * over(ball(4), self.eps).log(), self.square).sqrt()

    @property
    def Lambda(self) -> arb:
        """max(e^2, ln(2 K^2))."""
        return ball(2).exp().max(ball(2 * self.K**2).log())

    @property
    def X(self) -> arb:
        """Lambda^2 ln(2 K)."""
        return self.Lambda**2 * ball(2 * self.K).log()

    def group(self, l: int) -> int:
        """r_l = ceil(s_l / (64 X)) - 1: how many points a pair of nodes may find in the features of layer l."""
        return whole(over(ball(bits_of_a_block(self.width(l))), 64 * self.X).ceil()) - 1

    def connections(self) -> int:
        """n_4 n_5 + ... + n_(L-1) n_L."""
        return sum(a * b for a, b in pairwise(self.n[2:]))

    def marked(self) -> int:
        """How many points the layers 5, ..., L can find."""
        return sum(pairs_left(self.width(l)) * self.group(l - 1) for l in range(5, self.L + 1))


def whole(x: arb) -> int:
    found = x.unique_fmpz()
    if found is None:
        raise ArithmeticError(f"{x} is no integer at {BITS} bits")
    return int(found)


def offered(nodes: int, thresholds: int = 0) -> int:
    """Return the bits that a block offers, tau + floor(rho / 2); the least over all types is that of tau = 0."""
    return thresholds + (nodes - thresholds) // 2


def bits_of_a_block(n: int) -> int:
    """Return the bits of a block of floor(n / 4) nodes of any types: d_l and s_l."""
    return offered(n // 4)


def pairs_left(n: int) -> int:
    """Return floor(q / 2), where q nodes remain beside the two blocks and the carry."""
    return (n - 1 - 2 * (n // 4)) // 2


# --- hypotheses; an instance of another kind has none of them ---


def in_range(x: Any) -> Answer:
    if not isinstance(x, Widths):
        return True
    good = x.K >= 2 and bool(x.square > 0) and bool(x.square <= 2) and x.L >= 5
    return good or Counterexample(f"K = {x.K}, delta^2 = {shown(x.square)}, L = {x.L}")


@precise
def condition_1(x: Any) -> Answer:
    """floor(n_2 / 2) Q(b) eps^2 >= 12 ln(4 K^2)."""
    if not isinstance(x, Widths):
        return True
    least = over(12 * ball(4 * x.K**2).log(), x.eps**2 * Q(x.b))
    return bool(offered(x.n[0]) >= least) or Counterexample(
        f"layer 2 offers {offered(x.n[0])} bits, and condition 1 asks for {whole(least.upper().ceil())}"
    )


def demands(x: Widths) -> dict[str, arb]:
    """Return the four entries of the maximum in condition 2."""
    return {
        "18 ln(2 K^2) / eps^2": over(18 * ball(2 * x.K**2).log(), x.eps**2),
        "128 ln(4 K)^2": 128 * ball(4 * x.K).log() ** 2,
        "967": ball(967),
        "128 Lambda^2 ln(2 K)": 128 * x.X,
    }


@precise
def condition_2(x: Any) -> Answer:
    """floor(n_l / 8) reaches all four demands, for l = 3, ..., L."""
    if not isinstance(x, Widths):
        return True
    asked = demands(x)
    for l in x.late:
        for name, least in asked.items():
            if not bool(bits_of_a_block(x.width(l)) >= least):
                n = x.width(l)
                return Counterexample(f"n_{l} = {n}, and floor({n}/8) is less than {name}")
    return True


@precise
def condition_3(x: Any, factor: int = CONNECTIONS) -> Answer:
    """n_4 n_5 + ... + n_(L-1) n_L >= 3200 K Lambda^2 ln(2 K)."""
    if not isinstance(x, Widths):
        return True
    share = over(ball(x.connections()), x.K * x.X)
    return bool(share >= factor) or Counterexample(
        f"there are {share.str(5, radius=False)} K Lambda^2 ln(2K) deep connections"
    )


# --- conclusion: the hypotheses of every step of Theorem R, for the bits that are offered ---


@precise
def everything_fits(x: Widths) -> Answer:
    """Enrichment I, the channel, Enrichment II (all with beta = 1/2) and perception apply, and K/2 points are found."""
    if not x.square < 4:
        return Counterexample("Enrichment I asks for delta < 2")
    bits, beta, K = offered(x.n[0]), Fraction(1, 2), x.K
    pairs = ball(Fraction(K**2) / beta)  # K^2 / beta
    enough = bits * Q(x.b) >= over(12 * (2 * pairs).log(), x.eps**2)
    if not (enough and x.eps <= fmpq(1, 2)):
        return Counterexample(f"Enrichment I does not apply: layer 2 offers {bits} bits")
    for l in x.late:
        s = bits_of_a_block(x.width(l))
        if not s >= over(18 * pairs.log(), x.eps**2):
            return Counterexample(f"the channel of layer {l} has {s} bits, too few")
        logarithm = ball(Fraction(2 * K) / beta).log()
        if not (s >= 967 and s >= 128 * logarithm**2 and 4 * x.eps * ball(Fraction(s, 2)).log() <= 1):
            return Counterexample(f"Enrichment II does not apply to the {s} bits of layer {l}")
        r = x.group(l)
        # N^2 = s / 8 and A = max(e^2, ln(K^2 / beta)): 8 r A^2 ln(2K) < N^2
        A = ball(2).exp().max(pairs.log())
        if not (r >= 1 and 64 * r * A**2 * ball(2 * K).log() < s):
            return Counterexample(f"groups of {r} points in the {s} features of layer {l}")
    return 2 * x.marked() >= K or Counterexample(
        f"{x.marked()} of {K} points can be found, less than one half"
    )


# --- instances ---


@precise
def least_widths(K: int, delta2: Number, factor: int = 1, extra: int = 0) -> Widths:
    """Return constant widths that just satisfy the three conditions, in the least number L >= 5 of layers.

    delta2 : the square of the separation. factor, extra : widths from layer 3 on are multiplied, then increased.
    """
    n, square = 8 * 967, ball(delta2)
    while True:  # eps depends on n: from below to the least fixed point
        least = max(whole(v.ceil()) for v in demands(Widths(K, square, (1, n))).values())
        if 8 * least <= n:
            break
        n = 8 * least
    while not condition_2(Widths(K, square, (1, factor * n + extra))):  # a larger n has a smaller eps
        extra += 8
    n = factor * n + extra
    start = Widths(K, square, (1, n, n))
    pairs = whole(over(CONNECTIONS * K * start.X, ball(n * n)).ceil())
    front = over(12 * ball(4 * K**2).log(), start.eps**2 * Q(start.b))
    return Widths(K, square, (2 * whole(front.upper().ceil()), n, *[n] * (1 + max(1, pairs))))
