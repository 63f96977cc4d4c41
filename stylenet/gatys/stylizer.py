"""Pictures by the original method, whose paper and differences stand in `stylenet.gatys`."""

import os
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from stylenet import colors as color
from stylenet import inputs
from stylenet.gatys.balance import Balance
from stylenet.gatys.margin import MARGIN, framed, minimize_framed
from stylenet.images import Picture, resize
from stylenet.losses import Preset, find_preset
from stylenet.optimization import Result
from stylenet.presets import check_structure
from stylenet.speed.gatys import StyleLoss
from stylenet.surroundings import plain

STARTS = ("content", "noise")
COLORS = ("style", "match", "keep")
BASE_MEMORY, PIXEL_MEMORY = 1.15, 1.6e-6  # GB; see `memory`
MOST_SCALES = 12
SMALLEST = 16  # pixels; four poolings leave one


@plain()
def stylize(
    content_image: Picture,
    style_images: Picture | Sequence[Picture],
    *,
    preset: str | Preset = "gatys",
    structure: float | None = None,
    shares: Sequence[float] | None = None,
    masks: Sequence[np.ndarray] | None = None,
    start: str | np.ndarray = "content",
    scales: int = 1,
    colors: Literal["style", "match", "keep"] = "style",
    optimizer: Literal["lbfgs", "adam"] = "lbfgs",
    learning_rate: float = 10.0,
    weights: str | os.PathLike = "imagenet",
    callback: Callable | None = None,
    num_steps: int = 500,
    seed: int = 0,
    progress: bool = True,
    **changes,
) -> Result:
    """Draws a photograph in the style of one or several paintings.

    Args:
        content_image: `(height, width, 3)`, RGB in [0, 255]; or what `inputs.picture` takes.
        style_images: one picture or a list; each at the size that its strokes are to have.
        preset: "gatys" (Gram / HW, layer weights 1000 / C^2), "course" (Gram / CHW, sums of
            squares), another of `losses.PRESETS`, or a `losses.Preset`.
        structure: instead of the weights of content and style the share of the photograph's
            structure to keep, 0 to 1, at every size and with every painting, see `gatys.balance`.
        shares: a number a style, by default equal; their sum does not matter.
        masks: `(height, width)` in [0, 1] a style: where in the photograph it applies.
        start: "content", "noise", or a picture of the photograph's size.
        scales: how many sizes from coarse to fine, each twice the last, each started from the
            last result: large pictures keep the strokes of small ones. Styles shrink along.
        colors: "style"; "match", the style recolored like the photograph before the run
            (`colors.match_colors`); "keep", the photograph's own chroma (`colors.keep_colors`).
        optimizer: "lbfgs" or "adam".
        learning_rate: Adam's, in grey levels.
        weights: of the loss network, as in `features.feature_extractor`.
        callback: called after each step, see `optimization.minimize`.
        num_steps: evaluations of the loss, at each scale.
        seed: of the noise.
        progress: show the steps and the time left.
        **changes: fields of `Preset` to replace, for instance `tv_weight=10`, `pooling="average"`,
            or `statistics="sliced"`, which takes more time and memory, see `gatys.statistics`.

    Returns:
        An `optimization.Result`: the picture, of the photograph's size, and the history.

    Raises:
        ValueError: unknown options, or pictures, masks and weights that do not fit together.
        FileNotFoundError: the loss network's weights are nowhere to be found.

    Reference: Gatys et al. 2015, https://arxiv.org/abs/1508.06576
    """
    content, styles = inputs.picture(content_image), inputs.pictures(style_images)
    inputs.choice("colors", colors, COLORS)
    check_structure(structure, changes)
    shares = inputs.shares(shares, len(styles))
    masks = inputs.masks(masks, len(styles))(content.shape[:2])
    _check_scales(scales, (content, *styles))
    preset = find_preset(preset)._replace(**changes)
    if colors == "match":
        styles = [color.match_colors(style, content) for style in styles]
    image, history = starting_image(start, content.shape, seed, content), []
    for halvings in reversed(range(scales)):
        small = [_shrink(picture, halvings) for picture in (content, *styles)]
        regions = masks and [framed(mask, MARGIN << halvings) for mask in masks]
        loss = StyleLoss(framed(small[0]), small[1:], preset, shares, regions, weights)
        if structure is not None:
            loss = Balance(loss, framed(small[0]), small[1:], structure, shares)
        image = resize(image, small[0].shape[:2]) if image.shape != small[0].shape else image
        told = progress and (scales == 1 or f"{image.shape[1]} x {image.shape[0]}: ")
        options = {"callback": callback, "progress": told}
        found = minimize_framed(loss, image, num_steps, optimizer, learning_rate, **options)
        image, history = found.image, history + found.history
        if found.interrupted:
            image = resize(image, content.shape[:2])
            break
    return Result(color.finish(image, content, colors=colors), history, found.interrupted)


@plain()
def synthesize_texture(
    style_image,
    size=(256, 256),
    *,
    preset="gatys",
    start="noise",
    weights="imagenet",
    num_steps=500,
    seed=0,
    progress=True,
    **options,
):
    """A texture: a new picture with the style alone, optimized from noise.

    Args:
        style_image: `(height, width, 3)`, RGB in [0, 255].
        size: `(height, width)` of the result.
        preset: as in `stylize`, its content left out.
        start: "noise", or a picture of the result's size, for instance noise of small deviation,
            of which less is left after few steps.
        weights: as in `stylize`.
        num_steps: evaluations of the loss.
        seed: of the noise.
        progress: show the steps and the time left.
        **options: of `optimization.minimize`.

    Returns:
        An `optimization.Result`.

    Reference: Gatys et al. 2015, Texture Synthesis, https://arxiv.org/abs/1505.07376
    """
    preset = find_preset(preset)._replace(content_layers={})
    noise = starting_image(start, (*size, 3), seed)
    style = inputs.picture(style_image, "style_image")
    loss = StyleLoss(framed(noise), [style], preset, weights=weights)
    return minimize_framed(loss, noise, num_steps, progress=progress, **options)


@plain()
def reconstruct(
    content_image,
    layer,
    *,
    network="vgg19",
    start="noise",
    tv_weight=0.0,
    weights="imagenet",
    num_steps=200,
    seed=0,
    progress=True,
    **options,
):
    """A photograph as a layer keeps it: optimized from noise, without a style.

    Args:
        content_image: `(height, width, 3)`, RGB in [0, 255].
        layer: for instance "block4_conv2".
        network: "vgg19", "vgg16" or "slim".
        start: "noise", or a picture of the photograph's size.
        tv_weight: of the total variation, which layers hardly see.
        weights: as in `stylize`.
        num_steps: evaluations of the loss.
        seed: of the noise.
        progress: show the steps and the time left.
        **options: of `optimization.minimize`.

    Returns:
        An `optimization.Result`.

    Reference: Gatys et al. 2015, figure 1; Mahendran and Vedaldi 2015,
    https://arxiv.org/abs/1412.0035
    """
    layers = {"content_layers": {layer: 1.0}, "style_layers": {}}
    preset = Preset(network=network, tv_weight=tv_weight, **layers)
    content = inputs.picture(content_image)
    noise = starting_image(start, content.shape, seed)
    loss = StyleLoss(framed(content), [], preset, weights=weights)
    return minimize_framed(loss, noise, num_steps, progress=progress, **options)


def memory(height, width, scales=1):
    """A forecast of the memory that `stylize` takes, the programs included.

    A base, and so much a pixel of all scales. Measured with VGG19 and L-BFGS on a CPU, the most
    after 10 steps or more: squares of 256, 512, 724 and 1024 pixels 1.25, 1.52, 1.97 and 2.85 GB;
    1000 x 1500 pixels at three scales 4.2 GB. `statistics="sliced"` sees all of a layer at once and
    takes more, which is not forecast: 2.1 GB instead of 1.5 after 3 steps at 256 pixels.

    Args:
        height: of the photograph, in pixels.
        width: the same.
        scales: as in `stylize`.

    Returns:
        GB (10^9 bytes); larger pictures are extrapolated.
    """
    pixels = sum((height >> halvings) * (width >> halvings) for halvings in range(scales))
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
    image = inputs.picture(start, "start")
    if image.shape != tuple(shape):
        raise ValueError(
            f"Expected a start of the photograph's shape {tuple(shape)}. Received: {image.shape}."
        )
    return image


def _check_scales(scales, pictures):
    shortest = min(min(picture.shape[:2]) for picture in pictures)
    inputs.number("scales", scales, 1, MOST_SCALES, whole=True)
    if shortest < 2 ** (scales - 1) * SMALLEST:
        raise ValueError(
            f"Expected so few scales that at the coarsest pictures are of {SMALLEST} pixels or "
            f"more. Received: {scales} scales, and a side of {shortest} pixels."
        )


def _shrink(image, halvings):
    return resize(image, [side >> halvings for side in image.shape[:2]]) if halvings else image
