"""One number with a meaning instead of weights: the share of the photograph's structure to keep.

    structure = 1 - l_content(phi(y), phi(c)) / l_content(scattered phi(s), phi(c))
    style left = l_style(y) / l_style(c)

phi are the content layers' responses; y is the picture, c the photograph, s the painting, whose
responses, scattered, lie anywhere in the picture. So the photograph itself has all structure and
all of the way to the style before it; a picture has no structure that is no more like the
photograph than pieces of the painting are by chance. Fixed weights keep another share of each
photograph, with each painting and at each size, since both losses depend on these. A bound does
not:

    L = style left + 100 max(0, lost - allowed)^2,   lost = 1 - structure,  allowed = 1 - wanted

The second term is nothing until too much is lost, and then a wall: a quadratic penalty (Nocedal and
Wright, "Numerical Optimization", 2006, chapter 17). The layers and their weights among each other
are the preset's; its weights of content and style count no more.
"""

from typing import NamedTuple

import numpy as np
from keras import ops

WALL = 100.0


class Shares(NamedTuple):
    """The structure that a picture keeps, 1 to 0 or less, and the share of style left, 1 to 0."""

    structure: float
    style_left: float


class Balance:
    """A loss with the style alone, and a wall where too much of the structure would be lost.

    Args:
        loss: a `gatys.StyleLoss` of the photograph, with content and style layers.
        content_image: the photograph, `(height, width, 3)`, as it went into the loss.
        style_images: the paintings, a list, as they went into the loss.
        structure: the share to keep, 0 to 1.
        shares: of the paintings, as in the loss; equal unless given.

    A call takes a tensor `(1, height, width, 3)` and returns a dict of scalars whose sum is the
    loss: "content", the wall; "style"; and "tv" if the preset has it, as a part of the same style.

    Raises:
        ValueError: a preset without content or style, or a photograph of the painting's own style.
    """

    def __init__(self, loss, content_image, style_images, structure, shares=None):
        self.loss, self.allowed = loss, 1.0 - structure
        if not (loss.content and loss.targets):
            raise ValueError("Expected a preset with content and with style for a balance of both.")
        apart = [self._apart(loss.features(style)) for style in style_images]
        self.all_content = np.average(apart, weights=shares)
        terms = loss(ops.convert_to_tensor(content_image[None], "float32"))
        self.all_style = float(grouped(terms)["style"])
        if not (self.all_content > 0 and self.all_style > 0):
            raise ValueError(
                "Expected a photograph with some structure, of another style than the painting, "
                "and weights above 0, for a balance of both."
            )

    def __call__(self, image):
        groups = grouped(self.loss(image))
        lost, left = self.parts(groups)
        beyond = ops.maximum(lost - self.allowed, 0.0)
        terms = {"content": WALL * ops.square(beyond), "style": left}
        return terms | {n: x / self.all_style for n, x in groups.items() if n == "tv"}

    def _apart(self, style_features):
        """The content loss of a painting whose responses are scattered."""
        preset = self.loss.preset
        return preset.content_weight * sum(
            weight * scattered(self.loss.content[layer], style_features[layer])
            for layer, weight in preset.content_layers.items()
        )

    def parts(self, groups):
        """The structure lost and the style left, of the losses' sums."""
        return groups["content"] / self.all_content, groups["style"] / self.all_style

    def shares(self, image):
        """The `Shares` of a picture `(height, width, 3)`."""
        groups = grouped(self.loss(ops.convert_to_tensor(image[None], "float32")))
        lost, left = map(float, self.parts(groups))
        return Shares(1.0 - lost, left)


def grouped(terms):
    """The sums of a loss' terms of each kind: "content", "style", and "tv" if there is one."""
    groups = {}
    for name, value in terms.items():
        kind = name.split()[0]
        groups[kind] = groups.get(kind, 0.0) + value
    return groups


def scattered(features, others):
    """How far responses are from others at any position: the mean of squares over all pairs.

    E |x - y|^2 = var x + var y + (E x - E y)^2, of each channel

    Args:
        features: `(1, height, width, channels)`.
        others: the same, of any size.

    Returns:
        A float, averaged over channels.
    """
    (mean, variance), (other_mean, other_variance) = (
        ops.moments(ops.convert_to_tensor(each), axes=(0, 1, 2)) for each in (features, others)
    )
    return float(ops.mean(variance + other_variance + ops.square(mean - other_mean)))
