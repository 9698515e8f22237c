"""The capacity theorem: a bad set of inputs, a Jacobian of full rank, and the cone that reaches all labels.

Points are tuples of ints. Polynomial activations are exact; all others are evaluated in FLINT balls.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product

from flint import arb, arb_mat, ctx, fmpq, fmpq_mat

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal
from memlib.exact import kernel, matrix, rank, rank_mod
from memlib.madden.jacobian import taylor_table
from memlib.madden.monomials import P, V, dimension, dot, draw, is_symbolic
from memlib.madden.pairs import (
    BITS,
    Activation,
    Analytic,
    Paired,
    Points,
    Polynomial,
    ball,
    candidates,
    contracting_pairs,
    defect,
    jacobian,
    outputs,
    right_inverse,
)
from memlib.points import names

# --- madden-bad-set ---


def span_rank(psi: Polynomial, W: Points) -> int:
    """Return the dimension of the span of the functions psi'(eta + w_j.x) x_a of x, from their Taylor coefficients."""
    return rank(taylor_table(tuple((k, psi.c[k]) for k in psi.support), W))


def reach(psi: Activation, pairs: int, d: int) -> int:
    """Return R_K(pairs, d), the largest dimension of the span over all weights.

    From below: any weights. From above: pairs * d functions in a space of dimension D_K; and for at most d
    independent weights a linear change of x carries them to unit vectors, so that these decide.
    Raises ValueError where the two bounds differ.
    """
    if isinstance(psi, Analytic):
        return pairs * d  # madden-kr-block: infinitely many coefficients are not 0
    if pairs == 0:
        return 0
    if pairs <= d:
        return span_rank(psi, tuple(tuple(int(i == c) for c in range(d)) for i in range(pairs)))
    below = span_rank(psi, draw(pairs, d, seed=0))
    if below < min(pairs * d, dimension(d, psi.support)):
        raise ValueError(f"R_K({pairs}, {d}) is at least {below}; its value is not decided here")
    return below


def good_weights(psi: Activation, X: Points, pairs: int, wanted: int) -> tuple | None:
    """Return weights W at which the Jacobian has the rank `wanted`, proved mod P or in balls, or None."""
    if not wanted:
        return draw(pairs, len(X[0]), seed=0)
    for W in candidates(psi, X, pairs):
        if isinstance(psi, Polynomial):
            if rank_mod(jacobian(psi, W, X), P) == wanted:
                return W
        elif wanted == len(X) and right_inverse(psi, W, X) is not None:
            return W
    return None


def most_rank(psi: Activation, X: Points, pairs: int) -> tuple[int, str]:
    """Return an upper bound for the rank of the Jacobian at these points that holds for all weights, and why."""
    n, d = len(X), len(X[0])
    bounds = [(n, f"there are {n} points"), (pairs * d, f"there are {pairs * d} rows")]
    if isinstance(psi, Polynomial):
        forms = rank(V(X, psi.support))
        bounds.append((forms, f"the forms with degrees in K have rank {forms} at the points"))
    for size in range(2, n + 1) if n <= 8 else ():
        for S in combinations(range(n), size):
            r = rank([X[i] for i in S])
            bounds.append((n - size + pairs * r, f"{names(S)} have rank {r}"))
    for i, j in combinations(range(n), 2):
        if X[i] == X[j]:
            bounds.append((n - 1, f"points {i} and {j} are equal"))
    return min(bounds)


def is_good(psi: Activation, X: Points, pairs: int) -> Answer:
    """Whether X is outside Z: some weights give the Jacobian at X the rank min(n, R_K).

    Raises ValueError where neither good weights nor an upper bound are found.
    """
    wanted = min(len(X), reach(psi, pairs, len(X[0])))
    bound, why = most_rank(psi, X, pairs)
    if bound < wanted:
        return Counterexample(f"X is in Z, since {why}: the Jacobian has rank at most {bound}, not {wanted}")
    if good_weights(psi, X, pairs, wanted) is None:
        raise ValueError("whether X is in Z is not decided here")
    return True


def equations(psi: Polynomial, d: int, pairs: int, n: int) -> list:
    """Return the polynomials in the coordinates of X that define Z, for tiny sizes with n <= R_K; in sympy.

    They are the coefficients, as polynomials in W, of all n x n minors of the Jacobian; repetitions are dropped.
    """
    import sympy

    X = tuple(
        sympy.symbols([f"x{i + 1}{c + 1}" if d > 1 else f"x{i + 1}" for c in range(d)]) for i in range(n)
    )
    W = tuple(sympy.symbols([f"w{j + 1}{c + 1}" for c in range(d)]) for j in range(pairs))
    J = sympy.Matrix(jacobian(psi, W, X))
    found: list = []
    for rows in combinations(range(pairs * d), n):
        minor = sympy.expand(J.extract(list(rows), list(range(n))).det())
        if minor != 0:
            for q in sympy.Poly(minor, *[w for row in W for w in row]).coeffs():
                q = sympy.factor(q)
                if not any(sympy.expand(q - p) == 0 or sympy.expand(q + p) == 0 for p in found):
                    found.append(q)
    return found


@dataclass(frozen=True)
class Setting:
    """An activation, a dimension, a number of pairs of neurons and of points."""

    psi: Activation
    d: int
    pairs: int
    n: int


def the_bad_set_is_proper(setting: Setting) -> Answer:
    """Some X is outside Z: by one witness, or, where psi has symbols, because an equation of Z is not 0 = 0."""
    psi, d, pairs, n = setting.psi, setting.d, setting.pairs, setting.n
    if isinstance(psi, Polynomial) and is_symbolic(psi.c):
        if any(not equal(q, 0) for q in equations(psi, d, pairs, n)):
            return True
        return Counterexample("all equations of Z are 0 = 0")
    wanted = min(n, reach(psi, pairs, d))
    if any(good_weights(psi, draw(n, d, seed + 50, 99), pairs, wanted) for seed in range(3)):
        return True
    return Counterexample(f"rank {wanted} was not found at 18 random (W, X)")


def the_plain_count_is_reached(setting: Setting) -> Answer:
    """The wrong version of the rank: the least of n, the number of rows, and D_K."""
    psi, d = setting.psi, setting.d
    forms = dimension(d, psi.support) if isinstance(psi, Polynomial) else setting.n  # analytic: no limit
    plain = min(setting.n, setting.pairs * d, forms)
    found = min(setting.n, reach(psi, setting.pairs, d))
    return found == plain or Counterexample(f"the rank is at most {found} for all W and X, not {plain}")


bad_set = Claim("madden-bad-set", conclusion=the_bad_set_is_proper, generic=True)


# --- madden-cone ---


@dataclass(frozen=True)
class SignCone:
    """All y in R^n whose signs (-1, 0, 1) are one of the patterns: a union of cones."""

    patterns: tuple[tuple[int, ...], ...]


def all_multiples_belong(cone: SignCone) -> Answer:
    for s in cone.patterns:
        if tuple(-v for v in s) not in cone.patterns:
            return Counterexample(f"the signs {s} belong to the cone, their negatives do not")
    return True


def has_interior(cone: SignCone) -> Answer:
    """A union of faces of orthants has an interior point iff one of them is a whole open orthant."""
    return any(all(s) for s in cone.patterns) or Counterexample("every vector of the cone has a coordinate 0")


def sum_has(a: tuple[int, ...], b: tuple[int, ...], s: tuple[int, ...]) -> bool:
    """Whether vectors with the signs a and b can sum to a vector with the signs s, coordinate by coordinate."""
    return all(v in (p, q) if v else p == -q for p, q, v in zip(a, b, s, strict=True))


def the_sum_is_everything(cone: SignCone) -> Answer:
    for s in product((1, 0, -1), repeat=len(cone.patterns[0])):
        if not any(sum_has(a, b, s) for a in cone.patterns for b in cone.patterns):
            return Counterexample(f"no two vectors of the cone have a sum with the signs {s}")
    return True


def the_cone_is_everything(cone: SignCone) -> Answer:
    """The wrong version: one copy is enough."""
    for s in product((1, 0, -1), repeat=len(cone.patterns[0])):
        if s not in cone.patterns:
            return Counterexample(f"no vector of the cone has the signs {s}")
    return True


cone_sum = Claim(
    "madden-cone",
    hypotheses={"t C = C for t != 0": all_multiples_belong, "C has an interior point": has_interior},
    conclusion=the_sum_is_everything,
)


@dataclass(frozen=True)
class Zero:
    """Integer neurons (w, b, v) at integer points, and a cube around them in the space of parameters."""

    psi: Polynomial
    points: Points
    neurons: tuple[tuple[tuple[int, ...], int, int], ...]
    cube: arb

    @property
    def outputs(self) -> list[int]:
        """F_X: the sum of v psi(w.x + b) at every point."""
        return [sum(v * self.psi.value(dot(w, x) + b) for w, b, v in self.neurons) for x in self.points]

    @property
    def parameters(self) -> list[int]:
        return [p for w, b, v in self.neurons for p in (*w, b, v)]

    def derivative(self, parameters: list) -> list[list]:
        """Return DF_X at these parameters: one row a parameter, one column a point."""
        d, rows = len(self.points[0]), []
        for j in range(len(self.neurons)):
            *w, b, v = parameters[j * (d + 2) : (j + 1) * (d + 2)]
            a = [dot(w, x) + b for x in self.points]
            slopes = [v * self.psi.slope(t) for t in a]
            rows += [[s * x[c] for s, x in zip(slopes, self.points, strict=True)] for c in range(d)]
            rows += [slopes, [self.psi.value(t) for t in a]]
        return rows


def is_a_zero(zero: Zero) -> Answer:
    out = zero.outputs
    return not any(out) or Counterexample(f"F_X is {tuple(out)}")


def has_rank_n(zero: Zero) -> Answer:
    r, n = rank(zero.derivative(zero.parameters)), len(zero.points)
    return r == n or Counterexample(f"DF_X has rank {r}, not {n}")


def reaches_all_labels(zero: Zero) -> Answer:
    """Labels of a cube around F_X = 0 are attained, by a contraction in balls; so all their multiples are."""
    if len(zero.neurons) == 1 and zero.psi.one_sign and len(zero.points) > 1:
        return Counterexample("one neuron whose psi is never negative has no outputs of both signs")
    theta, n = zero.parameters, len(zero.points)
    with ctx.workprec(BITS):
        J = arb_mat(zero.derivative([ball(p) for p in theta]))
        B = (J * (J.transpose() * J).inv()).mid()
        cube = zero.cube
        for _ in range(40):
            moved = B * arb_mat([[cube]] * n)
            near = [ball(p) + moved[k, 0] for k, p in enumerate(theta)]
            if defect(arb_mat(zero.derivative(near)).transpose() * B) < 1:
                return True
            cube = cube * fmpq(1, 2)
    return Counterexample("no cube was found on which the derivative stays invertible")


cone_zero = Claim(
    "madden-cone",
    hypotheses={"F_X = 0 at theta_0": is_a_zero, "DF_X has rank n at theta_0": has_rank_n},
    conclusion=reaches_all_labels,
)


# --- madden-main ---


def exact_pairs(psi: Polynomial, X: Points, pairs: int) -> Paired | None:
    """Return pairs for a quadratic psi, where the outputs are z exactly: B is rational and J^T B = I."""
    W = good_weights(psi, X, pairs, len(X))
    if W is None:
        return None
    J = fmpq_mat(matrix(jacobian(psi, W, X)))
    B = J * (J.transpose() * J).inv()
    rows = tuple(tuple(Fraction(int(v.p), int(v.q)) for v in row) for row in B.tolist())
    return Paired(psi, X, W, rows)


@dataclass(frozen=True)
class Task:
    """m neurons, points and labels. Labels: numbers; sympy symbols; or balls, which ask for all labels in them."""

    psi: Activation
    m: int
    points: Points
    labels: tuple

    @property
    def pairs(self) -> int:
        return self.m // 2


def orthogonal(psi: Activation, X: Points) -> list[tuple[int, ...]]:
    """Return integer vectors that are orthogonal to all outputs of all networks with this psi and these biases.

    For a polynomial: to the values of all monomials with degrees in K, and in K and 0 if c_0 is not 0.
    """
    if isinstance(psi, Polynomial):
        degrees = [k for k, c in enumerate(psi.c) if c != 0]
        return kernel(V(X, degrees))
    n = len(X)
    equal_points = [(i, j) for i, j in combinations(range(n), 2) if X[i] == X[j]]
    return [tuple((k == i) - (k == j) for k in range(n)) for i, j in equal_points]


def obstacle(task: Task) -> str | None:
    """Return in words why no network with m neurons and these biases has all these labels, or None."""
    whole = any(isinstance(y, arb) or hasattr(y, "free_symbols") for y in task.labels)
    for v in orthogonal(task.psi, task.points):
        if whole or dot(v, task.labels):
            value = "is not 0 for all labels" if whole else f"is {dot(v, task.labels)} for the labels"
            return f"the combination {v} is 0 for the outputs of every network, and {value}"
    signs = not whole and min(task.labels) < 0 < max(task.labels)
    if task.m == 1 and task.psi.one_sign and signs:
        return "the outputs of one neuron whose psi is never negative all have the same sign"
    return None


def is_even(task: Task) -> Answer:
    return task.m % 2 == 0 or Counterexample(f"m is {task.m}")


def at_most_half_of_the_weights(task: Task) -> Answer:
    n, all_ = len(task.points), task.m * len(task.points[0])
    return 2 * n <= all_ or Counterexample(f"there are {n} points, and md is {all_}")


def enough_degrees(task: Task) -> Answer:
    if isinstance(task.psi, Analytic):
        return True
    K = task.psi.support
    return 2 * len(K) >= task.m or Counterexample(f"K is {set(K) or '{}'}, and m/2 is {Fraction(task.m, 2)}")


def within_reach(task: Task) -> Answer:
    r = reach(task.psi, task.pairs, len(task.points[0]))
    return len(task.points) <= r or Counterexample(f"there are {len(task.points)} points, and R_K is {r}")


def avoids_the_bad_set(task: Task) -> Answer:
    return is_good(task.psi, task.points, task.pairs)


def labels_are_attained(task: Task) -> Answer:
    """Some network with m neurons, its biases eta, has exactly these labels at the points.

    Symbols and numbers: by exact algebra, for a psi of degree at most 2. Balls: every label of [-1, 1]^n, so by
    scaling the output weights every label, from a contraction in balls; one corner is computed and checked.
    """
    reason = obstacle(task)
    if reason:
        return Counterexample(reason)
    if any(isinstance(y, arb) for y in task.labels):
        return _attained_in_balls(task)
    if not isinstance(task.psi, Polynomial) or len(task.psi.c) > 3:
        raise ValueError("labels of a psi that is not quadratic are decided in balls")
    net = exact_pairs(task.psi, task.points, task.pairs)
    if net is None:
        raise ValueError(
            "the pairs do not reach the labels; whether another network does is not decided here"
        )
    for i, (got, y) in enumerate(
        zip(outputs(net.psi, net.neurons(task.labels), net.points), task.labels, strict=True)
    ):
        if not equal(got, y):
            return Counterexample(f"the network is {got} at point {i}, not {y}")
    return True


def _attained_in_balls(task: Task) -> Answer:
    if any(y.abs_upper() > fmpq(1001, 1000) for y in task.labels):
        raise ValueError("scale the labels to [-1, 1] first")
    net = contracting_pairs(task.psi, task.points, task.pairs)
    if net is None:
        raise ValueError(
            "the pairs do not reach the labels; whether another network does is not decided here"
        )
    n = len(task.points)
    corner = tuple((-1) ** i for i in range(n))
    with ctx.workprec(BITS):
        if not 2 * defect(net.derivative(arb_mat([[arb(0, 2)]] * n))) < 1:
            return Counterexample("the derivative is not within 1/2 of the identity on [-2, 2]^n")
        z = net.weights_for(corner)
        again = outputs(net.psi, net.neurons(z), net.points)
    for i, (got, y) in enumerate(zip(again, corner, strict=True)):
        if not (got.contains(y) and got.rad() < fmpq(1, 10**12)):
            return Counterexample(f"the network is {got.str(8)} at point {i}, not {y}")
    return True


def every_label(n: int) -> tuple[arb, ...]:
    """Return [-1, 1]^n as balls: with the scaling of the output weights these are all labels."""
    return (arb(0, 1),) * n


main = Claim(
    "madden-main",
    hypotheses={
        "m is even": is_even,
        "n <= md/2": at_most_half_of_the_weights,
        "psi is no polynomial at eta, or |K| >= m/2": enough_degrees,
        "X is not in Z": avoids_the_bad_set,
    },
    conclusion=labels_are_attained,
)
by_rank = Claim(
    "madden-main",
    hypotheses={"m is even": is_even, "n <= R_K(m/2, d)": within_reach, "X is not in Z": avoids_the_bad_set},
    conclusion=labels_are_attained,
)
