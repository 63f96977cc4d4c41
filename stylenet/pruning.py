"""A narrow copy of a network, layer by layer, in closed form: the start of its distillation.

He, Zhang and Sun, "Channel Pruning for Accelerating Very Deep Neural Networks", ICCV 2017,
https://arxiv.org/abs/1707.06168

Of each layer the channels that tell most about the others are kept, and their kernels are fitted
anew, by least squares, to what the narrow layers below deliver.

Differences from the paper:

| here                                          | paper                            |
|-----------------------------------------------|----------------------------------|
| channels chosen by a pivoted Cholesky factor  | by LASSO                         |
| a layer's own outputs decide which it keeps   | the next layer's outputs         |
| each channel scaled to mean square one        | -                                |
"""

import keras
import numpy as np
from keras import ops

from stylenet import encoders

SAMPLES = 20_000  # positions that the least squares see
RIDGE = 0.01  # of the mean square


def prune(teacher, student, photographs, seed=0):
    """Sets a narrow encoder's weights so that it does what a wide one does, as well as it can.

    Args:
        teacher: `encoders.encoder("vgg19", ...)`.
        student: `encoders.encoder("slim", ...)`.
        photographs: `(count, height, width, 3)`, sides multiples of 16.
        seed: decides the positions that are looked at.
    """
    random = np.random.default_rng(seed)
    photographs = ops.convert_to_tensor(photographs, "float32")
    wide, narrow = (
        ops.convert_to_numpy(encoders.preprocess(photographs, network))
        for network in ("vgg19", "slim")
    )
    for layer in encoders.layer_names():
        if layer.endswith("conv1") and layer != encoders.level_name(1):
            wide, narrow = _pool(wide), _pool(narrow)
        before = _convolve(wide, *teacher.get_layer(layer).get_weights())
        wide = np.maximum(before, 0)
        kept = independent_channels(_rows(wide, random), student.get_layer(layer).filters)
        # Where a ReLU gives zero, what came before it still tells how far below.
        kernel, bias = fit_convolution(narrow, before[..., kept], random)
        narrow = np.maximum(_convolve(narrow, kernel, bias), 0)
        scale = np.sqrt(np.mean(np.square(narrow), axis=(0, 1, 2))) + 1e-6
        narrow /= scale
        student.get_layer(layer).set_weights([kernel / scale, bias / scale])


def independent_channels(rows, count):
    """The channels that tell most about the others: the pivots of a Cholesky factor.

    Each next channel is the one that those before predict worst, in squared error.

    Args:
        rows: `(samples, channels)`.
        count: how many.

    Returns:
        Their numbers, the most telling first.
    """
    covariance = np.cov(rows.T.astype("float64"))
    left, factor, kept = np.diag(covariance).copy(), np.zeros((len(covariance), 0)), []
    for _ in range(count):
        best = int(np.argmax(np.where(np.isin(np.arange(len(left)), kept), -1, left)))
        column = covariance[:, best] - factor @ factor[best]
        column /= np.sqrt(max(left[best], 1e-12))
        factor, left = np.column_stack([factor, column]), left - np.square(column)
        kept.append(best)
    return np.array(kept)


def fit_convolution(inputs, outputs, random):
    """The 3 x 3 kernel and the bias that bring `inputs` nearest to `outputs`.

    Args:
        inputs: `(count, height, width, channels)`.
        outputs: `(count, height, width, filters)`.
        random: a `numpy.random.Generator`, which chooses the positions looked at.

    Returns:
        The kernel `(3, 3, channels, filters)` and the bias `(filters,)`.
    """
    positions = _positions(inputs.shape[:3], random)
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


def _pool(maps):
    count, height, width, channels = maps.shape
    return maps.reshape(count, height // 2, 2, width // 2, 2, channels).max(axis=(2, 4))


def _convolve(maps, kernel, bias):
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    responses = [ops.convert_to_numpy(ops.conv(one[None], kernel)) for one in padded]
    return np.concatenate(responses) + bias


def _positions(shape, random):
    count = int(np.prod(shape))
    return np.unravel_index(random.permutation(count)[:SAMPLES], shape)


def _rows(maps, random):
    return maps[_positions(maps.shape[:3], random)]


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
    positions = _positions(narrow.shape[:3], np.random.default_rng(seed))
    matrix, bias = fit_linear(narrow[positions], wide[positions] / scale)
    head = keras.layers.Conv2D(wide.shape[-1], 1, name=name)
    head.build((None, None, None, narrow.shape[-1]))
    head.set_weights([matrix[None, None], bias])
    return head
