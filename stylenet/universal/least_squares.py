"""Least squares on responses: the convolutions that bring one network's nearest to another's.

Closed form, of a sample of positions, with a small ridge: where distillation and decoders begin.
"""

import keras
import numpy as np
from keras import ops

SAMPLES = 20_000  # positions that the least squares see
RIDGE = 0.01  # of the mean square


def fit_convolution(inputs, outputs, random):
    """The 3 x 3 kernel and the bias that bring `inputs` nearest to `outputs`.

    Args:
        inputs: `(count, height, width, channels)`.
        outputs: `(count, height, width, filters)`.
        random: a `numpy.random.Generator`, which chooses the positions looked at.

    Returns:
        The kernel `(3, 3, channels, filters)` and the bias `(filters,)`.
    """
    positions = sample(inputs.shape[:3], random)
    image, row, column = positions
    padded = np.pad(inputs, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    patches = [padded[image, row + i, column + j] for i in range(3) for j in range(3)]
    matrix, bias = fit_linear(np.concatenate(patches, axis=1), outputs[positions])
    return matrix.reshape(3, 3, inputs.shape[-1], outputs.shape[-1]), bias


def fit_linear(x, y):
    """The matrix and the bias of the least squares y = x A + b, with a small ridge.

    Args:
        x: `(samples, channels)`.
        y: `(samples, filters)`.

    Returns:
        float32 `(channels, filters)` and `(filters,)`.
    """
    x, y = x.astype("float64"), y.astype("float64")
    x_mean, y_mean = x.mean(axis=0), y.mean(axis=0)
    x, y = x - x_mean, y - y_mean
    products = x.T @ x
    ridge = RIDGE * np.mean(np.diag(products))
    matrix = np.linalg.solve(products + ridge * np.eye(len(products)), x.T @ y)
    return matrix.astype("float32"), (y_mean - x_mean @ matrix).astype("float32")


def linear_head(narrow, wide, scale, name, seed=0):
    """A 1 x 1 convolution that predicts `wide / scale` from `narrow`, fitted.

    Args:
        narrow: responses to photographs, `(count, height, width, channels)`.
        wide: those of the other encoder to the same photographs.
        scale: a number.
        name: the layer's.
        seed: decides the positions that are looked at.

    Returns:
        A built `keras.layers.Conv2D`.
    """
    positions = sample(narrow.shape[:3], np.random.default_rng(seed))
    matrix, bias = fit_linear(narrow[positions], wide[positions] / scale)
    head = keras.layers.Conv2D(wide.shape[-1], 1, name=name)
    head.build((None, None, None, narrow.shape[-1]))
    head.set_weights([matrix[None, None], bias])
    return head


def convolve(maps, kernel, bias):
    """A 3 x 3 convolution of maps that go on beyond their border, mirrored, one by one."""
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    responses = [ops.convert_to_numpy(ops.conv(one[None], kernel)) for one in padded]
    return np.concatenate(responses) + bias


def pool(maps):
    """The largest of each 2 x 2 positions."""
    count, height, width, channels = maps.shape
    return maps.reshape(count, height // 2, 2, width // 2, 2, channels).max(axis=(2, 4))


def sample(shape, random):
    """Indices of positions, `(image, row, column)`, each at most once."""
    count = int(np.prod(shape))
    return np.unravel_index(random.permutation(count)[:SAMPLES], shape)
