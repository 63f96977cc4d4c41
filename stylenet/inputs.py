"""What every method is given: pictures, styles, shares, masks and options, checked once.

A picture may come as a path, a Pillow picture, an array or a tensor, and is converted where its
meaning is certain. A value out of range is an error in every method, since a black or washed-out
result would not say what went wrong.
"""

import difflib
import hashlib
import os
from pathlib import Path

import numpy as np
from PIL import Image

from stylenet import images
from stylenet.decoding import rgb


def picture(
    value: images.Picture, name: str = "content_image", max_size: int | None = None
) -> np.ndarray:
    """One picture, converted and checked.

    Args:
        value: the path of a file; a Pillow picture; or an array, a tensor or nested lists:
            `(height, width, 3)`, with an alpha channel (put over white), grey `(height, width)` or
            `(height, width, 1)`, or a batch of one of these. Integers of 16 bits are scaled by
            1 / 257, all other numbers are in [0, 255].
        name: of the argument, for the message.
        max_size: of the longer side in pixels; a larger picture is reduced.

    Returns:
        float32 `(height, width, 3)`, RGB in [0, 255].

    Raises:
        ValueError: another shape, values that are not finite or not in [0, 255], or floats of which
            none passes 1, which are meant to be in [0, 1].
        OSError: a file that can't be read.

    Example:
        >>> picture([[0, 255]]).shape  # two grey pixels
        (1, 2, 3)
    """
    if isinstance(value, str | os.PathLike):
        return images.load_image(value, max_size)
    if isinstance(value, Image.Image):
        return images.limit_size(rgb(value), max_size)
    array = np.asarray(value)
    if array.dtype == "uint16":
        array = array / np.float32(257)  # 65535 / 255
    pixels = _rgb(_numbers(array, name), name)
    images.check_range(pixels, name)
    return images.limit_size(pixels, max_size)


def pictures(values, name="style_images", max_size=None):
    """One picture or several, as a list.

    Args:
        values: what `picture` takes, or a list of it.
        name: of the argument, for the message.
        max_size: as in `picture`.

    Returns:
        A list of float32 `(height, width, 3)` in [0, 255].

    Raises:
        ValueError, OSError: as `picture`; or an empty list.
    """
    found = [picture(value, name, max_size) for value in as_list(values)]
    if not found:
        raise ValueError(f"Expected at least one picture as {name}. Received none.")
    return found


def as_list(values):
    """Several pictures as a list; a single one as a list of one."""
    if not isinstance(values, list | tuple) or hasattr(values, "_fields"):
        return [values]
    first = values[0] if values else None
    numbers = isinstance(first, list | tuple | int | float) and not hasattr(first, "_fields")
    return [values] if numbers and np.ndim(first) < 3 else list(values)


def shares(values, count):
    """How much of each of several styles, as numbers that add up to 1.

    Args:
        values: a number of 0 or more a style; None for equal shares.
        count: of the styles.

    Returns:
        float64 `(count,)`.

    Raises:
        ValueError: another number of them, a negative one, or all of them 0.
    """
    values = np.ones(count) if values is None else np.asarray(values, "float64")
    if values.shape != (count,):
        raise ValueError(f"Expected a share for each of {count} styles. Received: {values.size}.")
    if not np.isfinite(values).all() or (values < 0).any() or not values.sum():
        raise ValueError(f"Expected shares of 0 or more, not all 0. Received: {values.tolist()}.")
    return values / values.sum()


def masks(values, count):
    """Where in a photograph each style applies.

    Args:
        values: a mask a style: `(height, width)` in [0, 1], or the path of a picture, white where
            the style applies, which is brought to the photograph's size; or None.
        count: of the styles.

    Returns:
        A function of the photograph's (height, width): a list of float32 `(height, width)` in
        [0, 1], or None without masks.

    Raises:
        ValueError: another number of masks; from the function another size, values out of range,
            or an empty mask.
        OSError: a file that can't be read.
    """
    if values is None:
        return lambda size: None
    if len(values) != count:
        raise ValueError(f"Expected a mask for each of {count} styles. Received: {len(values)}.")
    pictured = [isinstance(value, str | os.PathLike) for value in values]
    values = [
        images.load_image(value) if file else np.asarray(value, "float32")
        for value, file in zip(values, pictured, strict=True)
    ]
    return lambda size: [
        _mask(images.resize(value, size).mean(axis=2) / 255 if file else value, tuple(size))
        for value, file in zip(values, pictured, strict=True)
    ]


def _mask(mask, size):
    if mask.shape != size:
        raise ValueError(f"Expected masks of the photograph's size {size}. Received: {mask.shape}.")
    if not np.isfinite(mask).all() or mask.min() < 0 or mask.max() > 1:
        raise ValueError(
            "Expected masks in [0, 1]; divide those of 0 to 255 by 255. Received values from "
            f"{mask.min():.4g} to {mask.max():.4g}."
        )
    if not mask.any():
        raise ValueError("Expected masks that cover something. Received an empty one.")
    return mask


def choice(name, value, known):
    """One of a few texts.

    Raises:
        ValueError: another one.
    """
    if not isinstance(value, str) or value not in known:
        raise ValueError(
            f"Expected {name} to be one of {tuple(known)}. Received: {value!r}."
            + did_you_mean(value, known)
        )
    return value


def did_you_mean(value, known):
    """A question with what a misspelled name is close to, or nothing."""
    near = difflib.get_close_matches(str(value).lower(), known, 1)
    return f" Did you mean {near[0]!r}?" if near else ""


def fraction(name, value):
    """A number between 0 and 1.

    Raises:
        ValueError: anything else.
    """
    if not np.isscalar(value) or isinstance(value, str) or not 0.0 <= value <= 1.0:
        raise ValueError(f"Expected {name} between 0 and 1. Received: {value!r}.")
    return float(value)


def number(name, value, lowest, highest, whole=False):
    """A finite number in a range, both ends included.

    Args:
        name: of the argument, for the message.
        value: what is checked.
        lowest: the least that may be.
        highest: the most.
        whole: whether only integers count.

    Raises:
        ValueError: anything else.
    """
    kind = np.integer | int if whole else np.integer | np.floating | int | float
    if isinstance(value, bool) or not isinstance(value, kind) or not lowest <= value <= highest:
        what = "a whole number" if whole else "a number"
        limits = f"from {_short(lowest)} to {_short(highest)}"
        raise ValueError(f"Expected {name} to be {what} {limits}. Received: {value!r}.")
    return value


def _short(value):
    return f"{value:g}" if isinstance(value, float) else str(value)


def _numbers(array, name):
    if not np.issubdtype(array.dtype, np.number):
        raise ValueError(
            f"Expected {name} to be a picture: a path, a Pillow picture or an array of numbers. "
            f"Received: an array of {array.dtype}."
        )
    return array.astype("float32", copy=False)


def _rgb(array, name):
    """Grey, transparent and batched pictures as RGB."""
    shape = array.shape
    if array.ndim == 4 and len(array) == 1:
        array = array[0]
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4) or not array.size:
        raise ValueError(
            f"Expected {name} of shape (height, width, 3), RGB. Received shape {shape}."
        )
    if array.shape[2] == 4:
        images.check_range(array, name)
        alpha = array[..., 3:] / 255
        return array[..., :3] * alpha + 255 * (1 - alpha)
    return np.repeat(array, 3, axis=2) if array.shape[2] == 1 else array


def described(value):
    """A value as JSON can hold it: paths absolute, pictures and networks by what they are."""
    if isinstance(value, dict):
        return [f"{share:g} {name}" for name, share in value.items()]
    if isinstance(value, list | tuple):
        return [described(each) for each in value]
    if isinstance(value, os.PathLike) or (isinstance(value, str) and Path(value).is_file()):
        return os.path.realpath(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, np.ndarray):
        return f"ndarray {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()[:16]}"
    return f"{type(value).__name__} {getattr(value, 'shape', '')}".strip()
