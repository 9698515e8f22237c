"""Every network that the library builds is accepted by the checker, which knows nothing of the library."""

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memlib import checker, data
from memlib.bubeck.baum import baum_network
from memlib.bubeck.general_position import projected, pull_back
from memlib.bubeck.n_neurons import n_neurons_network
from memlib.certificate import MAX_DIGITS, Certificate
from memlib.checker import Rejected, Summary, load, verify
from memlib.methods import memorize
from memlib.network import Layer, Network
from tests import strategies as own


def accepted(net: Network, points: tuple, labels: tuple) -> Summary:
    return verify(json.loads(json.dumps(net.certificate(points, labels).document)))


def sizes(net: Network) -> tuple:
    return net.hidden_neurons, net.nonzero_weights, net.max_weight_bits


@given(own.networks(), st.data())
def test_any_network_is_accepted_with_its_own_outputs(net: Network, draw: st.DataObject) -> None:
    """Rational outputs become numerators over one denominator, which divides the output scale."""
    d = len(net.input_scale)
    points = draw.draw(st.lists(st.tuples(*[own.integers] * d), min_size=1, max_size=4, unique=True))
    labels = net(points)
    document = net.certificate(points, labels).document
    q = net.output_scale // document["output_scale"]
    assert q * document["output_scale"] == net.output_scale
    assert [Fraction(v, q) for v in document["labels"]] == list(labels)
    assert all(type(v) is int for v in document["labels"])
    assert verify(document)[1:] == sizes(net)


@given(own.general_point_sets(), st.data())
def test_baum_networks_are_accepted(points: tuple, draw: st.DataObject) -> None:
    labels = draw.draw(own.labels(len(points)))
    net = baum_network(points, labels)
    assert accepted(net, points, labels) == (len(points), *sizes(net))


@given(own.point_sets(), st.data())
def test_networks_of_n_neurons_are_accepted(points: tuple, draw: st.DataObject) -> None:
    labels = tuple(draw.draw(st.lists(own.fractions, min_size=len(points), max_size=len(points))))
    net = n_neurons_network(points, labels)
    assert accepted(net, points, labels) == (len(points), *sizes(net))


@given(own.general_point_sets(d=st.just(2)), st.data())
def test_pulled_back_networks_are_accepted(points: tuple, draw: st.DataObject) -> None:
    labels = draw.draw(own.labels(len(points)))
    P = ((1, 2, -1), (0, 1, 3))
    whole = tuple((x - 2 * y, y, 0) for x, y in points)  # P maps these back to the points
    assert projected(P, whole) == points
    net = pull_back(baum_network(points, labels), P, (1, 1, 1))
    assert accepted(net, whole, labels)[:2] == (len(points), net.hidden_neurons)


SETS = {
    "breast_cancer": (*data.breast_cancer(), None),
    "wine, cultivar 0": (data.wine()[0], data.indicator(data.wine()[1], 0), None),
    "two moons": (*data.two_moons(60, rng=0), None),
    "sphere, random labels": (data.sphere(60, 6, rng=0), data.random_labels(60, rng=1), None),
    "digits, odd": (data.digits()[0][:200], data.digits()[1][:200] % 2, 8),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Network]]:
    folder = tmp_path_factory.mktemp("certificates")
    made = {}
    for k, (name, (X, y, project_to)) in enumerate(SETS.items()):
        net = memorize(X, y, project_to=project_to)
        made[name] = net.certificate(X, y).save(folder / f"{k}.json"), net
    return made


def run_checker(*paths: Path) -> subprocess.CompletedProcess:
    """Run the checker alone: no site packages, no path, nothing of memlib."""
    return subprocess.run(
        [sys.executable, "-I", "-S", checker.__file__, *map(str, paths)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_checker_accepts_real_data_from_a_file(files: dict) -> None:
    run = run_checker(*(path for path, _ in files.values()))
    assert (run.returncode, run.stderr) == (0, "")
    lines = run.stdout.splitlines()
    assert len(lines) == len(SETS)
    for line, name, (_, net) in zip(lines, files, files.values(), strict=True):
        n = len(set(map(tuple, SETS[name][0].tolist())))
        hidden, weights, bits = sizes(net)
        assert line.startswith("ACCEPT")
        assert f"{n} points, {hidden} hidden neurons, {weights} nonzero weights, {bits}-bit weights" in line


def test_the_checker_rejects_one_changed_label(files: dict, tmp_path: Path) -> None:
    path, _ = files["two moons"]
    document = load(path)
    document["labels"][7] = 1 - document["labels"][7]
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps(document))
    run = run_checker(forged)
    assert run.returncode == 1
    assert run.stdout.startswith("REJECT")
    assert "point 7" in run.stdout


def test_the_file_holds_the_document(files: dict) -> None:
    for path, net in files.values():
        document = load(path)
        assert document["theorem"] == net.theorem == "bubeck-baum-exact"
        assert [tuple(map(tuple, layer["weights"])) for layer in document["layers"]] == [
            layer.weights for layer in net.layers
        ]


def test_equal_points_are_written_once() -> None:
    net = n_neurons_network(((0,), (1,)), (0, 1))
    document = net.certificate([[0], [1], [0], [1]], [0, 1, 0, 1]).document
    assert (document["points"], document["labels"]) == ([[0], [1]], [0, 1])


def test_output_scale_of_a_certificate() -> None:
    net = Network((Layer(((1,),), (0,), "identity"),), "t", (1,), output_scale=12)
    document = net.certificate([[2], [3], [24]], [Fraction(1, 6), Fraction(1, 4), 2]).document
    assert (document["labels"], document["output_scale"]) == ([2, 3, 24], 1)
    document = net.certificate([[4], [-6]], [Fraction(1, 3), Fraction(-1, 2)]).document
    assert (document["labels"], document["output_scale"]) == ([2, -3], 2)
    document = net.certificate([[12], [-24]], [1, -2]).document
    assert (document["labels"], document["output_scale"]) == ([1, -2], 12)
    verify(document)
    document["output_scale"] = 6
    with pytest.raises(Rejected, match="point 0"):
        verify(document)


def test_integers_up_to_the_limit_of_the_format(tmp_path: Path) -> None:
    """Python refuses to print 4301 digits; writer and checker lift that limit and leave it as it was."""
    limit = sys.get_int_max_str_digits()
    large = 10 ** (MAX_DIGITS - 1)
    net = Network((Layer(((large,),), (0,), "identity"),), "t", (1,))
    path = net.certificate([[1], [0]], [large, 0]).save(tmp_path / "large.json")
    assert run_checker(path).stdout.startswith("ACCEPT")
    larger = Network((Layer(((10 * large,),), (0,), "identity"),), "t", (1,))
    certificate = larger.certificate([[0]], [0])
    with pytest.raises(ValueError, match="20000 digits"):
        certificate.save(tmp_path / "larger.json")
    assert sys.get_int_max_str_digits() == limit


def test_a_certificate_says_what_it_certifies() -> None:
    X, y = np.array([[0, 1], [1, 0], [2, 2]]), [0, 1, 0]
    assert repr(memorize(X, y).certificate(X, y)) == (
        "Certificate(bubeck-baum-exact: 3 points, 2 hidden neurons, 3-bit weights)"
    )
    assert isinstance(memorize(X, y).certificate(X, y), Certificate)
