"""Pictures side by side on one sheet, for comparing."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from stylenet import inputs
from stylenet.images import Picture, as_image, resize, to_uint8

WHITE = 255.0
TALLEST = 400  # pixels, of several pictures side by side


def show(
    *pictures: Picture, captions: Sequence[str] | None = None, height: int | None = None
) -> Image.Image:
    """Pictures side by side, for a notebook: as the last line of a cell they appear below it.

    Args:
        *pictures: what `inputs.picture` takes: paths, Pillow pictures, arrays, tensors.
        captions: a text below each, or None.
        height: of each in pixels; by default that of the tallest, 400 at most, and of a single one
            its own.

    Returns:
        A `PIL.Image.Image`; `.show()` opens it outside of a notebook.

    Raises:
        ValueError: no picture, or something that is none, or another number of captions.
        OSError: a file that can't be read.

    Example:
        >>> photograph = np.full((30, 40, 3), 90.0)
        >>> show(photograph, photograph).size
        (88, 30)
    """
    found = [inputs.picture(each, "picture") for each in pictures]
    if not found:
        raise ValueError("Expected at least one picture to show. Received none.")
    tallest = max(len(picture) for picture in found)
    height = height or (tallest if len(found) == 1 else min(TALLEST, tallest))
    sheet = contact_sheet([found], None if captions is None else [list(captions)], height)
    return Image.fromarray(to_uint8(sheet))


def contact_sheet(rows, captions=None, height=256, gap=8):
    """Arranges rows of pictures on one white sheet, brought to a common height.

    Args:
        rows: list of rows, each a list of arrays (height, width, 3) in [0, 255] of any size.
        captions: an ASCII text, or None, below each picture, in lists shaped like `rows`.
        height: height of every picture on the sheet in pixels.
        gap: white between two pictures in pixels.

    Returns:
        float32 array (sheet_height, sheet_width, 3) in [0, 255].

    Raises:
        ValueError: if there is no picture in a row, or `captions` is not shaped like `rows`.
    """
    caption_height = max(12, height // 8) if captions is not None else 0
    texts = captions if captions is not None else [[""] * len(row) for row in rows]
    if not len(rows) or not all(map(len, rows)) or [*map(len, rows)] != [*map(len, texts)]:
        raise ValueError("Expected rows of at least one picture, and a caption for each or none.")
    strips = [
        np.hstack([_cell(*pair, height, caption_height, gap) for pair in zip(*row, strict=True)])
        for row in zip(rows, texts, strict=True)
    ]
    width = max(strip.shape[1] for strip in strips)
    sheet = np.vstack([_pad_white(strip, right=width - strip.shape[1]) for strip in strips])
    return sheet[: len(sheet) - gap, : width - gap]


def _cell(image, caption, height, caption_height, gap):
    image = as_image(image)
    cell = resize(image, (height, max(1, round(image.shape[1] * height / image.shape[0]))))
    if caption_height:
        cell = np.vstack([cell, _text(caption or "", cell.shape[1], caption_height)])
    return _pad_white(cell, bottom=gap, right=gap)


def _text(text, width, height):
    size = 0.7 * height
    size *= min(1, width / max(1, ImageFont.load_default(size).getlength(text)))
    strip = Image.new("RGB", (width, height), "white")
    font = ImageFont.load_default(max(1, size))
    ImageDraw.Draw(strip).text((width / 2, height / 2), text, "black", font, anchor="mm")
    return np.asarray(strip, "float32")


def _pad_white(image, bottom=0, right=0):
    return np.pad(image, ((0, bottom), (0, right), (0, 0)), constant_values=WHITE)
