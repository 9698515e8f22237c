"""The fast run: packed words against plain ints, compiled loops against numpy, bounds at their edges, the bar."""

import io
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib import checker, data, memorize
from memlib.dirksen import algorithm_network as plain
from memlib.dirksen import algorithm_packed_floats as fast
from memlib.dirksen import progress
from memlib.dirksen.algorithm import value
from memlib.dirksen.algorithm_floats import Draws
from memlib.dirksen.algorithm_network import Frame, Missed, detectors, fit
from memlib.exact import dot
from memlib.points import HypothesisError, input_scale, to_integers
from tests import strategies as own

COMPILED = fast.compiled()
LOOPS = [fast.PLAIN] if COMPILED is None else [fast.PLAIN, COMPILED]
PLAIN_COVERS = {"random": plain.cover_in_order, "greedy": plain.cover_greedily}


def silent(done: int, of: int) -> None:
    pass


@pytest.fixture(params=LOOPS, ids=lambda loops: loops.__name__ if loops is COMPILED else "numpy")
def loops(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fast, "loops_for", lambda size: request.param)
    return request.param


def test_numba_is_here() -> None:
    """The book's environment holds it, so that both paths are tested; without it only numpy is."""
    pytest.importorskip("numba")
    assert COMPILED is not None


# Bits


@settings(max_examples=60)
@given(st.integers(1, 300), st.integers(1, 5), st.integers(1, 600), st.integers(0, 999))
def test_counts_are_bit_counts(n: int, masks: int, N: int, seed: int) -> None:
    draws = random.Random(seed)
    features = [draws.getrandbits(n) for _ in range(N)]
    some = [draws.getrandbits(n) for _ in range(masks)]
    array, rows = fast.packed(features, n), np.ascontiguousarray(fast.packed(some, n).T)
    assert fast.unpacked(array) == features
    for path in LOOPS:
        assert path.counts(rows[0], array).tolist() == [(some[0] & z).bit_count() for z in features]
        assert path.least(rows, array).tolist() == [min((m & z).bit_count() for z in features) for m in some]
    m = min(n, 70)
    assert fast.unpacked(fast.beginning(array, m)) == [z & ((1 << m) - 1) for z in features]


entries = st.sampled_from([0, 2, -2, 40, -6000, 2**20, 2**24, -(2**24), 2**31, 2**62, -(2**70)])


@settings(max_examples=80)
@given(
    st.integers(1, 10),
    st.integers(1, 130),
    st.sampled_from([3, 2**20, 2**26, 2**29, 2**40, 2**70]),
    st.data(),
)
def test_signs_are_those_of_integers(d: int, n: int, size: int, drawn: st.DataObject) -> None:
    """Small and large numbers, on both sides of 2**53: the packed first layer against w.x + b in Python's ints."""
    top = drawn.draw(entries.map(abs).filter(bool))
    draws = random.Random(drawn.draw(st.integers(0, 999)))
    points = [tuple(draws.randint(-size, size) for _ in range(d)) for _ in range(17)]
    rows = [
        (*(2 * draws.randint(-top, top) for _ in range(d)), 2 * draws.randint(-top, top) + 1)
        for _ in range(n)
    ]
    kind = np.int64 if top < 2**60 else object
    planes = fast.Hyperplanes(
        np.array([row[:-1] for row in rows], dtype=kind), np.array([row[-1] for row in rows], dtype=kind)
    )
    X = fast.machine(points)
    assert planes.rows == rows
    wanted = [sum(int(value(row, x) > 0) << i for i, row in enumerate(rows)) for x in points]
    if X is not None:
        largest = max(
            sum(abs(w * v) for w, v in zip(row, (*x, 1), strict=True)) for row in rows for x in points
        )
        assert planes.bound(X) >= largest
    for path in LOOPS:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(fast, "loops_for", lambda size, path=path: path)
            assert fast.unpacked(fast.first_layer(planes, points, X)) == wanted


def test_beyond_the_bound_larger_integers_do_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """(2**53 + 1) - 2**53 = 1 > 0, but as a float 2**53 + 1 is 2**53."""
    points = [(2**53 + 1,), (2**53 - 1,)]
    planes, X = fast.Hyperplanes(np.array([[1]]), np.array([-(2**53)])), fast.machine(points)
    assert X is not None and planes.bound(X) == 2**54 + 1
    assert fast.unpacked(fast.first_layer(planes, points, X)) == [1, 0]
    monkeypatch.setattr(fast, "DOUBLE", 2**60)  # a mutant without the bound is wrong
    assert fast.unpacked(fast.first_layer(planes, points, X)) == [0, 0]


@settings(max_examples=60)
@given(
    own.point_sets(
        entries=st.one_of(own.small, st.integers(-(10**12), 10**12), st.integers(-(2**63), 2**63 - 1))
    ),
    st.integers(0, 99),
)
def test_frame_and_hyperplanes_as_in_plain_integers(points: tuple, seed: int) -> None:
    assert Frame.of(points, fast.machine(points)) == Frame.of(points)
    frame, draws, again = Frame.of(points), Draws(seed), Draws(seed)
    found = frame.hyperplanes(draws, 9, Fraction(3, 2))
    unit = max(frame.reaches)
    most = int(Fraction(3, 2) * frame.radius * unit)
    for row, g, u in zip(found, again.gaussians(9, len(points[0])).tolist(), again.uniforms(9), strict=True):
        w = [2 * ((2 * v * unit + s) // (2 * s)) if s else 0 for v, s in zip(g, frame.reaches, strict=True)]
        b = 2 * (u * (2 * most + 2) >> 53) - 2 * most - 1 - dot(w, frame.centre)
        assert row == (*w, b) and all(type(v) is int for v in row)


# Covers


@settings(max_examples=60)
@given(
    st.integers(1, 140),
    st.integers(1, 60),
    st.integers(1, 60),
    st.integers(0, 999),
    st.sampled_from([0.1, 0.5]),
)
def test_the_packed_covers_are_the_plain_ones(n: int, N: int, M: int, seed: int, share: float) -> None:
    draws = random.Random(seed)

    def word(p: float) -> int:
        return sum(int(draws.random() < p) << i for i in range(n))

    minus, plus = [word(share) for _ in range(N)], [word(0.6) for _ in range(M)]
    order = draws.sample(range(N), N)
    for name, cover in PLAIN_COVERS.items():
        try:
            wanted: object = cover(minus, plus, order)
        except Missed as pair:
            wanted = (pair.minus, pair.plus)
        for path in LOOPS:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(fast, "loops_for", lambda size, path=path: path)
                for batch in (1, 3, 64):
                    patch.setattr(fast, "BATCH", batch)
                    try:
                        found: object = fast.COVERS[name](
                            fast.packed(minus, n), fast.packed(plus, n), order, silent, Missed
                        )
                    except Missed as pair:
                        found = (pair.minus, pair.plus)
                    assert found == wanted


@pytest.mark.parametrize("cover", ["random", "greedy"])
def test_fit_is_the_plain_run(loops, cover: str) -> None:
    M, moon = data.two_moons(300, rng=1, noise=0.05)
    X, labels = to_integers(M), moon.tolist()
    net = fit(X, labels, input_scale(M), 3, width=150, cover=cover)
    rows, draws = plain.draw(X, 150, 3), Draws(3)
    bits = plain.fast.bits(rows, X)
    minus, plus = ([z for z, v in zip(bits, labels, strict=True) if v == c] for c in (1, 0))
    accepted = PLAIN_COVERS[cover](minus, plus, draws.order(len(minus)))
    assert net == plain.three_layers(rows, minus, accepted, input_scale(M))


def test_many_points_take_the_compiled_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "compiled", lambda: "loops")
    monkeypatch.setattr(fast, "sys", type("sys", (), {"modules": {}}))
    assert fast.loops_for(fast.MANY) == "loops" and fast.loops_for(fast.MANY - 1) is fast.PLAIN
    monkeypatch.setattr(fast, "compiled", lambda: None)
    assert fast.loops_for(fast.MANY) is fast.PLAIN


def test_without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(fast.sys.modules, "memlib.dirksen.algorithm_numba_floats", raising=False)
    monkeypatch.delattr("memlib.dirksen.algorithm_numba_floats", raising=False)
    monkeypatch.setitem(fast.sys.modules, "numba", None)
    assert fast.compiled() is None and fast.loops_for(2**40) is fast.PLAIN


def test_many_points_through_the_checker(loops) -> None:
    M, moon = data.two_moons(3000, rng=0, noise=0.05)
    net = memorize(M, moon, "dirksen", width=200)
    assert net(M) == tuple(moon.tolist())
    document = net.certificate(M, moon).document
    checker.verify(document)
    document["layers"][1]["biases"][0] -= 2 * net.widths[0]
    document["layers"][1]["biases"][-1] += 2 * net.widths[0]  # fires everywhere
    with pytest.raises(checker.Rejected):
        checker.verify(document)


# Several classes


@pytest.mark.parametrize("options", [{}, {"width": 300}, {"width": 200, "cover": "greedy", "prune": True}])
def test_detectors_are_the_fits_of_the_classes(options: dict) -> None:
    X, y = data.wine()
    P, scale = to_integers(X), input_scale(X)
    nets = detectors(P, y, scale, 5, **options)
    assert list(nets) == [0, 1, 2]
    for c, net in nets.items():
        assert net == fit(P, [int(v == c) for v in y], scale, 5, **options)
    twice = detectors(P + P[:3], [*y, *y[:3]], scale, 5, **options)
    assert twice == nets
    with pytest.raises(HypothesisError, match="equal points have equal labels"):
        detectors(P + P[:1], [*y, y[0] + 1], scale)


def test_one_class_alone() -> None:
    assert detectors(((0,), (3,)), (7, 7))[7].at_integers(((0,), (3,))) == (1, 1)


# The bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_waits_and_speaks_to_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    screen, file = Terminal(), io.StringIO()
    bars = progress.Bar(screen), progress.Bar(file)
    for bar in bars:
        bar(1, 8)
    assert screen.getvalue() == "" == file.getvalue()
    now[0] = progress.PATIENCE + 1
    for bar in bars:
        bar(2, 8)
        bar(2, 8)
        bar(8, 8)
    assert (
        screen.getvalue() == f"\r[{'#' * 10}{' ' * 30}] 2 of 8\r[{'#' * 40}] 8 of 8\n"
        and file.getvalue() == ""
    )


@pytest.mark.parametrize("cover", ["random", "greedy"])
def test_progress_of_a_fit(cover: str) -> None:
    M, moon = data.two_moons(300, rng=0, noise=0.05)
    X, labels, seen = to_integers(M), moon.tolist(), []
    assert fit(X, labels, width=200, cover=cover, progress=lambda *v: seen.append(v)) == fit(
        X, labels, width=200, cover=cover
    )
    done = [k for k, _ in seen]
    assert (
        done == sorted(done)
        and seen[-1] == (sum(labels), sum(labels))
        and {of for _, of in seen} == {sum(labels)}
    )
