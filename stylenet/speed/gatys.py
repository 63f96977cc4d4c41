"""Gatys' loss in less memory: the same terms, one part of the network after the other.

For the gradient, the maps of all layers would fill the memory. Here those of a block are computed
again for the gradient instead of being kept (Chen et al. 2016, "Training Deep Nets with Sublinear
Memory Cost", https://arxiv.org/abs/1604.06174), and of the first two, at full and half
resolution, in strips of the picture.
"""

import functools
import itertools
import math
from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from stylenet.gatys import loss
from stylenet.losses import content_loss
from stylenet.speed.convolution import accelerate
from stylenet.speed.graphs import compiled

STRIP = 256 * 256  # pixels
OVERLAP = 8  # rows: four convolutions see 6 beyond a strip, and two poolings take fours


class StyleLoss(loss.StyleLoss):
    """`gatys.StyleLoss` in less memory; arguments and terms as there."""

    @functools.cached_property
    def parts(self):
        """The extractor in parts, see `parts`."""
        accelerate(self.extractor)
        return parts(self.extractor)

    @functools.cached_property
    def graphs(self):
        """The parts as functions of arrays."""
        return [(_arrays(model), highest) for model, highest in self.parts]

    def features(self, image):
        """The responses to a picture, as arrays, whose memory is given back."""
        (first, highest), *others = self.graphs
        strips = [
            counted(first(image[None, rows.start : rows.end]), rows)
            for rows in cut(*image.shape[:2])
        ]
        features = keras.tree.map_structure(lambda *maps: np.concatenate(maps, axis=1), *strips)
        x = features[highest]
        for graph, highest in others:
            found = graph(x)
            x = found[highest]
            features |= found
        return features

    def __call__(self, image):
        if not self.statistic.additive:  # it takes all positions at once
            return super().__call__(image)
        x, content, found = self._in_strips(image)
        rows = whole(image.shape[1])
        for number in range(1, len(self.parts)):
            average = keras.remat(functools.partial(self._averages, number, rows))
            x, more_content, more = average(x)
            content, found = content | more_content, found | more
        return self.weighted(image, content, found)

    def _in_strips(self, image):
        """`_averages` of the first part, a few rows of the picture after the other."""
        strips, last = [], ops.zeros(())
        for rows in cut(*image.shape[1:3]):
            average = keras.remat(functools.partial(self._of_a_strip, rows))
            strips.append(average(image[:, rows.start : rows.end], last))
            last = 0.0 * ops.mean(strips[-1][0])
        maps, *averages = zip(*strips, strict=True)
        add = lambda *shares: sum(shares)  # noqa: E731
        content, found = (keras.tree.map_structure(add, *each) for each in averages)
        return ops.concatenate(maps, axis=1), content, found

    def _of_a_strip(self, rows, x, last):
        """A strip's `_averages`.

        `last` is 0, computed from the strip above: so each strip waits for it and, in the gradient,
        for the one below, and a single one is in memory.
        """
        return self._averages(0, rows, x + last)

    def _averages(self, number, rows, x):
        """What the next part takes, and averages over pixels: content losses and statistics.

        Of some rows, their share of the averages over the picture.
        """
        model, highest = self.parts[number]
        features, content, found = counted(model(x), rows), {}, {}
        for layer, maps in features.items():
            top, bottom, *_, height = rows.of(layer)
            share = (bottom - top) / height
            if layer in self.content:
                content[layer] = share * content_loss(maps, self.content[layer][:, top:bottom])
            if layer in self.guides:
                guides = [g[top:bottom] for g in self.guides[layer]] if self.masks else [1.0]
                averages = [self.statistic.of(maps, guide) for guide in guides]
                found[layer] = keras.tree.map_structure(lambda x: share * x, averages)  # noqa: B023
        return features[highest], content, found


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


def parts(extractor):
    """An extractor in parts: the first two blocks, and each of the others.

    Args:
        extractor: from `features.feature_extractor`.

    Returns:
        A list of pairs: a model that shares the extractor's layers, and the name of its highest
        one. Each model returns a dict, the highest layer's maps and those that the extractor
        returns; the next model takes the highest layer's.
    """
    start, outputs, found = extractor.inputs[0], {}, []
    for layer in extractor.layers:
        pooling = "pool" in layer.name and layer.name != "block1_pool"
        highest = pooling or layer is extractor.layers[-1]
        if highest or layer.name in extractor.output_names:
            outputs[layer.name] = layer.output
        if highest:
            model = keras.Model(start, outputs)
            model.jit_compile = extractor.jit_compile
            found.append((model, layer.name))
            start, outputs = layer.output, {}
    return found


def _arrays(model):
    """A model's graph that takes and returns NumPy arrays, whose memory is given back."""
    graph = compiled(model, general=False)
    return lambda picture: keras.tree.map_structure(
        ops.convert_to_numpy, graph(ops.convert_to_tensor(picture))
    )
