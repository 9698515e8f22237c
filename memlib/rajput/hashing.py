"""A hash with integer weights: codes of bits become numbers, with or without the network behind them. Exact.

Codes are Python ints, bit j of a code is `code >> j & 1`. Probabilities are counted over all weights, or drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import isqrt
from typing import Any

from memlib.evidence import Answer, Counterexample, Frequency
from memlib.layer import Layer
from memlib.rajput.lift_floats import frequency
from memlib.rajput.main_floats import generator
from memlib.rajput.random_parities import Pair, every_pair
from memlib.rajput.telescope_floats import injective_runs, random_numbers
from memlib.rajput.telescope_network import hash_layers
from memlib.rajput.telescoping import Telescope, largest_weight


@dataclass(frozen=True)
class Hash:
    """Codes of m bits, pairs of them that must keep apart, random weights below R, and the chance eta of failure.

    trials : 0 to count over all R^m weights, or how often to draw them.
    """

    codes: tuple[int, ...]
    pairs: tuple[Pair, ...]
    m: int
    R: int
    eta: Fraction
    trials: int = 0
    seed: int = 0

    @classmethod
    def of(cls, codes: Sequence[int], m: int, R: int, trials: int = 0, seed: int = 0) -> "Hash":
        """Return the hash that must keep all codes apart, with the least eta that the lemma allows."""
        pairs = every_pair(len(codes))
        return cls(tuple(codes), pairs, m, R, Fraction(len(pairs), R), trials, seed)

    @cached_property
    def injective(self) -> Fraction:
        """The share of all R^m weights whose sums differ for all the pairs."""
        supports = [[j for j in range(self.m) if c >> j & 1] for c in self.codes]
        good = 0
        for rho in product(range(self.R), repeat=self.m):
            z = [sum(rho[j] for j in support) for support in supports]
            good += all(z[a] != z[b] for a, b in self.pairs)
        return Fraction(good, self.R**self.m)


@dataclass(frozen=True)
class HashNetwork:
    """Labelled points behind m threshold units, and the hash of their bits with weights below R, drawn from `seed`."""

    points: tuple[tuple[int, ...], ...]
    labels: tuple[int, ...]
    first: Layer
    R: int
    eta: Fraction
    seed: int = 0

    @cached_property
    def codes(self) -> tuple[int, ...]:
        return tuple(sum(b << j for j, b in enumerate(row)) for row in self.first(self.points))

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The pairs of different labels."""
        return tuple((i, j) for i, j in every_pair(len(self.points)) if self.labels[i] != self.labels[j])

    def built(self, draws: int = 200) -> tuple[tuple[Layer, ...], Telescope]:
        """Draw weights until the hash is right: the layers, and the telescope. ValueError after `draws` failures."""
        rng = generator(self.seed)
        for _ in range(draws):
            rho = random_numbers(self.first.units, self.R, rng)
            found = hash_layers(self.first, self.points, self.labels, rho)
            if found is not None:
                return found
        raise ValueError(f"{draws} draws failed: nothing is decided")


def codes_differ(x: Hash | HashNetwork) -> Answer:
    for i, j in x.pairs:
        if x.codes[i] == x.codes[j]:
            return Counterexample(f"{i} and {j} have the same code")
    return True


def range_is_large(x: Hash | HashNetwork) -> Answer:
    """0 < eta < 1, and R >= pairs / eta."""
    if not 0 < x.eta < 1:
        return Counterexample(f"eta is {x.eta}")
    enough = x.eta * x.R >= len(x.pairs)
    return enough or Counterexample(f"R is {x.R}, for {len(x.pairs)} pairs and eta = {x.eta}")


def hash_is_injective(x: Hash | HashNetwork) -> Answer | Frequency:
    """The sums differ for all the pairs with probability >= 1 - eta: counted, or drawn. Or: the network is right."""
    if isinstance(x, HashNetwork):
        return hash_network_is_right(x)
    if x.trials:
        hits = injective_runs(x.codes, x.m, x.pairs, x.R, x.trials, x.seed)
        return frequency(hits, x.trials, 1 - x.eta)
    return x.injective >= 1 - x.eta or Counterexample(
        f"the sums differ with probability {x.injective}, and eta is {x.eta}"
    )


def hash_network_is_right(x: HashNetwork) -> Answer:
    """The network has the labels as outputs, and the sizes that are promised; or no network can have them."""
    for i, j in x.pairs:
        if x.codes[i] == x.codes[j]:
            return Counterexample(f"{i} and {j} look the same to every later layer, and their labels differ")
    layers, back = x.built()
    h: Any = x.points
    for layer in layers:
        h = layer.on_batch(h)
    wrong = [i for i, (v,) in enumerate(h) if v != x.labels[i]]
    if wrong:
        return Counterexample(f"the network is wrong at {wrong[0]}")
    m, d, A = x.first.units, x.first.inputs, len(back.changes)
    counts = {
        "layers": (len(layers), 4),
        "units": (sum(layer.units for layer in layers), 2 * m + isqrt(4 * A) + 3),
        "weights": (
            sum(len(layer.entries) for layer in layers),
            (d + 3) * m + A + 2 + isqrt((2 * m + 1) ** 2 * A),
        ),
        "as the largest weight": (largest_weight(layers[1:]), m * x.R),
    }
    over = [f"{have} {what} instead of {bound}" for what, (have, bound) in counts.items() if have > bound]
    return not over or Counterexample(over[0])
