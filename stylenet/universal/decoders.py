"""Encoders and the decoders that draw a picture from what an encoder saw.

How decoders are trained stands in `stylenet.universal.training`.
"""

import keras
from keras import layers

from stylenet import encoders, weights
from stylenet.encoders import CONTRAST, CONVOLUTIONS, GREY, WIDTHS, convolution, level_name
from stylenet.features import feature_extractor
from stylenet.layers import SignedReLU
from stylenet.surroundings import plain

# Roots of the mean squares of each level's responses to photographs: what a decoder divides by.
SCALES = {
    "slim": (1.0, 1.0, 1.0, 1.0, 1.0),
    "vgg19": (48.0, 240.0, 300.0, 960.0, 130.0),
}


@plain()
def level_encoder(network, levels=encoders.LEVELS, weights="imagenet", rectified=False):
    """A frozen encoder, a response a level; borders are continued by reflection.

    Args:
        network: "slim" or "vgg19".
        levels: of 1 to 5.
        weights: "imagenet", which for slim stands for the shipped file, "random" or a path, see
            `features.feature_extractor`.
        rectified: True for responses after their ReLU.

    Returns:
        See `encoders.encoder`.

    Raises:
        ValueError: an unknown network or level, or weights that do not fit.
        FileNotFoundError: weights that are nowhere to be found.
    """
    encoders.check(network, levels)
    names = [level_name(level) for level in levels]
    model = encoders.encoder(network, names, f"{network}_encoder", rectified)
    if weights != "random":
        extractor = feature_extractor(network, names, weights)
        for layer in encoders.layer_names(max(levels)):
            model.get_layer(layer).set_weights(extractor.get_layer(layer).get_weights())
    model.trainable = False
    return model


@plain()
def decoder(level, network="slim"):
    """The mirror image of slim: nearest upsampling where that pools.

    The first convolution reads both parts of the responses (`SignedReLU`). For VGG19 a linear map
    comes before, since that makes of its responses nearly what slim sees: a seventh of the
    multiplications. Each layer bears the name of the encoder's layer whose channels it reads, so
    that a decoder of slim contains those of the lower levels.

    Args:
        level: 1 to 5.
        network: "slim" or "vgg19".

    Returns:
        A `keras.Model`, responses `(batch, height, width, channels)` to RGB pictures
        `(batch, 2^(level - 1) height, 2^(level - 1) width, 3)`, about [0, 255], not clipped.

    Raises:
        ValueError: an unknown network or level.

    Reference: Li et al. 2017, section 3.1
    """
    encoders.check(network, [level])
    widths = WIDTHS["slim"]
    inputs = keras.Input((None, None, WIDTHS[network][level - 1]), name="responses")
    x = layers.Rescaling(1 / SCALES[network][level - 1], name="scaled")(inputs)
    if network != "slim":
        x = layers.Conv2D(widths[level - 1], 1, name="reduced")(x)
    x = SignedReLU(name="parts")(x)
    for block in range(level, 0, -1):
        if block < level:
            x = layers.UpSampling2D(2, interpolation="nearest", name=f"block{block}_repeat")(x)
            for i in range(CONVOLUTIONS[block - 1], 1, -1):
                x = convolution(x, widths[block - 1], f"block{block}_conv{i}")
        filters, activation = (widths[block - 2], "relu") if block > 1 else (3, None)
        x = convolution(x, filters, level_name(block), activation)
    outputs = layers.Rescaling(CONTRAST, offset=GREY, name="pictures")(x)
    return keras.Model(inputs, outputs, name=f"{network}_decoder{level}")


@plain()
def load_decoder(level, network="slim", path=None):
    """A trained decoder, frozen.

    Args:
        level: 1 to 5.
        network: "slim" or "vgg19".
        path: a weights file of your own, or None for the shipped one.

    Returns:
        See `decoder`.

    Raises:
        ValueError, FileNotFoundError: no such level, or no such file, or one that does not fit.
    """
    encoders.check(network, [level])
    path = path or weights.shipped_file(f"{network}_decoder{level}")
    model = weights.fill(lambda: decoder(level, network), path)
    model.trainable = False
    return model


def shipped_levels(network):
    """The levels whose decoders ship, from the highest."""
    encoders.check(network, encoders.LEVELS)
    folder = weights.weights_folder()
    return tuple(
        level
        for level in reversed(encoders.LEVELS)
        if (folder / f"{network}_decoder{level}.json").is_file()
    )


def begin_with(model, path):
    """Copies into a decoder the layers that it has in common with another one of its network.

    Where a lower one begins, this one delivers positive responses: of that layer's kernel, the
    half that reads the positive part is taken.

    Args:
        model: from `decoder`.
        path: a weights file of a decoder of the same level or, for slim, of a lower one.

    Returns:
        The names of these layers.

    Raises:
        ValueError, FileNotFoundError: no such file, or not of such a decoder.
    """
    options = weights.network_options(path)
    if options.get("network") not in WIDTHS or "level" not in options:
        raise ValueError(f"Expected the weights of a decoder. Received: {path}.")
    start = load_decoder(options["level"], options["network"], path)
    theirs = {layer.name: layer for layer in start.layers if layer.weights}
    ours = {layer.name: layer for layer in model.layers if layer.weights}
    fits = start.name == model.name or model.name.startswith("slim")
    if start.name[:-1] != model.name[:-1] or not fits or not theirs.keys() <= ours.keys():
        lower = " or a lower one" if model.name.startswith("slim") else ""
        raise ValueError(
            f"Expected the weights of {model.name[:-1]}s of the same level{lower}. "
            f"{path} holds {start.name}."
        )
    for name, layer in theirs.items():
        kernel, bias = layer.get_weights()
        ours[name].set_weights([kernel[:, :, : ours[name].kernel.shape[2]], bias])
    return tuple(theirs)
