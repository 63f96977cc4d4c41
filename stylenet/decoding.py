"""What a picture file holds, as RGB: upright, 8 bits, sRGB, over white."""

import contextlib
import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps

from stylenet import extras, files

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000", "HEIF")
HEIC = (".heic", ".heif")
LARGEST_VALUE = 341  # TIFF's tag SMaxSampleValue
WHITE = 255.0


@contextlib.contextmanager
def opened(path):
    """A picture file as a `PIL.Image.Image`, of which only the head has been read.

    Whatever goes wrong inside the block is told as the file's fault.

    Args:
        path: of the file; its content decides the format.

    Raises:
        FileNotFoundError, IsADirectoryError, PermissionError: there is no file to read.
        ValueError: the file is no picture, is damaged, or was refused inside the block.
    """
    path = Path(path)
    with _open_file(path) as file, warnings.catch_warnings():
        # Pillow warns of odd metadata and of large pictures; neither harms the pixels.
        warnings.filterwarnings("ignore", module="PIL")
        try:
            with Image.open(file, formats=_readable()) as picture:
                yield picture
        except MemoryError:  # no fault of the file
            raise
        except Exception as error:  # decoders raise whatever the damage makes them stumble over
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ValueError(
                f"Cannot read {str(path)!r}: expected an intact picture ({', '.join(FORMATS)}): "
                f"{reason}"
            ) from error


def _readable():
    """The formats that Pillow reads here: AVIF and JPEG 2000 may be missing, HEIF is an extra."""
    Image.init()
    return [name for name in FORMATS if name in Image.OPEN]


def _open_file(path):
    files.refuse_address(path)
    if path.is_dir():
        raise IsADirectoryError(f"Expected a picture, but {str(path)!r} is a folder.")
    if not path.exists():
        raise FileNotFoundError(f"There is no file {str(path)!r}; check the name and the folder.")
    if not path.is_file():
        raise ValueError(f"Expected a picture, but {str(path)!r} is not a regular file.")
    if path.suffix.lower() in HEIC:
        extras.load("pillow_heif").register_heif_opener()
    try:
        return open(path, "rb")
    except PermissionError as error:
        raise PermissionError(f"No permission to read {str(path)!r}.") from error


def check_pixels(picture, max_pixels):
    """Raises a ValueError if a picture has more pixels than that; its head tells."""
    if picture.width * picture.height > max_pixels:
        raise ValueError(
            f"{picture.width} x {picture.height} pixels are more than the limit of {max_pixels}; "
            "reduce the picture first"
        )


def rgb(picture):
    """A Pillow picture as an array.

    Args:
        picture: a `PIL.Image.Image` of any mode.

    Returns:
        float32 array (height, width, 3) in [0, 255].

    Raises:
        ValueError: grey values of which nothing says what is white, or that are not finite.
    """
    largest = getattr(picture, "tag_v2", {}).get(LARGEST_VALUE)
    return _over_white(_to_srgb(_to_eight_bits(_upright(picture), largest)))


def _upright(picture):
    picture.load()
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # unreadable EXIF must not cost the user an intact picture
        return picture


def _to_eight_bits(picture, largest):
    """Grey of 16 or 32 bits and grey floats as 8 bits; other pictures as they are."""
    if picture.mode != "F" and not picture.mode.startswith("I"):
        return picture
    pixels = np.asarray(picture).astype("float64")
    if not np.isfinite(pixels).all():
        raise ValueError("it has NaN or infinite values")
    scale = _scale(picture.mode, largest, pixels.min(), pixels.max())
    result = Image.fromarray(np.rint(np.clip(pixels * scale, 0, WHITE)).astype("uint8"))
    result.info["icc_profile"] = picture.info.get("icc_profile")
    return result


def _scale(mode, largest, lowest, highest):
    """What brings grey values to [0, 255]: by their type, by what the file says, by their range."""
    if mode.startswith("I;16"):
        return 1 / 257  # 65535 / 255
    if largest:
        return WHITE / float(np.max(largest))
    # Floats of a TIFF go to 1 by convention, those of some programs to 255.
    limits = ((1, WHITE), (255, 1.0)) if mode == "F" else ((255, 1.0), (65535, 1 / 257))
    for limit, scale in limits:
        if lowest >= 0 and highest <= limit:
            return scale
    raise ValueError(
        f"its values run from {lowest:.4g} to {highest:.4g}, and nothing says what is white; save "
        "it with 8 or 16 bits"
    )


def _to_srgb(picture):
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    profile = picture.info.get("icc_profile")
    if not profile:
        return picture.convert(mode)
    colors = picture.convert({"L": "L", "LA": "L", "CMYK": "CMYK"}.get(picture.mode, "RGB"))
    try:
        srgb = ImageCms.createProfile("sRGB")
        colors = ImageCms.profileToProfile(colors, io.BytesIO(profile), srgb, outputMode="RGB")
    except ImageCms.PyCMSError:
        return picture.convert(mode)
    if mode == "RGBA":
        colors.putalpha(picture.convert("RGBA").getchannel("A"))
    return colors


def _over_white(picture):
    pixels = np.asarray(picture, "float32")
    alpha = pixels[..., 3:] / 255 if picture.mode == "RGBA" else np.float32(1)
    return pixels[..., :3] * alpha + WHITE * (1 - alpha)
