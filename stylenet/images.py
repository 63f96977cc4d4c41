"""Pictures: loading, saving, finding, resizing and padding.

A picture is an RGB array (height, width, 3), float32 in [0, 255], everywhere in the package.
"""

import io
import math
import os
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from PIL import ExifTags, Image

from stylenet import files
from stylenet.decoding import check_pixels, opened, rgb

# Below the limit at which Pillow itself refuses (179 million), so that ours is the one that counts.
MAX_PIXELS = 150_000_000
INPUT_SUFFIXES = (
    *(".jpg", ".jpeg", ".jfif", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif"),
    *(".avif", ".jp2", ".heic", ".heif"),
)
# GIF is missing on purpose: its 256 colors would spoil a stylized picture.
_JPEG = ("JPEG", {"quality": 95, "subsampling": "4:4:4"})
_TIFF = ("TIFF", {"compression": "tiff_deflate"})
OUTPUT_FORMATS = {
    ".png": ("PNG", {}),
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".webp": ("WEBP", {"quality": 95}),
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".bmp": ("BMP", {}),
}
# What stands for a picture, see `inputs.picture`: a path, a Pillow picture, an array or a tensor.
Picture = str | os.PathLike | Image.Image | ArrayLike
LANCZOS = 3  # pixels that the kernel sees to each side, of the coarser picture
FEW = 16  # pixels; so small a picture may well be black


def load_image(
    path: str | os.PathLike, max_size: int | None = None, max_pixels: int | None = None
) -> np.ndarray:
    """Loads a picture as RGB, upright and in sRGB, whatever the file holds.

    EXIF orientation is applied, an embedded ICC profile is converted to sRGB (a broken one is
    ignored), transparency is composited over white, and of an animation the first frame is taken.
    16-bit grey is scaled by 1 / 257; of grey floats and 32-bit integers, the file or their range
    says what is white, else they are refused.

    Args:
        path: JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF or JPEG 2000 file, recognized by its content;
            HEIC with the extra `heic`.
        max_size: longest side of the result in pixels; a larger picture is reduced.
        max_pixels: a picture with more is refused before it is decoded; by default `MAX_PIXELS`.

    Returns:
        float32 array (height, width, 3) in [0, 255].

    Raises:
        FileNotFoundError, IsADirectoryError, PermissionError: if there is no file to read.
        ValueError: if the file is no picture, is damaged, or has more than `max_pixels` pixels.

    Example:
        >>> folder = getfixture("tmp_path")
        >>> save_image(folder / "grey.png", np.full((30, 40, 3), 128))
        >>> load_image(folder / "grey.png", max_size=20).shape
        (15, 20, 3)
    """
    with opened(path) as picture:
        check_pixels(picture, MAX_PIXELS if max_pixels is None else max_pixels)
        image = rgb(picture)
    return limit_size(image, max_size)


def picture_size(path, max_size=None):
    """The (height, width) that `load_image` would give, read from the file's head alone.

    Args:
        path: as in `load_image`.
        max_size: as in `load_image`.

    Raises:
        OSError, ValueError: as `load_image`, as far as the head tells.
    """
    with opened(path) as picture:
        width, height = picture.size
        exif = Image.Image.getexif(picture)  # that of PNG alone would decode the pixels
        turned = exif.get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8)
    height, width = (width, height) if turned else (height, width)
    scale = min(1.0, (max_size or max(height, width)) / max(height, width))
    return tuple(max(1, round(side * scale)) for side in (height, width))


def save_image(path: str | os.PathLike, image: Picture) -> None:
    """Saves a picture; the file appears complete or not at all.

    Values are clipped to [0, 255] and rounded. The suffix decides the format; JPEG is written at
    quality 95 without chroma subsampling, WebP at quality 95, the others without loss.

    Args:
        path: file to write, with a suffix of `OUTPUT_FORMATS`; an existing file is replaced.
        image: array (height, width, 3), float or integer, in [0, 255], or a Pillow picture. The
            two are told apart by what they are: `save_image(image, path)` does the same.

    Raises:
        ValueError: if neither is a path, the suffix is unknown, or `image` has another shape,
            non-finite values, or floats that are meant to be in [0, 1].
        OSError: if the file cannot be written; an existing file is then left as it was.

    Example:
        >>> save_image(getfixture("tmp_path") / "white.jpg", np.full((30, 40, 3), 255))
    """
    if isinstance(image, str | os.PathLike):
        path, image = image, path
    if not isinstance(path, str | os.PathLike) or isinstance(image, str | os.PathLike):
        raise ValueError(
            "Expected a path and a picture, for instance save_image('out.png', picture). "
            f"Received: {type(path).__name__} and {type(image).__name__}."
        )
    check_output_path(path)
    image = as_image(rgb(image) if isinstance(image, Image.Image) else image)
    check_scale(image)
    write_pixels(path, to_uint8(image))


def write_pixels(path, pixels):
    """Writes a picture that is known to be one; the file appears complete or not at all.

    Args:
        path: as in `save_image`.
        pixels: uint8 array (height, width, 3).

    Raises:
        OSError: if the file cannot be written; an existing file is then left as it was.
    """
    format_name, options = OUTPUT_FORMATS[Path(path).suffix.lower()]
    data = io.BytesIO()  # Pillow does not notice when a disk takes only a part of a file
    try:
        Image.fromarray(pixels).save(data, format_name, **options)
        with files.written_whole(path) as part:
            part.write_bytes(data.getbuffer())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OSError(f"Cannot write {str(path)!r}: {reason}") from error


def check_output_path(path):
    """Checks, before any work is done, that `save_image` will be able to write this file.

    Args:
        path: file to be written.

    Raises:
        ValueError: if the suffix is not one of `OUTPUT_FORMATS`.
        IsADirectoryError, NotADirectoryError, PermissionError: if `path` is a folder, or its folder
            is a file, or is not writable.
    """
    files.check_writable(path, tuple(OUTPUT_FORMATS), "picture")


def as_image(image):
    """A picture as a float32 array, checked.

    Raises:
        ValueError: if it is not (height, width, 3), or has values that are not finite.
    """
    image = np.asarray(image, "float32")
    if image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(f"Expected a picture (height, width, 3). Received shape {image.shape}.")
    if not np.isfinite(image).all():
        raise ValueError("Expected finite values in [0, 255]; the picture has NaN or infinity.")
    return image


def check_range(image, name="the picture"):
    """Raises a ValueError unless values are finite, in [0, 255], and not meant to be in [0, 1].

    Args:
        image: array (height, width, channels).
        name: what it is, for the message.
    """
    lowest, highest = float(image.min()), float(image.max())
    if not np.isfinite([lowest, highest]).all():
        raise ValueError(f"Expected {name} of finite values in [0, 255]. Received NaN or infinity.")
    if lowest < 0 or highest > 255:
        raise ValueError(
            f"Expected {name} in [0, 255]. Received values from {lowest:.4g} to {highest:.4g}."
        )
    check_scale(image, name)


def check_scale(image, name="the picture"):
    """Raises a ValueError if a picture is meant to be in [0, 1]: it would come out black."""
    highest = float(image.max())
    if 0 < highest <= 1 and image.shape[0] * image.shape[1] > FEW and (image % 1).any():
        raise ValueError(
            f"Expected {name} in [0, 255]. Received floats of at most {highest:.4g}: if they are "
            "in [0, 1], multiply them by 255."
        )


def to_uint8(pixels):
    """Pixels clipped to [0, 255] and rounded to 8 bits."""
    return np.rint(np.clip(pixels, 0, 255)).astype("uint8")


def resize(image, size, window=None):
    """Resizes a picture to an exact size, antialiased (Lanczos) and without rounding to 8 bits.

    Args:
        image: array (height, width, 3) in [0, 255].
        size: (height, width) of the result in pixels.
        window: (top, left, height, width) of the part of the result that is wanted; nothing else
            is computed. None for all of it.

    Returns:
        float32 array (*size, 3), or that of the window, clipped to [0, 255].

    Raises:
        ValueError: if `image` is not a picture, or a side of `size` is under 1.
    """
    if min(size) < 1:
        raise ValueError(f"Expected a size of at least (1, 1) pixels. Received: {size}.")
    image, (top, left, height, width), box = np.asarray(image), window or (0, 0, *size), None
    if window:
        rows, top, bottom = _seen(image.shape[0], size[0], top, height)
        columns, left, right = _seen(image.shape[1], size[1], left, width)
        image, box = image[rows, columns], (left, top, right, bottom)
    image = as_image(image)
    channels = [Image.fromarray(channel) for channel in np.moveaxis(image, 2, 0)]  # mode F
    resized = [one.resize((width, height), Image.Resampling.LANCZOS, box) for one in channels]
    return np.clip(np.stack(resized, axis=2), 0, 255)


def _seen(side, resized, first, length):
    """The pixels that a part of a resized side is made of: a slice; where the part lies in it."""
    scale = side / resized
    begin, end = first * scale, min(side, (first + length) * scale)
    margin = LANCZOS * max(scale, 1.0)
    before, after = max(0, math.floor(begin - margin)), math.ceil(end + margin)
    return slice(before, after), begin - before, end - before


def limit_size(image, max_size):
    """Reduces a picture whose longer side exceeds `max_size`; a smaller one stays as it is.

    Args:
        image: array (height, width, 3) in [0, 255].
        max_size: longest side of the result in pixels, or None for no limit.

    Returns:
        float32 array (height, width, 3), of the same aspect ratio, each side at least 1 pixel.

    Raises:
        ValueError: if `image` is not a picture, or `max_size` is under 1.
    """
    image = as_image(image)
    if max_size is not None and max_size < 1:
        raise ValueError(f"Expected max_size of at least 1 pixel. Received: {max_size}.")
    longest = max(image.shape[:2])
    if max_size is None or longest <= max_size:
        return image
    return resize(image, [max(1, round(side * max_size / longest)) for side in image.shape[:2]])


def pad_to_multiple(image, multiple=4):
    """Pads a picture at the bottom and on the right by reflection, so that a network can halve it.

    Only there, since the original is then `padded[:height, :width]`, with no offset to carry.

    Args:
        image: array (height, width, 3).
        multiple: both sides of the result are divisible by it.

    Returns:
        The padded float32 picture, and the original `(height, width)`.
    """
    image = as_image(image)
    height, width = image.shape[:2]
    if not (height % multiple or width % multiple):
        return image, (height, width)
    margins = ((0, -height % multiple), (0, -width % multiple), (0, 0))
    mode = "reflect" if min(height, width) > 1 else "symmetric"  # one pixel has nothing to reflect
    return np.pad(image, margins, mode), (height, width)


def find_images(paths, recursive=False):
    """Expands files, folders and glob patterns (`**` included) to a list of picture files.

    Args:
        paths: one path or pattern, or several of them.
        recursive: whether folders inside folders are searched.

    Returns:
        list of `pathlib.Path`, see `files.find`.

    Raises:
        FileNotFoundError: if a path does not exist.
        ValueError: if a folder or a pattern has no picture; it says what is there instead.
    """
    return files.find(paths, INPUT_SUFFIXES, "picture", recursive)
