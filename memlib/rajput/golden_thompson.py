"""The inequality of Golden and Thompson, tr e^(A+B) <= tr e^A e^B, decided by balls."""

from dataclasses import dataclass

from flint import arb, arb_mat

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample


@dataclass(frozen=True)
class Exponents:
    """Two square matrices of balls."""

    A: arb_mat
    B: arb_mat

    @property
    def traces(self) -> tuple[arb, arb]:
        """tr e^(A + B) and tr e^A e^B."""
        return (self.A + self.B).exp().trace(), (self.A.exp() * self.B.exp()).trace()


def are_symmetric(x: Exponents) -> Answer:
    for name, M in (("A", x.A), ("B", x.B)):
        entries = M.tolist()
        for i, row in enumerate(entries):
            for j in range(i):
                if not (row[j] - entries[j][i]).is_zero():
                    return Counterexample(f"entry ({i}, {j}) of {name} is not entry ({j}, {i})")
    return True


def sum_is_smaller(x: Exponents) -> Answer:
    """Decide tr e^(A+B) <= tr e^A e^B by balls; raises ArithmeticError where they overlap, as for A B = B A."""
    left, right = x.traces
    if left <= right:
        return True
    if left > right:
        return Counterexample(
            f"tr e^(A+B) is {left.str(4, radius=False)}, above {right.str(4, radius=False)}"
        )
    raise ArithmeticError("the two traces cannot be told apart: do A and B commute?")


golden_thompson = Claim(
    "rajput-golden-thompson",
    hypotheses={"A and B are symmetric": are_symmetric},
    conclusion=sum_is_smaller,
)
