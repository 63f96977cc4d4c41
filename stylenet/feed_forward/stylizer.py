"""Styles photographs with a trained feed-forward network.

Johnson, Alahi and Fei-Fei, "Perceptual Losses for Real-Time Style Transfer and
Super-Resolution", ECCV 2016, https://arxiv.org/abs/1603.08155

Differences from the paper:

| here                                                         | paper               |
|--------------------------------------------------------------|---------------------|
| any size: mirrored to a multiple of four, then cut back      | multiples of four   |
| strength and the photograph's own colors chosen at test time | -                   |
"""

import functools

import numpy as np

from stylenet import images, weights
from stylenet.colors import keep_colors
from stylenet.feed_forward.network import load_network
from stylenet.speed.network import fast_network

COLORS = ("style", "keep")
SMALLEST = 16  # pixels; below, mirroring at a quarter of the resolution runs out of pixels


def stylize(content_image, style, strength=1.0, colors="style"):
    """Draws a photograph in a style.

    y = (1 - strength) x + strength f(x): the strength fades between photograph x and result
    f(x) pixel by pixel. It needs nothing from the network, so that it works with every style;
    0 gives exactly the photograph, and the distance from it grows in proportion.

    Args:
        content_image: `(height, width, 3)`, RGB in [0, 255], any size.
        style: a shipped style's name (see `stylenet styles`), the path of a weights file, or a
            network from `transform_net`.
        strength: 0 to 1.
        colors: "style", or "keep" for the photograph's own chroma, see `colors.keep_colors`.

    Returns:
        float32 `(height, width, 3)` in [0, 255], exactly the photograph's size.

    Raises:
        ValueError: an unknown style or option, or something that is no picture.
        FileNotFoundError: there is no such weights file.

    Reference: Johnson et al. 2016, https://arxiv.org/abs/1603.08155
    """
    check_options(strength, colors)
    content_image = _checked(content_image)
    return draw(content_image, load_style(style), strength, colors)


def draw(content_image, network, strength, colors):
    """`stylize` with options already checked and a style already loaded by `load_style`."""
    if strength == 0:
        return content_image.copy()
    multiple = 4 if min(content_image.shape[:2]) >= SMALLEST else SMALLEST
    padded, (height, width) = images.pad_to_multiple(content_image, multiple)
    stylized = np.asarray(network(padded[None]))[0, :height, :width]
    stylized = np.clip(stylized, 0.0, 255.0)
    if colors == "keep":
        stylized = keep_colors(stylized, content_image)
    if strength == 1:  # a large picture need not be in memory three times more
        return stylized
    return content_image + np.float32(strength) * (stylized - content_image)


def load_style(style):
    """The function that draws batches in a style; loaded once, then remembered.

    Args:
        style: as in `stylize`.

    Returns:
        A callable, `(batch, height, width, 3)` in [0, 255], sides multiples of four, to the
        same shape, unclipped.
    """
    if callable(style):
        return fast_network(style)
    path = weights.style_file(style).resolve()
    return _load_file(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _load_file(path, _modified):
    return fast_network(load_network(path))


def check_options(strength, colors):
    """Raises a ValueError that names the option unless both are possible."""
    if not 0.0 <= strength <= 1.0:
        raise ValueError(f"Expected a strength between 0 and 1. Received: {strength}.")
    if colors not in COLORS:
        raise ValueError(f"Expected colors to be one of {COLORS}. Received: {colors!r}.")


def _checked(image):
    image = np.asarray(image, "float32")
    if image.ndim != 3 or image.shape[-1] != 3 or not image.size:
        raise ValueError(
            f"Expected a picture of shape (height, width, 3). Received shape {image.shape}."
        )
    if not np.isfinite(image).all() or image.min() < 0 or image.max() > 255:
        raise ValueError(
            "Expected RGB values in [0, 255]. Received values from "
            f"{image.min():.4g} to {image.max():.4g}."
        )
    return image
