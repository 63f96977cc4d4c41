"""The loss of the original method, a term a layer.

Gatys, Ecker and Bethge, "A Neural Algorithm of Artistic Style", 2015,
https://arxiv.org/abs/1508.06576; masks: Gatys et al. 2017, https://arxiv.org/abs/1611.07865.
What differs from the papers stands in `stylenet.gatys`.
"""

from typing import NamedTuple

import numpy as np
from keras import ops

from stylenet.features import feature_extractor
from stylenet.images import resize
from stylenet.losses import content_loss, gram_matrix, style_loss, total_variation_loss

STYLE_LAYERS = dict.fromkeys((f"block{i}_conv1" for i in range(1, 6)), 1.0)


class Preset(NamedTuple):
    """Loss network, weights of its layers, and how a style layer is normalized.

    `mean_squares` divides a layer's style loss by its C^2 Gram entries: the weights 1000 / C^2 of
    Gatys' notebook, whose Gram matrices lack the 1 / C of `losses.gram_matrix` but whose mean
    over C^2 entries makes up for it.
    """

    network: str = "vgg19"
    content_layers: dict = {"block4_conv2": 1.0}  # noqa: RUF012, never changed in place
    style_layers: dict = STYLE_LAYERS
    content_weight: float = 1.0
    style_weight: float = 1000.0
    tv_weight: float = 0.0
    mean_squares: bool = True
    pooling: str = "max"


PRESETS = {
    "gatys": Preset(),
    "course": Preset(style_weight=0.05, mean_squares=False),
}


class StyleLoss:
    """Content, style and total variation of one picture, a weighted term a layer.

    content: w l_content(phi(y), phi(c));  style: w l_style(G(y), G(s));  tv: w l_TV(y)

    Args:
        content_image: `(height, width, 3)`.
        style_images: a list of pictures.
        preset: a `Preset`.
        style_weights, masks, weights: as in `stylize`.

    A call takes a tensor `(1, height, width, 3)` and returns a dict of scalars whose sum is the
    loss; the keys are "content block4_conv2", "style block1_conv1" and so on, and "tv".
    """

    def __init__(
        self, content_image, style_images, preset, style_weights=None, masks=None, weights=None
    ):
        self.preset = preset
        layers = list(dict.fromkeys((*preset.content_layers, *preset.style_layers)))
        self.extractor = feature_extractor(preset.network, layers, weights, preset.pooling)
        content = self.extractor.predict_on_batch(content_image[None])
        self.content = {
            layer: ops.convert_to_tensor(content[layer]) for layer in preset.content_layers
        }
        shares = np.ones(len(style_images)) if style_weights is None else np.array(style_weights)
        self.shares = shares / max(shares.sum(), 1e-9)
        self.masks = masks
        self.guides = {layer: self._guides(content[layer].shape) for layer in layers}
        self.grams = {layer: [] for layer in preset.style_layers}
        for style in style_images:
            features = self.extractor.predict_on_batch(style[None])
            for layer, grams in self.grams.items():
                grams.append(gram_matrix(ops.convert_to_tensor(features[layer])))

    def _guides(self, shape):
        """Each mask at a layer's size, of mean square one, so that the Gram matrix is an average.

        Raises:
            ValueError: a mask of which nothing is left.
        """
        if self.masks is None:
            return None
        guides = []
        for mask in self.masks:
            mask = np.repeat(255 * np.asarray(mask, "float32")[..., None], 3, axis=2)
            guide = resize(mask, shape[1:3])[..., :1]
            size = np.sqrt(np.mean(np.square(guide)))
            if size == 0:
                raise ValueError("Expected masks that cover something. Received an empty one.")
            guides.append(ops.convert_to_tensor(guide / size))
        return guides

    def __call__(self, image):
        features, preset = self.extractor(image), self.preset
        terms = {
            f"content {layer}": preset.content_weight * weight * content_loss(features[layer], maps)
            for (layer, maps), weight in zip(
                self.content.items(), preset.content_layers.values(), strict=True
            )
        }
        for layer, weight in preset.style_layers.items():
            entries = features[layer].shape[-1] ** 2 if preset.mean_squares else 1
            term = self._style_term(features[layer], layer) / entries
            terms[f"style {layer}"] = preset.style_weight * weight * term
        if preset.tv_weight:
            variation = total_variation_loss(image, squared=preset.mean_squares)
            terms["tv"] = preset.tv_weight * variation
        return terms

    def _style_term(self, features, layer):
        grams, guides = self.grams[layer], self.guides[layer]
        if guides is None:  # styles that mix have one target
            target = sum(share * gram for share, gram in zip(self.shares, grams, strict=True))
            return style_loss(gram_matrix(features), target)
        return sum(
            share * style_loss(gram_matrix(guide * features), gram)
            for share, guide, gram in zip(self.shares, guides, grams, strict=True)
        )
