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
| two other transforms to choose from, see `TRANSFORMS`      | -                              |
| a share of the style's covariance is added before          | -                              |
| whitening if asked for, see `change`                       |                                |

The covariance is divided by N - 1, and no identity is added to it: directions that hold nothing
are dropped, all others whitened fully, unless a `ridge` is asked for. The symmetric root is taken,
which moves features least; Cholesky's factor would color as exactly, by another map. Whitening and
coloring are two products with C x C matrices, so the transform multiplies these first, and the
features once. Its gradient takes these matrices as given: that of eigenvectors has no bound where
eigenvalues agree. A style of another precision is brought to that of the features.
"""

from typing import Literal, NamedTuple

import keras
import numpy as np
from keras import ops

from stylenet import inputs
from stylenet.moments import (
    THRESHOLD,
    Statistics,
    moments,
    power,
    product,
    statistics_like,
)


class Change(NamedTuple):
    """A transform in one: `features @ matrix + shift`.

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
    return product(power(covariance, -0.5), features - mean)


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
    mean, root = statistics_like(style_features, features.dtype)
    return product(root, features) + mean


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


def whitening_coloring_transform(
    content,
    style,
    alpha=1.0,
    mask=None,
    threshold=THRESHOLD,
    transform: Literal["wct", "adain", "transport"] = "wct",
    ridge=0.0,
):
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
        transform: how the features are brought there, see `TRANSFORMS`.
        ridge: see `change`.

    Returns:
        The shape of `content`.

    Raises:
        ValueError: features that do not have four axes, a number alpha outside of [0, 1], or an
            unknown transform.

    Reference: Li et al. 2017, equations 2 to 4.

    Example:
        >>> content, style = (keras.random.normal((1, 8, 8, 2), seed=seed) for seed in (0, 1))
        >>> tuple(whitening_coloring_transform(content, style, alpha=0.6).shape)
        (1, 8, 8, 2)
    """
    if isinstance(alpha, int | float) and not 0.0 <= alpha <= 1.0:
        raise ValueError(f"Expected alpha in [0, 1]. Received: {alpha}.")
    content = ops.convert_to_tensor(content)
    found = change(moments(content, mask), style, alpha, threshold, transform, ridge=ridge)
    return apply(found, content)


def change(content, style, alpha=1.0, threshold=THRESHOLD, transform="wct", floor=0.0, ridge=0.0):
    """What `whitening_coloring_transform` does, as one product and one sum.

    Args:
        content: `Moments`.
        style: features or their `Statistics`.
        alpha: as there.
        threshold: as there.
        transform: as there.
        floor: directions of the content whose variance is this or less are dropped, too.
        ridge: the share of the style's covariance that is added to the content's before, so that
            no direction grows more than 1 / sqrt(ridge) times: what a photograph hardly has, noise
            and rounding errors of smooth areas, does not become strokes. In turn as much of the
            style's covariance is missing where the content has little.

    Returns:
        A `Change`.
    """
    inputs.choice("transform", transform, tuple(TRANSFORMS))
    _, mean, covariance = map(ops.convert_to_tensor, content)
    style_mean, root = statistics_like(style, mean.dtype)
    covariance = covariance + ridge * ops.matmul(root, root)
    matrix = ops.stop_gradient(TRANSFORMS[transform](covariance, root, threshold, floor))
    shift = alpha * (style_mean - product(matrix, mean))
    identity = ops.eye(matrix.shape[-1], dtype=matrix.dtype)
    return Change(alpha * matrix + (1 - alpha) * identity, shift)


def whiten_and_color(covariance, root, threshold=THRESHOLD, floor=0.0):
    """C_c^(-1/2) C_s^(1/2): first all correlations of the content go, then the style's come.

    Args:
        covariance: C_c, of the content, `(batch, channels, channels)`.
        root: C_s^(1/2), the root of the style's, of the same shape or for a batch of 1.
        threshold: see `whitening_coloring_transform`.
        floor: see `change`.

    Returns:
        The matrix M, `(batch, channels, channels)`; centered features are multiplied by it from
        the right. M^T C_c M = C_s.

    Reference: Li et al. 2017, equations 2 and 3.
    """
    return ops.matmul(power(covariance, -0.5, threshold, floor), root)


def match_deviations(covariance, root, threshold=THRESHOLD, floor=0.0):
    """Each channel by itself to the style's deviation; correlations stay the content's.

    Arguments and result as in `whiten_and_color`, but only the diagonals of M^T C_c M and C_s
    agree.

    Reference: Huang and Belongie 2017, adaptive instance normalization,
    https://arxiv.org/abs/1703.06868
    """
    variances = ops.diagonal(covariance, axis1=-2, axis2=-1)
    wanted = ops.sum(ops.square(root), axis=-2)  # the diagonal of root^T root
    largest = ops.max(variances, axis=-1, keepdims=True)
    kept = ops.logical_and(variances > ops.maximum(threshold * largest, floor), largest > 0)
    scale = ops.where(kept, ops.sqrt(wanted / ops.where(kept, variances, 1.0)), 0.0)
    return scale[..., None] * ops.eye(covariance.shape[-1], dtype=covariance.dtype)


def transport(covariance, root, threshold=THRESHOLD, floor=0.0):
    """C_c^(-1/2) (C_c^(1/2) C_s C_c^(1/2))^(1/2) C_c^(-1/2): features move the least.

    Of all linear maps to the style's mean and covariance it has the least mean square of the way
    that features go, the squared Wasserstein distance of the two Gaussians; so it keeps more of
    the content's structure. Where C_c and C_s commute it is `whiten_and_color`, whose arguments and
    result it has.

    Reference: Mroueh 2019, Wasserstein Style Transfer, https://arxiv.org/abs/1905.12828
    """
    precision = "float64" if keras.backend.backend() == "tensorflow" else covariance.dtype
    wide, style_root = (ops.cast(matrix, precision) for matrix in (covariance, root))
    white = power(wide, -0.5, threshold, floor)
    half = ops.matmul(style_root, power(wide, 0.5, threshold, floor))
    middle = ops.matmul(ops.transpose(half, (0, 2, 1)), half)
    noise = max(threshold**2, float(np.finfo(precision).eps))
    matrix = ops.matmul(white, ops.matmul(power(middle, 0.5, noise), white))
    return ops.cast(matrix, covariance.dtype)


# By name, what makes of the content's covariance and the style's root the matrix that multiplies
# centered features.
TRANSFORMS = {"wct": whiten_and_color, "adain": match_deviations, "transport": transport}


def apply(change, features):
    """Features after a `Change`, `(batch, height, width, channels)`."""
    return product(change.matrix, features) + change.shift


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
