"""Counting the labellings that an architecture of thresholds can give: the predicates of vershynin-upper. Exact.

Labellings are ints whose bit k is the label of point k.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import comb, prod
from typing import Any

from flint import arb

from memlib.evidence import Answer, Counterexample
from memlib.exact import dot
from memlib.search import few, unit_patterns
from memlib.vershynin.normal import over

Points = tuple[tuple[int, ...], ...]
Pattern = tuple[int, ...]


def regions(K: int, w: int) -> int:
    """Return R(K, w) = C(K, 0) + ... + C(K, w), the most cells into which K hyperplanes cut R^w."""
    return sum(comb(K, j) for j in range(w + 1))


@dataclass(frozen=True)
class Node:
    """A node that reads the point. weights = None : weights and bias are free; else bias = None : only the bias is."""

    weights: tuple[int, ...] | None = None
    bias: int | None = None

    def free(self, d: int) -> int:
        return d + 1 if self.weights is None else int(self.bias is None)

    def patterns(self, points: Points) -> set[Pattern]:
        """Return all values [<w, x> > c] on the points."""
        if self.weights is None:
            return all_patterns(points)
        sums = [dot(self.weights, x) for x in points]
        biases = {min(sums) - 1, *sums} if self.bias is None else {self.bias}
        return {tuple(int(s > c) for s in sums) for c in biases}


@lru_cache(maxsize=32)
def all_patterns(points: Points) -> set[Pattern]:
    """Return all values that one node with free weights and bias can have on the points."""
    half = [(0,) * len(points), *unit_patterns(few(points))]
    return {*half, *(tuple(1 - v for v in p) for p in half)}


@dataclass(frozen=True)
class Wiring:
    """Hidden nodes that read the points, and an output node with free weights and bias that reads them."""

    points: Points
    hidden: tuple[Node, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of free parameters of each node that has any."""
        frees = [node.free(len(self.points[0])) for node in self.hidden]
        return (*(w for w in frees if w), len(self.hidden) + 1)

    def labellings(self) -> set[int]:
        """Return all labellings that some choice of the free parameters gives, by trying all patterns of all nodes."""
        cube = tuple(product((0, 1), repeat=len(self.hidden)))
        outputs = [dict(zip(cube, pattern, strict=True)) for pattern in all_patterns(cube)]
        found = set()
        for chosen in product(*(node.patterns(self.points) for node in self.hidden)):
            codes = list(zip(*chosen, strict=True))
            found |= {sum(f[c] << k for k, c in enumerate(codes)) for f in outputs}
        return found


@dataclass(frozen=True)
class Sizes:
    """N nodes with W free parameters altogether, and 2 W log2(e N), a ball: the arithmetic of the last step."""

    N: int
    W: int
    limit: arb

    @classmethod
    def of(cls, N: int, W: int) -> "Sizes":
        return cls(N, W, largest_K(N, W))


@dataclass(frozen=True)
class Sine:
    """K points 1/2, 1/4, ..., a node sin(omega x) with a free omega, and a threshold node that reads it."""

    K: int
    sizes: tuple[int, ...] = (1, 2)

    def labellings(self) -> Iterator[int]:
        """Yield the labelling that omega = pi (1 + sum of (1 - y_i) 2^i) gives, for every y: 1 where the sine is > 0.

        omega x_i / pi = top / 2^i; the sine is positive iff that lies in (0, 1) modulo 2.
        """
        for y in product((0, 1), repeat=self.K):
            top = 1 + sum((1 - v) << i for i, v in enumerate(y, start=1))
            yield sum((0 < top % (2 << i) < (1 << i)) << (i - 1) for i in range(1, self.K + 1))


@dataclass(frozen=True)
class Rewired:
    """The points e_1, ..., e_K; a node with weights 1 from inputs chosen for each labelling, and an output."""

    K: int
    sizes: tuple[int, ...] = (1, 1)

    def labellings(self) -> Iterator[int]:
        """Yield [[sum of x_i, i in S, > 1/2] > 1/2] at the K points, for every set S."""
        for S in product((0, 1), repeat=self.K):
            yield sum(int(s > 0) << k for k, s in enumerate(S))


Count = Wiring | Sizes | Sine | Rewired


def two_nodes(x: Count) -> Answer:
    N = x.N if isinstance(x, Sizes) else len(x.sizes)
    return N >= 2 or Counterexample(f"N is {N}")


def nodes_are_thresholds(x: Count) -> Answer:
    return not isinstance(x, Sine) or Counterexample("a node computes a sine")


def wiring_is_fixed(x: Count) -> Answer:
    return not isinstance(x, Rewired) or Counterexample("the labels decide which inputs a node reads")


def largest_K(N: int, W: int) -> arb:
    """Enclose 2 W log2(e N)."""
    return over(2 * W * (1 + arb(N).log()), arb(2).log())


def whole_part(x: arb) -> int:
    found: Any = x.floor().unique_fmpz()
    return int(found)


def power(N: int, W: int, K: int) -> arb:
    """Enclose (e N K / W)^W."""
    return over(arb(1).exp() * N * K, arb(W)) ** W


def power_bound_fails(N: int, W: int, K: int) -> bool:
    """Decide 2^K > (e N K / W)^W, by logarithms."""
    return bool(K * arb(2).log() > W * (1 + arb(N * K).log() - arb(W).log()))


def counts_are_bounded(x: Count) -> Answer:
    """Enumerate the labellings; for sizes alone decide 2^K > (e N K / W)^W for the first K above 2 W log2(e N)."""
    if isinstance(x, Sizes):
        K = whole_part(x.limit) + 1
        return power_bound_fails(x.N, x.W, K) or Counterexample(
            f"for W = {x.W} and K = {K} the power is {power(x.N, x.W, K).str(3, radius=False)}, not below 2^{K}"
        )
    found, N, W = set(x.labellings()), len(x.sizes), sum(x.sizes)
    K = len(x.points) if isinstance(x, Wiring) else x.K
    if len(found) == 2**K and not largest_K(N, W) >= K:
        most = largest_K(N, W).str(4, radius=False)
        return Counterexample(f"all 2^{K} labellings occur, and 2 W log2(e N) is {most}")
    bound = prod(regions(K, w) for w in x.sizes)
    if len(found) > bound:
        return Counterexample(f"{len(found)} labellings occur, and the product is {bound}")
    if K >= W and not arb(bound) <= power(N, W, K):
        return Counterexample(f"the product {bound} is above the power")
    return True


def product_is_reached(x: Wiring) -> Answer:
    """The wrong version: the number of labellings is the product of the R(K, w)."""
    found, most = len(x.labellings()), prod(regions(len(x.points), w) for w in x.sizes)
    return found == most or Counterexample(f"there are {found} labellings, and the product is {most}")
