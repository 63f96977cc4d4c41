"""A doodle of a few colors becomes a painting: one Gram matrix a region, or one transform a region.

Champandard 2016, "Semantic Style Transfer and Turning Two-Bit Doodles into Fine Artworks",
https://arxiv.org/abs/1603.01768; a Gram matrix a region: Gatys et al. 2017, "Controlling Perceptual
Factors in Neural Style Transfer", https://arxiv.org/abs/1611.07865; a transform a region: Li et al.
2017, https://arxiv.org/abs/1705.08086, section 4.3

Differences from the papers:

| here                                                 | papers                               |
|------------------------------------------------------|--------------------------------------|
| a Gram matrix a region                               | Champandard: patches that know their |
|                                                      | region; Gatys: as here               |
| masks shrunk by half of what a layer's response sees | Gatys: by all of it                  |
| errors relative to the painting's own Gram matrix,   | constants a layer                    |
| so that no layer outweighs the others                |                                      |
| no content loss, from noise of each region's colors  | Champandard: a seed; Gatys: content  |
| from size to size, what no region owns beside an     | -                                    |
| edge begins as a mirror image of the region          |                                      |
| a painting without a map: k-means of its colors      | drawn by hand                        |
"""

import functools
import os
from typing import Literal, NamedTuple

import numpy as np
from keras import ops

from stylenet import inputs
from stylenet.extensions import regions
from stylenet.features import feature_extractor
from stylenet.images import Picture, limit_size, resize
from stylenet.losses import gram_matrix, style_loss
from stylenet.optimization import minimize
from stylenet.speed.convolution import accelerate
from stylenet.surroundings import plain

METHODS = ("gatys", "universal")
LAYERS = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1")
SMALLEST = 32  # pixels of the coarsest size; four halvings, and mirroring needs two


class Painted(NamedTuple):
    """What a doodle has become.

    `image` is `(height, width, 3)`, float32 in [0, 255]; `map` the painting's regions in the
    doodle's colors, `(height', width', 3)`; `history` that of `optimization.Result`, empty for
    "universal". Where an array is expected, it counts as its picture.
    """

    image: np.ndarray
    map: np.ndarray
    history: list

    def __array__(self, dtype=None, copy=None):
        return np.array(self.image, dtype) if copy else np.asarray(self.image, dtype)


@plain()
def paint(
    doodle: Picture,
    painting: Picture,
    painting_map: Picture | None = None,
    *,
    method: Literal["gatys", "universal"] = "gatys",
    network: Literal["slim", "vgg19", "vgg16"] = "slim",
    weights: str | os.PathLike = "imagenet",
    style_size: int | None = None,
    scales: int = 3,
    num_steps: int = 60,
    seed: int = 0,
    progress: bool = True,
) -> Painted:
    """Paints a doodle: each of its regions in the manner of the same region of a painting.

    Args:
        doodle: `(height, width, 3)` in flat colors, one a region; or what `inputs.picture` takes.
        painting: the same, of any size.
        painting_map: the painting's regions in the doodle's colors, of the painting's proportions;
            by default found by `regions.segment`.
        method: "gatys", in minutes: pixels are optimized until each region has its Gram matrices;
            "universal", in seconds: noise goes through whitening and coloring, a region each.
        network: "slim", which ships; "vgg19"; for "gatys" also "vgg16".
        weights: of the loss network or encoder, as in `features.feature_extractor`.
        style_size: the painting's longer side in pixels; the doodle's unless given. Larger, larger
            strokes.
        scales: for "gatys", how many sizes from coarse to fine, each twice the last.
        num_steps: for "gatys", evaluations of the loss, at each scale.
        seed: of the noise.
        progress: show the steps and the time left.

    Returns:
        A `Painted`, whose picture has the doodle's size. Ctrl-C ends "gatys" with the best so far.

    Raises:
        ValueError: a doodle without flat colors, a map that lacks one or has other proportions,
            options out of range.
        OSError: a file that can't be read, or weights that are nowhere to be found.

    Reference: Gatys et al. 2017, section 4, https://arxiv.org/abs/1611.07865

    Example:
        >>> doodle, painting = np.zeros((32, 48, 3)), np.zeros((32, 32, 3))
        >>> doodle[:, 24:], painting[16:] = 200.0, 200.0
        >>> paint(doodle, painting, painting, method="universal").image.shape
        (32, 48, 3)
    """
    doodle, painting = inputs.picture(doodle, "doodle"), inputs.picture(painting, "painting")
    inputs.choice("method", method, METHODS)
    inputs.number("scales", scales, 1, 6, whole=True)
    colors = regions.colors_of(doodle)
    painting = limit_size(painting, style_size or max(doodle.shape[:2]))
    if painting_map is None:
        source = regions.segment(painting, colors, seed)
    else:
        source = regions.label_map(painting_map, colors, painting.shape[:2])
    target = regions.label(doodle, colors)
    start = noise(painting, source, target, seed)
    if method == "universal":
        image, history = _universal(start, painting, source, target, network, weights), []
    else:
        sizes = [
            [_halved(each, halvings) for each in (painting, source, target)]
            for halvings in reversed(range(scales))
            if min(*target.shape, *source.shape) >> halvings >= SMALLEST or not halvings
        ]
        image, history = _optimized(start, sizes, network, weights, num_steps, progress)
    return Painted(image, colors[source], history)


class RegionLoss:
    """The style of each region, a term a layer.

    L = sum_l sum_r a_r ||G_lr(y) - G_lr(s)||^2 / ||G_lr(s)||^2

    G_lr is the Gram matrix of layer l's responses to region r of the picture y or the painting s,
    a_r the region's share of the picture.

    Args:
        painting: s, `(height, width, 3)`.
        source: its regions, integers `(height, width)`.
        target: the regions of the picture, the same.
        network, weights: as in `features.feature_extractor`.
        layers: of the network.

    A call takes a tensor `(1, height, width, 3)` and returns a dict of scalars, "style
    block1_conv1" and so on.
    """

    def __init__(self, painting, source, target, network="slim", weights="imagenet", layers=LAYERS):
        self.layers = layers
        self.extractor = feature_extractor(network, list(layers), weights, "average")
        accelerate(self.extractor)
        features = self.extractor(ops.convert_to_tensor(painting[None]))
        numbers = sorted({*np.unique(source)} & {*np.unique(target)})
        self.shares = [np.float32(np.mean(target == number)) for number in numbers]
        self.guides = {
            layer: [guide(target == number, layer) for number in numbers] for layer in layers
        }
        self.targets = {
            layer: [
                ops.convert_to_tensor(gram_matrix(guide(source == number, layer) * features[layer]))
                for number in numbers
            ]
            for layer in layers
        }

    def __call__(self, image):
        features = self.extractor(image)
        return {f"style {layer}": sum(self.of(layer, features[layer])) for layer in self.layers}

    def of(self, layer, features):
        """A layer's terms, one a region."""
        return [
            share * relative_error(gram_matrix(guide * features), target)
            for share, guide, target in zip(
                self.shares, self.guides[layer], self.targets[layer], strict=True
            )
        ]


def relative_error(gram, target):
    """||G - T||^2 / ||T||^2: 0 for equal matrices, 1 for G = 0."""
    return style_loss(gram, target) / ops.maximum(ops.sum(ops.square(target)), 1e-12)


def guide(mask, layer):
    """A mask at a layer's size, of mean square one, so that the Gram matrix is an average.

    Args:
        mask: booleans `(height, width)`.
        layer: as in `regions.field`.

    Returns:
        A tensor `(height', width', 1)`.
    """
    shrunk = regions.shrink(mask, layer)[..., None]
    norm = np.sqrt(np.mean(np.square(shrunk)))
    return ops.convert_to_tensor(shrunk / np.maximum(norm, 1e-6))


def noise(painting, source, target, seed=0):
    """Noise that has in each region the mean and the deviation of the painting's colors there.

    Args:
        painting: `(height, width, 3)`.
        source: its regions, integers `(height, width)`.
        target: the regions of the noise, the same.
        seed: of the noise.

    Returns:
        float32 `(*target.shape, 3)` in [0, 255].
    """
    grain = np.random.default_rng(seed).normal(0, 1, (*target.shape, 3))
    for number in np.unique(target):
        colors = painting[source == number]
        inside = target == number
        grain[inside] = colors.mean(axis=0) + colors.std(axis=0) * grain[inside]
    return np.clip(grain, 0, 255).astype("float32")


def _optimized(start, sizes, network, weights, num_steps, progress):
    """The start, optimized from size to size, and the history; until Ctrl-C."""
    image, history = start, []
    for painting, source, target in sizes:
        try:
            image = resize(image, target.shape)
            if history:
                image = regions.mirror(image, target)
            loss = RegionLoss(painting, source, target, network, weights)
            told = progress and f"{target.shape[1]} x {target.shape[0]}: "
            found = minimize(loss, image, num_steps, progress=told)
        except KeyboardInterrupt:
            if not history:
                raise
            break
        image, history = found.image, history + found.history
        if found.interrupted:
            break
    return resize(image, start.shape[:2]), history


def _universal(start, painting, source, target, network, weights):
    """The start through all levels, each region with its own statistics."""
    draw = _engine(network, weights)
    numbers = np.unique(target)
    styles = draw.encode_regions(painting, [source == number for number in numbers])
    masks = [(target == number).astype("float32") for number in numbers]
    return draw.stylize(start, styles, 1.0, masks=masks)


@functools.lru_cache(maxsize=1)
def _engine(network, weights):
    from stylenet.universal import UniversalStylizer

    return UniversalStylizer(network, weights)


def _halved(array, times):
    """A picture, or regions, at a half, a quarter and so on of the size."""
    size = [side >> times for side in array.shape[:2]]
    return resize(array, size) if array.ndim == 3 else regions.sample(array, size)
