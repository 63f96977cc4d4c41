"""What `UniversalStylizer` is given: encoded styles, strengths, and pictures of any size."""

from typing import NamedTuple

import numpy as np

from stylenet import colors as color
from stylenet import encoders, inputs
from stylenet.images import Picture, pad_to_multiple, resize

MULTIPLE, SMALLEST = 16, 32  # pixels; four poolings, and mirroring needs two


class StyleEncoding(NamedTuple):
    """A style as the network sees it: what many photographs can share."""

    network: str
    levels: dict  # level -> `moments.Statistics`
    rectified: bool = False  # of features after their ReLU


Style = Picture | StyleEncoding


def check_encoding(encoding, network, rectified, levels):
    """Raises a ValueError unless a style was encoded as it is to be used."""
    missing = [level for level in levels if level not in encoding.levels]
    if encoding.network != network or missing:
        raise ValueError(
            f"Expected a style encoded by {network} at levels {tuple(levels)}. Received: "
            f"{encoding.network} at levels {tuple(encoding.levels)}."
        )
    if encoding.rectified != rectified:
        wanted, found = ("li" if each else "detail" for each in (rectified, encoding.rectified))
        raise ValueError(
            f"Expected a style encoded for the recipe {wanted!r}. Received one for {found!r}: "
            "encode it with the stylizer that draws."
        )


def alpha_of_each(alpha, levels):
    """An alpha for each level; raises a ValueError that names what is impossible."""
    encoders.check("slim", levels)
    alphas = [alpha] * len(levels) if np.ndim(alpha) == 0 else list(alpha)
    if len(alphas) != len(levels):
        raise ValueError(
            f"Expected one alpha, or one for each of {len(levels)} levels. Received: {alpha}."
        )
    return [inputs.fraction("alpha", value) for value in alphas]


def match(style, content):
    """A style with the photograph's colors; it has to be a picture."""
    if isinstance(style, StyleEncoding):
        raise ValueError("Expected pictures as styles, to recolor them. Received an encoding.")
    return color.match_colors(inputs.picture(style, "style_image"), content)


def pad(image):
    """Mirrors a picture to sides that can be halved four times, and its own size."""
    small = min(image.shape[:2]) <= MULTIPLE
    return pad_to_multiple(image, SMALLEST if small else MULTIPLE)


def guide(mask):
    """A mask as a grey picture of the padded size."""
    grey = 255 * np.asarray(mask, "float32")[..., None]
    return pad(np.repeat(grey, 3, axis=2))[0]


def shrink(guides, level):
    """The masks at a level's size."""
    size = 2 ** (level - 1)
    return [
        resize(guide, [side // size for side in guide.shape[:2]])[None, ..., :1] / 255
        for guide in guides
    ]
