"""Baum's network step by step: laws on random points, every control of the page, mutants that turn it red."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from math import ceil, gcd

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from memlib import data
from memlib.bubeck import baum
from memlib.bubeck.baum import Group, Problem, Slab, baum_network, groups, hyperplane_through, slab_around
from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample
from memlib.points import HypothesisError, as_labels, to_integers
from tests import strategies as own

AT_MOST_D = "the group has at most d points"
ISOLATED = "the group is isolated"
GROUPS_ISOLATED = "the groups are isolated"
THROUGH = "the hyperplane passes through the group"
THIN = "0 < tau < gap"
ZERO_ONE = "labels in {0, 1}"
BOTH = "both labels occur"

#: The six points of the page: a slab around 0 and 1 with gap 2, another around 2.
X = ((0, 0), (4, 2), (1, 3), (2, 0), (0, 2), (3, 3))
Y = (1, 1, 1, 0, 0, 0)
FIRST = Slab(Group(X, members=(0, 1)), u=(1, -2), b=0, tau=1)
LINE = tuple((k, 2 * k) for k in range(6))
PARABOLA = tuple((k, k * k) for k in range(6))
ALTERNATING = (0, 1, 0, 1, 0, 1)


@st.composite
def general_groups(draw) -> Group:
    """Any group of at most d points out of a set in general position."""
    points = draw(own.general_point_sets())
    size = draw(st.integers(1, min(len(points), len(points[0]))))
    members = draw(st.lists(st.sampled_from(range(len(points))), min_size=size, max_size=size, unique=True))
    return Group(points, tuple(members))


@st.composite
def general_problems(draw) -> Problem:
    points = draw(own.general_point_sets())
    return Problem(points, draw(own.labels(len(points))))


# bubeck-def-general-position


@given(own.point_sets())
def test_general_position_against_brute_force(points: tuple) -> None:
    answer = baum.every_subset_is_independent(points)
    assert bool(answer) == own.in_general_position(points)
    if not answer:
        named = [int(word) for word in repr(answer).replace(",", "").split() if word.isdigit()]
        assert not own.affinely_independent([points[i] for i in named])


def test_general_position_example_and_non_examples(records: list) -> None:
    baum.general_position.check([X, PARABOLA, ((5,),), ((0, 0, 0), (1, 2, 3))], over="examples")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("exact", True)
    baum.general_position.rejects(LINE, says="six points of a line")
    assert records[-1]["reason"] == "points 0, 1, 2 are affinely dependent"
    baum.general_position.rejects(((1, 2), (3, 4), (1, 2)), says="a point twice")
    with pytest.raises(ControlFails, match="no non-example"):
        baum.general_position.rejects(PARABOLA, says="six points of a parabola")


# bubeck-hyperplane


@given(general_groups())
def test_the_hyperplane_contains_the_group_and_nothing_else(group: Group) -> None:
    u, b = hyperplane_through(group)
    assert any(u) and gcd(*u, b) == 1
    on = {j for j, x in enumerate(group.points) if sum(c * v for c, v in zip(u, x, strict=True)) == b}
    assert on == set(group.members)
    if len(group.members) == len(group.points[0]):  # then it is the only one
        (oracle,) = sympy.Matrix([[*x, -1] for x in group.rows]).nullspace()
        assert sympy.Matrix([list(oracle), [*u, b]]).rank() == 1


@given(own.point_sets(n=own.two_to_nine), st.data())
def test_the_hyperplane_is_refused_iff_a_stranger_lies_in_the_hull(
    points: tuple, draw: st.DataObject
) -> None:
    """Points in any position: a hyperplane through the group that misses a stranger exists iff the group does
    not span the space and the stranger is outside its affine hull."""
    size = draw.draw(st.integers(1, len(points)))
    group = Group(points, tuple(range(size)))
    rank = sympy.Matrix([[*x, -1] for x in group.rows]).rank()
    caught = [
        j
        for j in group.strangers
        if sympy.Matrix([[*x, -1] for x in (*group.rows, points[j])]).rank() == rank
    ]
    if rank == len(points[0]) + 1:
        with pytest.raises(HypothesisError, match="span the space"):
            hyperplane_through(group)
    elif caught:
        with pytest.raises(HypothesisError, match=f"also contains points? {caught[0]}"):
            hyperplane_through(group)
    else:
        u, b = hyperplane_through(group)
        offsets = [sum(c * v for c, v in zip(u, x, strict=True)) - b for x in points]
        assert [j for j, s in enumerate(offsets) if s == 0] == list(group.members)


@given(own.point_sets(n=own.two_to_nine), st.data())
def test_the_hypothesis_general_position_for_one_group(points: tuple, draw: st.DataObject) -> None:
    """What the proof uses: the group and any one stranger are affinely independent."""
    size = draw.draw(st.integers(1, len(points)))
    group = Group(points, tuple(range(size)))
    answer = baum.independent_with_every_stranger(group)
    tests = [(*group.rows, points[j]) for j in group.strangers] or [group.rows]
    assert bool(answer) == all(own.affinely_independent(t) for t in tests)


def test_the_hyperplane_claim_and_its_controls(records: list) -> None:
    pairs = [Group(X, members) for members in combinations(range(6), 2)]
    singles = [Group(X, (i,)) for i in range(6)]
    baum.hyperplane.check([*pairs, *singles, Group(X[:2], (0, 1))], over="the six points")
    assert (records[-1]["strength"], records[-1]["inhabited"], records[-1]["instances"]) == (
        "exact",
        True,
        22,
    )
    baum.hyperplane.control(Group((*X, (2, 1)), members=(0, 1)), without=ISOLATED)
    assert records[-1]["reason"] == (
        "point 6 lies in the affine hull of the group, so every hyperplane through the group of "
        "points 0, 1 also contains point 6"
    )
    baum.hyperplane.control(Group(X[:3], members=(0, 1, 2)), without=AT_MOST_D)
    assert records[-1]["reason"] == (
        "3 points in dimension 2, so no hyperplane contains the group, whose lifted points are independent"
    )
    dependent = Group(((0, 0, 0), (1, 1, 1), (2, 2, 2), (5, 0, 1)), members=(0, 1, 2))
    baum.hyperplane.control(dependent, without=ISOLATED)
    assert records[-1]["reason"] == (
        "points 0, 1, 2 are affinely dependent, "
        "so the hyperplanes through the group form a space of dimension 2"
    )


def test_controls_of_the_hyperplane_can_fail() -> None:
    with pytest.raises(ControlFails, match="still holds"):
        baum.hyperplane.control(Group(X, (0, 1)), without=ISOLATED)
    with pytest.raises(ControlFails, match=r"another hypothesis is broken as well, 'the group is isolated'"):
        baum.hyperplane.control(Group(LINE, (0, 1, 2)), without=AT_MOST_D)  # three points, but of a line
    with pytest.raises(ClaimFails, match="violates the hypothesis"):
        baum.hyperplane.check([Group((*X, (2, 1)), (0, 1))], over="a caught stranger")


# bubeck-baum-slab


@given(general_groups())
def test_the_slab_is_the_indicator_of_its_group(group: Group) -> None:
    slab = slab_around(group)
    assert slab.values() == [int(j in group.members) for j in range(len(group.points))]
    assert slab.tau > 0 and (slab.tau < slab.gap or not group.strangers)
    baum.slab.check([slab], over="a random group")


@given(general_groups(), st.integers(1, 5))
def test_every_thinner_slab_is_the_indicator_too(group: Group, factor: int) -> None:
    """All integers 0 < tau < gap serve, whatever multiple of (u, b) describes the hyperplane."""
    u, b = hyperplane_through(group)
    slab = Slab(group, tuple(factor * c for c in u), factor * b, tau=1)
    for tau in {1, slab.gap // 2, slab.gap - 1} - {0}:
        assert baum.is_indicator_of_group(replace(slab, tau=tau)) or slab.gap == 1


def test_slabs_by_hand() -> None:
    assert FIRST.offsets == [0, 0, -5, 2, -4, -3]
    assert (FIRST.gap, FIRST.values()) == (2, [1, 1, 0, 0, 0, 0])
    assert replace(FIRST, tau=3).values() == [
        1,
        1,
        0,
        1,
        0,
        1,
    ]  # -3 is inside b - tau <= u.x, 3 is not below b + tau
    alone = slab_around(Group(X[:2], (0, 1)))
    assert alone.values() == [1, 1]
    narrow = slab_around(Group(((0,), (1,)), (0,)))  # gap 1 leaves no integer below: the normal is doubled
    assert (abs(narrow.u[0]), narrow.tau, narrow.gap, narrow.values()) == (2, 1, 2, [1, 0])


def test_the_slab_claim_and_its_controls(records: list) -> None:
    baum.slab.check([slab_around(Group(X, pair)) for pair in combinations(range(6), 2)], over="all pairs")
    assert (records[-1]["strength"], records[-1]["inhabited"], records[-1]["instances"]) == (
        "exact",
        True,
        15,
    )
    baum.slab.control(replace(FIRST, tau=4), without=THIN)
    assert records[-1]["reason"] == (
        "tau is not below the gap, so the slab is 1 at point 3, outside the group"
    )
    baum.slab.control(replace(FIRST, tau=0), without=THIN)
    assert records[-1]["reason"] == "tau is not positive, so the slab is 0 at point 0, in the group"
    baum.slab.control(replace(FIRST, tau=-1), without=THIN)
    assert records[-1]["reason"] == "tau is not positive, so the slab is -1 at point 0, in the group"
    baum.slab.control(replace(FIRST, b=8), without=THROUGH)
    assert records[-1]["reason"] == (
        "the hyperplane misses member 0, so the slab is 0 at point 0, in the group"
    )


def test_controls_of_the_slab_can_fail() -> None:
    with pytest.raises(
        ControlFails, match=r"another hypothesis is broken as well.*the hyperplane misses member 0"
    ):
        baum.slab.control(replace(FIRST, tau=4, b=FIRST.b + 1), without=THIN)
    with pytest.raises(ControlFails, match="still holds"):
        baum.slab.control(FIRST, without=THIN)
    with pytest.raises(ControlFails, match="the conclusion survives"):
        baum.slab.control(replace(FIRST, tau=2), without=THIN)  # the stranger at +gap sits on the open side
    with pytest.raises(ClaimFails, match="violates the hypothesis"):
        baum.slab.check([replace(FIRST, tau=2)], over="as thick as the gap")


def test_the_slab_is_closed_below_and_open_above(records: list) -> None:
    """At tau = gap the sides differ: a stranger at -gap is inside, one at +gap is not."""
    mirrored = Slab(FIRST.group, u=(-1, 2), b=0, tau=2)
    baum.slab.control(mirrored, without=THIN)
    assert "the slab is 1 at point 3, outside the group" in records[-1]["reason"]


# bubeck-baum-threshold


@given(general_problems())
def test_the_network_has_the_count_and_the_labels(problem: Problem) -> None:
    points, labels = problem.points, problem.labels
    n, d, ones = len(points), len(points[0]), sum(labels)
    n_min = min(ones, n - ones)
    net = baum_network(points, labels)
    assert net.at_integers(points) == labels
    assert [own.evaluate(net, x) for x in points] == list(labels)
    assert net.hidden_neurons == (2 * ceil(n_min / d) if n_min else int(ones == n))
    if n_min:
        assert problem.allowed == net.hidden_neurons <= ceil(n / d) + 1
        assert set(net.layers[-1].weights[0]) == {1, -1} or set(net.layers[-1].weights[0]) == {1}
        assert net.layers[-1].biases == (0,)
        baum.threshold.check([problem], over="random labels")


@given(general_problems())
def test_complementary_labels_need_as_many_units(problem: Problem) -> None:
    flipped = replace(problem, labels=tuple(1 - v for v in problem.labels))
    net = baum_network(flipped.points, flipped.labels)
    assert net.at_integers(problem.points) == flipped.labels
    if 0 < sum(problem.labels) < len(problem.labels):
        assert net.hidden_neurons == baum_network(problem.points, problem.labels).hidden_neurons


@given(general_problems())
def test_the_network_is_the_sum_of_its_slabs_everywhere(problem: Problem) -> None:
    """Off the data too, above all on the faces: 1 - [h >= 0] became [-h - 1 >= 0], and t = 0 counts."""
    points, labels = problem.points, problem.labels
    slabs = [slab_around(group) for group in groups(points, labels)]
    box = tuple({tuple(v + k for v in x) for x in points for k in range(-6, 7)})
    heights = [[sum(c * v for c, v in zip(s.u, x, strict=True)) - s.b for s in slabs] for x in box]
    sums = [sum(-s.tau <= h < s.tau for s, h in zip(slabs, row, strict=True)) for row in heights]
    rarer_is_one = 2 * sum(labels) <= len(labels)
    assert list(baum_network(points, labels).at_integers(box)) == [v if rarer_is_one else 1 - v for v in sums]


def test_the_complement_at_the_faces_by_hand() -> None:
    """The slab around the only 0 is -2 <= x < 2, or its mirror image: one face belongs to it, one not."""
    net = baum_network(((0,), (4,), (9,)), (0, 1, 1))
    assert [net([[x]])[0] for x in (-3, -2, -1, 0, 1, 2, 3)] in ([1, 0, 0, 0, 0, 1, 1], [1, 1, 0, 0, 0, 0, 1])


@pytest.mark.parametrize(("n", "d"), [(30, 3), (60, 5), (100, 10), (37, 5), (7, 9), (9, 1), (2, 2), (1, 3)])
@pytest.mark.parametrize("majority", [0, 1])
def test_sizes_at_which_d_does_and_does_not_divide(n: int, d: int, majority: int) -> None:
    rng = np.random.default_rng(n)
    points = tuple(dict.fromkeys(tuple(map(int, x)) for x in rng.integers(-(10**4), 10**4, (n, d))))
    assert len(points) == n
    n_min = n // 3
    labels = tuple(int(i < n_min) ^ majority for i in range(n))
    net = baum_network(points, labels)
    assert net.at_integers(points) == labels
    assert net.hidden_neurons == (2 * ceil(n_min / d) if n_min else majority)


@given(general_problems())
def test_groups_split_the_rarer_label(problem: Problem) -> None:
    split = groups(problem.points, problem.labels)
    members = [i for group in split for i in group.members]
    d, ones = len(problem.points[0]), sum(problem.labels)
    rarer = int(2 * ones <= len(problem.labels))
    assert members == [i for i, v in enumerate(problem.labels) if v == rarer]
    assert all(len(group.members) == d for group in split[:-1])
    assert all(1 <= len(group.members) <= d for group in split[-1:])


def test_constant_labels() -> None:
    assert baum_network(X, (0,) * 6).widths == (1,)
    assert baum_network(X, (0,) * 6).at_integers(X) == (0,) * 6
    assert baum_network(X, (1,) * 6).widths == (1, 1)
    assert baum_network(X, (1,) * 6).at_integers(X) == (1,) * 6
    assert baum_network(LINE, (1,) * 6).at_integers(LINE) == (1,) * 6  # no group, so no hypothesis


def test_the_construction_refuses() -> None:
    with pytest.raises(HypothesisError, match="labels are 0 or 1: point 1 has the label 12"):
        baum_network(X, (1, 12, 0, 0, 0, 0))
    with pytest.raises(HypothesisError, match="labels are 0 or 1: point 0 has the label 1/2"):
        baum_network(X, (Fraction(1, 2), 1, 0, 0, 0, 0))
    with pytest.raises(
        HypothesisError, match="every hyperplane through the group of points 1, 3 also contains"
    ):
        baum_network(LINE, ALTERNATING)
    with pytest.raises(TypeError, match="exact matrices take Python ints"):
        baum_network(((np.int64(1), 2), (3, 4)), (0, 1))


def test_raw_digits_are_refused() -> None:
    D, digit = data.digits()
    points, labels = to_integers(D[:300]), as_labels(digit[:300] % 2, 300)
    with pytest.raises(HypothesisError) as refusal:
        baum_network(points, labels)
    assert refusal.value.hypothesis == "general position"
    assert "also contains point" in refusal.value.witness


def test_the_threshold_claim_and_its_controls(records: list) -> None:
    A, t = data.breast_cancer()
    real = Problem(to_integers(A), as_labels(t, len(A)))
    baum.threshold.check([Problem(X, Y), Problem(PARABOLA, ALTERNATING), real], over="three problems")
    assert (records[-1]["strength"], records[-1]["inhabited"], records[-1]["instances"]) == ("exact", True, 3)
    baum.threshold.control(Problem(LINE, ALTERNATING), without=GROUPS_ISOLATED)
    assert "no network with 4 units memorizes, by exhaustive search" in records[-1]["reason"]
    baum.threshold.control(Problem(X, (1, 12, 0, 0, 0, 0)), without=ZERO_ONE)
    assert records[-1]["reason"] == (
        "there is a label 12, so 2 units with output weights +-1 never sum to 12"
    )
    baum.threshold.control(Problem(X, (1, Fraction(1, 2), 0, 0, 0, 0)), without=ZERO_ONE)
    baum.threshold.control(Problem(X, (1,) * 6), without=BOTH)
    assert records[-1]["reason"] == "every label is 1, so 0 units with output weights +-1 never sum to 1"


def test_a_label_2_is_decided_by_linear_outputs_alone(records: list) -> None:
    """A sum of two units can be 2; whether two units reach all the labels is decided by exhaustion."""
    curve = PARABOLA[:5]
    baum.threshold.control(Problem(curve, (0, 1, 0, 1, 2)), without=ZERO_ONE)
    assert "no network with 2 units memorizes, by exhaustive search" in records[-1]["reason"]
    with pytest.raises(ControlFails, match="the conclusion survives"):
        baum.threshold.control(Problem(curve, (2, 0, 1, 0, 2)), without=ZERO_ONE)


def test_controls_of_the_threshold_can_fail() -> None:
    with pytest.raises(ControlFails, match="still holds"):
        baum.threshold.control(Problem(PARABOLA, ALTERNATING), without=GROUPS_ISOLATED)
    with pytest.raises(ControlFails, match="another hypothesis is broken as well"):
        baum.threshold.control(Problem(LINE, (0, 2, 0, 1, 0, 1)), without=GROUPS_ISOLATED)
    with pytest.raises(ControlFails, match="the conclusion survives"):
        baum.threshold.control(Problem(X, (0,) * 6), without=BOTH)  # no unit is needed, and none is allowed
    with pytest.raises(
        ControlFails, match="the conclusion survives"
    ):  # on a line, but with one change of label
        baum.threshold.control(Problem(LINE[:4], (1, 1, 0, 0)), without=GROUPS_ISOLATED)


# Mutants: each turns a check red.


def slabs_of_the_six_points() -> list[Slab]:
    return [baum.slab_around(Group(X, pair)) for pair in combinations(range(6), 2)]


def two_upper_units(self: Slab) -> list[int]:
    return [int(s - self.tau >= 0) - int(s - self.tau >= 0) for s in self.offsets]


def one_unit(self: Slab) -> list[int]:
    return [int(s + self.tau >= 0) for s in self.offsets]


def thrice_as_thick(self: Slab) -> list[int]:
    return [int(s + 3 * self.tau >= 0) - int(s - 3 * self.tau >= 0) for s in self.offsets]


def shifted(self: Slab) -> list[int]:
    return [int(s >= 0) - int(s + self.tau >= 0) for s in self.offsets]


@pytest.mark.parametrize("mutant", [two_upper_units, one_unit, thrice_as_thick, shifted])
def test_wrong_values_of_the_slab_fail_the_check(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    slabs = slabs_of_the_six_points()
    monkeypatch.setattr(Slab, "values", mutant)
    with pytest.raises(ClaimFails, match="the slab is"):
        baum.slab.check(slabs, over="mutant")


def test_a_strict_inequality_shows_only_at_the_edge(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tau < gap no point lies on the faces, so "> instead of >=" is the same slab on the data: the check
    cannot tell, and need not. At tau = gap the control tells."""

    def strict(self: Slab) -> list[int]:
        return [int(s + self.tau > 0) - int(s - self.tau > 0) for s in self.offsets]

    monkeypatch.setattr(Slab, "values", strict)
    baum.slab.check(slabs_of_the_six_points(), over="mutant")
    with pytest.raises(ControlFails, match="the conclusion survives"):
        baum.slab.control(Slab(FIRST.group, u=(-1, 2), b=0, tau=2), without=THIN)


def test_a_slab_as_thick_as_the_gap_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def thick(group: Group) -> Slab:
        slab = slab_around(group)
        return replace(slab, tau=2 * slab.gap)

    monkeypatch.setattr(baum, "slab_around", thick)
    with pytest.raises(ClaimFails, match="violates the hypothesis '0 < tau < gap': tau is not below the gap"):
        baum.slab.check(slabs_of_the_six_points(), over="mutant")
    for problem in (Problem(X, Y), Problem(PARABOLA, ALTERNATING)):
        with pytest.raises(ClaimFails, match="the network fails at point"):
            baum.threshold.check([problem], over="mutant")


def shift_b(group: Group) -> tuple:
    u, b = hyperplane_through(group)
    return u, b + 1


def drop_a_member(group: Group) -> tuple:
    return hyperplane_through(replace(group, members=group.members[1:]))


def no_normal(group: Group) -> tuple:
    return (0,) * len(group.points[0]), 0


@pytest.mark.parametrize("mutant", [shift_b, drop_a_member, no_normal])
def test_a_wrong_hyperplane_fails_the_check(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baum, "hyperplane_through", mutant)
    with pytest.raises(ClaimFails, match="the hyperplane misses a member or contains a stranger"):
        baum.hyperplane.check([Group(X, (0, 1))], over="mutant")


@pytest.mark.parametrize("mutant", [shift_b, drop_a_member])
def test_a_wrong_hyperplane_fails_the_check_of_the_slab(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baum, "hyperplane_through", mutant)
    with pytest.raises(ClaimFails, match="the hyperplane misses member"):
        baum.slab.check([baum.slab_around(Group(X, (0, 1)))], over="mutant")


@pytest.mark.parametrize(
    "problem", [Problem(X, Y), Problem(tuple((k, k * k) for k in range(12)), (0, 1) * 6)]
)
def test_groups_of_d_plus_1_points_fail_the_check(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(points: tuple, labels: tuple) -> tuple[Group, ...]:
        members, size = [i for i, v in enumerate(labels) if v == 1], len(points[0]) + 1
        return tuple(Group(points, tuple(members[k : k + size])) for k in range(0, len(members), size))

    monkeypatch.setattr(baum, "groups", too_large)
    with pytest.raises(ClaimFails, match=r"point \d+ lies in the affine hull of the group"):
        baum.threshold.check([problem], over="mutant")


def small_groups(points: tuple, labels: tuple) -> tuple[Group, ...]:
    return tuple(Group(points, (i,)) for i, v in enumerate(labels) if v == 1)


def mixed_groups(points: tuple, labels: tuple) -> tuple[Group, ...]:
    return (Group(points, (0, len(points) - 1)),)


def forgotten_groups(points: tuple, labels: tuple) -> tuple[Group, ...]:
    return groups(points, labels)[:-1]


@pytest.mark.parametrize(
    ("mutant", "reason"),
    [
        (small_groups, "the network has 6 units, not 4"),
        (mixed_groups, "the network (fails at point|has 2 units)"),
        (forgotten_groups, "the network (fails at point|has 2 units)"),
    ],
)
def test_wrong_groups_fail_the_check(mutant, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baum, "groups", mutant)
    with pytest.raises(ClaimFails, match=reason):
        baum.threshold.check([Problem(X, Y)], over="mutant")


def test_a_definition_that_excludes_nothing_fails_its_control(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baum, "affine_dependency", lambda points: None)
    with pytest.raises(ControlFails, match="no non-example"):
        baum.general_position.rejects(LINE, says="six points of a line")
    monkeypatch.setattr(baum, "affine_dependency", lambda points: (0, 1))
    with pytest.raises(ClaimFails, match="points 0, 1 are affinely dependent"):
        baum.general_position.check([X], over="mutant")


@pytest.mark.parametrize(
    "predicate", [h for c in (baum.hyperplane, baum.slab, baum.threshold) for h in c.hypotheses.values()]
)
def test_every_hypothesis_answers_in_words_on_degenerate_instances(predicate) -> None:
    """Predicates are total: one point, equal points, everything in the group."""
    sets = [((0, 0),), ((0, 0), (0, 0)), ((1,), (2,)), LINE[:3]]
    for points in sets:
        everything = Group(points, tuple(range(len(points))))
        instances = {
            baum.hyperplane: [everything, Group(points, (0,))],
            baum.slab: [Slab(everything, (1,) * len(points[0]), 0, 1)],
            baum.threshold: [Problem(points, (1,) * len(points)), Problem(points, (0, 1, 3)[: len(points)])],
        }
        for claim, examples in instances.items():
            if predicate in claim.hypotheses.values():
                for example in examples:
                    answer = predicate(example)
                    assert answer is True or (isinstance(answer, Counterexample) and answer.reason)


def test_the_bound_by_n_over_d_is_part_of_the_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem(PARABOLA, ALTERNATING)
    monkeypatch.setattr(Problem, "allowed", property(lambda self: 6))
    with pytest.raises(ClaimFails, match="more than n / d, rounded up, plus 1"):
        baum.threshold.check([problem], over="mutant")
