"""From almost to exactly: inequalities in balls that prove exact weights near float weights, for one y or for all.

The conclusions are decided by another route than (K): the interval Newton operator, with FLINT's own linear solver.
"""

from dataclasses import dataclass, replace
from itertools import combinations, product
from operator import mul

from flint import arb, arb_mat, ctx, fmpq, fmpq_mat

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.madden.activations import Enclosed, reachable
from memlib.madden.charts import (
    SHORT,
    Candidate,
    enclosed_zero,
    fraction,
    inequality_holds,
    origin,
    slack,
    whole_cube,
    with_labels,
)
from memlib.madden.pairs import BITS, ball

# --- madden-def-enclosure ---


@dataclass(frozen=True)
class Evaluation:
    """A ball `value` that is said to contain psi(t), or psi'(t) if `slope`, for all t of the ball `cube`."""

    psi: Enclosed
    cube: arb
    value: arb
    slope: bool = False


def evaluated(psi: Enclosed, cube: arb, slope: bool = False) -> Evaluation:
    """Evaluate psi or its derivative on a ball, in balls."""
    with ctx.workprec(BITS):
        return Evaluation(psi, cube, (psi.slope if slope else psi.value)(cube), slope)


def encloses(e: Evaluation, parts: int = 64) -> Answer:
    """Whether the ball contains the values at equally spaced points of the cube (they decide no more than that)."""
    with ctx.workprec(2 * BITS):
        for k in range(-parts, parts + 1):
            t = e.cube.mid() + e.cube.rad() * fmpq(k, parts)
            exact = (e.psi.slope if e.slope else e.psi.value)(t)
            if not e.value.overlaps(exact):
                name = "psi'" if e.slope else "psi"
                return Counterexample(
                    f"{name} at {t.str(3, radius=False)} is {exact.str(3, radius=False)}, outside the ball"
                )
    return True


enclosure = Claim("madden-def-enclosure", conclusion=encloses)


# --- madden-krawczyk ---


def exact_rank(B: arb_mat) -> int:
    """Return the rank of a matrix of balls without radius, over the rationals."""
    rows = []
    for row in B.tolist():
        values = [fraction(e) for e in row]
        rows.append([fmpq(q.numerator, q.denominator) for q in values])
    return int(fmpq_mat(rows).rref()[1])


def impossible(c: Candidate) -> str | None:
    """Return in words why no network of this activation with these v has these labels, whatever W; or None."""
    for i, j in combinations(range(c.n), 2):
        if c.chart.points[i] == c.chart.points[j] and c.labels[i] != c.labels[j]:
            return f"points {i} and {j} are equal, their labels are not"
    low, high = reachable(c.chart.psi, c.chart.v)
    for i, y in enumerate(c.labels):
        if (low is not None and y <= low) or (high is not None and y >= high):
            ends = ("infinity" if high is None else high) if y > 0 else ("-infinity" if low is None else low)
            return f"all outputs are strictly on one side of {ends}, and label {i} is {y}"
    return None


def leaves_a_row(c: Candidate, A: arb_mat) -> int | None:
    """Return a row i with |G_i(0)| > r sum_q |G'(Z)_iq|, so that G has no zero in Z (mean value theorem); or None."""
    for i, g in enumerate(c.at_origin):
        if g.abs_lower() > c.r * sum((abs(A[i, q]) for q in range(c.n)), arb(0)).upper():
            return i
    return None


def another_zero(c: Candidate, z: arb_mat) -> bool:
    """Whether Newton's method from a corner of Z, n at most 3, proves a zero in Z apart from the enclosed zero z."""
    for signs in product((-1, 1), repeat=c.n) if c.n <= 3 else ():
        other = enclosed_zero(c, arb_mat([[s * c.r] for s in signs]))
        if other is None or not all(arb(0, c.r).contains(e) for e in other.entries()):
            continue
        if not all(e.overlaps(f) for e, f in zip(other.entries(), z.entries(), strict=True)):
            return True
    return False


def one_exact_network(c: Candidate) -> Answer:
    """G has exactly one zero in Z, and G' is invertible on Z; the network there has the labels.

    Raises ValueError where neither this nor its contrary is found.
    """
    reason = impossible(c)
    if reason:
        return Counterexample(f"no network exists: {reason}")
    with ctx.workprec(BITS):
        A = c.on_cube
        row = leaves_a_row(c, A)
        if row is not None:
            return Counterexample(f"G has no zero in Z, since row {row} of G is not 0 on Z")
        if c.n <= 8 and exact_rank(c.chart.B) < c.n:
            return Counterexample(f"B has rank {exact_rank(c.chart.B)}, so G' is singular everywhere")
        z = enclosed_zero(c)
        if z is None or not all(arb(0, c.r).contains(e) for e in z.entries()):
            raise ValueError("whether G has a zero in Z is not decided here")
        try:
            A.inv()  # proves that every matrix in A is invertible: so two zeros of Z are equal
        except ZeroDivisionError:
            if another_zero(c, z):
                return Counterexample("G has two zeros in Z")
            raise ValueError("whether G has a second zero in Z is not decided here") from None
        return has_the_labels(c, z)


def has_the_labels(c: Candidate, z: arb_mat) -> Answer:
    """Evaluate the network neuron by neuron at the enclosed weights: its outputs are balls around the labels."""
    with ctx.workprec(BITS):
        W, v = c.chart.weights(z), [ball(a) for a in c.chart.v]
        for i, (point, y) in enumerate(zip(c.chart.points, c.labels, strict=True)):
            x, out = [ball(q) for q in point], arb(0)
            for (*w, b), a in zip(W, v, strict=True):
                out += a * c.chart.psi.value(sum(map(mul, w, x), b))
            if not (out.overlaps(ball(y)) and out.rad() < fmpq(1, 2**40)):
                return Counterexample(f"the output at point {i} is {out.str(8)}, not {y}")
    return True


krawczyk = Claim("madden-krawczyk", hypotheses={"(K) holds": inequality_holds}, conclusion=one_exact_network)


def centre_is_enough(c: Candidate) -> Answer:
    """The wrong version of (K): G' is read at the centre of Z only."""
    with ctx.workprec(BITS):
        A, G = c.derivative(origin(c)).tolist(), c.G(origin(c))
        for i, row in enumerate(A):
            total = sum((abs(e - int(i == q)) for q, e in enumerate(row)), arb(0))
            if not abs(G[i]) + c.r * total < c.r:
                return Counterexample(f"row {i} at the centre")
    return True


# --- madden-zero-cert ---


def labels_are_zero(c: Candidate) -> Answer:
    bad = [i for i, y in enumerate(c.labels) if y]
    return not bad or Counterexample(f"label {bad[0]} is {c.labels[bad[0]]}")


def missed_labels(c: Candidate) -> str | None:
    """Return in words which labels no network of this size has at these points, or None."""
    n, m, width = c.n, len(c.chart.W), len(c.chart.W[0])
    if n > m * (width + 1):
        return f"{n} points, {m} neurons with {width + 1} numbers each: almost all labels (madden-sard)"
    for i, j in combinations(range(n), 2):
        if c.chart.points[i] == c.chart.points[j]:
            return f"points {i} and {j} are equal: labels that differ there"
    if m == 1 and n > 1 and c.chart.psi.one_sign:
        return "one neuron whose psi is never negative: labels of both signs"
    return None


def all_labels_attained(c: Candidate) -> Answer:
    """Every vector of a cube of labels around 0 is attained with weights W + B z, z in Z; so all multiples are.

    By the interval Newton operator with the label vector replaced by a cube; one corner is solved and evaluated.
    Raises ValueError where neither this nor its contrary is found.
    """
    reason = missed_labels(c)
    if reason:
        return Counterexample(f"missed, with {reason}")
    with ctx.workprec(BITS):
        Z, F = whole_cube(c), c.at_origin
        try:
            half = slack(replace(c, labels=(0,) * c.n)) * fmpq(1, 2)
            box = arb_mat(
                [[y + arb(0, half.abs_upper()) - f] for y, f in zip(map(ball, c.labels), F, strict=True)]
            )
            with ctx.workprec(SHORT):
                z = c.on_cube.solve(box)
        except ZeroDivisionError:
            raise ValueError("whether all labels are attained is not decided here") from None
        if not (half > 0 and all(Z[i, 0].contains(z[i, 0]) for i in range(c.n))):
            raise ValueError("whether all labels are attained is not decided here")
    corner = with_labels(c, [(-1) ** i for i in range(c.n)])
    found = enclosed_zero(corner)
    if found is None:
        raise ValueError("whether a corner is attained is not decided here")
    return has_the_labels(corner, found)


zero_cert = Claim(
    "madden-zero-cert",
    hypotheses={"the labels are 0": labels_are_zero, "(K) holds": inequality_holds},
    conclusion=all_labels_attained,
)
