"""The feed-forward network: one pass turns a photograph into a picture in one style.

Johnson, Alahi and Fei-Fei 2016, https://arxiv.org/abs/1603.08155, with instance normalization
(Ulyanov, Vedaldi and Lempitsky 2016, https://arxiv.org/abs/1607.08022). What differs from the paper
stands in the room's `__init__.py`.
"""

from typing import Literal

import keras
from keras import layers

from stylenet import inputs
from stylenet.feed_forward.settings import PADDINGS, UPSAMPLINGS, WIDEST
from stylenet.layers import (
    ConditionalInstanceNormalization,
    ReflectionPadding2D,
    instance_normalization,
)
from stylenet.surroundings import plain
from stylenet.weights import fill, network_options, style_file

CORNERS = 4  # of a style's two sliders: weak or strong, with small or large strokes


def convolution(
    x,
    filters,
    kernel_size,
    strides=1,
    *,
    name,
    padding,
    normalize=instance_normalization,
    relu=True,
):
    """Convolution without bias, instance normalization, ReLU."""
    if padding == "reflect":
        x = ReflectionPadding2D(kernel_size // 2, name=f"{name}_pad")(x)
    x = layers.Conv2D(
        filters,
        kernel_size,
        strides,
        padding="valid" if padding == "reflect" else "same",
        use_bias=False,
        kernel_initializer=keras.initializers.TruncatedNormal(stddev=0.1),
        name=name,
    )(x)
    x = normalize(x, name)
    return layers.ReLU(name=f"{name}_relu")(x) if relu else x


def residual_block(x, filters, *, name, **options):
    """Two convolutions whose result is added to their input; no ReLU after the sum."""
    y = convolution(x, filters, 3, name=f"{name}_conv1", **options)
    y = convolution(y, filters, 3, name=f"{name}_conv2", **options, relu=False)
    return layers.Add(name=f"{name}_add")([x, y])


def upsampling_block(x, filters, *, name, padding, upsampling, normalize=instance_normalization):
    """Doubles height and width.

    A transposed convolution with a 3 x 3 kernel and stride 2 touches every second pixel
    twice and leaves a checkerboard; repeating pixels and then convolving touches all alike.
    """
    if upsampling == "nearest":
        x = layers.UpSampling2D(2, interpolation="nearest", name=f"{name}_repeat")(x)
        return convolution(x, filters, 3, name=name, padding=padding, normalize=normalize)
    x = layers.Conv2DTranspose(
        filters,
        3,
        strides=2,
        padding="same",
        use_bias=False,
        kernel_initializer=keras.initializers.TruncatedNormal(stddev=0.1),
        name=name,
    )(x)
    return layers.ReLU(name=f"{name}_relu")(normalize(x, name))


@plain()
def transform_net(
    padding: Literal["zero", "reflect"] = "zero",
    upsampling: Literal["transposed", "nearest"] = "transposed",
    width: int = 32,
    name: str = "transform_net",
    styles: int | None = None,
    conditions: int | None = None,
) -> keras.Model:
    """The image transformation network.

    With the defaults it is the course's network: 16 convolutions, 48 arrays, 1,677,638
    parameters. All variants at one width have the same arrays in the same order.

    Args:
        padding: "zero" as in the course, or "reflect", which mirrors the picture at its
            border, so that no frame appears there.
        upsampling: "transposed" convolution as in the course, or "nearest", which repeats
            pixels and then convolves, so that no checkerboard appears where the features are
            flat; where they change, a grid of four pixels may stay until training removes it.
        width: filters of the first convolution, 1 to 512 (32 in the paper); the cost grows with
            its square.
        name: the model's name.
        styles: how many styles share the convolutions; None for one alone.
        conditions: the length of a condition that is not of styles, see `universal.onepass`.

    Returns:
        A `keras.Model`: RGB pictures `(batch, height, width, 3)` in [0, 255] to pictures in
        (-22.5, 277.5), which the caller clips. Height and width that are multiples of four
        are kept; others grow to the next multiple. With `styles` its inputs are two, the pictures
        and the conditions `(batch, 4 styles)`, see `conditional.condition`; with `conditions`,
        `(batch, conditions)`.

    Raises:
        ValueError: an unknown padding or upsampling, a width or a number of styles or conditions
            out of range.

    Reference: Johnson et al. 2016, https://arxiv.org/abs/1603.08155; with `styles`, Dumoulin et
    al. 2016, https://arxiv.org/abs/1610.07629

    Example:
        >>> transform_net().count_params()
        1677638
    """
    _check_options(padding, upsampling, width, styles, conditions)
    inputs = keras.Input((None, None, 3), name="pictures")
    shared = {"padding": padding}
    conditions = CORNERS * styles if styles else conditions
    if conditions:
        condition = keras.Input((conditions,), name="condition")
        shared["normalize"] = lambda x, name: ConditionalInstanceNormalization(
            conditions, name=f"{name}_norm"
        )(x, condition)
    x = convolution(inputs, width, 9, name="down1", **shared)
    x = convolution(x, 2 * width, 3, strides=2, name="down2", **shared)
    x = convolution(x, 4 * width, 3, strides=2, name="down3", **shared)
    for i in range(1, 6):
        x = residual_block(x, 4 * width, name=f"residual{i}", **shared)
    x = upsampling_block(x, 2 * width, name="up1", upsampling=upsampling, **shared)
    x = upsampling_block(x, width, name="up2", upsampling=upsampling, **shared)
    x = convolution(x, 3, 9, name="output", relu=False, **shared)
    # float32 even in mixed precision: half precision has 8 to 11 bits, a picture 8.
    x = layers.Activation("tanh", dtype="float32", name="output_tanh")(x)
    outputs = layers.Rescaling(150.0, offset=127.5, dtype="float32", name="output_pictures")(x)
    return keras.Model([inputs, condition] if conditions else inputs, outputs, name=name)


@plain()
def load_network(name):
    """Builds the network that a weights file describes, and fills it.

    Args:
        name: as in `weights.style_file`. A file without a description holds the course's network.

    Returns:
        A `keras.Model` from `transform_net`.

    Raises:
        FileNotFoundError, ValueError: as `weights.style_file`; or the file does not fit.
    """
    path = style_file(name)
    options = network_options(path)
    if "styles" in options:
        options["styles"] = len(options["styles"])  # a file has their names
    return fill(lambda: transform_net(**options), path)


def _check_options(padding, upsampling, width, styles, conditions):
    inputs.choice("padding", padding, PADDINGS)
    inputs.choice("upsampling", upsampling, UPSAMPLINGS)
    inputs.number("width", width, 1, WIDEST, whole=True)
    for name, value in (("styles", styles), ("conditions", conditions)):
        if value is not None:
            inputs.number(name, value, 1, WIDEST, whole=True)
