"""What the figures are made of: a drawing with its caption, axes in a grid, pictures on them."""

import base64
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
from cycler import cycler
from matplotlib.figure import Figure as Drawing
from PIL import Image

from stylenet import files, images

PICTURES = files.shipped("images")
DPI = 160
SCREEN_DPI = 120  # a drawing of 10 inches fills a page of 1280 pixels
PNG_BYTES = 150_000  # a PNG that is larger holds photographs, of which JPEG takes a third
# Okabe and Ito's colors, https://jfly.uni-koeln.de/color/, and a line style for each.
COLORS = ("#0072B2", "#D55E00", "#000000", "#56B4E9", "#CC79A7", "#009E73", "#E69F00")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)), (0, (8, 2)))
PALETTES, QUALITIES, MOST_BYTES = (256, 192, 128), (80, 70, 60), 400_000  # of a stored figure


class Figure(NamedTuple):
    """A drawing and what a reader must know of it."""

    drawing: Drawing
    caption: str

    def _repr_mimebundle_(self, include=None, exclude=None):
        """What a notebook shows: one picture, its width on the page, and the caption as text."""
        kind, data = encode(self)
        width = round(SCREEN_DPI * self.drawing.get_figwidth())
        bundle = {kind: base64.b64encode(data).decode(), "text/plain": self.caption}
        return bundle, {kind: {"width": width, "alt": self.caption}}


def encode(figure):
    """A drawing for a page: lines as PNG, photographs as JPEG.

    Args:
        figure: a `Figure`.

    Returns:
        The kind, "image/png" or "image/jpeg", and the bytes.
    """
    buffer = io.BytesIO()
    figure.drawing.savefig(buffer, format="png", dpi=SCREEN_DPI)
    if buffer.tell() <= PNG_BYTES:
        return "image/png", buffer.getvalue()
    small = io.BytesIO()
    with Image.open(buffer) as picture:
        picture.convert("RGB").save(small, "JPEG", quality=80, subsampling=0)
    if small.tell() >= buffer.tell():
        return "image/png", buffer.getvalue()
    return "image/jpeg", small.getvalue()


def save(figure, path):
    """Writes the drawing, of the kind that the path's suffix names.

    A PNG has 256 colors, a JPEG, which is for photographs, the quality of 80, or fewer where the
    file would be too large; of SVG and PDF lines and letters stay sharp at any size.
    """
    if Path(path).suffix in (".svg", ".pdf"):
        figure.drawing.savefig(path, dpi=DPI)
        return
    buffer = io.BytesIO()
    figure.drawing.savefig(buffer, format="png", dpi=DPI)
    with Image.open(buffer) as picture:
        whole = picture.convert("RGB")
    if Path(path).suffix == ".jpg":
        for quality in QUALITIES:
            whole.save(path, quality=quality)
            if Path(path).stat().st_size < MOST_BYTES:
                return
        return
    for colors in PALETTES:
        # Median cut, without dithering: flat areas stay flat.
        whole.quantize(colors, dither=Image.Dither.NONE).save(path, optimize=True)
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
    axes = drawing.subplots(rows, columns, squeeze=False, **options)
    for axis in axes.flat:
        axis.set_prop_cycle(cycler(color=COLORS, linestyle=LINES))
    return drawing, axes


def show(axes, picture, title=None, **options):
    """A picture without ticks; RGB in [0, 255], or a map in shades of grey."""
    if np.ndim(picture) == 3:
        picture = np.clip(picture, 0, 255).astype("uint8")
    else:
        options = {"cmap": "gray", **options}
    axes.imshow(picture, interpolation="nearest", **options)
    axes.set(xticks=[], yticks=[])
    if title:
        axes.set_title(title, fontsize=11)
