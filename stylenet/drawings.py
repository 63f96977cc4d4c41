"""What the figures are made of: a drawing with its caption, axes in a grid, pictures on them."""

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure as Drawing
from PIL import Image

from stylenet import images

PICTURES = Path(__file__).parents[1] / "images"
DPI = 160


class Figure(NamedTuple):
    """A drawing and what a reader must know of it."""

    drawing: Drawing
    caption: str


def save(figure, path):
    """Writes the drawing as a PNG of 256 colors, a third of the size that all would take."""
    buffer = io.BytesIO()
    figure.drawing.savefig(buffer, format="png", dpi=DPI)
    with Image.open(buffer) as picture:
        # Median cut, without dithering: flat areas stay flat.
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def photograph(name, max_size=None):
    """A photograph of `images/content/`."""
    return images.load_image(PICTURES / "content" / name, max_size)


def grid(rows, columns, width=9.0, aspect=1.0, **options):
    """A drawing of so many axes, and the axes as an array."""
    height = width * rows / columns / aspect
    drawing = Drawing(figsize=(width, height), layout="constrained")
    return drawing, drawing.subplots(rows, columns, squeeze=False, **options)


def show(axes, picture, title=None, **options):
    """A picture without ticks; RGB in [0, 255], or a map in shades of grey."""
    if np.ndim(picture) == 3:
        picture = np.clip(picture, 0, 255).astype("uint8")
    else:
        options = {"cmap": "gray", **options}
    axes.imshow(picture, interpolation="nearest", **options)
    axes.set(xticks=[], yticks=[])
    if title:
        axes.set_title(title, fontsize=9)
