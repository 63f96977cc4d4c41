"""Styles photographs with a trained feed-forward network.

Johnson, Alahi and Fei-Fei 2016, https://arxiv.org/abs/1603.08155. Any size: a picture is mirrored
to a multiple of four, and the result cut back.
"""

import functools
import os
from collections.abc import Callable
from typing import Literal

import numpy as np

from stylenet import catalog, images, inputs
from stylenet.colors import finish
from stylenet.feed_forward.conditional import condition, fixed, mixed_norms
from stylenet.feed_forward.network import load_network
from stylenet.speed.network import fast_network
from stylenet.surroundings import plain

COLORS = ("style", "keep")
BASE_MEMORY, PIXEL_MEMORY = 1.0, 0.3e-6  # GB; see `memory`
SMALLEST = 16  # pixels; below, mirroring at a quarter of the resolution runs out of pixels


def stylize(
    content_image: images.Picture,
    style: str | os.PathLike | Callable | dict[str, float],
    strength: float | None = None,
    colors: Literal["style", "keep"] = "style",
    stroke: float | None = None,
) -> np.ndarray:
    """Draws a photograph in a style.

    Args:
        content_image: `(height, width, 3)`, RGB in [0, 255], any size; or what `inputs.picture`
            converts to that.
        style: a shipped style's name (see `stylenet styles`), the path of a weights file, a network
            from `transform_net`, or a blend of styles that share a network, name to share, see
            `stylenet.catalog`.
        strength: 0 to 1. Of a network of one style from the photograph to the full style, 1 unless
            given; it fades between them, see `colors.finish`. Of one of many styles, which was
            trained for it, from little style to much, 0.5 unless given.
        colors: "style", or "keep" for the photograph's own chroma, see `colors.keep_colors`.
        stroke: of a network of many styles alone, 0, small strokes, to 1, large ones; 0.5 unless
            given.

    Returns:
        float32 `(height, width, 3)` in [0, 255], exactly the photograph's size.

    Raises:
        ValueError: an unknown style or option, or something that is no picture.
        FileNotFoundError: there is no such weights file.

    Reference: Johnson et al. 2016, https://arxiv.org/abs/1603.08155

    Example:
        >>> import numpy as np
        >>> grey = np.full((20, 30, 3), 128.0)
        >>> stylize(grey, "wave").shape
        (20, 30, 3)
    """
    inputs.choice("colors", colors, COLORS)
    fade = catalog.choose(style, strength, stroke).fade
    content_image = inputs.picture(content_image)
    if fade == 0:
        return content_image.copy()
    drawing = paint(content_image, load_style(style, strength, stroke))
    return finish(drawing, content_image, fade, colors)


@plain()
def paint(content_image, network):
    """What a network from `load_style` makes of a picture of any size, in full.

    Args:
        content_image: float32 `(height, width, 3)` in [0, 255].
        network: a function of a batch whose sides are multiples of four.

    Returns:
        float32 `(height, width, 3)` in [0, 255].
    """
    multiple = 4 if min(content_image.shape[:2]) >= SMALLEST else SMALLEST
    padded, (height, width) = images.pad_to_multiple(content_image, multiple)
    return np.clip(np.asarray(network(padded[None]))[0, :height, :width], 0.0, 255.0)


def memory(height, width):
    """A forecast of the memory that `stylize` takes, the programs included.

    Measured on a CPU: squares of 1024 and 2048 pixels 1.3 and 2.2 GB.

    Args:
        height: of the photograph, in pixels.
        width: the same.

    Returns:
        GB (10^9 bytes); larger pictures are extrapolated.
    """
    return BASE_MEMORY + PIXEL_MEMORY * height * width


@plain()
def load_style(style, strength=None, stroke=None):
    """The function that draws batches in a style; loaded once, then remembered.

    Args:
        style: as in `stylize`.
        strength: as in `stylize`; no more than checked where it fades.
        stroke: as in `stylize`.

    Returns:
        A callable, `(batch, height, width, 3)` in [0, 255], sides multiples of four, to the
        same shape, unclipped.
    """
    if callable(style):
        return fast_network(style)
    found, strength, stroke, _ = catalog.choose(style, strength, stroke)
    path = found.path.resolve()
    if not found.shares:
        return _load_file(path, path.stat().st_mtime_ns)
    row = condition(found.styles, found.shares, strength, stroke)
    return _load_file(path, path.stat().st_mtime_ns, tuple(row.tolist()))


@functools.lru_cache(maxsize=8)
def _load_file(path, modified, condition=None):
    """With a condition, the network of one style that it makes of one of many."""
    if condition is None:
        return fast_network(load_network(path))
    network, fast = _load_many(path, modified)
    if hasattr(fast, "with_norms"):  # nothing is compiled anew when a slider moves
        return fast.with_norms(mixed_norms(network, condition))
    return fast_network(fixed(network, condition))


@functools.lru_cache(maxsize=2)
def _load_many(path, _modified):
    """A network of many styles, and the fast one of any of its conditions."""
    network = load_network(path)
    any_row = np.zeros(network.inputs[1].shape[1])
    return network, fast_network(fixed(network, any_row))
