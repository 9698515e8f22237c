"""The method `madden-newton`: a float network for any labels, with the balls that prove an exact network nearby."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NoReturn

from flint import arb

from memlib.approximate import FloatNetwork
from memlib.evidence import Answer, Counterexample
from memlib.madden.activations import NAMES
from memlib.madden.charts import (
    Candidate,
    decimals,
    distance,
    inequality_holds,
    standard_units,
    surrounded,
)
from memlib.madden.enclosures_floats import chart_at, floats, fractions
from memlib.madden.newton_floats import attempts, folded, right_inverse
from memlib.points import HypothesisError, as_labels


@dataclass(frozen=True, eq=False, repr=False)
class EnclosedNetwork(FloatNetwork):
    """A float network, and the balls that prove: weights nearby give exactly the labels, a unchanged.

    enclosure : the `Candidate` at these weights for which (K) of madden-krawczyk was proved.
    """

    enclosure: Candidate

    @property
    def distance(self) -> arb:
        """A bound for the change of any weight or bias on the way to the exact network."""
        return distance(self.enclosure)

    def proves(self, X: Any, y: Any) -> Answer:
        """Whether the enclosure proves labels y at the points X, as printed: read again, decided again."""
        chart = self.enclosure.chart
        own = [[*w, b] for w, b in zip(fractions(self.w), fractions(self.b), strict=True)]
        if own != [list(row) for row in chart.W] or fractions(self.a) != chart.v:
            return Counterexample("the enclosure belongs to other weights")
        known: dict[Any, Any] = dict(zip(chart.points, self.enclosure.labels, strict=True))
        points = decimals(X)
        for i, (x, label) in enumerate(zip(points, as_labels(y, len(points)), strict=True)):
            if known.get(x) != label:
                return Counterexample(f"the enclosure does not hold point {i} with the label {label}")
        return inequality_holds(self.enclosure)

    def certificate(self, X: Any, y: Any) -> NoReturn:
        """Refuse: a certificate holds integers and exact outputs."""
        raise ValueError(
            f"no certificate: the exact weights of this {self.activation} network are real numbers, which integers "
            "cannot write down; in its place stands the enclosure, and proves(X, y) decides it again"
        )

    def __repr__(self) -> str:
        n, d = self.enclosure.n, self.w.shape[1]
        return (
            f"EnclosedNetwork({self.theorem}: {self.hidden_neurons} {self.activation} neurons in dimension {d}, "
            f"exact weights for {n} labels enclosed)"
        )


def newton_network(
    points: tuple,
    labels: tuple,
    scale: tuple[int, ...] | None = None,
    rng: Any = 0,
    accuracy: Any = Fraction(1, 10**16),
    activation: str = "tanh",
    pairs: int | None = None,
    tries: int = 4,
) -> EnclosedNetwork:
    """Return 2 ceil(n / d) smooth neurons with |f - y|^2 <= accuracy |y|^2 in floats, and exactly y nearby, proved.

    points : distinct tuples of d ints, the coordinates times `scale` (default 1). labels : ints or Fractions.
    accuracy : relative squared error of the float network. activation : tanh, sigmoid, softplus or gelu.
    pairs : another number of pairs than ceil(n / d). tries : base weights that are drawn.
    Newton's method runs in standardized coordinates; (K) is proved for the float weights in the given ones.
    Raises HypothesisError, saying what each try reached, where Newton's method does not converge, where (K) is not
    proved, or where the float outputs are too far off. Implements madden-krawczyk for pairs as in madden-main;
    source of the algorithm: ours.
    """
    if activation not in NAMES:
        raise ValueError(f"activation {activation!r} is not one of {list(NAMES)}")
    if not 0 < accuracy < 1:
        raise ValueError(f"accuracy is {accuracy}; it is a relative squared error between 0 and 1")
    n, d = len(points), len(points[0])
    h = -(-n // d) if pairs is None else pairs
    if type(h) is not int or h * (d + 1) < n:
        raise ValueError(
            f"pairs is {pairs}; {n} points in dimension {d} need an int of at least {-(-n // (d + 1))}"
        )
    scale = scale or (1,) * d
    units = standard_units(points)
    exact = tuple(tuple(Fraction(p, s) for p, s in zip(x, scale, strict=True)) for x in points)
    standard = floats([[Fraction(p - c, s) for p, (c, s) in zip(x, units, strict=True)] for x in points])
    y = floats([[label] for label in labels])[:, 0]
    most = max(abs(label) for label in labels)
    failures = []
    for found in attempts(standard, y, h, activation, rng, tries):
        if not found.residual <= max(1, most) * Fraction(1, 10**6):
            failures.append(
                f"Newton's method stops at residual {found.residual:.1e}, condition {found.condition:.1e}"
            )
            continue
        solution, B = folded(found, units, scale, right_inverse(activation, standard, found))
        c = surrounded(Candidate(chart_at(activation, exact, solution, B), tuple(labels), arb(1)))
        answer = inequality_holds(c)
        if not answer:
            failures.append(f"the enclosure fails, {answer}")
            continue
        net = EnclosedNetwork(solution.W, solution.b, solution.v, activation, "madden-krawczyk", c)
        if not most or net.relative_error(floats(exact), y) <= accuracy:
            return net
        failures.append(
            f"the float outputs have the relative squared error {net.relative_error(floats(exact), y):.1e}"
        )
    raise HypothesisError(
        "some paired weights have a Jacobian of rank n, far from singular in floats",
        f"{tries} tries with {2 * h} {activation} neurons: {'; '.join(failures)}",
        "Raise pairs=, try another activation or seed, or drop constant and rare features.",
    )
