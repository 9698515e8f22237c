"""Rounding to p bits and sums of rounded products: the predicates of three claims of `floats`."""

from dataclasses import dataclass
from fractions import Fraction

from memlib.capacity.chip import Number, every_order, gamma, rounded
from memlib.evidence import Answer, Counterexample

# --- limits-def-float ---


@dataclass(frozen=True)
class Rounding:
    """Somebody says that `result` is `value` rounded to p bits."""

    value: Number
    p: int
    result: Number


def is_the_nearest(it: Rounding) -> Answer:
    """Decide it by the definition: look at all p-bit numbers m 2^e with |m| <= 2^p around the value."""
    t = abs(it.value)
    if t == 0:
        return it.result == 0 or Counterexample("0 is rounded to 0")
    power = Fraction(1)
    while t >= 2**it.p * power:
        power *= 2
    while t < 2 ** (it.p - 1) * power:
        power = Fraction(power, 2)
    near = min(range(2 ** (it.p - 1), 2**it.p + 1), key=lambda m: (abs(m * power - t), m % 2))
    expected = near * power if it.value > 0 else -near * power
    return it.result == expected or Counterexample(f"{it.value} is rounded to {expected}, not {it.result}")


# --- limits-dot-error ---


@dataclass(frozen=True)
class Sum:
    """The inner product w.x, and a machine with p bits."""

    w: tuple[Number, ...]
    x: tuple[Number, ...]
    p: int

    @property
    def products(self) -> list[Number]:
        return [w * x for w, x in zip(self.w, self.x, strict=True)]

    @property
    def exact(self) -> Number:
        return sum(self.products)

    @property
    def size(self) -> Number:
        """The sum of the |w_i x_i|."""
        return sum(map(abs, self.products))

    @property
    def terms(self) -> list[Number]:
        """The machine's products."""
        pairs = zip(self.w, self.x, strict=True)
        return [rounded(rounded(w, self.p) * rounded(x, self.p), self.p) for w, x in pairs]

    @property
    def kinds(self) -> int:
        """r, how many of the three kinds of rounding before the additions change anything."""
        w, x = ([rounded(v, self.p) for v in side] for side in (self.w, self.x))
        exact = [a * b for a, b in zip(w, x, strict=True)]
        return (w != list(self.w)) + (x != list(self.x)) + (exact != self.terms)

    @property
    def roundings(self) -> int:
        """m = k - 1 + r."""
        return len(self.w) - 1 + self.kinds

    def computed(self) -> list[Number]:
        """The machine's values, over all orders of summation."""
        return sorted(every_order(self.terms, self.p))


def few_roundings(it: Sum) -> Answer:
    return it.roundings < 2**it.p or Counterexample(f"m mu is {Fraction(it.roundings, 2**it.p)}")


def errors_within(it: Sum, size: Number) -> Answer:
    """In every order the error is at most gamma_m * size."""
    if it.roundings == 2**it.p:
        return Counterexample("the bound divides by 0")
    bound = gamma(it.roundings, it.p) * size
    for value in it.computed():
        if abs(value - it.exact) > bound:
            return Counterexample(f"one order gives {value} for {it.exact}, and the bound is {bound}")
    return True


def errors_within_size(it: Sum) -> Answer:
    return errors_within(it, it.size)


def errors_within_result(it: Sum) -> Answer:
    """The wrong version: relative to the result."""
    return errors_within(it, abs(it.exact))


# --- limits-integers-exact ---


def products_are_integers(it: Sum) -> Answer:
    broken = [v for v in (*it.w, *it.x) if v.denominator != 1]
    return not broken or Counterexample(f"{broken[0]} is no integer")


def fits(it: Sum) -> Answer:
    return it.size <= 2**it.p or Counterexample(f"the terms add up to {it.size}, more than {2**it.p}")


def nothing_rounds(it: Sum) -> Answer:
    wrong = [v for v in it.computed() if v != it.exact]
    return not wrong or Counterexample(f"one order gives {wrong[0]} for {it.exact}")
