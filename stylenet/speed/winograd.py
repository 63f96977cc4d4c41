"""Winograd's convolutions with 3 x 3 kernels and stride 1: fewer multiplications.

A convolution is a product of polynomials, and the values of a product are products of values. Six
values, at 0, 1, -1, 2, -2 and infinity, determine four pixels of a row, and 6 x 6 values 4 x 4
pixels: 36 multiplications instead of 144, for some additions, of which XLA makes one loop.

Reference: Lavin and Gray 2016, https://arxiv.org/abs/1509.09308
"""

import contextlib
import contextvars
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


_avoided = contextvars.ContextVar("avoided", default=False)


@contextlib.contextmanager
def avoided():
    """Within it Winograd's way is never worth it, for instance for a single picture."""
    before = _avoided.set(True)
    try:
        yield
    finally:
        _avoided.reset(before)


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


def worth_winograd(x, channels, filters, size):
    """Whether Winograd's way is likely to be faster; never where the size is not known."""
    if _avoided.get() or size != 3 or channels * filters < LEAST_CHANNELS:
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
    """A 3 x 3 convolution with stride 1: see the head of this module.

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
