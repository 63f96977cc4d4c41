"""The encoders of universal style transfer: VGG19's lower part, at its own width and slim.

Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition",
2014, https://arxiv.org/abs/1409.1556

Five levels, block1_conv1 to block5_conv1. Borders are continued by reflection instead of zeros:
zeros are darker than any picture, and a decoder would draw that darkness as a frame. Levels may be
had before their ReLU: whitened and colored responses are negative where they like.

Differences from the paper: reflection padding; no dense layers; other widths than VGG19's own.
"""

import keras
from keras import layers
from keras.applications.vgg19 import preprocess_input

from stylenet.layers import ReflectionPadding2D

LEVELS = (1, 2, 3, 4, 5)
GREY, CONTRAST = 127.5, 64.0  # mean and standard deviation of photographs, roughly
CONVOLUTIONS = (2, 2, 4, 4, 1)  # a block; of the fifth, the first alone
WIDTHS = {"vgg19": (64, 128, 256, 512, 512), "slim": (24, 48, 96, 192, 192)}


def level_name(level):
    """The layer of a level: level 4 is block4_conv1."""
    return f"block{level}_conv1"


def block_and_number(name):
    """Where a convolution is: block4_conv2 is the second one of block 4, `(4, 2)`."""
    block, number = name.removeprefix("block").split("_conv")
    return int(block), int(number)


def check(network, levels):
    """Raises a ValueError that names what is wrong unless there is such a network and level."""
    if network not in WIDTHS:
        raise ValueError(f"Expected network to be one of {tuple(WIDTHS)}. Received: {network!r}.")
    unknown = [level for level in levels if level not in LEVELS]
    if unknown or not levels:
        raise ValueError(f"Expected levels among {LEVELS}. Received: {unknown or 'none'}.")


def layer_names(top=5):
    """The convolutions up to a level, from the picture upwards."""
    return [
        f"block{block}_conv{i}"
        for block, count in enumerate(CONVOLUTIONS[:top], 1)
        for i in range(1, count + 1 if block < top else 2)
    ]


def convolution(x, filters, name, activation="relu"):
    """A 3 x 3 convolution of a picture that goes on beyond its border, mirrored."""
    x = ReflectionPadding2D(1, name=f"{name}_pad")(x)
    return layers.Conv2D(filters, 3, activation=activation, name=name)(x)


def preprocess(pictures, network):
    """Pictures in [0, 255] as an encoder expects them."""
    if network == "vgg19":
        return preprocess_input(pictures)
    return (pictures - GREY) / CONTRAST


def encoder(network, outputs, name="encoder", rectified=True):
    """VGG19's topology up to block5_conv1, at its own width or slim.

    Args:
        network: "vgg19" or "slim".
        outputs: names of layers.
        name: the model's name.
        rectified: False for the responses of each block's first convolution before its ReLU.

    Returns:
        A `keras.Model`: RGB pictures `(batch, height, width, 3)` in [0, 255] to a dict, layer
        name to `(batch, height', width', channels)`. Sides must be multiples of 16, at least
        32, unless only lower levels are asked for.

    Reference: https://arxiv.org/abs/1409.1556, configuration E
    """
    inputs = keras.Input((None, None, 3), name="pictures")
    x, maps = preprocess(inputs, network), {}
    for layer in layer_names(max(block_and_number(name)[0] for name in outputs)):
        block, number = block_and_number(layer)
        if number == 1 and block > 1:
            x = layers.MaxPooling2D(2, name=f"block{block - 1}_pool")(x)
        linear = number == 1 and not rectified
        x = maps[layer] = convolution(
            x, WIDTHS[network][block - 1], layer, None if linear else "relu"
        )
        if linear:
            x = layers.ReLU(name=f"{layer}_relu")(x)
    return keras.Model(inputs, {layer: maps[layer] for layer in outputs}, name=name)
