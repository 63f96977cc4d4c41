"""Convolutions with stride 1, faster on a CPU: for networks in training and frozen ones.

Nothing here is needed to understand style transfer. Two identities save time:

1. A convolution is the gradient of the mirrored one, and its gradient is a convolution. For a
   kernel that may change, oneDNN has fast code for the gradient alone on CPUs without AVX-512.
2. A convolution is a product of polynomials, and the values of a product are products of values
   (Winograd; Lavin and Gray 2016, https://arxiv.org/abs/1509.09308). Six values, at 0, 1, -1, 2,
   -2 and infinity, determine four pixels of a row, and 6 x 6 values 4 x 4 pixels: 36
   multiplications instead of 144, for some additions, of which XLA makes one loop.
"""

import functools
import math

import keras
import numpy as np
from keras import ops

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf


TILE = 4
# The values of a kernel's three pixels at the six points.
POINTS = np.array(
    [
        [1 / 4, 0, 0],
        [-1 / 6, -1 / 6, -1 / 6],
        [-1 / 6, 1 / 6, -1 / 6],
        [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6],
        [0, 0, 1],
    ],
    "float32",
)
# Compiling takes half a second, and additions take time: what is not worth it.
LEAST_CHANNELS = 64 * 128
LEAST_PIXELS = 32 * 32
LEAST_MULTIPLICATIONS = 5e8
# Values of tiles in memory at a time: 4 bytes each, and as many of the result.
MOST_VALUES = 3e6
SHAPES = 128  # combinations of shapes that a function is compiled for at a time; a picture has ten


def compiled(function):
    """Compiles a function of tensors by XLA, for each combination of shapes and options.

    The `SHAPES` last used combinations are kept.
    """

    @functools.lru_cache(SHAPES)
    def graph(shapes, options):
        bound = functools.partial(function, **dict(options))
        return tf.function(bound, jit_compile=True, autograph=False)

    @functools.wraps(function)
    def call(*tensors, **options):
        shapes = tuple(tuple(tensor.shape) for tensor in tensors)
        return graph(shapes, tuple(options.items()))(*tensors)

    return call


def tensorflow_on_cpu():
    """Whether TensorFlow computes, without a GPU."""
    tensorflow = keras.backend.backend() == "tensorflow"
    return tensorflow and not tf.config.list_physical_devices("GPU")


def accelerate(model):
    """Makes a model's convolutions faster, in training too, on TensorFlow without a GPU.

    Args:
        model: a `keras.Model`. Its `Conv2D` layers with stride 1, more than 3 channels and
            float32 compute the same, up to rounding; on a GPU, and with another backend,
            nothing is changed.
    """
    if not tensorflow_on_cpu():
        return
    model.jit_compile = False  # XLA's own convolutions are slow
    for layer in model.layers:
        plain = isinstance(layer, keras.layers.Conv2D) and layer.compute_dtype == "float32"
        plain = plain and layer.strides == (1, 1) == layer.dilation_rate
        if plain and layer.kernel.shape[2] > 3 and layer.kernel.shape[0] % 2:
            layer.convolution_op = convolution_op(layer)


def convolution_op(layer):
    """A replacement of `Conv2D.convolution_op` with a gradient of its own."""
    size = layer.kernel.shape[0]
    border = size // 2 if layer.padding == "same" else 0

    @tf.custom_gradient
    def convolve(x, kernel):
        def gradient(upstream):
            toward_x = convolution(upstream, kernel, size - 1 - border, mirrored=True)
            return toward_x, kernel_gradient(x, upstream, kernel, border)

        return convolution(x, kernel, border), gradient

    return lambda x, kernel: convolve(x, tf.convert_to_tensor(kernel))


def convolution(x, kernel, border, mirrored=False):
    """Convolves `x`, with `border` pixels of zeros around it, by the faster of two ways.

    `border` is 0 or half of the kernel; all of it but one, in the gradient of the former.
    `mirrored` takes the kernel of the gradient: turned by 180 degrees, from filters to channels.
    """
    channels, filters = kernel.shape[:1:-1] if mirrored else kernel.shape[2:]
    if worth_winograd(x, channels, filters, kernel.shape[0]):
        with tf.control_dependencies([x]):  # not before: all layers' values are large
            values = kernel_values(kernel, mirrored=mirrored)
        return winograd_in_strips(x, values, border, mirrored)
    if not mirrored:
        with tf.control_dependencies([x]):
            kernel = mirror(kernel)
    size = kernel.shape[0]
    # oneDNN is fast with padding that has a name; so what lacks a border gets one, and is cropped.
    crop = max(size // 2 - border, 0)
    border += crop
    grow = 2 * border - size + 1
    batch, height, width, _ = ops.shape(x)
    y = tf.raw_ops.Conv2DBackpropInput(
        input_sizes=[batch, height + grow, width + grow, filters],
        filter=kernel,
        out_backprop=x,
        strides=[1] * 4,
        padding="SAME" if border < size - 1 else "VALID",
    )
    sides = [side if side is None else side + grow for side in x.shape[1:3]]
    y.set_shape((x.shape[0], *sides, filters))
    return y[:, crop:-crop, crop:-crop] if crop else y


def mirror(kernel):
    """The kernel of the gradient."""
    return tf.transpose(kernel[::-1, ::-1], (0, 1, 3, 2))


def kernel_gradient(x, upstream, kernel, border):
    """The gradient of `convolution(x, kernel, border)` with respect to the kernel."""
    size, _, channels, filters = kernel.shape
    if min(channels, filters) >= 128 and worth_winograd(upstream, channels, filters, size):
        return winograd_kernel_gradient(x, upstream, border=border)
    if size == 3:  # nine products of matrices are faster than oneDNN
        x = tf.pad(x, [[0, 0], [border, border], [border, border], [0, 0]])
        return tf.reshape(shifted_products(x, upstream), kernel.shape)
    return tf.raw_ops.Conv2DBackpropFilter(
        input=x,
        filter_sizes=kernel.shape,
        out_backprop=upstream,
        strides=[1] * 4,
        padding="SAME" if border else "VALID",
    )


def shifted_products(x, upstream):
    """For each place in a 3 x 3 kernel, every channel of `x` times every one of `upstream`."""
    _, height, width, filters = ops.shape(upstream)
    upstream = tf.reshape(upstream, (-1, filters))
    shifted = [x[:, i : i + height, j : j + width] for i in range(3) for j in range(3)]
    return tf.stack(
        [tf.matmul(tf.reshape(s, (-1, x.shape[3])), upstream, transpose_a=True) for s in shifted]
    )


def worth_winograd(x, channels, filters, size):
    """Whether Winograd's way is likely to be faster; never where the size is not known."""
    if size != 3 or channels * filters < LEAST_CHANNELS:
        return False
    pixels = (x.shape[0] or 1) * (x.shape[1] or 0) * (x.shape[2] or 0)
    enough = 9 * pixels * channels * filters >= LEAST_MULTIPLICATIONS
    return enough and pixels >= LEAST_PIXELS


def winograd_in_strips(x, values, border, mirrored):
    """`winograd`, a few rows of tiles after the other, since the values take much memory."""
    x = tf.pad(x, [[0, 0], [border, border], [border, border], [0, 0]])
    height, width = (side - 2 for side in x.shape[1:3])
    tiles = (x.shape[0] or 1) * -(-height // TILE) * -(-width // TILE)
    count = math.ceil(36 * tiles * max(values.shape[1:]) / MOST_VALUES)
    rows = TILE * math.ceil(height / TILE / count)
    strips = []
    for top in range(0, height, rows):
        with tf.control_dependencies(strips[-1:]):
            strip = x[:, top : top + rows + 2]
            strips.append(winograd(strip, values, mirrored=mirrored))
    return tf.concat(strips, axis=1) if len(strips) > 1 else strips[0]


@compiled
def winograd(x, values, border=0, mirrored=False):
    """A 3 x 3 convolution with stride 1: identity 2 of this module.

    Args:
        x: `(batch, height, width, channels)`, float32.
        values: `kernel_values(kernel)`.
        border: pixels of zeros around `x`.
        mirrored: whether `kernel_values` was told so.

    Returns:
        `(batch, height + 2 border - 2, width + 2 border - 2, filters)`. Rounding errors are
        about 5e-6 of the result's standard deviation, those of a plain convolution 2e-7.
    """
    height, width = (side + 2 * border - 2 for side in ops.shape(x)[1:3])
    x, (batch, rows, columns) = tile_values(x, border)
    y = tf.matmul(x, values, transpose_b=mirrored)
    y = tf.reshape(y, (6, 6, batch, rows, columns, y.shape[2]))
    y = tf.stack(four_pixels(tf.unstack(y)), axis=4)
    y = tf.stack(four_pixels(tf.unstack(y)), axis=2)
    y = tf.reshape(y, (batch, TILE * rows, TILE * columns, y.shape[5]))
    return y[:, :height, :width]


@compiled
def winograd_kernel_gradient(x, upstream, border=0):
    """The gradient of a 3 x 3 convolution with respect to the kernel: the same steps transposed."""
    values, (batch, rows, columns) = tile_values(x, border)
    _, height, width, filters = ops.shape(upstream)
    below, right = TILE * rows - height, TILE * columns - width
    y = tf.pad(upstream, [[0, 0], [0, below], [0, right], [0, 0]])
    y = tf.reshape(y, (batch, rows, TILE, columns, TILE, filters))
    y = tf.stack(values_of_four(tf.unstack(y, axis=2)))
    y = tf.stack(values_of_four(tf.unstack(y, axis=4)))
    products = tf.matmul(values, tf.reshape(y, (36, -1, filters)), transpose_a=True)
    products = tf.unstack(tf.reshape(products, (6, 6, x.shape[3], filters)))
    rows = tf.stack(combine(POINTS.T, products), axis=1)
    return tf.stack(combine(POINTS.T, tf.unstack(rows)))


@compiled
def kernel_values(kernel, mirrored=False):
    """`(3, 3, channels, filters)` to `(36, channels, filters)`, columns before rows.

    `mirrored` turns the kernel by 180 degrees; `winograd` then swaps channels and filters.
    """
    points = POINTS[:, ::-1] if mirrored else POINTS
    values = combine(points, tf.unstack(kernel))  # six times (3, channels, filters)
    values = tf.stack(combine(points, tf.unstack(tf.stack(values), axis=1)))
    return tf.reshape(values, (36, *kernel.shape[2:]))


def combine(matrix, parts):
    """A small matrix times a list of tensors, written out."""
    return [sum(c * part for c, part in zip(row, parts, strict=True) if c) for row in matrix]


def tile_values(x, border):
    """The values of 6 x 6 pixels, every four pixels.

    Returns:
        `(36, batch * rows * columns, channels)`, columns before rows, and the three factors.
    """
    batch, height, width, channels = ops.shape(x)
    rows, columns = (-(-(side + 2 * border - 2) // TILE) for side in (height, width))
    below, right = TILE * (rows + 1) - height - border, TILE * (columns + 1) - width - border
    x = tf.pad(x, [[0, 0], [border, below], [border, right], [0, 0]])
    x = tf.reshape(x, (batch, rows + 1, TILE, columns + 1, TILE, channels))
    # A tile reads its own four rows (columns) and the next tile's first two.
    x = tf.stack(six_values([x[:, :-1, i] for i in range(4)] + [x[:, 1:, i] for i in range(2)]))
    x = [x[..., :-1, i, :] for i in range(4)] + [x[..., 1:, i, :] for i in range(2)]
    x = tf.stack(six_values(x))
    return tf.reshape(x, (36, batch * rows * columns, channels)), (batch, rows, columns)


def six_values(x):
    """The values that six pixels contribute."""
    even, odd = x[4] - 4 * x[2], x[3] - 4 * x[1]
    even2, odd2 = x[4] - x[2], 2 * (x[3] - x[1])
    first, last = 4 * x[0] - 5 * x[2] + x[4], 4 * x[1] - 5 * x[3] + x[5]
    return [first, even + odd, even - odd, even2 + odd2, even2 - odd2, last]


def four_pixels(y):
    """Four pixels from six values of the product."""
    even, odd, even2, odd2 = y[1] + y[2], y[1] - y[2], y[3] + y[4], y[3] - y[4]
    return [y[0] + even + even2, odd + 2 * odd2, even + 4 * even2, odd + 8 * odd2 + y[5]]


def values_of_four(y):
    """The values of four pixels: `four_pixels` transposed."""
    even, odd, even2, odd2 = y[0] + y[2], y[1] + y[3], y[0] + 4 * y[2], 2 * y[1] + 8 * y[3]
    return [y[0], even + odd, even - odd, even2 + odd2, even2 - odd2, y[3]]
