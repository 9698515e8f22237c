"""The methods by name: from data to a memorizing network, verified before it is returned.

Exact methods return a `Network`, approximate ones, which take `accuracy`, a `FloatNetwork`.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from memlib.approximate import FloatNetwork
from memlib.network import Network
from memlib.points import HypothesisError, as_rows, input_scale, merge, to_integers

_EXACT = {
    "baum": "memlib.bubeck.facets:baum_exact_network",
    "bubeck-relu": "memlib.bubeck.tents:relu_2_network",
    "bubeck-relu-3": "memlib.bubeck.tents:relu_3_network",
    "bubeck-relu-4": "memlib.bubeck.relu:relu_4_network",
    "bubeck-sweep": "memlib.bubeck.sweeps:sweep_network",
    "dirksen": "memlib.dirksen.algorithm:fit",
    "madden-relu": "memlib.madden.relu:relu_pairs_network",
    "rajput": "memlib.rajput.telescope_network:telescope_network",
    "rajput-blocks": "memlib.rajput.network:blocks_network",
    "vershynin": "memlib.vershynin.widths:vershynin_network",
}
_APPROXIMATE = {
    "bubeck-coded": "memlib.bubeck.recombination_floats:coded_network",
    "bubeck-harmonic": "memlib.bubeck.harmonic_network_floats:harmonic_network",
    "bubeck-ntk": "memlib.bubeck.ntk_floats:ntk_network",
    "madden-epsilon": "memlib.madden.construct_floats:epsilon_network",
    "madden-newton": "memlib.madden.newton:newton_network",
}
_METHODS = {**_EXACT, **_APPROXIMATE}


def methods() -> list[str]:
    """Return the names of all methods that `memorize` knows."""
    return sorted(_METHODS)


def memorize(
    X: Any, y: Any, method: str = "baum", rng: Any = 0, project_to: int | None = None, **options: Any
) -> Network | FloatNetwork:
    """Return a network with f(x_i) = y_i for all i, which its builder has verified exactly; or nearly, as stated.

    The approximate methods take `accuracy`, a bound for |f(X) - y|^2 / |y|^2, and verify it in floating point.

    X : points, shape (n, d), ints, floats or Fractions; read exactly on the grid `input_scale(X)`.
    y : n labels. method : one of `methods()`. rng : seed or numpy Generator, for the methods that draw.
    project_to : e < d, for data that are not in general position: memorize P x with a random e x d matrix P of
    -1, 0, 1 and fold P into the first weights (claim bubeck-gp-projection). options : the method's own.
    Raises HypothesisError, naming hypothesis, witness and remedy, where the method's theorem does not apply.
    """
    if method not in _METHODS:
        raise ValueError(f"method {method!r} is not one of {methods()}")
    if project_to is not None and type(project_to) is not int:
        raise TypeError(f"project_to is {project_to!r}; it is a number of dimensions, an int")
    if project_to is not None and method in _APPROXIMATE:
        raise ValueError(f"{method!r} needs no general position, so it takes no project_to")
    X = as_rows(X)  # once: X may be an iterator
    module, name = _METHODS[method].split(":")
    scale = input_scale(X)
    given = to_integers(X, scale)
    points, labels = merge(given, y)
    build = getattr(import_module(module), name)
    try:
        if project_to is None:
            net: Network | FloatNetwork = build(points, labels, scale, rng, **options)
        else:
            net = _through_a_projection(build, points, labels, scale, rng, project_to, options)
    except HypothesisError as error:
        if len(points) == len(given):
            raise
        witness = f"{error.witness} (counted after equal points are merged)"
        raise HypothesisError(error.hypothesis, witness, error.remedy) from error
    return net


#: Draws of a projection before its refusal is passed on.
DRAWS = 5
#: What another projection can mend, and how.
_REMEDIES = {
    "general position": "Project to fewer dimensions.",
    "equal points have equal labels": "Project to more dimensions.",
}


def _through_a_projection(
    build: Callable, points: tuple, labels: tuple, scale: tuple, rng: Any, e: int, options: dict
) -> Network:
    import numpy as np

    from memlib.bubeck.general_position import projected, pull_back, random_projection

    d = len(scale)
    if not 1 <= e <= d:
        raise ValueError(f"project_to is {e}; it must lie between 1 and the dimension {d}")
    rng = np.random.default_rng(rng)
    for draw in range(DRAWS):
        P = random_projection(d, e, rng)
        try:
            net = build(*merge(projected(P, points), labels), (1,) * e, rng, **options)
        except HypothesisError as error:
            if error.hypothesis not in _REMEDIES:
                raise
            if draw == DRAWS - 1:
                raise HypothesisError(
                    error.hypothesis,
                    f"after {DRAWS} random projections to {e} dimensions, {error.witness}",
                    _REMEDIES[error.hypothesis],
                ) from error
        else:
            return pull_back(net, P, scale).verified(points, labels)
    raise AssertionError("unreachable")


__all__ = ["HypothesisError", "memorize", "methods"]
