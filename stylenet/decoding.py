"""What a picture file holds, as RGB: upright, 8 bits, sRGB, over white."""

import io

import numpy as np
from PIL import Image, ImageCms, ImageOps

LARGEST_VALUE = 341  # TIFF's tag SMaxSampleValue
WHITE = 255.0


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
