"""The door through which data enter: what is exact stays exact, what is wrong is refused by name."""

from fractions import Fraction
from math import inf, lcm, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memlib import points as module
from memlib.points import HypothesisError, as_labels, as_rows, input_scale, merge, names, to_integers
from tests import strategies as own

# Bad points: hypothesis named, witness named.

BAD_POINTS = {
    "a number": (5, "X has shape (n, d)", "no second axis"),
    "None": (None, "X has shape (n, d)", "no second axis"),
    "text": ("abc", "X has shape (n, d)", "no second axis"),
    "0-d array": (np.float64(3), "X has shape (n, d)", "no second axis"),
    "1-d array": (np.arange(3), "X has shape (n, d)", "no second axis"),
    "1-d list": ([1, 2, 3], "X has shape (n, d)", "no second axis"),
    "texts": (["ab", "cd"], "X has shape (n, d)", "no second axis"),
    "bytes": ([b"ab", b"cd"], "X has shape (n, d)", "no second axis"),
    "rows and numbers": ([[1], 2], "X has shape (n, d)", "no second axis"),
    "n = 0": ([], "X has shape (n, d)", "no point"),
    "n = 0, d = 3": (np.zeros((0, 3)), "X has shape (n, d)", "no point"),
    "d = 0": (np.zeros((3, 0)), "all points have the same dimension d >= 1", "rows have [0] entries"),
    "one empty row": ([[1], []], "all points have the same dimension d >= 1", "rows have [0, 1] entries"),
    "ragged": ([[1, 2], [3]], "all points have the same dimension d >= 1", "rows have [1, 2] entries"),
    "3-d array": (np.zeros((2, 1, 1)), "X holds numbers", "entry 0 of point 0 is [0.0]"),
    "strings": ([[1, 2], [3, "x"]], "X holds numbers", "entry 1 of point 1 is 'x'"),
    "array of strings": (np.array([["1", "2"]]), "X holds numbers", "entry 0 of point 0 is '1'"),
    "None inside": ([[1, None]], "X holds numbers", "entry 1 of point 0 is None"),
    "bools": ([[1], [True]], "X holds numbers", "entry 0 of point 1 is True"),
    "array of bools": (np.array([[True]]), "X holds numbers", "entry 0 of point 0 is True"),
    "complex": ([[1j]], "X holds numbers", "entry 0 of point 0 is 1j"),
    "NaN": ([[0.0, 1.0], [nan, 1.0]], "X is finite", "entry 0 of point 1 is nan"),
    "inf": (np.array([[0.0, inf]]), "X is finite", "entry 1 of point 0 is inf"),
    "-inf in float32": (np.array([[-inf]], dtype=np.float32), "X is finite", "entry 0 of point 0 is -inf"),
}


@pytest.mark.parametrize(("X", "hypothesis", "witness"), BAD_POINTS.values(), ids=BAD_POINTS)
def test_bad_points_are_refused_by_name(X: object, hypothesis: str, witness: str) -> None:
    for door in (as_rows, input_scale, to_integers):
        with pytest.raises(HypothesisError) as refusal:
            door(X)
        assert refusal.value.hypothesis == hypothesis
        assert witness in refusal.value.witness
        assert refusal.value.remedy
        assert str(refusal.value) == f"{hypothesis}: {refusal.value.witness}. {refusal.value.remedy}"


BAD_LABELS = {
    "a number": (1, "y has shape (n,)", "y is 1"),
    "None": (None, "y has shape (n,)", "y is None"),
    "text": ("01", "y has shape (n,)", "y is '01'"),
    "0-d array": (np.float64(1), "y has shape (n,)", "y is"),
    "2-d list": ([[0], [1]], "y has shape (n,)", "second axis"),
    "2-d array": (np.zeros((2, 1)), "y has shape (n,)", "second axis"),
    "list of arrays": ([np.zeros(2), np.zeros(2)], "y has shape (n,)", "second axis"),
    "too few": ([0], "one label a point", "2 points and 1 labels"),
    "too many": ([0, 1, 1], "one label a point", "2 points and 3 labels"),
    "none": ([], "one label a point", "2 points and 0 labels"),
    "strings": (["benign", "malignant"], "y holds numbers", "label 0 is 'benign'"),
    "None inside": ([0, None], "y holds numbers", "label 1 is None"),
    "complex": ([0, 1j], "y holds numbers", "label 1 is 1j"),
    "NaN": ([0.0, nan], "y is finite", "label 1 is nan"),
    "inf": (np.array([0, inf]), "y is finite", "label 1 is inf"),
}


@pytest.mark.parametrize(("y", "hypothesis", "witness"), BAD_LABELS.values(), ids=BAD_LABELS)
def test_bad_labels_are_refused_by_name(y: object, hypothesis: str, witness: str) -> None:
    for door in (lambda: as_labels(y, 2), lambda: merge(((1,), (2,)), y)):
        with pytest.raises(HypothesisError) as refusal:
            door()
        assert refusal.value.hypothesis == hypothesis
        assert witness in refusal.value.witness
        assert refusal.value.remedy


# Good data in every dress.


@pytest.mark.parametrize(
    "X",
    [
        [[1, 2], [3, 4]],
        ((1, 2), (3, 4)),
        [(1.0, 2.0), (3.0, 4.0)],
        [np.array([1, 2]), np.array([3, 4])],
        [[np.int64(1), np.float32(2)], [Fraction(3), 4]],
        np.array([[Fraction(1), 2], [3, 4]], dtype=object),
        *(np.array([[1, 2], [3, 4]], dtype=dtype) for dtype in ("uint8", "int8", "int64", "f2", "f4", "f8")),
    ],
    ids=lambda X: getattr(getattr(X, "dtype", type(X)), "name", type(X).__name__),
)
def test_the_same_points_in_every_dress(X: object) -> None:
    points = to_integers(X)
    assert points == ((1, 2), (3, 4))
    assert all(type(v) is int for x in points for v in x)
    assert input_scale(X) == (1, 1)


def test_machine_integers_do_not_overflow() -> None:
    assert to_integers(np.array([[255]], dtype=np.uint8), (1000,)) == ((255000,),)
    assert to_integers(np.array([[2**63 - 1]]), (10**9,)) == (((2**63 - 1) * 10**9,),)
    assert to_integers([[10**50]], (10,)) == ((10**51,),)


def test_the_caller_keeps_his_data() -> None:
    rows = [[0.5, Fraction(1, 3)], [1, 2]]
    to_integers(rows)
    assert rows == [[0.5, Fraction(1, 3)], [1, 2]]
    A = np.array([[0.5, 0.25]])
    to_integers(A)
    assert A.tolist() == [[0.5, 0.25]]


@pytest.mark.parametrize(
    "y",
    [
        [0, 1, 1],
        (0, True, 1.0),
        [Fraction(0), np.uint8(1), np.True_],
        np.array([False, True, True]),
        *(np.array([0, 1, 1], dtype=dtype) for dtype in ("uint8", "int32", "f4", "f8", "O")),
    ],
    ids=lambda y: getattr(getattr(y, "dtype", type(y)), "name", type(y).__name__),
)
def test_the_same_labels_in_every_dress(y: object) -> None:
    """Labels may be bools: a mask is the natural way to write a detector's labels."""
    labels = as_labels(y, 3)
    assert labels == (0, 1, 1)
    assert all(type(v) is int for v in labels)


def test_labels_are_exact() -> None:
    assert as_labels([0.1, Fraction(1, 3), 10**50], 3) == (Fraction(0.1), Fraction(1, 3), 10**50)
    assert as_labels(np.array([0.1], dtype=np.float32), 1) == (Fraction(float(np.float32(0.1))),)


# Scales.

columns = st.one_of(
    st.lists(own.finite_floats, min_size=1, max_size=4),
    st.lists(own.decimals, min_size=1, max_size=4),
    st.lists(own.fractions, min_size=1, max_size=4),
    st.lists(own.integers, min_size=1, max_size=4),
    st.lists(st.one_of(own.fractions, own.decimals, own.integers), min_size=1, max_size=4),
)


def fits(v: int | float | Fraction, scale: int) -> bool:
    """Divided back, the nearest integer to v * scale gives v: the same float, or exactly."""
    nearest = round(Fraction(v) * scale)
    return nearest / scale == v if isinstance(v, float) else Fraction(nearest, scale) == v


@given(columns)
def test_scales_divide_back(column: list) -> None:
    (scale,) = input_scale([[v] for v in column])
    points = to_integers([[v] for v in column])
    for v, (k,) in zip(column, points, strict=True):
        assert fits(v, scale)
        assert (k / scale if isinstance(v, float) else Fraction(k, scale)) == v
        assert abs(k - Fraction(v) * scale) <= Fraction(1, 2)


@given(columns)
def test_scales_are_the_least(column: list) -> None:
    (scale,) = input_scale([[v] for v in column])
    if not any(isinstance(v, float) for v in column):
        assert scale == lcm(*(Fraction(v).denominator for v in column))
    elif str(scale).strip("0") == "1" and scale <= 10**15:
        assert scale == 1 or not all(fits(v, scale // 10) for v in column)
    else:
        assert not any(all(fits(v, 10**k) for v in column) for k in range(16))
        if all(isinstance(v, float) for v in column):
            assert scale & (scale - 1) == 0
            assert any((Fraction(v) * scale).numerator % 2 for v in column)


@given(st.lists(own.finite_floats, min_size=2, max_size=5, unique=True))
def test_different_values_stay_different_and_in_order(column: list) -> None:
    """Equal floats only (0.0 and -0.0 among them) become equal integers."""
    integers = [k for (k,) in to_integers([[v] for v in column])]
    assert [sorted(integers).index(k) for k in integers] == [sorted(column).index(v) for v in column]


def test_scales_by_hand() -> None:
    assert input_scale([[0.1, 0.5, 3.0, 1e300], [0.25, 2.0, -7.0, 1.0]]) == (100, 10, 1, 1)
    assert input_scale([[1 / 3], [0.5]]) == (2**54,)
    assert input_scale([[5e-324], [1e300]]) == (2**1074,)
    assert input_scale([[Fraction(1, 3), Fraction(1, 4)], [Fraction(1, 2), 7]]) == (6, 4)
    assert input_scale(np.array([[0.1]], dtype=np.float32)) == (2**27,)
    assert to_integers([[-0.0], [0.0]]) == ((0,), (0,))


def test_fractions_beside_floats_share_a_grid() -> None:
    assert input_scale([[Fraction(1, 3)], [0.5]]) == (6,)
    assert to_integers([[Fraction(1, 3)], [0.5], [1]]) == ((2,), (3,), (6,))


@given(own.decimals, st.integers(0, 3))
def test_values_off_the_grid_are_refused(v: float, places: int) -> None:
    scale = 10**places
    if fits(v, scale):
        ((k,),) = to_integers([[v]], (scale,))
        assert k / scale == v
    else:
        with pytest.raises(
            ValueError, match=f"entry 1 of point 1, .*, is not a multiple of 1/{scale}, the grid"
        ):
            to_integers([[0, 0], [0, v]], (scale, scale))


def test_the_number_of_coordinates_must_fit() -> None:
    with pytest.raises(ValueError, match="the points have 2 coordinates, the network takes 3"):
        to_integers([[1, 2]], (1, 1, 1))


awkward = st.one_of(
    own.finite_floats, own.decimals, st.integers(-(2**54), 2**54).map(float),
    st.builds(lambda k, e: (2 * k + 1) / (2 * 10**e), st.integers(-(10**9), 10**9), st.integers(0, 15)),
    st.builds(lambda k, e: k / 10**e, st.integers(-(2**51), 2**51), st.integers(0, 16)),
    st.sampled_from([0.0, -0.0, 5e-324, 2.0**50, 2.0**50 - 1, 2.0**51 + 0.5, 1.1259, 0.1 + 0.2, 1e15 + 0.5]),
)  # fmt: skip


@given(st.lists(st.tuples(awkward, awkward), min_size=1, max_size=4), st.integers(0, 16))
def test_long_columns_are_read_as_short_ones(rows: list, places: int) -> None:
    """The path for many floats gives the same scale, the same integers and the same refusals as the plain one."""

    def outcome(many: int) -> tuple:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "MANY", many)
            try:
                chosen: object = to_integers(rows, (10**places,) * 2)
            except ValueError as refusal:
                chosen = str(refusal)
            return input_scale(rows), to_integers(rows), chosen

    assert outcome(1) == outcome(10**9)
    assert all(type(v) is int for x in outcome(1)[1] for v in x)


def test_a_column_beyond_the_bound_is_not_decided_in_floats() -> None:
    column = [2.0**50, 0.5] * module.MANY
    assert module._on_decimal_grid(column, 10) is None
    assert module._on_decimal_grid(column[1::2], 10) == [5] * module.MANY
    assert module._on_decimal_grid(column[1::2], 1) == []


def test_plain_rows_are_copied() -> None:
    rows = [[1, 2], [3, 4]]
    as_rows(rows)[0][0] = 9
    assert rows == [[1, 2], [3, 4]]


# Merging.


def test_equal_points_with_different_labels_are_both_named() -> None:
    with pytest.raises(
        HypothesisError, match="points 1 and 3 are equal, their labels are 0 and 1"
    ) as refusal:
        merge(((0,), (5,), (1,), (5,), (5,)), [0, 0, 0, 1, 1])
    assert refusal.value.hypothesis == "equal points have equal labels"
    with pytest.raises(HypothesisError, match="points 0 and 1 are equal, their labels are 0 and 1/2"):
        merge(to_integers([[0.0], [-0.0]]), [0, 0.5])


@given(st.lists(st.tuples(own.small, own.small), min_size=1, max_size=12))
def test_merging_keeps_each_point_once_in_order(rows: list) -> None:
    values = [a * b for a, b in rows]
    points, labels = merge(tuple(rows), values)
    assert points == tuple(dict.fromkeys(rows))
    assert labels == tuple(a * b for a, b in points)
    assert merge(points, labels) == (points, labels)


def test_names_of_points() -> None:
    assert names([3]) == "point 3"
    assert names([3, 5]) == "points 3, 5"
    assert names(range(10)) == "points 0, 1, 2, 3, 4, 5 and 4 more"
    assert names(range(10), most=2) == "points 0, 1 and 8 more"
