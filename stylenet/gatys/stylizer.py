"""The original method: the pixels of one picture are optimized.

Gatys, Ecker and Bethge, "A Neural Algorithm of Artistic Style", 2015,
https://arxiv.org/abs/1508.06576, and "Image Style Transfer Using Convolutional Neural Networks",
CVPR 2016; control of color, space and scale: Gatys et al. 2017,
https://arxiv.org/abs/1611.07865.

Differences from the papers:

| here                                              | papers                                |
|---------------------------------------------------|---------------------------------------|
| starts from the photograph                        | from noise; their code: photograph    |
| max pooling, average as an option                 | average                               |
| preset "gatys": the weights of their notebook     | other constants in each paper         |
| Keras' VGG19                                      | VGG19 with responses of mean one      |
| a mask weighs each response                       | the same ("guided Gram matrices")     |
"""

import numpy as np

from stylenet import colors as color
from stylenet.gatys.loss import PRESETS, Preset, StyleLoss
from stylenet.images import as_image, resize
from stylenet.losses import find_preset
from stylenet.optimization import Result, minimize

STARTS = ("content", "noise")
COLORS = ("style", "match", "keep")
BASE_MEMORY, PIXEL_MEMORY = 1.15, 1.6e-6  # GB; see `memory`
SMALLEST = 16  # pixels; four poolings leave one


def stylize(
    content_image,
    style_images,
    num_steps=500,
    *,
    preset="gatys",
    style_weights=None,
    masks=None,
    start="content",
    optimizer="lbfgs",
    learning_rate=10.0,
    levels=1,
    colors="style",
    seed=0,
    callback=None,
    progress=True,
    weights="imagenet",
    **changes,
):
    """Draws a photograph in the style of one or several paintings.

    Args:
        content_image: `(height, width, 3)`, RGB in [0, 255].
        style_images: one picture or a list; each at the size that its strokes are to have.
        num_steps: evaluations of the loss, at each level.
        preset: "gatys" (Gram / HW, layer weights 1000 / C^2) or "course" (Gram / CHW, sums of
            squares), or a `Preset`.
        style_weights: a number a style, by default equal; their sum does not matter.
        masks: `(height, width)` in [0, 1] a style: where in the photograph it applies.
        start: "content", "noise", or a picture of the photograph's size.
        optimizer: "lbfgs" or "adam".
        learning_rate: Adam's, in grey levels.
        levels: sizes from coarse to fine, each twice the last, each started from the last
            result: large pictures keep the strokes of small ones. Styles shrink along.
        colors: "style"; "match", the style recolored like the photograph before the run
            (`colors.match_colors`); "keep", the photograph's own chroma (`colors.keep_colors`).
        seed: of the noise.
        callback: called after each step, see `optimization.minimize`.
        progress: show the steps and the time left.
        weights: of the loss network, as in `features.feature_extractor`.
        **changes: fields of `Preset` to replace, for instance `tv_weight=10`, `pooling="average"`.

    Returns:
        An `optimization.Result`: the picture, of the photograph's size, and the history.

    Raises:
        ValueError: unknown options, or pictures, masks and weights that do not fit together.
        FileNotFoundError: the loss network's weights are nowhere to be found.

    Reference: Gatys et al. 2015, https://arxiv.org/abs/1508.06576
    """
    content = as_image(content_image)
    styles = [style_images] if np.ndim(style_images[0]) != 3 else list(style_images)
    styles = [as_image(style) for style in styles]
    _check(content, styles, style_weights, masks, colors, levels)
    preset = find_preset(preset, PRESETS)._replace(**changes)
    if colors == "match":
        styles = [color.match_colors(style, content) for style in styles]
    image, history = starting_image(start, content.shape, seed, content), []
    for level in reversed(range(levels)):
        small = [_shrink(picture, level) for picture in (content, *styles)]
        loss = StyleLoss(small[0], small[1:], preset, style_weights, masks, weights)
        image = resize(image, small[0].shape[:2]) if image.shape != small[0].shape else image
        image, steps = minimize(
            loss, image, num_steps, optimizer, learning_rate, callback, progress
        )
        history += steps
    return Result(color.keep_colors(image, content) if colors == "keep" else image, history)


def synthesize_texture(
    style_image, size=(256, 256), num_steps=500, *, preset="gatys", seed=0, **options
):
    """A new picture with the style alone: from noise, no content.

    Args:
        style_image: `(height, width, 3)`, RGB in [0, 255].
        size: `(height, width)` of the result.
        num_steps: as in `stylize`.
        preset: as in `stylize`.
        seed: of the noise.
        **options: of `optimization.minimize`, and `weights` as in `stylize`.

    Returns:
        An `optimization.Result`.

    Reference: Gatys et al. 2015, Texture Synthesis, https://arxiv.org/abs/1505.07376
    """
    weights = options.pop("weights", "imagenet")
    preset = find_preset(preset, PRESETS)._replace(content_layers={})
    noise = starting_image("noise", (*size, 3), seed)
    loss = StyleLoss(noise, [as_image(style_image)], preset, weights=weights)
    return minimize(loss, noise, num_steps, **options)


def reconstruct(content_image, layer, num_steps=200, *, network="vgg19", seed=0, **options):
    """What a layer keeps of a photograph: from noise, no style.

    Args:
        content_image: `(height, width, 3)`, RGB in [0, 255].
        layer: for instance "block4_conv2".
        num_steps: as in `stylize`.
        network: "vgg16" or "vgg19".
        seed: of the noise.
        **options: of `optimization.minimize`, and `weights` as in `stylize`.

    Returns:
        An `optimization.Result`.

    Reference: Gatys et al. 2015, figure 1; Mahendran and Vedaldi 2015,
    https://arxiv.org/abs/1412.0035
    """
    weights = options.pop("weights", "imagenet")
    preset = Preset(network=network, content_layers={layer: 1.0}, style_layers={})
    content = as_image(content_image)
    loss = StyleLoss(content, [], preset, weights=weights)
    return minimize(loss, starting_image("noise", content.shape, seed), num_steps, **options)


def memory(height, width, levels=1):
    """A forecast of the memory that `stylize` takes, the programs included.

    A base, and so much a pixel of all levels. Measured with VGG19 and L-BFGS on a CPU, the most
    after 10 steps or more: squares of 256, 512, 724 and 1024 pixels 1.25, 1.52, 1.97 and 2.85 GB;
    1000 x 1500 pixels in three levels 4.2 GB.

    Args:
        height: of the photograph, in pixels.
        width: the same.
        levels: as in `stylize`.

    Returns:
        GB (10^9 bytes); larger pictures are extrapolated.
    """
    pixels = sum((height >> level) * (width >> level) for level in range(levels))
    return BASE_MEMORY + PIXEL_MEMORY * pixels


def starting_image(start, shape, seed, content=None):
    """The picture to begin with, see `stylize`."""
    if isinstance(start, str):
        if start not in STARTS:
            raise ValueError(
                f"Expected start to be one of {STARTS} or a picture. Received: {start!r}."
            )
        if start == "content":
            return content
        return np.random.default_rng(seed).uniform(0, 255, shape).astype("float32")
    image = as_image(start)
    if image.shape != tuple(shape):
        raise ValueError(
            f"Expected a start of the photograph's shape {tuple(shape)}. Received: {image.shape}."
        )
    return image


def _check(content, styles, style_weights, masks, colors, levels):
    for name, values in (("style weight", style_weights), ("mask", masks)):
        if values is not None and len(values) != len(styles):
            raise ValueError(
                f"Expected a {name} for each of {len(styles)} styles. Received: {len(values)}."
            )
    if style_weights is not None and (min(style_weights) < 0 or not sum(style_weights)):
        raise ValueError(f"Expected style weights of 0 or more, not all 0. Got: {style_weights}.")
    for mask in masks or ():
        if np.shape(mask) != content.shape[:2]:
            raise ValueError(
                f"Expected masks of the photograph's size {content.shape[:2]}. "
                f"Received: {np.shape(mask)}."
            )
    if colors not in COLORS:
        raise ValueError(f"Expected colors to be one of {COLORS}. Received: {colors!r}.")
    shortest = min(min(picture.shape[:2]) for picture in (content, *styles))
    if levels < 1 or shortest < 2 ** (levels - 1) * SMALLEST:
        raise ValueError(
            f"Expected levels of 1 or more, and at the coarsest pictures of {SMALLEST} pixels or "
            f"more. Received: {levels} levels, and a side of {shortest} pixels."
        )


def _shrink(image, level):
    return image if level == 0 else resize(image, [side >> level for side in image.shape[:2]])
