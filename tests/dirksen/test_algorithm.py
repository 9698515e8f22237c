"""The algorithm: laws on drawn tasks, the fast construction against the plain one, every control, and mutants."""

import random
from fractions import Fraction
from functools import cached_property
from itertools import combinations, product

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from memlib import checker, data
from memlib.claim import ClaimFails, ControlFails
from memlib.dirksen import algorithm, algorithm_network
from memlib.dirksen import algorithm_regions as regions
from memlib.dirksen.algorithm import Neuron, Partition, Task, cnt, draw, fit, value
from memlib.dirksen.algorithm_floats import Draws, bits
from memlib.dirksen.algorithm_network import Frame, Missed, cover_greedily, cover_in_order, three_layers
from memlib.dirksen.algorithm_regions import Ray, Segment
from memlib.exact import dot
from memlib.points import HypothesisError, input_scale, merge, to_integers
from tests import strategies as own
from tests.test_methods import GOOD

HALF = Fraction(1, 2)
SIX = Task(
    ((1, 0, -5 * HALF), (0, 1, -5 * HALF), (-1, -1, HALF)),
    ((1, 1), (3, 0), (0, 3)),
    ((3, 3), (3, -3), (-3, 3)),
)
WRONG_WAY = Task(((1, -HALF),), ((1,),), ((0,),))
CLOSED = Task(((1, -HALF),), ((0,),), ((1,),), "closed threshold")
FADES = Task(((1, -HALF), (-1, 3 * HALF)), ((0,), (2,)), ((1,),), "fading")
CORNER = Task(((1, 0, -1), (0, 1, -1)), ((0, 0),), ((2, 2),))
LOPSIDED = Task(((1, -5 * HALF), (-1, 1)), ((0,), (2,)), ((3,),))
SIGNED = Task(
    ((1, 0), (Fraction(-3, 4), 0), (-1, 2), (Fraction(3, 4), Fraction(-3, 2))),
    ((0,), (2,)),
    ((1,),),
    "signed threshold",
)
ADMISSIBLE_SIGMAS = ("threshold", "ReLU", "squared ReLU", "fading")


@st.composite
def tasks(draw, sigmas=ADMISSIBLE_SIGMAS, most=4) -> Task:
    """Small tasks, half of them with hyperplanes through the points."""
    points = draw(own.point_sets(n=st.integers(2, 7)))
    cut = draw(st.integers(1, min(most, len(points) - 1)))
    shift = draw(st.sampled_from([0, HALF]))
    rows = st.tuples(*[own.small] * len(points[0]), own.small.map(lambda b: b + shift))
    layer = draw(st.lists(rows, min_size=1, max_size=12))
    return Task(tuple(layer), points[:cut], points[cut:], draw(st.sampled_from(sigmas)))


def separated_by_hand(task: Task) -> bool:
    return all(cnt(task.layer, x, y) > 0 for x, y in product(task.minus, task.plus))


# The plain algorithm


def test_the_six_points_by_hand() -> None:
    assert SIX.minus_features == [(0, 0, 0), (1, 0, 0), (0, 1, 0)]
    assert SIX.plus_features == [(1, 1, 0), (1, 0, 1), (0, 1, 1)]
    assert SIX.neurons == [Neuron((1, 1, 1), 2), Neuron((0, 1, 1), 1), Neuron((1, 0, 1), 1)]
    assert SIX.covers == [{0, 1, 2}, {0, 1}, {0, 2}]
    assert [len(accepted) for _, accepted in SIX.runs()] == [1, 1, 2, 2, 2, 2]


@given(tasks(sigmas=["threshold"]))
def test_a_threshold_neuron_counts_hyperplanes(task: Task) -> None:
    for k, x in enumerate(task.minus):
        assert task.neurons[k].m == min(cnt(task.layer, x, y) for y in task.plus)
        for z, features in zip(
            (*task.minus, *task.plus), task.minus_features + task.plus_features, strict=True
        ):
            assert dot(task.neurons[k].u, features) == cnt(task.layer, x, z)


@given(tasks())
def test_the_claims_hold_on_drawn_tasks(task: Task) -> None:
    algorithm.zero.check([task], over="a drawn task")
    algorithm.self_cover.check([task], over="a drawn task")
    assert bool(algorithm.every_pair_is_separated(task)) == separated_by_hand(task)
    if separated_by_hand(task):
        algorithm.suff.check([task], over="a drawn task")
    if task.sigma == "threshold":
        algorithm.iff.check([task], over="a drawn task")


@given(tasks(sigmas=["threshold"], most=3))
def test_no_neuron_at_all_helps_an_unseparated_pair(task: Task) -> None:
    """Beyond the algorithm: u >= 0 with small entries and m at most the least sum over X^+ never fires at x."""
    layer = task.layer[:4]
    for x, y in product(task.minus, task.plus):
        if cnt(layer, x, y) == 0:
            at_x, at_y = ([int(value(row, z) > 0) for row in layer] for z in (x, y))
            for u in product(range(3), repeat=len(layer)):
                assert dot(u, at_x) >= dot(u, at_y)


@given(tasks(sigmas=["threshold"]))
def test_more_hyperplanes_never_hurt(task: Task) -> None:
    for k in range(1, len(task.layer)):
        if separated_by_hand(Task(task.layer[:k], task.minus, task.plus)):
            assert separated_by_hand(task)


def test_orders_are_all_or_given() -> None:
    many = tuple((k,) for k in range(7))
    with pytest.raises(ValueError, match="7 candidates have too many orders"):
        Task(((1, 0),), many, ((9,),))
    assert len(list(Task(((1, 0),), many, ((9,),), orders=((0, 1, 2, 3, 4, 5, 6),)).runs())) == 1
    with pytest.raises(ValueError, match="at least one point"):
        Task(((1, 0),), (), ((9,),))


# Controls


def test_controls(records: list) -> None:
    algorithm.separated.rejects(WRONG_WAY, says="the wrong direction")
    algorithm.zero.control(CLOSED, without=algorithm.ADMISSIBLE)
    signed = Task(((1, 0), (-2, 0)), ((0,),), ((1,),), "identity")
    algorithm.self_cover.control(signed, without=algorithm.ADMISSIBLE)
    assert "m is -1 for point 0, which is separated" in records[-1]["reason"]
    algorithm.suff.control(WRONG_WAY, without=algorithm.SEPARATED)
    algorithm.suff.check([Task(WRONG_WAY.layer, WRONG_WAY.plus, WRONG_WAY.minus)], over="exchanged")
    algorithm.suff.control(CLOSED, without=algorithm.ADMISSIBLE)
    lucky = Task(((1, 0),), ((-1,), (HALF,)), ((2,),), "ReLU")
    algorithm.iff.control(lucky, without="sigma is the threshold")
    with pytest.raises(ControlFails, match="nothing was broken"):
        algorithm.iff.control(SIX, without="sigma is the threshold")


def test_relu_can_depend_on_the_order() -> None:
    moody = Task(((1, -1), (-2, -2), (2, 0)), ((-2,), (-1,), (1,)), ((-3,), (3,)), "ReLU")
    for order, accepted in moody.runs():
        assert bool(algorithm.interpolates(moody, accepted)) == (order.index(1) < order.index(2))
    threshold = Task(moody.layer, moody.minus, moody.plus)
    assert not any(algorithm.interpolates(threshold, accepted) for _, accepted in threshold.runs())


def test_controls_of_the_regions(records: list) -> None:
    for broken, name in (((5, 1, 2), "h(x) <= 0"), ((-1, -2, 3), "h(y) > 0"), ((-1, 1, 0), "r >= 1")):
        regions.once.control(Ray(*broken), without=name)
    chord = Segment(CORNER, 0, (3, 0), (0, 3))
    regions.star.control(chord, without="it starts at the anchor, or sigma is convex")
    assert "the sum is 2 at s = 1/2, and m is 2" in records[-1]["reason"]
    regions.star.control(Segment(FADES, 0, (0,), (2,)), without=regions.NON_DECREASING)
    regions.star.control(Segment(CORNER, 0, (0, 0), (3, 3)), without="both ends are in the region")
    slope = Segment(Task(((1, 0),), ((0,),), ((1,),), "identity"), 0, (0,), (-1,))
    regions.star.control(slope, without=algorithm.ADMISSIBLE)
    regions.alternating.control(SIGNED, without=algorithm.ADMISSIBLE)
    regions.alternating.control(SIX, without="the points alternate on a line")
    regions.alternating.control(FADES, without=regions.NON_DECREASING)
    regions.alternating.control(Task(((1, -HALF),), ((0,), (2,)), ((1,),)), without="every run succeeds")


def test_controls_of_the_width() -> None:
    algorithm.width.control(Partition(LOPSIDED, ((0, 1),)), without="every anchor covers its own part")
    algorithm.width.control(Partition(SIX, ((0, 1),)), without="the parts cover X^-")
    algorithm.width.control(Partition(CLOSED, ((0,),)), without=algorithm.ADMISSIBLE)
    assert {len(accepted) for _, accepted in LOPSIDED.runs()} == {1, 2}  # the order decides
    algorithm.width.check([Partition(SIX, ((0, 1), (0, 2)))], over="parts that overlap")


# Mutants: the construction goes wrong, the check must see it


def drawn(count: int, sigma: str = "threshold") -> list[Task]:
    found, rng = [], random.Random(1)
    while len(found) < count:
        layer = tuple((rng.randint(-3, 3), rng.randint(-3, 3), rng.randint(-4, 4) + HALF) for _ in range(8))
        X = rng.sample([(a, b) for a in range(-3, 4) for b in range(-3, 4)], 6)
        task = Task(layer, tuple(X[:3]), tuple(X[3:]), sigma)
        if algorithm.every_pair_is_separated(task):
            found.append(task)
    return found


def mutant(**members) -> type:
    """A Task with some members replaced."""
    kind = type("Mutant", (Task,), members)
    for name, member in members.items():
        if isinstance(member, cached_property):
            member.__set_name__(kind, name)
    return kind


def mutate(kind: type, found: list[Task]) -> list[Task]:
    return [kind(t.layer, t.minus, t.plus, t.sigma, t.orders) for t in found]


def masks_active(self: Task) -> list[Neuron]:
    marked = [tuple(int(t > 0) for t in z) for z in self.minus_features]
    return [Neuron(u, min(dot(u, z) for z in self.plus_features)) for u in marked]


def one_too_much(self: Task) -> list[Neuron]:
    return [Neuron(k.u, k.m + 1) for k in Task.neurons.func(self)]


def mean_for_min(self: Task) -> list[Neuron]:
    sums = [[dot(k.u, z) for z in self.plus_features] for k in Task.neurons.func(self)]
    return [Neuron(k.u, Fraction(sum(s), len(s))) for k, s in zip(Task.neurons.func(self), sums, strict=True)]


def covers_ties(self: Task) -> list[set[int]]:
    return [{i for i, z in enumerate(self.minus_features) if dot(k.u, z) <= k.m} for k in self.neurons]


def forgets_to_skip(self: Task, order) -> list[int]:
    return [k for k in order if self.neurons[k].m > 0]


def stops_early(self: Task, order) -> list[int]:
    return Task.run(self, order)[:1]


@pytest.mark.parametrize("neurons", [one_too_much, mean_for_min])
def test_a_neuron_that_fires_on_plus_is_seen(neurons) -> None:
    kind = mutant(neurons=cached_property(neurons))
    for claim in (algorithm.zero, algorithm.suff, algorithm.iff):
        with pytest.raises(ClaimFails, match=r"at point \d of X\^\+"):
            claim.check(mutate(kind, drawn(30)), over="mutants")


def test_a_wrong_mask_is_seen() -> None:
    kind = mutant(neurons=cached_property(masks_active))
    for claim, says in (
        (algorithm.self_cover, "at its own anchor"),
        (algorithm.suff, "the network is 0"),
        (algorithm.iff, "every pair is separated, and yet"),
    ):
        with pytest.raises(ClaimFails, match=says):
            claim.check(mutate(kind, drawn(30)), over="mutants")


def test_a_tie_that_counts_as_covered_is_seen() -> None:
    kind = mutant(covers=cached_property(covers_ties))
    with pytest.raises(ClaimFails, match="the network is 0"):
        algorithm.suff.check(mutate(kind, drawn(60)), over="mutants")
    # one hyperplane a gap, facing X^+: behind it the count stays the same
    gaps = tuple((side, -side * (k + HALF)) for k, side in enumerate((1, -1, 1, -1, 1)))
    beads = Task(gaps, ((0,), (2,), (4,)), ((1,), (3,), (5,)))
    regions.alternating.check([beads], over="beads")
    with pytest.raises(ClaimFails, match=r"covers point|violates the hypothesis"):
        regions.alternating.check(mutate(kind, [beads]), over="mutants")


def test_a_run_that_forgets_to_skip_is_seen() -> None:
    parts = Partition(Task(SIX.layer, SIX.minus, SIX.plus, orders=((0, 1, 2),)), ((0, 1), (0, 2)))
    algorithm.width.check([parts], over="the six points")
    wasteful = mutate(mutant(run=forgets_to_skip), [parts.task])[0]
    with pytest.raises(ClaimFails, match="number of neurons is 3, that of parts 2"):
        algorithm.width.check([Partition(wasteful, parts.parts)], over="mutants")


def test_a_run_that_stops_early_is_seen() -> None:
    with pytest.raises(ClaimFails, match="the network is 0"):
        algorithm.suff.check(mutate(mutant(run=stops_early), [SIX]), over="mutants")


def test_separation_in_any_direction_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def either(task: Task):
        return all(
            cnt(task.layer, x, y) + cnt(task.layer, y, x) for x, y in product(task.minus, task.plus)
        ) or algorithm.Counterexample("a pair on one side of everything")

    monkeypatch.setattr(algorithm, "every_pair_is_separated", either)
    with pytest.raises(ClaimFails, match="every pair is separated, and yet"):
        algorithm.iff.check([WRONG_WAY], over="the wrong definition")


# Regions


def test_the_ray_in_symbols(records: list) -> None:
    p, t = (sympy.Symbol(k, nonnegative=True) for k in "pt")
    q = sympy.Symbol("q", positive=True)
    regions.once.check([Ray(-p, q, 1 + t)], over="letters")
    assert records[-1]["strength"] == "symbolic"
    with pytest.raises((ClaimFails, ArithmeticError)):
        regions.once.check([Ray(-p, q, 1 - t)], over="a walk back")


@pytest.mark.parametrize(
    "wrong", [lambda s: s.at_x + s.r * s.at_y, lambda s: s.at_y - s.r * s.at_x * 2 - s.r]
)
def test_a_wrong_ray_is_seen(wrong, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = [Ray(-a, b, r) for a in range(4) for b in range(1, 4) for r in (1, HALF * 3, 4)]
    regions.once.check(grid, over="a grid")
    monkeypatch.setattr(Ray, "beyond", property(wrong))
    with pytest.raises(ClaimFails):
        regions.once.check(grid, over="mutants")


@st.composite
def segments(draw, sigma: str) -> Segment:
    task = draw(tasks(sigmas=[sigma], most=2))
    k = draw(st.integers(0, len(task.minus) - 1))
    a, b = (tuple(draw(own.fractions) for _ in task.minus[k]) for _ in range(2))
    return Segment(task, k, task.minus[k] if sigma != "ReLU" else a, b)


@given(segments("threshold"), st.fractions(0, 1, max_denominator=30))
def test_the_samples_decide_a_threshold_on_the_whole_segment(segment: Segment, s: Fraction) -> None:
    assert min(v for _, v in segment.sums) <= segment.sum_at(s) <= max(v for _, v in segment.sums)
    if regions.ends_are_inside(segment):
        regions.star.check([segment], over="a drawn walk")
    else:
        assert segment.sums == sorted(segment.sums, key=lambda pair: pair[1])  # still monotone


@given(segments("ReLU"), st.fractions(0, 1, max_denominator=30))
def test_the_samples_decide_a_relu_on_the_whole_segment(segment: Segment, s: Fraction) -> None:
    assert segment.sum_at(s) <= max(v for _, v in segment.sums)
    if regions.ends_are_inside(segment):
        regions.star.check([segment], over="a drawn chord")


def test_a_short_excursion_is_found() -> None:
    """Both lines are behind the chord only for 1/19 < s < 1/10: the switches find it, the middle does not."""
    chord = Segment(CORNER, 0, (2, HALF), (-8, 10))
    assert [s for s, _ in chord.sums if s in (Fraction(1, 19), Fraction(1, 10))] == [
        Fraction(1, 19),
        Fraction(1, 10),
    ]
    assert bool(regions.ends_are_inside(chord)) and chord.sum_at(HALF) == 1
    assert "the sum is 2" in regions.stays_inside(chord).reason


def test_a_sum_that_falls_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    walk = Segment(SIX, 0, (1, 1), (5, 1))
    regions.star.check([walk], over="a walk")
    right = Segment.sum_at
    monkeypatch.setattr(Segment, "sum_at", lambda self, s: right(self, 1 - s))
    with pytest.raises(ClaimFails, match="the sum falls from 1"):
        regions.star.check([Segment(SIX, 0, (1, 1), (5, 1))], over="mutants")


def test_activations_by_their_properties() -> None:
    assert [s for s in algorithm.SIGMA if algorithm.admissible(s)] == list(ADMISSIBLE_SIGMAS)
    assert [s for s in algorithm.SIGMA if not regions.non_decreasing(s)] == ["fading"]
    grid = [Fraction(k, 7) for k in range(-60, 60)]  # another grid than that of the library
    for name, sigma in algorithm.SIGMA.items():
        assert bool(algorithm.admissible(name)) == all(
            (sigma(t) > 0) == (t > 0) and sigma(t) >= 0 for t in grid
        )
    assert [s for s in algorithm.SIGMA if regions.convex(s)] == ["ReLU", "squared ReLU", "identity"]


@given(st.integers(2, 9), st.integers(0, 50), st.sampled_from(["threshold", "ReLU", "squared ReLU"]))
def test_beads_cost_one_neuron_each(count: int, seed: int, sigma: str) -> None:
    X = tuple((3 * k, -2 * k) for k in range(count))
    task = Task(draw(X, 40, seed), X[::2], X[1::2], sigma)
    if algorithm.every_pair_is_separated(task):
        regions.alternating.check([task], over="beads")


def test_between_and_alternating() -> None:
    assert regions.between((0, 0), (1, 2), (2, 4))
    assert not regions.between((0, 0), (2, 4), (1, 2))
    assert not regions.between((0, 0), (1, 1), (2, 4))
    assert not regions.between((0, 0), (0, 0), (2, 4))
    twice = Task(((1, 0),), ((0,), (0,)), ((1,),))
    assert regions.points_alternate(twice).reason == "two points are equal"
    neighbours = Task(((1, 0),), ((0,), (1,)), ((2,),))
    assert "both in X^-" in regions.points_alternate(neighbours).reason


# The construction


@given(own.point_sets(entries=st.one_of(own.small, st.integers(-(10**20), 10**20))), st.data())
def test_the_bits_are_the_signs(points: tuple, d: st.DataObject) -> None:
    """Small numbers go through float64, large ones through exact layers: the same signs as in plain integers."""
    entry = d.draw(st.sampled_from([own.small, own.integers]))
    rows = d.draw(
        st.lists(
            st.tuples(*[entry.map(lambda w: 2 * w)] * len(points[0]), entry.map(lambda b: 2 * b + 1)),
            min_size=1, max_size=20,
        )
    )  # fmt: skip
    found = bits(rows, points)
    assert found == [sum(int(value(row, x) > 0) << i for i, row in enumerate(rows)) for x in points]


def test_the_bits_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    X = to_integers(data.gaussian(50, 3, 0))
    rows = draw(X, 30, 1)
    whole = bits(rows, X)
    monkeypatch.setattr("memlib.dirksen.algorithm_floats.BLOCK", 200)
    assert bits(rows, X) == whole


@pytest.mark.parametrize("seed", range(6))
def test_the_fast_run_is_the_plain_run(seed: int) -> None:
    M, moon = data.two_moons(60, rng=seed, noise=0.05)
    X, scale = to_integers(M), input_scale(M)
    net = fit(X, moon.tolist(), scale, seed, width=96)
    rows = draw(X, 96, seed)
    ones, zeros = ([x for x, v in zip(X, moon, strict=True) if v == c] for c in (1, 0))
    order = Draws(seed).order(len(ones))
    task = Task(rows, tuple(ones), tuple(zeros), orders=(tuple(order),))
    accepted = task.run(order)
    assert net.layers[0].weights == tuple(row[:-1] for row in rows)
    assert net.layers[0].biases == tuple(row[-1] for row in rows)
    assert net.layers[1].weights == tuple(tuple(-v for v in task.neurons[k].u) for k in accepted)
    assert net.layers[1].biases == tuple(task.neurons[k].m - 1 for k in accepted)
    for x in [(a, b) for a in range(-1500, 2500, 400) for b in range(-1000, 1500, 300)]:  # off the data too
        assert net.at_integers([x]) == (task.output(accepted, task.features(x)),)


def test_doubling_ends_where_a_given_width_begins() -> None:
    M, moon = data.two_moons(200, rng=0, noise=0.05)
    X = to_integers(M)
    net = fit(X, moon.tolist(), rng=5)
    n = net.widths[0]
    assert n > 32 and fit(X, moon.tolist(), rng=5, width=n) == net
    with pytest.raises(HypothesisError):
        fit(X, moon.tolist(), rng=5, width=n // 2)
    assert fit(X, moon.tolist(), rng=np.random.default_rng(5)) == net
    assert fit(X, moon.tolist(), rng=6) != net


def test_the_refusal_names_a_pair_that_nothing_separates() -> None:
    M, moon = data.two_moons(200, rng=0, noise=0.05)
    X, labels = to_integers(M), moon.tolist()
    for cover in ("random", "greedy"):
        with pytest.raises(HypothesisError) as refusal:
            fit(X, labels, rng=0, width=10, cover=cover)
        assert refusal.value.hypothesis == "every pair is separated"
        words = refusal.value.witness.replace("(", "").split()
        y, x = (int(words[k + 1]) for k, word in enumerate(words) if word == "point")
        assert (labels[x], labels[y]) == (1, 0)
        assert cnt(draw(X, 10, 0), X[x], X[y]) == 0
        assert "width=20" in refusal.value.remedy and "bias_range" in refusal.value.remedy


def test_lines_through_the_centre_never_separate_a_ray() -> None:
    X = ((-8, 0), (8, 0), (2, 0), (4, 0), (0, 8), (0, -8))  # the centre is the origin
    with pytest.raises(HypothesisError, match=r"point 1 .*point 2 "):
        fit(X, (0, 0, 1, 0, 0, 0), width=500, bias_range=0)
    assert fit(X, (0, 0, 1, 0, 0, 0)).at_integers(X) == (0, 0, 1, 0, 0, 0)


@pytest.mark.parametrize(("X", "y"), GOOD.values(), ids=GOOD)
@pytest.mark.parametrize("cover", ["random", "greedy"])
def test_degenerate_and_extreme_input(X, y, cover: str) -> None:
    scale = input_scale(X)
    points, labels = merge(to_integers(X, scale), y)
    if (
        X is GOOD["float16"][0]
    ):  # 0.1 against 0.3, on a scale of 65504: about one hyperplane in a million would do
        with pytest.raises(HypothesisError, match="none of the 32768 hyperplanes"):
            fit(points, labels, scale, 0, cover=cover)
        return
    net = fit(points, labels, scale, 0, cover=cover)
    assert net(X) == tuple(int(v) for v in y)
    checker.verify(net.certificate(X, y).document)
    assert len(net.widths) == (3 if len(set(labels)) == 2 else 1)


def test_bad_input_is_refused() -> None:
    X = ((0, 0), (1, 2), (3, 1))
    for options, says in (
        ({"width": 0}, "the first layer has a hyperplane"),
        ({"width": 2.0}, "the first layer has a hyperplane"),
        ({"bias_range": -1}, "the bias range is not negative"),
    ):
        with pytest.raises(HypothesisError, match=says):
            fit(X, (0, 1, 0), **options)
    with pytest.raises(HypothesisError, match="point 1 has the label 2"):
        fit(X, (0, 2, 0))
    with pytest.raises(HypothesisError, match="points 0 and 1 are equal"):
        fit(((1, 1), (1, 1)), (0, 1))
    with pytest.raises(ValueError, match="cover is 'best'"):
        fit(X, (0, 1, 0), cover="best")
    with pytest.raises(TypeError, match="tuples of Python ints"):
        fit(((np.int64(1), 2), (3, 4)), (0, 1))


def test_the_strict_threshold_is_converted_at_zero() -> None:
    """A point of X^+ at the least count sits at m - u.z = 0, where the strict threshold is 0."""
    X = ((0,), (-1,), (1,))
    net = three_layers([(2, -1), (-2, -1)], [0b00], [(0, 1)], (1,))
    assert net.at_integers(X) == (1, 0, 0)
    assert net.layers[1]([[0, 1], [0, 0]]) == [[0], [1]]


@given(own.point_sets(n=st.integers(2, 6)), st.integers(0, 99), st.sampled_from([0, 1, HALF, 3]))
def test_no_integer_point_is_on_a_hyperplane(points: tuple, seed: int, most) -> None:
    for row in draw(points, 20, seed, most):
        assert all(w % 2 == 0 for w in row[:-1]) and row[-1] % 2 == 1
        assert all(value(row, x) != 0 for x in points)


def test_the_law_of_the_hyperplanes() -> None:
    """Biases fill [-R, R], weights are Gaussian in the scaled columns: fixed seed, 5 standard errors."""
    X = ((-10, -1000), (10, 1000), (0, 500))
    n = 4000
    rows = draw(X, n, 0)
    W = np.array([row[:2] for row in rows], dtype=float) / (2 * 2**12) / [100, 1]
    assert np.abs(W.mean(axis=0)).max() < 5 / n**0.5
    assert np.abs((W**2).mean(axis=0) - 1).max() < 5 * (2 / n) ** 0.5
    radius = Frame.of(X).radius * 1000 * 2
    b = np.array([row[2] for row in rows], dtype=float) / radius
    assert np.abs(b).max() <= 1 + 1e-6 and np.abs(b).max() > 0.99
    assert abs(b.mean()) < 5 / (3 * n) ** 0.5
    assert abs(radius / (2 * 2**12 * 1000) - 2**0.5) < 1e-3


# Covers


@st.composite
def words(draw) -> tuple[list[int], list[int]]:
    n = draw(st.integers(1, 12))
    word = st.integers(0, 2**n - 1)
    return draw(st.lists(word, min_size=1, max_size=8)), draw(st.lists(word, min_size=1, max_size=8))


def least_cover(minus: list[int], accepted_or_all: list[tuple[int, int]]) -> int:
    """The smallest number of regions that cover X^-, by trying all sets."""
    regions_ = [
        {i for i, x in enumerate(minus) if (x & ~minus[k]).bit_count() < m} for k, m in accepted_or_all
    ]
    for size in range(1, len(minus) + 1):
        for chosen in combinations(regions_, size):
            if set().union(*chosen) == set(range(len(minus))):
                return size
    raise AssertionError("no cover")


@given(words(), st.randoms())
def test_both_covers_cover_or_name_the_pair(classes: tuple, shuffler: random.Random) -> None:
    minus, plus = classes
    order = list(range(len(minus)))
    shuffler.shuffle(order)
    missing = [(i, j) for i, x in enumerate(minus) for j, y in enumerate(plus) if not y & ~x]
    for cover in (cover_in_order, cover_greedily):
        try:
            accepted = cover(minus, plus, order)
        except Missed as pair:
            assert (pair.minus, pair.plus) in missing
        else:
            assert not missing
            assert all(any((x & ~minus[k]).bit_count() < m for k, m in accepted) for x in minus)
            assert all((y & ~minus[k]).bit_count() >= m for k, m in accepted for y in plus)
            every = [(k, algorithm_network.least_count(minus[k], plus)) for k in range(len(minus))]
            assert least_cover(minus, every) <= len(accepted) <= len(minus)


def test_greedy_takes_the_centre_first() -> None:
    minus, plus = [0b001, 0b010, 0b100, 0b000], [0b011, 0b101, 0b110]
    assert [k for k, _ in cover_in_order(minus, plus, [0, 1, 2, 3])] == [0, 1, 2]
    assert [k for k, _ in cover_greedily(minus, plus, [0, 1, 2, 3])] == [3]


def test_real_data() -> None:
    X, y = data.wine()
    P, scale = to_integers(X), input_scale(X)
    for c in range(3):
        labels = data.indicator(y, c).tolist()
        net = fit(P, labels, scale)
        assert net(X) == tuple(labels) and net.theorem == "dirksen-alg-suff"
        greedy = fit(P, labels, scale, width=net.widths[0], cover="greedy")
        assert greedy(X) == tuple(labels) and greedy.widths[1] <= net.widths[1]


@pytest.mark.parametrize("cover", ["random", "greedy"])
@pytest.mark.parametrize("seed", range(3))
def test_prune_keeps_few_hyperplanes_of_the_same_draw(seed: int, cover: str) -> None:
    M, moon = data.two_moons(150, rng=seed, noise=0.05)
    X, scale, labels = to_integers(M), input_scale(M), moon.tolist()
    whole = fit(X, labels, scale, seed, width=128, cover=cover)
    net = fit(X, labels, scale, seed, width=128, cover=cover, prune=True)
    assert net.widths[0] <= 12 and net(M) == tuple(labels)
    rows = draw(X, 128, seed)
    kept = [rows.index((*w, b)) for w, b in zip(net.layers[0].weights, net.layers[0].biases, strict=True)]
    assert whole.layers[0].weights == tuple(row[:-1] for row in rows)
    ones, zeros = ([x for x, v in zip(X, labels, strict=True) if v == c] for c in (1, 0))
    few = Task(tuple(rows[i] for i in kept), tuple(ones), tuple(zeros), orders=())
    assert algorithm.every_pair_is_separated(few)
    document = net.certificate(M, labels).document
    assert checker.verify(document).hidden_neurons == sum(net.widths[:2])
    document["layers"][0]["weights"].pop()  # without its last hyperplane the network is another one
    with pytest.raises(checker.Rejected):
        checker.verify(document)


@pytest.mark.parametrize(("X", "y"), GOOD.values(), ids=GOOD)
def test_prune_on_degenerate_and_extreme_input(X, y) -> None:
    if X is GOOD["float16"][0]:
        return
    scale = input_scale(X)
    points, labels = merge(to_integers(X, scale), y)
    net = fit(points, labels, scale, 0, prune=True)
    assert net(X) == tuple(int(v) for v in y)
    checker.verify(net.certificate(X, y).document)


def test_prune_refuses_what_the_run_refuses() -> None:
    M, moon = data.two_moons(200, rng=0, noise=0.05)
    with pytest.raises(HypothesisError, match="every pair is separated"):
        fit(to_integers(M), moon.tolist(), rng=0, width=10, prune=True)
