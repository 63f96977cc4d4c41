"""The mean and the covariance of features, and powers of a covariance.

In these, a direction is an eigenvector of the covariance, and its variance the eigenvalue.
"""

from typing import NamedTuple

import keras
from keras import ops

THRESHOLD = 1e-5  # of the largest eigenvalue; smaller ones are noise


class Statistics(NamedTuple):
    """What coloring needs of a style: compute it once for many photographs.

    `mean` is `(batch, 1, 1, channels)`; `root`, the symmetric root of the covariance,
    `(batch, channels, channels)`.
    """

    mean: object
    root: object


class Moments(NamedTuple):
    """What whitening needs of features.

    `count` is the number of positions, or the sum of their weights; `mean` is
    `(batch, 1, 1, channels)`, `covariance` `(batch, channels, channels)`.
    """

    count: object
    mean: object
    covariance: object


def moments(features, mask=None):
    """The mean and the covariance of features, each position weighted by a mask.

    Args:
        features: `(batch, height, width, channels)`.
        mask: `(1, height, width, 1)`, or None: each position counts once.

    Returns:
        `Moments`.

    Raises:
        ValueError: features that do not have four axes.
    """
    if len(features.shape) != 4:
        raise ValueError(
            "Expected features of shape (batch, height, width, channels). "
            f"Received shape {tuple(features.shape)}."
        )
    features = ops.convert_to_tensor(features)
    _, height, width, channels = ops.shape(features)
    if mask is None:
        count = ops.cast(height * width, features.dtype)
        weighted = features
    else:
        mask = ops.cast(mask, features.dtype)
        count = ops.sum(mask)
        weighted = mask * features
    mean = ops.sum(weighted, axis=(1, 2), keepdims=True) / ops.maximum(count, 1e-6)
    centered = features - mean
    weighted = centered if mask is None else mask * centered
    centered, weighted = (
        ops.reshape(maps, (-1, height * width, channels)) for maps in (centered, weighted)
    )
    products = ops.matmul(ops.transpose(weighted, (0, 2, 1)), centered)
    # One position has no covariance: 0 / 1.
    return Moments(count, mean, products / ops.maximum(count - 1, 1.0))


def statistics(features):
    """The mean and the root of the covariance of style features.

    Args:
        features: `(batch, height, width, channels)`, or their `Moments`.

    Returns:
        `Statistics`.

    Raises:
        ValueError: features that do not have four axes.
    """
    _, mean, covariance = features if isinstance(features, Moments) else moments(features)
    return Statistics(mean, power(covariance, 0.5))


def statistics_like(style, dtype):
    """The statistics of a style, features or statistics already, in a precision."""
    style = style if isinstance(style, Statistics) else statistics(style)
    return Statistics(*(ops.cast(array, dtype) for array in style))


def power(covariance, exponent, threshold=THRESHOLD, floor=0.0):
    """A power of a symmetric matrix on the directions of its larger eigenvalues.

    Dropped are those below the share `threshold` of the largest, and those below `floor`.

    In double precision where the backend has it: single errs by 4 % when eigenvalues span eight
    orders of magnitude.
    """
    precision = "float64" if keras.backend.backend() == "tensorflow" else covariance.dtype
    values, vectors = ops.eigh(ops.cast(covariance, precision))
    largest = ops.max(values, axis=-1, keepdims=True)
    kept = ops.logical_and(values > ops.maximum(threshold * largest, floor), largest > 0)
    scale = ops.where(kept, ops.power(ops.where(kept, values, 1.0), exponent), 0.0)
    power = ops.matmul(vectors * scale[:, None, :], ops.transpose(vectors, (0, 2, 1)))
    return ops.cast(power, covariance.dtype)


def product(matrix, features):
    """The channels at every position times a matrix."""
    _, height, width, channels = ops.shape(features)
    flat = ops.reshape(features, (-1, height * width, channels))
    return ops.reshape(ops.matmul(flat, matrix), (-1, height, width, channels))
