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
from stylenet.levels import CONVOLUTIONS as CONVOLUTIONS
from stylenet.levels import LEVELS as LEVELS
from stylenet.levels import WIDTHS, block_and_number, layer_names
from stylenet.levels import check as check
from stylenet.levels import level_name as level_name
from stylenet.surroundings import plain

GREY, CONTRAST = 127.5, 64.0  # mean and standard deviation of photographs, roughly


def convolution(x, filters, name, activation="relu"):
    """A 3 x 3 convolution of a picture that goes on beyond its border, mirrored."""
    x = ReflectionPadding2D(1, name=f"{name}_pad")(x)
    return layers.Conv2D(filters, 3, activation=activation, name=name)(x)


def preprocess(pictures, network):
    """Pictures in [0, 255] as an encoder expects them."""
    if network == "vgg19":
        return preprocess_input(pictures)
    return (pictures - GREY) / CONTRAST


@plain()
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
