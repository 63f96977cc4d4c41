"""The network that enlarges: a bicubic enlargement, and what a few convolutions add to it."""

import keras
import numpy as np
from keras import layers, ops

from stylenet import inputs
from stylenet.layers import ReflectionPadding2D
from stylenet.surroundings import plain

FACTOR = 4
WIDEST = 512
REACH = 16  # pixels of the small picture that a new pixel depends on, to each side: 14, rounded up
GREY = 127.5


@keras.saving.register_keras_serializable(package="stylenet")
class Bicubic(layers.Layer):
    """Bicubic enlargement by four; the picture's border is continued as it is.

    A new pixel lies 3/8 or 1/8 of an old one beside the middle of an old one, to either side: four
    kernels of five pixels in each direction, all of which a depthwise convolution computes at once.

    Input `(batch, height, width, channels)`, output `(batch, 4 height, 4 width, channels)`.

    Reference: Keys 1981, https://doi.org/10.1109/TASSP.1981.1163711
    """

    def call(self, x):
        _, height, width, channels = ops.shape(x)
        x = ops.pad(x, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="symmetric")
        kernels = np.einsum("ap,bq->abpq", bicubic_kernels(), bicubic_kernels())
        kernels = kernels.reshape(5, 5, 1, FACTOR**2).repeat(channels, axis=2).astype("float32")
        x = ops.depthwise_conv(x, kernels, padding="valid")
        x = ops.reshape(x, (-1, height, width, channels, FACTOR, FACTOR))
        x = ops.transpose(x, (0, 1, 4, 2, 5, 3))
        return ops.reshape(x, (-1, FACTOR * height, FACTOR * width, channels))

    def compute_output_shape(self, shape):
        batch, height, width, channels = shape
        return (batch, height and FACTOR * height, width and FACTOR * width, channels)


def bicubic_kernels():
    """What each of four new pixels takes of five old ones, `(5, 4)`; a column's sum is 1."""
    places = (np.arange(FACTOR) + 0.5) / FACTOR - 0.5
    x = np.abs(np.arange(-2, 3)[:, None] - places)
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


def convolution(x, filters, kernel_size, *, name, relu=True, initializer="he_normal"):
    """Reflection padding, convolution, ReLU."""
    x = ReflectionPadding2D(kernel_size // 2, name=f"{name}_pad")(x)
    x = layers.Conv2D(filters, kernel_size, kernel_initializer=initializer, name=name)(x)
    return layers.ReLU(name=f"{name}_relu")(x) if relu else x


def residual_block(x, filters, *, name):
    """Two convolutions whose result is added to their input."""
    y = convolution(x, filters, 3, name=f"{name}_conv1")
    y = convolution(y, filters, 3, name=f"{name}_conv2", relu=False, initializer="zeros")
    return layers.Add(name=f"{name}_add")([x, y])


def upsampling_block(x, filters, *, name):
    """Repeats every pixel twice in each direction, then convolves."""
    x = layers.UpSampling2D(2, interpolation="nearest", name=f"{name}_repeat")(x)
    return convolution(x, filters, 3, name=name)


@plain()
def super_resolution_net(width=32, blocks=4, name="super_resolution_net"):
    """The network that makes a picture four times as wide and high.

    All convolutions but the last three see the small picture, where they are cheap.

    Args:
        width: filters of each convolution, 1 to 512.
        blocks: residual blocks, 1 to 64 (4 in the paper).
        name: the model's name.

    Returns:
        A `keras.Model`: RGB pictures `(batch, height, width, 3)` in [0, 255], of at least 8 pixels,
        to `(batch, 4 height, 4 width, 3)`, which the caller clips. Untrained, it is the bicubic
        enlargement.

    Raises:
        ValueError: a width or a number of blocks out of range.

    Reference: Johnson et al. 2016, section 4.2, https://arxiv.org/abs/1603.08155
    """
    inputs.number("width", width, 1, WIDEST, whole=True)
    inputs.number("blocks", blocks, 1, 64, whole=True)
    pictures = keras.Input((None, None, 3), name="pictures")
    x = layers.Rescaling(1 / GREY, offset=-1.0, name="centered")(pictures)
    x = convolution(x, width, 9, name="first")
    for i in range(1, blocks + 1):
        x = residual_block(x, width, name=f"residual{i}")
    x = upsampling_block(x, width, name="up1")
    x = upsampling_block(x, width, name="up2")
    x = convolution(x, 3, 9, name="details", relu=False, initializer="zeros")
    x = layers.Rescaling(GREY, dtype="float32", name="grey_levels")(x)
    bicubic = Bicubic(dtype="float32", name="bicubic")(pictures)
    outputs = layers.Add(dtype="float32", name="sum")([bicubic, x])
    return keras.Model(pictures, outputs, name=name)


def shrink(pictures):
    """Pictures a quarter as wide and high, by a bicubic kernel that sees all pixels.

    Args:
        pictures: `(batch, height, width, 3)`, sides that are multiples of four.

    Returns:
        `(batch, height / 4, width / 4, 3)`; at edges it may leave the range a little.
    """
    height, width = pictures.shape[1:3]
    size = (height // FACTOR, width // FACTOR)
    return ops.image.resize(pictures, size, interpolation="bicubic", antialias=True)
