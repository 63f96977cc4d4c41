"""The loss of the original method, a term a layer.

Gatys, Ecker and Bethge, "A Neural Algorithm of Artistic Style", 2015,
https://arxiv.org/abs/1508.06576; masks: Gatys et al. 2017, https://arxiv.org/abs/1611.07865.
What differs from the papers stands in `stylenet.gatys`.
"""

import functools
import itertools
import math
import operator
from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from stylenet.features import feature_extractor, parts
from stylenet.images import resize
from stylenet.losses import content_loss, gram_matrix, style_loss, total_variation_loss
from stylenet.speed.graphs import compiled

STYLE_LAYERS = dict.fromkeys((f"block{i}_conv1" for i in range(1, 6)), 1.0)
# The maps of all layers would fill the memory: those of a block are computed again for the gradient
# instead of being kept, and of the first two, at full and half resolution, in strips of so many
# pixels.
STRIP = 256 * 256
OVERLAP = 8  # rows: four convolutions see 6 beyond a strip, and two poolings take fours


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


class Rows(NamedTuple):
    """Rows of a picture: those that count, those that computing them takes, and all."""

    top: int
    bottom: int
    start: int
    end: int
    height: int

    def of(self, layer):
        """The same in a layer's maps, which have a row for two, four and so on."""
        halvings = int(layer[len("block")]) - (not layer.endswith("pool"))
        return Rows(*(row >> halvings for row in self))


def whole(height):
    """All rows."""
    return Rows(0, height, 0, height, height)


def cut(height, width):
    """The strips of a picture, which take equally many rows, so that one graph fits them all."""
    rows = OVERLAP * math.ceil(height / OVERLAP / math.ceil(height * width / STRIP))
    taken = rows + 2 * OVERLAP
    bounds = [*range(0, max(height - OVERLAP, 1), rows), height]
    for top, bottom in itertools.pairwise(bounds):
        start = max(min(top - OVERLAP, (height - taken) // 4 * 4), 0)
        end = height if bottom == height else start + taken
        yield Rows(top, bottom, start, end, height)


def counted(features, rows):
    """The rows that count of each layer's maps, a dict."""
    cropped = {}
    for layer, maps in features.items():
        top, bottom, start, *_ = rows.of(layer)
        cropped[layer] = maps[:, top - start : bottom - start]
    return cropped


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
        self.parts = parts(self.extractor)
        self.graphs = [(_arrays(model), name) for model, name in self.parts]
        shares = np.ones(len(style_images)) if style_weights is None else np.array(style_weights)
        self.shares = shares / max(shares.sum(), 1e-9)
        self.masks = masks
        self.content, self.guides = {}, {}
        for layer, maps in self._features(content_image):
            if layer in preset.style_layers:
                self.guides[layer] = self._guides(maps.shape)
            if layer in preset.content_layers:
                self.content[layer] = ops.convert_to_tensor(maps)
        self.targets = {layer: [] for layer in preset.style_layers}
        for style in style_images:
            for layer, maps in self._features(style):
                if layer in self.targets:
                    self.targets[layer].append(gram_matrix(ops.convert_to_tensor(maps)))
        if masks is None:  # styles that mix have one target
            for grams in self.targets.values():
                grams[:] = [sum(map(operator.mul, self.shares, grams))]
            self.shares = [1.0]

    def _features(self, image):
        """The layers of a picture, one part after the other, so that few are in memory."""
        (first, highest), *others = self.graphs
        strips = [
            counted(first(image[None, rows.start : rows.end]), rows)
            for rows in cut(*image.shape[:2])
        ]
        features = keras.tree.map_structure(lambda *maps: np.concatenate(maps, axis=1), *strips)
        yield from features.items()
        for graph, next_highest in others:
            features = graph(features[highest])
            highest = next_highest
            yield from features.items()

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
        x, averages = self._in_strips(image)
        rows = whole(image.shape[1])
        for number in range(1, len(self.parts)):
            average = keras.remat(functools.partial(self._averages, number, rows))
            x, found = average(x)
            averages |= found
        terms = {name: self._term(*name.split(), value) for name, value in averages.items()}
        if self.preset.tv_weight:
            variation = total_variation_loss(image, squared=self.preset.mean_squares)
            terms["tv"] = self.preset.tv_weight * variation
        return terms

    def _in_strips(self, image):
        """`_averages` of the first part, a few rows of the picture after the other."""
        strips, last = [], ops.zeros(())
        for rows in cut(*image.shape[1:3]):
            average = keras.remat(functools.partial(self._of_a_strip, rows))
            strips.append(average(image[:, rows.start : rows.end], last))
            last = 0.0 * ops.mean(strips[-1][0])
        averages = keras.tree.map_structure(lambda *parts: sum(parts), *[a for _, a in strips])
        return ops.concatenate([x for x, _ in strips], axis=1), averages

    def _of_a_strip(self, rows, x, last):
        """A strip's `_averages`.

        `last` is 0, computed from the strip above: so each strip waits for it and, in the gradient,
        for the one below, and a single one is in memory.
        """
        return self._averages(0, rows, x + last)

    def _averages(self, number, rows, x):
        """What the next part takes, and averages over pixels: content losses, Gram matrices.

        Of some rows, their share of the averages over the picture.
        """
        model, highest = self.parts[number]
        features, averages = counted(model(x), rows), {}
        for layer, maps in features.items():
            top, bottom, *_, height = rows.of(layer)
            share = (bottom - top) / height
            if layer in self.content:
                loss = content_loss(maps, self.content[layer][:, top:bottom])
                averages[f"content {layer}"] = share * loss
            if layer in self.targets:
                guides = self.guides[layer]
                guided = [maps] if guides is None else [g[top:bottom] * maps for g in guides]
                averages[f"style {layer}"] = [share * gram_matrix(maps) for maps in guided]
        return features[highest], averages

    def _term(self, kind, layer, average):
        """The weighted loss of a layer."""
        preset = self.preset
        if kind == "content":
            return preset.content_weight * preset.content_layers[layer] * average
        losses = map(style_loss, average, self.targets[layer])
        entries = average[0].shape[-1] ** 2 if preset.mean_squares else 1
        weight = preset.style_weight * preset.style_layers[layer] / entries
        return weight * sum(share * loss for share, loss in zip(self.shares, losses, strict=True))


def _arrays(model):
    """A model's graph that takes and returns NumPy arrays, whose memory is given back."""
    graph = compiled(model, general=False)
    return lambda picture: keras.tree.map_structure(
        ops.convert_to_numpy, graph(ops.convert_to_tensor(picture))
    )
