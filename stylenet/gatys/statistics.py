"""What of a layer's responses is called style: three statistics, and the distance of two styles.

All of them forget where a response was. The Gram matrix is that of the original method. A Gaussian
keeps the mean and the covariance apart, of which the Gram matrix only knows a sum. The sliced
distribution keeps everything: two clouds of responses whose projections on all directions agree are
the same cloud.

| statistic | what is kept of the responses                      | source                        |
|-----------|----------------------------------------------------|-------------------------------|
| "gram"    | products of channels, G                            | Gatys et al. 2015             |
| "moments" | the Gaussian of their mean and covariance          | Mroueh 2019                   |
| "sliced"  | the distributions of their projections             | Heitz et al. 2021             |

The last two are squared Wasserstein distances: how far, in the mean of squares, each response would
have to move. A shift of all responses by d costs |d|^2 in both.

Mroueh, "Wasserstein Style Transfer", https://arxiv.org/abs/1905.12828; Heitz, Vanhoey, Chambon and
Belcour, "A Sliced Wasserstein Loss for Neural Texture Synthesis", https://arxiv.org/abs/2006.07229

Differences from the papers:

| here                                                       | papers                           |
|------------------------------------------------------------|----------------------------------|
| "sliced": an orthonormal basis of directions, always one   | as many random ones, new in each |
|                                                            | step                             |
| "sliced": the style's quantiles between its own positions  | the style's repeated or cropped  |
| "moments" as a loss of pixels, summed over layers          | Mroueh: transports features      |
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from keras import ops

from stylenet.losses import gram_matrix, style_loss
from stylenet.moments import THRESHOLD


class Statistic(NamedTuple):
    """A statistic of a layer, and the distance of two.

    `of` takes features `(batch, height, width, channels)` and a guide of mean square one, 1.0 or
    `(height, width, 1)`, and returns a tensor or a tuple of them. `distance` takes what it returned
    of a picture and of a style, and returns a scalar, 0 for equal ones. It sums as many squares as
    there are channels, to the `power`. What is `additive` is an average over positions.
    """

    of: Callable
    distance: Callable
    power: int
    additive: bool


def guided_gram(features, guide=1.0):
    """The Gram matrix of guided responses, see `losses.gram_matrix`."""
    return gram_matrix(guide * features)


def first_moments(features, guide=1.0):
    """The mean of the responses and the mean of their products, each position weighted.

    Returns:
        `(batch, channels)` and `(batch, channels, channels)`.
    """
    guided = guide * features
    mean = ops.mean(guide * guided, axis=(1, 2))
    return mean, features.shape[-1] * gram_matrix(guided)


def gaussian_distance(moments, style_moments):
    """The squared Wasserstein distance of two Gaussians.

    W = |m - m_s|^2 + tr(C) + tr(C_s) - 2 tr((C_s^(1/2) C C_s^(1/2))^(1/2))

    T = C_s^(1/2) (C_s^(1/2) C C_s^(1/2))^(-1/2) C_s^(1/2) is the optimal transport from the one to
    the other, the last trace tr(T C), and the derivative of W by C is I - T: of where each response
    is, less where it would go. So no gradient of eigenvectors is taken.

    Args:
        moments: of a picture, from `first_moments`.
        style_moments: of a style.

    Returns:
        A scalar, averaged over the batch.

    Reference: Dowson and Landau 1982, https://doi.org/10.1016/0047-259X(82)90077-X
    """
    (mean, covariance), (style_mean, style_covariance) = map(_central, (moments, style_moments))
    plan = ops.stop_gradient(_transport(covariance, style_covariance))
    transported = _trace_of_product(plan, covariance)
    identity = ops.eye(covariance.shape[-1], dtype=covariance.dtype)
    spread = _trace_of_product(identity - plan, covariance) + ops.stop_gradient(
        _trace_of_product(identity, style_covariance) - transported
    )
    return ops.mean(ops.sum(ops.square(mean - style_mean), axis=-1) + spread)


def _central(moments):
    mean, products = moments
    return mean, products - mean[:, :, None] * mean[:, None, :]


def _transport(covariance, style_covariance):
    root = _power(style_covariance, 0.5)
    inner = _power(root @ covariance @ root, -0.5)
    return root @ inner @ root


def _power(matrix, exponent):
    """Of a covariance, whose weakest directions count as `THRESHOLD` of the strongest."""
    values, vectors = ops.eigh(matrix)
    least = ops.maximum(THRESHOLD * ops.max(values, axis=-1, keepdims=True), 1e-20)
    scale = ops.power(ops.maximum(values, least), exponent)
    return (vectors * scale[:, None, :]) @ ops.transpose(vectors, (0, 2, 1))


def _trace_of_product(first, second):
    return ops.sum(first * second, axis=(-2, -1))  # of symmetric matrices


def projections(features, guide=1.0):
    """The responses' projections on a basis of directions, each sorted.

    Returns:
        The values, how much each counts, and the share of those below it, three tensors
        `(batch, directions, positions)`; there are as many directions as channels.
    """
    _, height, width, channels = features.shape
    maps = ops.reshape(features, (-1, height * width, channels))
    values = ops.transpose(maps @ directions(channels), (0, 2, 1))
    weights = ops.broadcast_to(ops.square(guide), (height, width, 1))
    weights = ops.reshape(weights / (height * width), (1, 1, height * width))
    order = ops.argsort(ops.stop_gradient(values), axis=-1)
    values = ops.take_along_axis(values, order, axis=-1)
    weights = ops.take_along_axis(ops.broadcast_to(weights, values.shape), order, axis=-1)
    return values, weights, ops.cumsum(weights, axis=-1) - weights / 2


@functools.lru_cache(maxsize=16)
def directions(channels):
    """An orthonormal basis of no preferred direction, always the same: `(channels, channels)`."""
    noise = np.random.default_rng(0).normal(size=(channels, channels))
    return np.linalg.qr(noise)[0].astype("float32")


def sliced_distance(found, style):
    """The squared Wasserstein distances along each direction, summed.

    On a line, the response of each rank goes to where the style has its own of that rank.

    Args:
        found: of a picture, from `projections`.
        style: of a style, without a guide.

    Returns:
        A scalar, averaged over the batch.

    Reference: Heitz et al. 2021, equations 4 and 5.
    """
    values, weights, levels = found
    wanted = ops.stop_gradient(_quantiles(style[0], levels))
    return ops.mean(ops.sum(weights * ops.square(values - wanted), axis=(1, 2)))


def _quantiles(values, levels):
    """Sorted values at shares of their number, between two of them on the line."""
    count = values.shape[-1]
    place = ops.clip(levels * count - 0.5, 0.0, count - 1.0)
    below = ops.cast(ops.floor(place), "int32")
    above = ops.minimum(below + 1, count - 1)
    values = ops.broadcast_to(values, (*levels.shape[:2], count))
    lower, upper = (ops.take_along_axis(values, each, axis=-1) for each in (below, above))
    return lower + (place - ops.floor(place)) * (upper - lower)


STATISTICS = {
    "gram": Statistic(guided_gram, style_loss, power=2, additive=True),
    "moments": Statistic(first_moments, gaussian_distance, power=1, additive=True),
    "sliced": Statistic(projections, sliced_distance, power=1, additive=False),
}
