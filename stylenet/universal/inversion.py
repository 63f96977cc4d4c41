"""A decoder's first weights: another decoder's, or in closed form, each layer fitted to undo one of
the encoder's.

Differences from Li et al., "Universal Style Transfer via Feature Transforms", NIPS 2017,
https://arxiv.org/abs/1705.08086: there, decoders begin with random weights.
"""

import keras
import numpy as np
from keras import ops

from stylenet import encoders, weights
from stylenet.encoders import CONTRAST, CONVOLUTIONS, GREY, block_and_number, level_name
from stylenet.training.photographs import Photographs
from stylenet.universal.decoders import SCALES, begin_with, load_decoder
from stylenet.universal.least_squares import convolve, fit_convolution, fit_linear, pool, sample

PHOTOGRAPHS = 8  # of which the closed form is computed at level 1; each level more takes twice


def begin(model, encoder, critic, paths, settings):
    """Sets a decoder's first weights: `settings.start` as far as it fits, else inverses.

    For VGG19 a decoder of slim of the same level is a start too, and the default.
    """
    level, network, start = settings.level, settings.network, settings.start
    count = PHOTOGRAPHS * 2 ** (level - 1)
    photographs = Photographs(paths, settings.crop_size, count, settings.seed + 1)
    if network != "slim" and (not start or weights.network_options(start).get("network") == "slim"):
        source, seen = load_decoder(level, "slim", start), photographs.batch(0)[0]
        names = [level_name(level)]
        ours, theirs = (_responses(each, names, seen)[names[0]] for each in (encoder, critic))
        adopt(model, source, ours, theirs, SCALES[network][level - 1], settings.seed)
        return
    known = begin_with(model, start) if start else ()
    if {layer.name for layer in model.layers if layer.weights} <= set(known):
        return
    seen = photographs.batch(0)[0]
    responses = _responses(encoder, encoders.layer_names(level), seen)
    invert(model, responses, seen, SCALES[network][:level], settings.seed, known)


def invert(decoder, responses, photographs, scales, seed=0, known=()):
    """Sets a decoder's weights so that each layer gives what the encoder had before it.

    From the highest layer to the lowest, each is fitted by least squares to what the layers
    above it deliver.

    Args:
        decoder: from `decoders.decoder`.
        responses: the encoder's to the photographs: a dict, layer name to an array, of all layers
            up to the decoder's level.
        photographs: `(count, height, width, 3)`, sides multiples of 16.
        scales: the roots of the mean squares of the encoder's levels, from 1 to the decoder's.
        seed: decides the positions that are looked at.
        known: names of layers to be left as they are; nothing below the highest is looked at.
    """
    random = np.random.default_rng(seed)
    x = responses[level_name(len(scales))]
    for layer in decoder.layers[1:]:
        if layer.name in known:
            return
        if layer.weights:
            below = _target(layer.name, responses, photographs, scales)
            kernel, bias = fit_convolution(x, below, random)
            layer.set_weights([kernel, bias])
            x = convolve(x, kernel, bias)
            x = np.maximum(x, 0) if layer.activation.__name__ == "relu" else x
        elif not layer.name.endswith("_pad"):  # which `convolve` does
            x = ops.convert_to_numpy(layer(x))


def _target(name, responses, photographs, scales):
    """What the encoder's layer of this name read, which never is negative but for the picture."""
    block, number = block_and_number(name)
    if block == number == 1:
        return (photographs - GREY) / CONTRAST
    if number == 1:
        below = pool(responses[f"block{block - 1}_conv{CONVOLUTIONS[block - 2]}"])
    else:
        below = np.maximum(responses[f"block{block}_conv{number - 1}"], 0)
    # A lower decoder, which may take over here, divides by the same number.
    scale = scales[block - 1] if number == 2 else np.sqrt(np.mean(np.square(below)))
    return below / scale


def adopt(decoder, source, responses, source_responses, scale, seed=0):
    """Lets a decoder do with one encoder's responses what another one does with its own encoder's.

    The linear map that brings the responses nearest to the others goes into the layer "reduced";
    the other layers are copied.

    Args:
        decoder: from `decoders.decoder`.
        source: the other one, of the same level, which divides its responses by 1.
        responses: to photographs, of the decoder's encoder, `(count, height, width, channels)`.
        source_responses: to the same photographs, of the other encoder.
        scale: what the decoder divides its responses by.
        seed: decides the positions that are looked at.
    """
    positions = sample(responses.shape[:3], np.random.default_rng(seed))
    matrix, offset = fit_linear(responses[positions] / scale, source_responses[positions])
    decoder.get_layer("reduced").set_weights([matrix[None, None], offset])
    for theirs in source.layers:
        if theirs.weights:
            decoder.get_layer(theirs.name).set_weights(theirs.get_weights())


def _responses(encoder, names, photographs):
    """The responses of layers, a dict of arrays."""
    layers = {name: encoder.get_layer(name).output for name in names}
    model = keras.Model(encoder.inputs[0], layers)
    batches = [model(photograph[None]) for photograph in photographs]
    return {
        name: np.concatenate([ops.convert_to_numpy(batch[name]) for batch in batches])
        for name in names
    }
