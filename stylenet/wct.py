"""Whitening and coloring: any style, without training for it.

Li, Fang, Yang, Wang, Lu and Yang, "Universal Style Transfer via Feature Transforms", NIPS 2017,
https://arxiv.org/abs/1705.08086

Differences from the paper:

| here                                                       | paper                          |
|------------------------------------------------------------|--------------------------------|
| eigenvalues of the C x C covariance                        | singular values, C x N         |
| dropped below 1e-5 of the largest                          | below 1e-5                     |
| a batch at once, content and style of any sizes            | one picture                    |
| a mask weighs each position                                | a region's positions alone     |

The covariance is divided by N - 1, and no identity is added to it: directions that hold nothing
are dropped, all others whitened fully. The symmetric root is taken, which moves features least;
Cholesky's factor would color as exactly, by another map. Whitening and coloring are two
products with C x C matrices, so the transform multiplies these first, and the features once. Its
gradient takes these matrices as given: that of eigenvectors has no bound where eigenvalues agree.
A style of another precision is brought to that of the features.
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


class Change(NamedTuple):
    """Whitening and coloring in one: `features @ matrix + shift`.

    `matrix` is `(batch, channels, channels)`, `shift` `(batch, 1, 1, channels)`.
    """

    matrix: object
    shift: object


def whiten(features, mask=None):
    """Features of mean 0 whose covariance is the identity, on the directions that hold anything.

    f_w = E D^(-1/2) E^T (f - mean),    cov(f) = E D E^T

    Args:
        features: `(batch, height, width, channels)`.
        mask: how much each position counts for mean and covariance, `(1, height, width, 1)`.

    Returns:
        The same shape. Directions without variance are 0.

    Raises:
        ValueError: features that do not have four axes.

    Reference: Li et al. 2017, equation 2.

    Example:
        >>> maps = keras.random.normal((1, 8, 8, 2), seed=0)
        >>> white = ops.convert_to_numpy(whiten(maps)).reshape(-1, 2)
        >>> (white.T @ white / (len(white) - 1) + 1e-4).round(3).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    features = ops.convert_to_tensor(features)
    _, mean, covariance = moments(features, mask)
    return _apply(_power(covariance, -0.5), features - mean)


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
    return Statistics(mean, _power(covariance, 0.5))


def color(features, style_features):
    """Gives white features the covariance and the mean of a style.

    f_cs = E_s D_s^(1/2) E_s^T f_w + mean_s,    cov(f_s) = E_s D_s E_s^T

    Args:
        features: whitened, `(batch, height, width, channels)`.
        style_features: `(batch or 1, height', width', channels)`, or its `Statistics`.

    Returns:
        The shape of `features`.

    Raises:
        ValueError: features that do not have four axes.

    Reference: Li et al. 2017, equation 3.
    """
    features = ops.convert_to_tensor(features)
    mean, root = _statistics_like(style_features, features.dtype)
    return _apply(root, features) + mean


def mix(styles, shares):
    """The statistics between several styles.

    Coloring is linear in them: the features they give are the weighted mean of those that the
    styles would give one by one.

    Args:
        styles: a list of `Statistics`.
        shares: a number a style, of sum 1.

    Returns:
        `Statistics`.

    Reference: Li et al. 2017, section 4.3, equation 5.
    """
    pairs = list(zip(styles, shares, strict=True))
    mean = sum(share * style.mean for style, share in pairs)
    return Statistics(mean, sum(share * style.root for style, share in pairs))


def whitening_coloring_transform(content, style, alpha=1.0, mask=None, threshold=THRESHOLD):
    """Content features with the correlations of the style's.

    f = alpha color(whiten(f_c), f_s) + (1 - alpha) f_c,    f_c with its mean

    Args:
        content: `(batch, height, width, channels)`.
        style: `(batch or 1, height', width', channels)`, or its `Statistics`.
        alpha: 0, the content exactly, to 1, the style's correlations in full.
        mask: how much each position counts for the content's mean and covariance,
            `(1, height, width, 1)`; every position is transformed.
        threshold: directions whose variance is this share of the largest, or less, are dropped
            from the content. With hardly more positions than channels the weaker ones are chance.

    Returns:
        The shape of `content`.

    Raises:
        ValueError: features that do not have four axes, or a number alpha outside of [0, 1].

    Reference: Li et al. 2017, equations 2 to 4.

    Example:
        >>> content, style = (keras.random.normal((1, 8, 8, 2), seed=seed) for seed in (0, 1))
        >>> tuple(whitening_coloring_transform(content, style, alpha=0.6).shape)
        (1, 8, 8, 2)
    """
    if isinstance(alpha, int | float) and not 0.0 <= alpha <= 1.0:
        raise ValueError(f"Expected alpha in [0, 1]. Received: {alpha}.")
    content = ops.convert_to_tensor(content)
    return apply(change(moments(content, mask), style, alpha, threshold), content)


def change(content, style, alpha=1.0, threshold=THRESHOLD):
    """What `whitening_coloring_transform` does, as one product and one sum.

    Args:
        content: `Moments`.
        style: features or their `Statistics`.
        alpha: as there.
        threshold: as there.

    Returns:
        A `Change`.
    """
    _, mean, covariance = map(ops.convert_to_tensor, content)
    style_mean, root = _statistics_like(style, mean.dtype)
    matrix = ops.stop_gradient(ops.matmul(_power(covariance, -0.5, threshold), root))
    shift = alpha * (style_mean - _apply(matrix, mean))
    identity = ops.eye(matrix.shape[-1], dtype=matrix.dtype)
    return Change(alpha * matrix + (1 - alpha) * identity, shift)


def apply(change, features):
    """Features after a `Change`, `(batch, height, width, channels)`."""
    return _apply(change.matrix, features) + change.shift


def transform_regions(content, styles, masks, alpha=1.0, threshold=THRESHOLD):
    """Features with each style's correlations where its mask says so.

    f = sum_i m_i f_i + (1 - sum_i m_i) f_c,    f_i transformed by the moments of region i

    Args:
        content: `(batch, height, width, channels)`.
        styles: a list of `Statistics`.
        masks: a list of `(1, height, width, 1)` in [0, 1], a style's each. Where they add up to
            more than 1, they are shared out.
        alpha: as in `whitening_coloring_transform`.
        threshold: as there.

    Returns:
        The shape of `content`.

    Reference: Li et al. 2017, section 4.3, spatial control.
    """
    content = ops.convert_to_tensor(content)
    changes = [
        change(moments(content, mask), style, alpha, threshold)
        for style, mask in zip(styles, masks, strict=True)
    ]
    return apply_regions(changes, masks, content)


def apply_regions(changes, masks, features):
    """Features after a `Change` for each mask, see `transform_regions`."""
    masks = [ops.cast(mask, features.dtype) for mask in masks]
    total = ops.maximum(sum(masks), 1.0)
    result = features
    for each, mask in zip(changes, masks, strict=True):
        result += mask / total * (apply(each, features) - features)
    return result


def _statistics_like(style, dtype):
    """The statistics of a style, features or statistics already, in a precision."""
    style = style if isinstance(style, Statistics) else statistics(style)
    return Statistics(*(ops.cast(array, dtype) for array in style))


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


def _power(covariance, exponent, threshold=THRESHOLD):
    """A power of a symmetric matrix on the directions of its larger eigenvalues.

    In double precision where the backend has it: single errs by 4 % when eigenvalues span eight
    orders of magnitude.
    """
    precision = "float64" if keras.backend.backend() == "tensorflow" else covariance.dtype
    values, vectors = ops.eigh(ops.cast(covariance, precision))
    largest = ops.max(values, axis=-1, keepdims=True)
    kept = ops.logical_and(values > threshold * largest, largest > 0)
    scale = ops.where(kept, ops.power(ops.where(kept, values, 1.0), exponent), 0.0)
    power = ops.matmul(vectors * scale[:, None, :], ops.transpose(vectors, (0, 2, 1)))
    return ops.cast(power, covariance.dtype)


def _apply(matrix, features):
    """The channels at every position times a matrix."""
    _, height, width, channels = ops.shape(features)
    flat = ops.reshape(features, (-1, height * width, channels))
    return ops.reshape(ops.matmul(flat, matrix), (-1, height, width, channels))
