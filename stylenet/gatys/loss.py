"""The loss of the original method, a term a layer.

Gatys, Ecker and Bethge, "A Neural Algorithm of Artistic Style", 2015,
https://arxiv.org/abs/1508.06576; masks: Gatys et al. 2017, https://arxiv.org/abs/1611.07865.
What differs from the papers stands in `stylenet.gatys`; `stylenet.speed.gatys` computes the same
in less memory.
"""

import operator
import os
from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from stylenet import inputs
from stylenet.features import feature_extractor
from stylenet.gatys.statistics import STATISTICS
from stylenet.images import Picture, resize
from stylenet.losses import Preset, content_loss, find_preset, total_variation_loss
from stylenet.presets import balanced


def gatys_loss(
    content_image: Picture,
    style_images: Picture | Sequence[Picture],
    preset: str | Preset = "gatys",
    *,
    shares: Sequence[float] | None = None,
    weights: str | os.PathLike = "imagenet",
    **changes,
) -> "StyleLoss":
    """The loss that Gatys et al. minimize, as a function of a picture.

    L = sum_l w_l l_content(phi_l(y), phi_l(c)) + sum_l w_l l_style(G_l(y), G_l(s)) + w l_TV(y)

    With `statistics="moments"` or "sliced" another statistic takes the place of G, see
    `gatys.statistics`.

    Args:
        content_image: the photograph, what `inputs.picture` takes.
        style_images: a painting or a list of them.
        preset: as in `gatys.stylize`.
        shares: a number a painting, by default equal.
        weights: of the loss network, as in `features.feature_extractor`.
        **changes: fields of `losses.Preset` to replace, for instance `network="slim"`.

    Returns:
        A `StyleLoss`: a tensor `(1, height, width, 3)` in [0, 255] to a dict, term to scalar, whose
        sum is the loss. `optimization.value_and_gradient` differentiates it.

    Raises:
        ValueError, OSError: as `gatys.stylize`.

    Reference: Gatys et al. 2015, equation 7, https://arxiv.org/abs/1508.06576

    Example:
        >>> photograph, painting = np.full((32, 48, 3), 90.0), np.full((32, 32, 3), 200.0)
        >>> loss = gatys_loss(photograph, painting, network="slim")
        >>> terms = loss(ops.convert_to_tensor(photograph[None], "float32"))
        >>> float(terms["content block4_conv2"])
        0.0
    """
    content = inputs.picture(content_image)
    styles = inputs.pictures(style_images)
    shares = inputs.shares(shares, len(styles))
    chosen = find_preset(preset)._replace(**changes)
    return StyleLoss(content, styles, chosen, shares, weights=weights)


class StyleLoss:
    """Content, style and total variation of one picture, a weighted term a layer.

    content: w l_content(phi(y), phi(c));  style: w l_style(G(y), G(s));  tv: w l_TV(y)

    phi are a layer's responses, G their Gram matrix; y is the picture, c the photograph, s the
    style. Of several styles, the shares weigh the losses; masks weigh the responses of each.

    Args:
        content_image: `(height, width, 3)`.
        style_images: a list of pictures.
        preset: a `losses.Preset`.
        shares, masks, weights: as in `stylize`.

    A call takes a tensor `(1, height, width, 3)` and returns a dict of scalars whose sum is the
    loss; the keys are "content block4_conv2", "style block1_conv1" and so on, and "tv".

    Raises:
        ValueError: a mask of which nothing is left, or an unknown network or layer.
        FileNotFoundError: the loss network's weights are nowhere to be found.
    """

    def __init__(
        self, content_image, style_images, preset, shares=None, masks=None, weights="imagenet"
    ):
        self.preset = preset = balanced(preset)
        self.masks = masks
        layers = list(dict.fromkeys((*preset.content_layers, *preset.style_layers)))
        self.extractor = feature_extractor(preset.network, layers, weights, preset.pooling)
        shares = np.ones(len(style_images)) if shares is None else np.array(shares)
        self.shares = shares / max(shares.sum(), 1e-9)
        self.statistic = STATISTICS[preset.statistics]
        styles = [self.statistics(style) for style in style_images]
        self.targets = {layer: [found[layer] for found in styles] for layer in preset.style_layers}
        if masks is None and self.statistic.additive:  # styles that mix have one target
            mix = lambda *each: sum(map(operator.mul, self.shares, each))  # noqa: E731
            for layer, found in self.targets.items():
                self.targets[layer] = [keras.tree.map_structure(mix, *found)]
            self.shares = [1.0]
        features = self.features(content_image)
        self.content = {
            layer: ops.convert_to_tensor(features[layer]) for layer in preset.content_layers
        }
        self.guides = {
            layer: guides(masks, features[layer].shape[1:3]) for layer in preset.style_layers
        }

    def features(self, image):
        """The responses to a picture `(height, width, 3)`, a dict, layer name to maps."""
        return self.extractor(ops.convert_to_tensor(image[None]))

    def statistics(self, style_image):
        """The statistics of a style, a dict, layer name to its Gram matrix, or what it chose."""
        features = self.features(style_image)
        return {
            layer: self.statistic.of(ops.convert_to_tensor(features[layer]))
            for layer in self.preset.style_layers
        }

    def __call__(self, image):
        features = self.extractor(image)
        content = {
            layer: content_loss(features[layer], maps) for layer, maps in self.content.items()
        }
        found = {
            layer: [self.statistic.of(features[layer], guide) for guide in guides]
            for layer, guides in self.guides.items()
        }
        return self.weighted(image, content, found)

    def weighted(self, image, content, found):
        """The terms, from each layer's content loss and statistics, one a mask."""
        preset, terms = self.preset, {}
        for layer, weight in preset.content_layers.items():
            terms[f"content {layer}"] = preset.content_weight * weight * content[layer]
        for layer, weight in preset.style_layers.items():
            targets = self.targets[layer]
            each = found[layer] if self.masks else found[layer] * len(targets)
            loss = sum(
                share * self.statistic.distance(statistics, target)
                for share, statistics, target in zip(self.shares, each, targets, strict=True)
            )
            channels = self.extractor.get_layer(layer).output.shape[-1]
            entries = channels**self.statistic.power if preset.mean_squares else 1
            terms[f"style {layer}"] = preset.style_weight * weight / entries * loss
        if preset.tv_weight:
            variation = total_variation_loss(image, squared=preset.mean_squares)
            terms["tv"] = preset.tv_weight * variation
        return terms


def guides(masks, size):
    """Each mask at a layer's size, of mean square one, so that the Gram matrix is an average.

    Args:
        masks: a list of `(height, width)`; None stands for one that covers everything.
        size: `(height, width)` of the layer's maps.

    Returns:
        A list of tensors `(height, width, 1)`; [1.0] without masks.

    Raises:
        ValueError: a mask of which nothing is left.
    """
    if masks is None:
        return [1.0]
    found = []
    for mask in masks:
        mask = np.repeat(255 * np.asarray(mask, "float32")[..., None], 3, axis=2)
        guide = resize(mask, size)[..., :1]
        norm = np.sqrt(np.mean(np.square(guide)))
        if norm == 0:
            raise ValueError("Expected masks that cover something. Received an empty one.")
        found.append(ops.convert_to_tensor(guide / norm))
    return found
