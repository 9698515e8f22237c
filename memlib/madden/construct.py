"""The epsilon construction: explicit weights of paired neurons, and the contraction that finds them.

Points are tuples of ints; weights, biases and labels ints or Fractions. Analytic activations are evaluated in FLINT
balls; for cubic polynomials `memlib.madden.cubic` does the same exactly.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce, wraps
from itertools import combinations, pairwise
from typing import Any

from flint import arb, arb_mat, ctx, fmpq

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.madden.cubic import epsilon_meets_the_formula, labels_are_reached_exactly, sup
from memlib.madden.monomials import dot, khatri_rao
from memlib.madden.pairs import BITS, Analytic, Points, Polynomial, ball, defect, max_upper

Number = int | Fraction


def _precise(method: Callable) -> Callable:
    """Let a function compute with BITS bits, whatever the caller's precision is."""

    @wraps(method)
    def run(*args: Any) -> Any:
        with ctx.workprec(BITS):
            return method(*args)

    return run


def inverse(t: arb) -> arb:
    """Return 1 / t."""
    return fmpq(1) / t


# --- third derivatives ---


def _tanh(t: arb) -> arb:
    """tanh''' = -2 + 8 h^2 - 6 h^4 with h = tanh t."""
    h = t.tanh() * t.tanh()
    return -2 + 8 * h - 6 * h * h


def _softplus(t: arb) -> arb:
    """sigma'' = sigma (1 - sigma) (1 - 2 sigma)."""
    s = (1 + (t * fmpq(1, 2)).tanh()) * fmpq(1, 2)
    return s * (1 - s) * (1 - 2 * s)


def _gelu(t: arb) -> arb:
    """(t^3 - 4 t) phi(t), phi the normal density."""
    return t * (t * t - 4) * (-t * t * fmpq(1, 2)).exp() * (2 * arb.pi()).rsqrt()


#: The third derivative of an activation, and a place where its absolute value is largest.
THIRD: dict[str, tuple[Callable[[arb], arb], Callable[[], arb]]] = {
    "tanh": (_tanh, lambda: arb(0)),
    "sigmoid": (lambda t: _tanh(t * fmpq(1, 2)) * fmpq(1, 16), lambda: arb(0)),
    "softplus": (_softplus, lambda: (2 + arb(3).sqrt()).log()),
    "gelu": (_gelu, lambda: ((7 - arb(33).sqrt()) * fmpq(1, 2)).sqrt()),
    "sin": (lambda t: -t.cos(), lambda: arb(0)),
}
#: Rational bounds M_3 for |psi'''|; those of softplus, 1 / (6 sqrt 3), and GELU are rounded up.
M3: dict[str, Number] = {
    "tanh": 2,
    "sigmoid": Fraction(1, 8),
    "softplus": Fraction(963, 10_000),
    "gelu": Fraction(78, 100),
    "sin": 1,
}
#: The largest value minus the smallest, of bounded activations.
OSCILLATION = {"tanh": 2, "sigmoid": 1, "sin": 2}


# --- the construction in balls ---


def mean_slope(psi: Analytic, t: arb, h: arb, pieces: int = 1) -> arb:
    """Enclose (psi'(t + h) + psi'(t - h)) / 2 for all h of a ball: directly, and as psi'(t) + h^2/2 psi'''(somewhere).

    Somewhere is between t - |h| and t + |h|; the second form is the sharper one for small |h|. The range of |h| is
    cut into pieces, and the union of their balls is returned.
    """
    low, high = h.abs_lower(), h.abs_upper()
    width, found = (high - low) * fmpq(1, pieces), []
    for k in range(pieces):
        part = low + width * fmpq(2 * k + 1, 2) + arb(0, width * fmpq(1, 2))
        most = part.abs_upper()
        curvature = THIRD[psi.name][0](psi.eta + t + arb(0, most))
        taylor = psi.slope(t) + arb(0, most) * most * fmpq(1, 2) * curvature
        direct = (psi.slope(t + part) + psi.slope(t - part)) * fmpq(1, 2)
        found.append(direct.intersection(taylor))
    return reduce(arb.union, found)


@dataclass(frozen=True)
class Construction:
    """m' pairs of neurons that start at weights w_j and biases b_j, points and labels.

    third : M_3. factor : the epsilon that is used, divided by the theorem's; 1 is the theorem.
    """

    psi: Analytic
    third: Number
    points: Points
    W: tuple[tuple[Number, ...], ...]
    b: tuple[Number, ...]
    labels: tuple[Number, ...]
    factor: Number = 1

    @property
    def Y(self) -> Number:
        return sup(self.labels)

    @cached_property
    def X(self) -> arb_mat:
        return arb_mat([[arb(v) for v in x] for x in self.points])

    @cached_property
    @_precise
    def a(self) -> list[list[arb]]:
        """a_ji = w_j.x_i + b_j."""
        return [[ball(dot(w, x) + c) for x in self.points] for w, c in zip(self.W, self.b, strict=True)]

    @cached_property
    @_precise
    def J(self) -> arb_mat:
        """Row (j, c), column i: psi'(a_ji) times coordinate c of x_i."""
        slopes = [[self.psi.slope(t) for t in row] for row in self.a]
        return arb_mat(khatri_rao(slopes, list(zip(*self.points, strict=True))))

    @cached_property
    @_precise
    def B(self) -> arb_mat | None:
        """J (J^T J)^-1, so that J^T B = I; None if J^T J is not proved to be invertible."""
        try:
            return self.J * (self.J.transpose() * self.J).inv()
        except ZeroDivisionError:
            return None

    @cached_property
    @_precise
    def moves(self) -> list[arb_mat]:
        """For every pair the n x n matrix X^T B_j, which maps z to the numbers h_ji = u_j.x_i, u = B z."""
        d = len(self.points[0])
        rows = self.B.tolist() if self.B is not None else []
        return [self.X * arb_mat(rows[j * d : (j + 1) * d]) for j in range(len(self.W))]

    @cached_property
    @_precise
    def Delta(self) -> arb:
        """The largest row sum of the |X^T B_j|."""
        best = arb(0)
        for M in self.moves:
            for row in M.tolist():
                best = best.max(sum((abs(v) for v in row), arb(0)))
        return best

    @cached_property
    @_precise
    def epsilon(self) -> arb:
        """factor / (2 Y sqrt(m' M_3 Delta^3))."""
        root = (len(self.W) * ball(self.third) * self.Delta**3).sqrt()
        return ball(self.factor) * inverse(2 * ball(self.Y) * root)

    @_precise
    def G(self, z: arb_mat) -> list[arb]:
        """G_eps(z): the outputs at the points, from the sums over pairs."""
        total, over = [arb(0)] * len(self.points), inverse(2 * self.epsilon)
        for row, M in zip(self.a, self.moves, strict=True):
            delta = M * z
            for i, t in enumerate(row):
                h = self.epsilon * delta[i, 0]
                total[i] += (self.psi.value(t + h) - self.psi.value(t - h)) * over
        return total

    @_precise
    def derivative(self, z: arb_mat, pieces: int = 1) -> arb_mat:
        """The n x n matrix of the derivatives of G_eps in z; pieces as in `mean_slope`."""
        n = len(self.points)
        total = arb_mat(n, n)
        for row, M in zip(self.a, self.moves, strict=True):
            steps = [self.epsilon * v for (v,) in (M * z).tolist()]
            mean = [mean_slope(self.psi, t, h, pieces) for t, h in zip(row, steps, strict=True)]
            total += arb_mat([[mean[i] * M[i, q] for q in range(n)] for i in range(n)])
        return total

    def neurons(self, z: arb_mat) -> Iterator[tuple[list[arb], arb, arb]]:
        """Yield (weights, bias, output weight) of the 2m' neurons at u = B z."""
        d, u = len(self.points[0]), (self.B * z).tolist() if self.B is not None else []
        over = inverse(2 * self.epsilon)
        for j, (w, c) in enumerate(zip(self.W, self.b, strict=True)):
            for sign in (1, -1):
                step = [sign * self.epsilon * u[j * d + k][0] for k in range(d)]
                yield [ball(p) + s for p, s in zip(w, step, strict=True)], ball(c), sign * over

    def iterates(self, steps: int = 200) -> Iterator[tuple[arb_mat, arb]]:
        """Yield z and an upper bound of |y - G_eps(z)| for z = y, then z + y - G_eps(z), and so on."""
        z = arb_mat([[ball(y)] for y in self.labels])
        for _ in range(steps):
            missed = [ball(y) - g for y, g in zip(self.labels, self.G(z), strict=True)]
            yield z, max_upper(missed)
            z = arb_mat([[z[i, 0] + v] for i, v in enumerate(missed)]).mid()


@_precise
def solution(it: Construction) -> tuple[arb_mat, list[arb]]:
    """Return balls around the z with G_eps(z) = y, and the bounds of |y - G_eps(z_k)| on the way.

    If G_eps - id has the Lipschitz constant 1/2, the solution is within 2 |y - G_eps(z)| of z.
    """
    steps: list[tuple[arb_mat, arb]] = []
    for z, bound in it.iterates():
        steps.append((z, bound))
        if bound < ball(it.Y) * fmpq(1, 2 ** (BITS // 2)) or bound > 4 * steps[0][1]:
            break
    z, bound = steps[-1]
    return arb_mat([[v + arb(0, 2 * bound)] for (v,) in z.tolist()]), [bound for _, bound in steps]


@_precise
def lipschitz(it: Construction) -> arb:
    """Return a bound of |G_eps' - I| (row sums) on the cube |z| <= 2 Y, with finer pieces where 1/2 is not proved.

    The finest are for tiny n, where the theorem's 1/2 is nearly attained.
    """
    n, bound = len(it.points), arb(0)
    cube = arb_mat([[2 * ball(it.Y) * arb(0, 1)]] * n)
    for pieces in (1, 8, 64, 4096) if n <= 3 else (1, 8, 64):
        bound = defect(it.derivative(cube, pieces))
        if bound <= fmpq(1, 2):
            break
    return bound


# --- madden-eps-construct ---


def third_derivative_is_bounded(it: Any) -> Answer:
    """|psi'''| <= M_3 on the line: compared with its largest value, in balls; exactly for a polynomial."""
    if isinstance(it.psi, Polynomial):
        if len(it.psi.c) > 4:
            return Counterexample("psi''' is not bounded")
        most = 6 * abs((*it.psi.c, 0, 0, 0)[3])
        return (it.third >= most and it.third > 0) or Counterexample(f"|psi'''| is {most}")
    third, place = THIRD[it.psi.name]
    with ctx.workprec(BITS):
        most = abs(third(place()))
        if ball(it.third) >= most.upper():
            return True
        if ball(it.third) < most:
            where = place().str(5, radius=False)
            return Counterexample(
                f"|psi'''| is {most.str(5, radius=False)} at {where}, and M_3 is {it.third}"
            )
    raise ValueError("M_3 is too close to the largest value of |psi'''|")


def jacobian_has_rank_n(it: Any) -> Answer:
    for i, j in combinations(range(len(it.points)), 2):
        if it.points[i] == it.points[j]:
            return Counterexample(f"points {i} and {j} are equal, and so are two columns of J")
    if it.B is not None:
        return True
    if len(it.W) * len(it.points[0]) < len(it.points):
        return Counterexample(f"J has {len(it.W) * len(it.points[0])} rows and {len(it.points)} columns")
    raise ValueError("whether J has rank n is not decided here")


def epsilon_is_small_enough(it: Construction) -> Answer:
    return 0 < it.factor <= 1 or Counterexample(f"epsilon is {it.factor} times the bound")


def some_label_is_not_zero(it: Any) -> Answer:
    return any(it.labels) or Counterexample("all labels are 0")


def obstacle(it: Construction) -> str | None:
    """Return in words why no z gives the labels, or None: equal points, or outputs that are too small."""
    for i, j in combinations(range(len(it.points)), 2):
        if it.points[i] == it.points[j] and it.labels[i] != it.labels[j]:
            return f"no function is {it.labels[i]} and {it.labels[j]} at the equal points {i} and {j}"
    if it.psi.name in OSCILLATION and it.B is not None:
        with ctx.workprec(BITS):
            most = len(it.W) * OSCILLATION[it.psi.name] * inverse(2 * it.epsilon)
            if most < ball(it.Y):
                return f"no output exceeds {most.str(5, radius=False)}, and a label has the size {it.Y}"
    return None


@_precise
def shortfall(it: Construction) -> str | None:
    """Return in words what is wrong with the construction, or None if every part of the conclusion is proved."""
    half, tiny, Y = fmpq(1, 2), fmpq(1, 10**12), ball(it.Y)
    if it.B is None:
        return "there is no B"
    if not lipschitz(it) <= half:
        return "the contraction by 1/2 on the cube is not proved"
    z, missed = solution(it)
    slow = [k for k, (r, s) in enumerate(pairwise(missed)) if not s <= r * half]
    if slow:
        return f"step {slow[0] + 1} of the iteration does not halve the error"
    if not max_upper(v for (v,) in z.tolist()) <= 2 * Y:
        return "z leaves the cube"
    net = list(it.neurons(z))
    for i, (x, y) in enumerate(zip(it.points, it.labels, strict=True)):
        value = sum((v * it.psi.value(dot(w, [arb(c) for c in x]) + b) for w, b, v in net), arb(0))
        if not (value - ball(y)).contains(0) or value.rad() > Y * tiny:
            return f"the network is {value.str(8)} at point {i}, not {y}"
    claimed = len(it.W) * ball(it.third) * _largest_move(it) ** 3 * (Y * inverse(ball(it.factor))) ** 2
    for _, _, v in net:
        if not (v * v - claimed).contains(0) or (v * v).rad() > claimed * tiny:
            return "an output weight is not Y sqrt(m' M_3 Delta^3) / factor"
    return None


def _largest_move(it: Construction) -> arb:
    """Delta again, from its meaning: the most that any a_ji moves, per epsilon, for labels z between -1 and 1."""
    d, B = len(it.points[0]), it.B.tolist() if it.B is not None else []
    best = arb(0)
    for j in range(len(it.W)):
        for x in it.points:
            columns = zip(*B[j * d : (j + 1) * d], strict=True)
            best = best.max(sum((abs(dot([arb(c) for c in x], column)) for column in columns), arb(0)))
    return best


def interpolates(it: Construction) -> Answer:
    """One z of the cube gives the labels, the iteration finds it, and the output weights have the stated size.

    Proved in balls, without M_3: from the derivative of G_eps on the whole cube and from the network itself.
    """
    reason = obstacle(it)
    if reason:
        return Counterexample(reason)
    failure = shortfall(it)
    if failure is None:
        return True
    if all(hypothesis(it) for hypothesis in _HYPOTHESES.values()):
        return Counterexample(failure)
    raise ValueError(f"{failure}; whether the conclusion holds is not decided here")


_HYPOTHESES: dict[str, Callable[[Any], Answer]] = {
    "|psi'''| <= M_3": third_derivative_is_bounded,
    "J has rank n": jacobian_has_rank_n,
    "0 < epsilon <= epsilon*": epsilon_is_small_enough,
    "some label is not 0": some_label_is_not_zero,
}
explicit = Claim("madden-eps-construct", hypotheses=_HYPOTHESES, conclusion=interpolates)


def one_neuron_less(it: Construction) -> Answer:
    """The wrong version with 2m' - 1 neurons, an odd number, where it can be refuted for all weights."""
    if len(it.W) == 1 and it.psi.one_sign and min(it.labels) < 0 < max(it.labels):
        return Counterexample(
            "the outputs of one neuron with a positive psi have one sign, the labels have two"
        )
    raise ValueError("whether one neuron less is enough is not decided here")


# --- the same for a cubic activation, exactly ---

cubic = Claim(
    "madden-eps-construct",
    hypotheses={**_HYPOTHESES, "0 < epsilon <= epsilon*": epsilon_meets_the_formula},
    conclusion=labels_are_reached_exactly,
)
