"""The last layers of the deep network, with a perceptron or a sum of lifted vectors as the neuron of each block."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from memlib.layer import Layer, Sparse
from memlib.rajput.blocks import Block, Unit, norm_1
from memlib.rajput.chain import lifted
from memlib.rajput.lift import bits_of, block_size
from memlib.rajput.main_floats import generator, random_word
from memlib.rajput.neurons import (
    Memory,
    combination,
    enough_for_hebb,
    enough_parities,
    perceptron_run,
)
from memlib.rajput.neurons_floats import draw_until_right
from memlib.rajput.parity_draws import labelled_blocks
from memlib.rajput.pipeline import Pipeline, pruned_trees, rows_of_layer
from memlib.rajput.xor import Form, parity_layer, rows_of, threshold_layer, total


def code_forms(found: Pipeline) -> Sparse:
    """Return the bits of the codes as linear forms of the last layer of XORs."""
    return pruned_trees(found.pieces, len(found.layers) - 4, found.m)[1]


def or_layer(q: int) -> Layer:
    return threshold_layer([dict.fromkeys(range(q), 1)], (-1,), q)


def perceptron_layers(found: Pipeline, rng: Any) -> tuple[Layer, ...] | None:
    """Return lift, blocks and output: parities are drawn until every block is learned in 4s corrections.

    None if as many parities as rajput-block-perceptron asks for, with eta = 1/8, were not enough. The neurons have
    the gates of rajput-block-gate.
    """
    forms, rng = code_forms(found), generator(rng)
    bits = rows_of(forms)
    n, s = len(found.codes), block_size(len(found.codes))
    parts = labelled_blocks(found.codes, found.labels)
    most, rest = enough_parities(n, Fraction(1, 8)), parts
    sets: tuple[int, ...] = ()
    while rest and len(sets) < most:
        step = min(s, most - len(sets))
        sets += tuple(random_word(len(bits), rng) for _ in range(step))
        rest = [p for p in rest if _weights(p, sets) is None]
        if not rest:  # all were learned once; more parities may spoil an early one
            rest = [p for p in parts if _weights(p, sets) is None]
    if rest or not any(sets):
        return None
    parities, sums = parity_layer([bits_of(S) for S in sets], forms)
    z = total({u: c << i for u, c in form.items()} for i, form in enumerate(bits))
    upper = threshold_layer(
        [*rows_of_layer(parities), *[z] * (len(parts) - 1)],
        [*parities.biases, *(-codes[0] for codes, _ in parts[1:])],
        forms.shape[1],
    )
    chi = rows_of(sums)
    neurons = []
    for k, part in enumerate(parts):
        w = dict(enumerate(_weights(part, sets) or ()))
        neurons.append(Unit(w, norm_1(w), k, len(parts)).form(chi, parities.units))
    last = threshold_layer([form for form, _ in neurons], [bias for _, bias in neurons], upper.units)
    return upper, last, or_layer(len(parts))


def _weights(part: tuple[tuple[int, ...], tuple[int, ...]], sets: Sequence[int]) -> list[int] | None:
    """Return the perceptron's weights for a block, or None if 4s corrections are not enough."""
    rows = tuple(map(tuple, lifted(part[0], sets)))
    run = perceptron_run(Block(rows, part[1]), 4 * len(rows))
    return None if run is None else combination(run[0], rows)


def hebbian_layers(found: Pipeline, rng: Any) -> tuple[Layer, ...] | None:
    """Return lift, blocks and output: the neuron of a block is [<w, v> >= N/2], w the sum of its v with label 1.

    Parities are drawn until all neurons are right at all codes. None if as many as rajput-block-hebb asks for, with
    eta = 1/8, were not enough. There are no gates.
    """
    forms = code_forms(found)
    n, most = len(found.codes), enough_for_hebb(len(found.codes), Fraction(1, 8))
    sets = draw_until_right(found.codes, found.labels, block_size(n), forms.shape[0], most, rng)
    if sets is None:
        return None
    parities, sums = parity_layer([bits_of(S) for S in sets], forms)
    chi = rows_of(sums)
    weights = Memory(found.codes, found.labels, sets).weights
    rows: list[Form] = [
        total({u: -2 * c * v for u, v in form.items()} for c, form in zip(w, chi, strict=True))
        for w in weights
    ]
    biases = [sum(w) - (len(sets) + 1) // 2 for w in weights]  # [<w, chi> >= N/2], in integers
    return parities, threshold_layer(rows, biases, parities.units), or_layer(len(rows))


#: The neurons whose layers replace those of a network with exact weights.
LAYERS = {"perceptron": perceptron_layers, "hebbian": hebbian_layers}
