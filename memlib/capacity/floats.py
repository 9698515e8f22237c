"""Networks on a machine with p binary digits: what rounding may do, and when a network survives it.

The machine is simulated exactly in `chip`; numpy's machines are in `chip_floats`. The instances and predicates of
the claims are in `rounding` (sums), `safety` (threshold units) and `relu_errors`.
"""

from memlib.capacity.relu_errors import (
    bound_below_half_gap,
    few_roundings_a_layer,
    hidden_relus,
    memorizes,
    nearest_labels_are_right,
)
from memlib.capacity.rounding import (
    errors_within_size,
    few_roundings,
    fits,
    is_the_nearest,
    nothing_rounds,
    products_are_integers,
)
from memlib.capacity.safety import (
    all_units_are_safe,
    at_least_two_bits,
    centre_is_best,
    every_unit_keeps_its_value,
    fails_with_p_bits_alone,
    hidden_thresholds,
    some_bias_gives_the_bits,
)
from memlib.claim import Claim

float_rounding = Claim("limits-def-float", conclusion=is_the_nearest)

dot_error = Claim("limits-dot-error", hypotheses={"m mu < 1": few_roundings}, conclusion=errors_within_size)

integers_exact = Claim(
    "limits-integers-exact",
    hypotheses={"weights and inputs are integers": products_are_integers, "they add up to at most 2^p": fits},
    conclusion=nothing_rounds,
)

float_threshold = Claim(
    "limits-float-threshold",
    hypotheses={"hidden units are thresholds": hidden_thresholds, "every unit is safe": all_units_are_safe},
    conclusion=every_unit_keeps_its_value,
)

float_thin = Claim(
    "limits-float-thin", hypotheses={"p >= 2": at_least_two_bits}, conclusion=fails_with_p_bits_alone
)

float_centre = Claim(
    "limits-float-centre", hypotheses={"C < A": some_bias_gives_the_bits}, conclusion=centre_is_best
)

float_relu = Claim(
    "limits-float-relu",
    hypotheses={
        "hidden units are ReLUs, the output is linear": hidden_relus,
        "the network memorizes": memorizes,
        "m mu < 1": few_roundings_a_layer,
        "the bound is below half the gap": bound_below_half_gap,
    },
    conclusion=nearest_labels_are_right,
)
