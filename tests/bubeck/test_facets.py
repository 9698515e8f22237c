"""Facets step by step: laws, oracles (sympy, scipy's hull, exhaustion), every control, mutants that turn it red."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from math import ceil

import numpy as np
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from memlib import data, memorize
from memlib.bubeck import baum, facets
from memlib.bubeck import hull as hull_module
from memlib.bubeck.baum import Group, hyperplane_through
from memlib.bubeck.facets import Facet, Fit, Part, Problem, baum_exact_network, facet, facet_unit, peel
from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample
from memlib.exact import affine_fit
from memlib.network import Layer, Network
from memlib.points import HypothesisError, as_labels, to_integers
from memlib.search import memorized_by
from tests import strategies as own

INDEPENDENT = "the points are affinely independent"
GENERAL = "general position"
USED = "general position where it is used"
ON_FACET, F_INDEPENDENT, PART_OF_F = "F lies on a facet", "F is affinely independent", "A is a part of F"
ZERO_ONE, BOTH, ISOLATED = "labels in {0, 1}", "both labels occur", "the groups are isolated"

#: The six points of the page, corners of a hexagon; 0 and 3 are an edge, 0 and 1 a diagonal.
X = ((0, 0), (4, 2), (1, 3), (2, 0), (0, 2), (3, 3))
Y = (1, 1, 1, 0, 0, 0)
EDGE = Facet(Group(X, (0, 3)), (0, -1), 0)
DIAGONAL = Facet(Group(X, (0, 1)), (1, -2), 0)
#: A triangle with the midpoints of its sides: three points on every side.
SIDES = ((0, 0), (4, 0), (0, 4), (2, 0), (0, 2), (2, 2))
LINE = tuple((k, 2 * k) for k in range(6))
PARABOLA = tuple((k, k * k) for k in range(7))
ALTERNATING = (0, 1, 0, 1, 0, 1)


@st.composite
def general_problems(draw) -> Problem:
    """Any labels in which both occur, on points in general position; half of them as balanced as they can be."""
    points = draw(own.general_point_sets())
    n = len(points)
    ones = draw(st.one_of(st.integers(1, n - 1), st.just(n // 2), st.just(n - n // 2)))
    return Problem(points, tuple(draw(st.permutations([1] * ones + [0] * (n - ones)))))


def signs(found: Facet, among=None) -> tuple[set[int], bool]:
    """The points with s = 0, and whether all others have s < 0, by plain sums."""
    points = found.group.points
    s = {
        j: sum(a * b for a, b in zip(found.u, points[j], strict=True)) - found.b
        for j in (among or range(len(points)))
    }
    return {j for j, v in s.items() if v == 0}, all(v <= 0 for v in s.values())


def random_points(n: int, d: int, seed: int, size: int = 10**4) -> tuple:
    rng = np.random.default_rng(seed)
    return tuple(tuple(map(int, x)) for x in rng.integers(-size, size, (n, d)))


# bubeck-affine-fit


@given(own.general_point_sets(n=own.one_to_six), st.data())
def test_the_fit_takes_the_values_and_is_the_pseudoinverse(points: tuple, draw: st.DataObject) -> None:
    few = points[: len(points[0]) + 1]
    z = tuple(draw.draw(st.lists(own.fractions, min_size=len(few), max_size=len(few))))
    facets.affine.check([Fit(few, z)], over="random values")
    v, c, q = affine_fit(few, z)
    rows = sympy.Matrix([[*x, -1] for x in few])
    assert sympy.Matrix([*v, c]) / q == rows.pinv() * sympy.Matrix(
        [sympy.Rational(t.numerator, t.denominator) for t in z]
    )


def test_controls_of_the_fit(records: list) -> None:
    facets.affine.check([Fit(X[:3], (7, 0, Fraction(-2, 3)))], over="three points")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("exact", True)
    facets.affine.control(Fit(((0, 0), (1, 1), (2, 2)), (0, 1, 0)), without=INDEPENDENT)
    assert records[-1]["reason"] == (
        "points 0, 1, 2 are affinely dependent, so no affine function takes these values"
    )
    with pytest.raises(ControlFails, match="the conclusion survives"):
        facets.affine.control(Fit(((0, 0), (1, 1), (2, 2)), (0, 1, 2)), without=INDEPENDENT)
    with pytest.raises(ControlFails, match="still holds"):
        facets.affine.control(Fit(X[:3], (0, 1, 0)), without=INDEPENDENT)


def shifted_fit(points, wanted):
    v, c, q = affine_fit(points, wanted)
    return v, c + q, q


def longer_fit(points, wanted):
    """A fit, but not of least norm: a multiple of a hyperplane through the points is added."""
    v, c, q = affine_fit(points, wanted)
    u, b = hyperplane_through(Group(tuple(points), tuple(range(len(points)))))
    return tuple(p + q * k for p, k in zip(v, u, strict=True)), c + q * b, q


@pytest.mark.parametrize(
    ("mutant", "reason"), [(shifted_fit, "the fit is not 7"), (longer_fit, "a shorter one exists")]
)
def test_a_wrong_fit_fails_the_check(mutant, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facets, "affine_fit", mutant)
    with pytest.raises(ClaimFails, match=reason):
        facets.affine.check([Fit(X[:2], (7, 0))], over="mutant")


# bubeck-facet-peel


@pytest.mark.parametrize(("n", "d"), [(3, 2), (8, 2), (40, 2), (4, 3), (9, 3), (40, 3)])
@pytest.mark.parametrize("seed", range(4))
def test_facets_are_those_of_scipy(n: int, d: int, seed: int) -> None:
    points = random_points(n, d, seed)
    hull = {tuple(sorted(map(int, simplex))) for simplex in ConvexHull(points).simplices}
    found = {facet(points, rng).group.members for rng in range(10)}
    assert found <= hull
    assert hull_module.supported(points, hull_module.wrapped(points)).group.members in hull
    if n <= 9:  # the test of faces by circuits knows all of them, and no others
        assert {S for S in combinations(range(n), d) if facets.is_a_face(points, S)} == hull


@given(own.general_point_sets(), st.integers(0, 99))
def test_a_facet_has_d_points_and_all_others_below(points: tuple, seed: int) -> None:
    n, d = len(points), len(points[0])
    found = facet(points, seed)
    on, below = signs(found)
    assert on == set(found.group.members) and below
    assert len(on) == min(n, d) and (any(found.u) or n <= d)
    if n > d:
        exact = hull_module.supported(points, hull_module.wrapped(points))
        assert signs(exact) == (set(exact.group.members), True) and len(exact.group.members) == d


@given(own.general_point_sets(), st.integers(0, 99))
def test_the_peeling_order(points: tuple, seed: int) -> None:
    n, d = len(points), len(points[0])
    steps = peel(points, seed)
    assert len(steps) == ceil(n / d)
    left = set(range(n))
    for step in steps:
        assert signs(step, left) == (set(step.group.members), True) or len(left) <= d
        assert len(step.group.members) == min(d, len(left))
        left -= set(step.group.members)
    assert not left and facets.fault_of_peeling(points, steps) is None
    facets.facet_peel.check([points], over="random points")


@given(own.point_sets(n=own.two_to_nine, d=st.integers(1, 3)))
def test_points_in_any_position_are_peeled_or_refused(points: tuple) -> None:
    """A refusal names points that break general position; what is not refused is right."""
    try:
        steps = peel(points)
    except HypothesisError as refusal:
        assert refusal.hypothesis == GENERAL and "point" in refusal.witness
        assert not own.in_general_position(points)
    else:
        assert facets.fault_of_peeling(points, steps) is None
        assert facets.has_a_peeling(points)


def test_peeling_real_data_and_controls(records: list) -> None:
    patients = to_integers(data.breast_cancer()[0])
    facets.facet_peel.check([X, patients, PARABOLA], over="three sets")
    assert (records[-1]["strength"], records[-1]["inhabited"], records[-1]["instances"]) == ("exact", True, 3)
    facets.facet_peel.control(SIDES, without=USED)
    assert records[-1]["reason"].startswith(
        "points 0, 1, 3 are affinely dependent, so there is no peeling order, by exhaustive search: "
        "a supporting hyperplane contains 3 points in dimension 2"
    )
    facets.facet_peel.control(LINE, without=USED)
    grid = ((0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1))
    with pytest.raises(ControlFails, match="the conclusion survives"):
        facets.facet_peel.control(grid, without=USED)  # its short sides carry two points each
    with pytest.raises(ControlFails, match="still holds"):
        facets.facet_peel.control(X, without=USED)


def in_the_order_of_the_list(points: tuple, rng=0) -> tuple:
    d = len(points[0])
    cut = [Group(points, tuple(range(len(points)))[k : k + d]) for k in range(0, len(points), d)]
    return tuple(Facet(group, *hyperplane_through(group)) for group in cut)


def test_any_d_points_cannot_be_peeled(records: list) -> None:
    def wrong(points: tuple) -> bool | Counterexample:
        fault = facets.fault_of_peeling(points, in_the_order_of_the_list(points))
        return fault is None or Counterexample(fault)

    facets.facet_peel.rejects(X, says="any d points can be peeled", wrong=wrong)
    assert records[-1]["reason"] == "s is 5 at point 2, which is left after group 1"


def mirrored(points: tuple, rng=0) -> tuple:
    return tuple(replace(step, u=tuple(-c for c in step.u), b=-step.b) for step in peel(points, rng))


def moved(points: tuple, rng=0) -> tuple:
    return tuple(replace(step, b=step.b + 1) for step in peel(points, rng))


def backwards(points: tuple, rng=0) -> tuple:
    return peel(points, rng)[::-1]


def unfinished(points: tuple, rng=0) -> tuple:
    return peel(points, rng)[:-1]


def twice_the_first(points: tuple, rng=0) -> tuple:
    first, _, *rest = peel(points, rng)
    return (first, first, *rest)


@pytest.mark.parametrize(
    ("mutant", "reason"),
    [
        (in_the_order_of_the_list, "s is 5 at point 2"),
        (mirrored, "which is left after group 1"),
        (moved, "misses its point"),
        (backwards, "which is left after group 1"),
        (unfinished, "there are 2 groups, not 3"),
        (twice_the_first, "group 2 is not 2 of the points left"),
    ],
)
def test_wrong_peelings_fail_the_check(mutant, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facets, "peel", mutant)
    with pytest.raises(ClaimFails, match=reason):
        facets.facet_peel.check([X], over="mutant")


def test_a_crowded_facet_is_named() -> None:
    cube = tuple((a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1))
    with pytest.raises(
        HypothesisError, match="hyperplane contains 4 points in dimension 3, points"
    ) as refusal:
        facet(cube)
    assert refusal.value.hypothesis == GENERAL and "project_to" in refusal.value.remedy
    with pytest.raises(HypothesisError, match=r"contains 6 points in dimension 2, points 0, 1, 2, 3, 4, 5\."):
        facet(LINE)
    two_triangles = (*SIDES, (-9, -1), (30, -1))  # the first facet is fine, the second crowded
    with pytest.raises(HypothesisError, match=r"after \d facets?s?, among the \d points left"):
        for rng in range(20):
            peel(two_triangles, rng)
    D, _ = data.digits()
    with pytest.raises(HypothesisError, match=GENERAL):
        facet(to_integers(D[:300]))


@pytest.mark.parametrize("proposal", [[], [(0, 1)], [(0, 1), (1, 4), (2, 3)]])
def test_where_floats_fail_exact_gift_wrapping_serves(proposal, monkeypatch: pytest.MonkeyPatch) -> None:
    """No proposal, or diagonals of the hexagon only."""
    monkeypatch.setattr(
        hull_module,
        "facets_in_floats",
        lambda points, rng: (p for p in proposal if max(p) < len(points)),
    )
    found = facet(X)
    assert signs(found) == (set(found.group.members), True) and len(found.group.members) == 2
    facets.facet_peel.check([X], over="exact gift wrapping")


@pytest.mark.parametrize(
    "points",
    [
        tuple((10**400 + 7 * a, 10**399 * b) for a, b in X),
        tuple((10**30 * a + b, 10**30 * b - a) for a, b in X),
        ((10**30, 1), (10**30 + 1, 2), (10**30 + 2, 4), (10**30 + 3, 7), (0, 0)),  # floats see two points
        ((0, 0), (1, 0), (10**40, 1), (10**40, 2), (10**80, 5)),
    ],
)
def test_scales_that_floats_do_not_see(points: tuple) -> None:
    facets.facet_peel.check([points], over="extreme scales")


def test_a_line_has_two_facets() -> None:
    assert facet(((3,), (5,), (-2,))).group.members in {(1,), (2,)}
    steps = peel(((3,), (5,), (-2,)))
    assert [len(step.group.members) for step in steps] == [1, 1, 1]


def test_the_exact_code_refuses_machine_integers() -> None:
    with pytest.raises(TypeError, match="exact matrices take Python ints"):
        facet(tuple((np.int64(a), b) for a, b in X))


def test_a_seed_fixes_the_facet() -> None:
    points = random_points(60, 5, 0)
    assert facet(points, 3) == facet(points, 3) == facet(points, np.random.default_rng(3))
    assert len({facet(points, rng).group.members for rng in range(8)}) > 1


# bubeck-facet-unit


@given(own.general_point_sets(), st.integers(0, 9))
def test_a_unit_for_every_part_of_a_facet(points: tuple, seed: int) -> None:
    found = facet(points, seed)
    for size in range(len(found.group.members) + 1):
        for A in combinations(found.group.members, size):
            w, bias = facet_unit(Part(found, A))
            fires = [sum(a * b for a, b in zip(w, x, strict=True)) + bias >= 0 for x in points]
            assert fires == [j in A for j in range(len(points))]
            facets.unit.check([Part(found, A)], over="a part")


def test_rounding_the_fit_saves_half_of_the_bits() -> None:
    patients = to_integers(data.breast_cancer()[0])
    F = facet(patients)
    A = F.group.members[::2]
    w, bias = facet_unit(Part(F, A))
    v, c, _ = affine_fit(F.group.rows, tuple(1 if i in A else -1 for i in F.group.members))
    plain = max(abs(k).bit_length() for k in (*v, c))
    assert max(abs(k).bit_length() for k in (*w, bias)) < 0.6 * plain


def test_the_tilt_is_about_half_of_what_is_allowed_so_that_floats_see_it() -> None:
    A, _ = data.breast_cancer()
    points = to_integers(A)
    F = facet(points)
    part = Part(F, F.group.members[::2])
    w, bias = facet_unit(part)
    wanted = [int(i in part.members) for i in range(len(points))]
    least = min(
        Fraction(abs(sum(a * b for a, b in zip(w, x, strict=True)) + bias), abs(s))
        for x, s in zip(points, F.offsets, strict=True)
        if s
    )
    assert Fraction(1, 4) < least < 1  # the tilt took at most half of |s|, and not much less, at every point
    last = Layer(((1,),), (0,), "identity")
    net = Network((Layer((w,), (bias,), "threshold"), last), "unit", (1,) * 30)
    assert list(net.in_floats(points)) == wanted


def test_the_facet_unit_claim_and_its_controls(records: list) -> None:
    facets.unit.check([Part(EDGE, A) for A in [(), (0,), (3,), (0, 3)]], over="an edge")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("exact", True)
    facets.unit.control(Part(DIAGONAL, (0, 1)), without=ON_FACET)
    assert records[-1]["reason"] == (
        "s is 2 at point 3, outside F, so the unit is 1 at point 3, where s is 2; "
        "and no unit at all is 1 on A alone"
    )
    side = Facet(Group(SIDES, (0, 1, 3)), (0, -1), 0)
    facets.unit.control(Part(side, (3,)), without=F_INDEPENDENT)
    assert records[-1]["reason"] == (
        "points 0, 1, 3 of F are dependent, so there is no affine fit on F; and no unit at all is 1 on A alone"
    )
    crowded = Facet(Group(SIDES, (0, 1)), (0, -1), 0)  # a third point has s = 0
    facets.unit.control(Part(crowded, (0, 1)), without=ON_FACET)
    inside = Facet(Group((*X, (2, 1)), (0, 3)), (0, -1), 0)
    facets.unit.control(Part(inside, (6,)), without=PART_OF_F)
    assert "point 6 is not in F" in records[-1]["reason"]


def test_controls_of_the_facet_unit_can_fail() -> None:
    with pytest.raises(ControlFails, match="the conclusion survives"):
        facets.unit.control(Part(DIAGONAL, (0,)), without=ON_FACET)  # a corner can be cut off all the same
    with pytest.raises(ControlFails, match="another hypothesis is broken as well"):
        facets.unit.control(Part(DIAGONAL, (0, 4)), without=ON_FACET)
    with pytest.raises(ControlFails, match="still holds"):
        facets.unit.control(Part(EDGE, (0,)), without=PART_OF_F)


def exchanged(part: Part) -> tuple:
    return facet_unit(replace(part, members=tuple(set(part.facet.group.members) - set(part.members))))


def untilted(part: Part) -> tuple:
    return part.facet.u, -part.facet.b


def only_tilted(part: Part) -> tuple:
    *v, c = facets.signed_on(part)
    return tuple(v), -c


def wrong_side(part: Part) -> tuple:
    return facet_unit(replace(part, facet=replace(part.facet, u=tuple(-c for c in part.facet.u))))


@pytest.mark.parametrize("mutant", [exchanged, untilted, only_tilted, wrong_side])
def test_wrong_units_fail_the_check(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facets, "facet_unit", mutant)
    with pytest.raises(ClaimFails, match="the unit is"):
        facets.unit.check([Part(EDGE, A) for A in [(0,), (3,)]], over="mutant")


def test_a_coarser_rounding_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def rounded(part: Part) -> tuple:
        F = part.facet.group
        v, c, q = affine_fit(F.rows, tuple(1 if i in part.members else -1 for i in F.members))
        return tuple(round(Fraction(k, q)) for k in (*v, c))

    ball = to_integers(data.sphere(30, 3, rng=0))
    F = facet(ball)
    parts = [Part(F, (i,)) for i in F.group.members]
    facets.unit.check(parts, over="the right rounding")
    monkeypatch.setattr(facets, "signed_on", rounded)
    with pytest.raises(ClaimFails, match="the unit is"):
        facets.unit.check(parts, over="mutant")


# bubeck-baum-exact


@given(general_problems())
def test_the_network_has_the_exact_count_and_the_labels(problem: Problem) -> None:
    points, labels = problem.points, problem.labels
    n, d = len(points), len(points[0])
    n_min = min(sum(labels), n - sum(labels))
    net = baum_exact_network(points, labels)
    assert [own.evaluate(net, x) for x in points] == list(labels)
    assert net.hidden_neurons == problem.allowed == min(2 * ceil(n_min / d), ceil(n / d))
    assert set(net.layers[-1].weights[0]) <= {1, -1} and net.layers[-1].biases == (0,)
    assert [layer.activation for layer in net.layers] == ["threshold", "identity"]
    assert net.theorem == "bubeck-baum-exact"
    facets.exact.check([problem], over="random labels")


def test_the_count_is_taken_and_the_facet_is_needed() -> None:
    """Every case of the proof occurs: slabs, and facet units for either class."""
    seen = set()
    for seed in range(800):
        rng = np.random.default_rng(seed)
        d, n = int(rng.integers(1, 6)), int(rng.integers(2, 13))
        points = random_points(n, d, seed)
        if seed % 2:  # where the common label has to be fenced in now and then, at either label
            n, d = 9, 3
            points = random_points(n, d, seed)
        ones = int(rng.choice([rng.integers(1, n), n // 2, n - n // 2]))
        labels = tuple(int(v) for v in rng.permutation([1] * ones + [0] * (n - ones)))
        facets.exact.check([Problem(points, labels)], over="random problems")
        way = facets.plan(points, labels)
        rarer = 1 if 2 * ones <= n else 0
        seen.add(("slabs",) if way.part is None else ("facet", way.label, way.label == rarer))
        assert (way.part is None) == (2 * ceil(min(ones, n - ones) / d) <= ceil(n / d))
    assert seen == {("slabs",), *(("facet", label, rare) for label in (0, 1) for rare in (True, False))}


@given(general_problems())
def test_complementary_labels_cost_the_same(problem: Problem) -> None:
    flipped = tuple(1 - v for v in problem.labels)
    net = baum_exact_network(problem.points, flipped)
    assert net.at_integers(problem.points) == flipped
    assert net.hidden_neurons == problem.allowed


def test_the_least_number_of_units_on_six_points() -> None:
    """By exhaustion: never more than the theorem's, and equal to 3 for the labels that alternate around the hexagon."""
    tight = []
    for k in range(1, 2**5):
        labels = (0, *(k >> i & 1 for i in range(5)))
        problem = Problem(X, labels)
        assert memorized_by(X, labels, problem.allowed) is not None
        if memorized_by(X, labels, 2) is None:
            tight.append(labels)
    assert tight == [tuple(1 - v for v in Y)]
    assert baum_exact_network(X, Y).hidden_neurons == 3
    assert baum.baum_network(X, Y).hidden_neurons == 4


@pytest.mark.parametrize(
    ("n", "d"), [(3, 3), (2, 5), (5, 5), (6, 2), (9, 3), (35, 5), (37, 5), (41, 4), (2, 1), (9, 1), (63, 9)]
)
@pytest.mark.parametrize("majority", [0, 1])
def test_sizes_at_which_d_does_and_does_not_divide(n: int, d: int, majority: int) -> None:
    points = random_points(n, d, n)
    for n_min in {1, n // 3 or 1, n // 2}:
        labels = tuple(int(i < n_min) ^ majority for i in range(n))
        net = baum_exact_network(points, labels)
        assert net.at_integers(points) == labels
        assert net.hidden_neurons == min(2 * ceil(n_min / d), ceil(n / d))


def test_constant_labels_and_refusals() -> None:
    assert baum_exact_network(X, (0,) * 6).widths == (1,)
    assert baum_exact_network(LINE, (1,) * 6).widths == (1, 1)
    assert baum_exact_network(LINE, (1,) * 6).at_integers(LINE) == (1,) * 6
    assert baum_exact_network(((3, 4),), (1,)).at_integers(((3, 4),)) == (1,)
    with pytest.raises(HypothesisError, match="labels are 0 or 1: point 1 has the label 12"):
        baum_exact_network(X, (1, 12, 0, 0, 0, 0))
    with pytest.raises(HypothesisError, match="general position: points 0, 1, 2 are affinely dependent"):
        baum_exact_network(((0, 0, 0), (1, 1, 1), (2, 2, 2)), (1, 0, 1))  # n <= d, and no facet is sought
    with pytest.raises(HypothesisError, match="general position: a supporting hyperplane contains 6 points"):
        baum_exact_network(LINE, ALTERNATING)


def test_the_method_baum_is_exact() -> None:
    M, moon = data.two_moons(202, rng=0)
    net = memorize(M, moon, method="baum")
    assert (net.theorem, net.hidden_neurons) == ("bubeck-baum-exact", 101)
    assert net.certificate(M, moon).document["theorem"] == "bubeck-baum-exact"
    D, digit = data.digits()
    net = memorize(D[:330], digit[:330] % 2, project_to=10)
    assert net.hidden_neurons == 33 < 2 * ceil(min(sum(digit[:330] % 2), sum(1 - digit[:330] % 2)) / 10)


def test_the_theorem_on_data_and_its_controls(records: list) -> None:
    patients = to_integers(data.breast_cancer()[0])
    coins = as_labels(np.random.default_rng(0).permutation(569) % 2, 569)
    facets.exact.check([Problem(X, Y), Problem(patients, coins)], over="two problems")
    assert (records[-1]["strength"], records[-1]["inhabited"], records[-1]["instances"]) == ("exact", True, 2)
    facets.exact.control(Problem(LINE, ALTERNATING), without=ISOLATED)
    assert records[-1]["reason"].endswith("no network with 3 units memorizes, by exhaustive search")
    facets.exact.control(Problem(X, (1, 12, 0, 0, 0, 0)), without=ZERO_ONE)
    facets.exact.control(Problem(PARABOLA[:5], (0, 1, 0, 1, 2)), without=ZERO_ONE)
    facets.exact.control(Problem(X, (1,) * 6), without=BOTH)
    assert records[-1]["reason"] == "every label is 1, so 0 units with output weights +-1 never sum to 1"
    with pytest.raises(ControlFails, match="the conclusion survives"):
        facets.exact.control(Problem(SIDES, Y), without=ISOLATED)  # crowded sides, yet three units do
    with pytest.raises(ControlFails, match="the conclusion survives"):
        facets.exact.control(Problem(X, (0,) * 6), without=BOTH)


def slabs_alone(points, labels, rng=0):
    return facets.Plan(1, None, baum.groups(points, labels))


def no_exchange(points, labels, rng=0):
    way = facets_plan(points, labels, rng)
    if way.part is None or way.label == (1 if 2 * sum(labels) <= len(labels) else 0):
        return way
    return replace(way, label=1 - way.label)


def forgotten_group(points, labels, rng=0):
    way = facets_plan(points, labels, rng)
    return replace(way, groups=way.groups[:-1])


def small_groups(points, labels, rng=0):
    way = facets_plan(points, labels, rng)
    return replace(way, groups=tuple(Group(points, (i,)) for g in way.groups for i in g.members))


facets_plan = facets.plan
#: Eight points inside a triangle, d = 2, and a corner more: the facet holds labels 1 only, the rarer label is 0.
INNER = ((-90, -80), (95, -70), (3, 99), (1, 2), (-7, 11), (13, -5))


@pytest.mark.parametrize(
    ("mutant", "reason"),
    [
        (slabs_alone, "the network has 4 units, not 3"),
        (forgotten_group, "the network has 1 units, not 3"),
        (small_groups, "the network has 5 units, not 3"),
    ],
)
def test_wrong_plans_fail_the_check(mutant, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facets, "plan", mutant)
    with pytest.raises(ClaimFails, match=reason):
        facets.exact.check([Problem(X, Y)], over="mutant")


def test_fencing_in_the_wrong_label_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem(
        INNER, (0, 0, 0, 1, 1, 1)
    )  # every facet carries label 0 only, and the tie makes 1 the rarer
    way = facets.plan(INNER, problem.labels)
    assert way.part is not None and way.label == 0
    facets.exact.check([problem], over="six points")
    monkeypatch.setattr(facets, "plan", no_exchange)
    with pytest.raises(ClaimFails, match="the network fails at point"):
        facets.exact.check([problem], over="mutant")


def test_a_hyperplane_that_is_no_facet_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Facet and the exact count hang together: through a diagonal the unit fires on a stranger."""

    def diagonal(points, rng=0):
        return Facet(Group(points, (0, 1)), (1, -2), 0)

    monkeypatch.setattr(facets, "facet", diagonal)
    with pytest.raises(ClaimFails, match="the network fails at point 3"):
        facets.exact.check([Problem(X, Y)], over="mutant")


def biased(points, labels, scale, rng=0):
    net = facets_network(points, labels, scale, rng)
    hidden, last = net.layers
    return replace(net, layers=(hidden, replace(last, biases=(1,))))


def doubled(points, labels, scale, rng=0):
    """The right labels by an output weight of 2 and an output scale of 2."""
    net = facets_network(points, labels, scale, rng)
    hidden, last = net.layers
    doubled = Layer((tuple(2 * w for w in last.weights[0]),), (0,), "identity")
    return Network((hidden, doubled), net.theorem, scale, output_scale=2)


facets_network = facets.exact_network


@pytest.mark.parametrize("mutant", [biased, doubled])
def test_other_output_weights_fail_the_check(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facets, "exact_network", mutant)
    with pytest.raises(ClaimFails, match="or there is an output bias"):
        facets.exact.check([Problem(X, Y)], over="mutant")


CLAIMS = (facets.affine, facets.facet_peel, facets.unit, facets.exact)


@pytest.mark.parametrize("predicate", [h for c in CLAIMS for h in (*c.hypotheses.values(), c.conclusion)])
def test_every_predicate_answers_on_degenerate_instances(predicate) -> None:
    """Predicates are total: one point, equal points, everything on one line."""
    sets = [((0, 0),), ((0, 0), (0, 0)), ((1,), (2,)), LINE[:3], SIDES]
    for points in sets:
        everything = Group(points, tuple(range(len(points))))
        flat = Facet(everything, (0,) * len(points[0]), 0)
        instances = {
            facets.affine: [Fit(points, (1,) * len(points)), Fit(points, tuple(range(len(points))))],
            facets.facet_peel: [points],
            facets.unit: [Part(flat, (0,)), Part(replace(flat, group=Group(points, (0,))), (0,))],
            facets.exact: [Problem(points, (1,) * len(points)), Problem(points, (0, 1, 3, 0, 1, 1)[: len(points)])],
        }  # fmt: skip
        for claim, examples in instances.items():
            if predicate in (*claim.hypotheses.values(), claim.conclusion):
                for example in examples:
                    answer = predicate(example)
                    assert answer is True or (isinstance(answer, Counterexample) and answer.reason)


@given(general_problems())
def test_memorize_and_the_builder_agree(problem: Problem) -> None:
    assume(len(problem.points) > 2)
    net = memorize(problem.points, problem.labels)
    assert net.at_integers(problem.points) == problem.labels
    assert net.hidden_neurons == problem.allowed
