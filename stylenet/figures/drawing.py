"""What the figures are made of: a drawing with its caption, axes in a grid, pictures on them."""

import base64
import html
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure as Drawing
from PIL import Image

from stylenet import files, images

PICTURES = files.shipped("images")
DPI = 160
SCREEN_DPI = 96
COLORS, MOST_BYTES = (256, 192, 128), 400_000  # a third of the size that all colors would take


class Figure(NamedTuple):
    """A drawing and what a reader must know of it."""

    drawing: Drawing
    caption: str

    def _repr_mimebundle_(self, include=None, exclude=None):
        """What a notebook shows: the drawing at its size in inches, and the caption as its text."""
        buffer = io.BytesIO()
        self.drawing.savefig(buffer, format="png", dpi=DPI)
        png = base64.b64encode(buffer.getvalue()).decode()
        width = round(SCREEN_DPI * self.drawing.get_figwidth())
        text = html.escape(self.caption)
        tag = f'<img src="data:image/png;base64,{png}" alt="{text}" title="{text}"'
        page = f'{tag} style="width: {width}px; max-width: 100%">'
        return {"text/html": page, "image/png": png, "text/plain": self.caption}


def save(figure, path):
    """Writes the drawing as a PNG of 256 colors, or fewer where it would be too large."""
    buffer = io.BytesIO()
    figure.drawing.savefig(buffer, format="png", dpi=DPI)
    with Image.open(buffer) as picture:
        for colors in COLORS:
            # Median cut, without dithering: flat areas stay flat.
            small = picture.convert("RGB").quantize(colors, dither=Image.Dither.NONE)
            small.save(path, optimize=True)
            if Path(path).stat().st_size < MOST_BYTES:
                return


def photograph(name, max_size=None):
    """A photograph of `images/content/`."""
    return images.load_image(PICTURES / "content" / name, max_size)


def painting(name, max_size=None):
    """A style picture of `images/style/`."""
    return images.load_image(PICTURES / "style" / name, max_size)


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
