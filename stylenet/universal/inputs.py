"""What universal style transfer is given: listed, padded, and checked before anything slow."""

from typing import NamedTuple

import numpy as np

from stylenet import encoders
from stylenet.images import pad_to_multiple, resize

COLORS = ("style", "match", "keep")
MULTIPLE, SMALLEST = 16, 32  # pixels; four poolings, and mirroring needs two


class StyleEncoding(NamedTuple):
    """A style as the network sees it: what many photographs can share."""

    network: str
    levels: dict  # level -> `wct.Statistics`


def check_options(alpha, levels, colors):
    """An alpha for each level; raises a ValueError that names what is impossible."""
    encoders.check("slim", levels)
    alphas = [alpha] * len(levels) if np.ndim(alpha) == 0 else list(alpha)
    if len(alphas) != len(levels):
        raise ValueError(
            f"Expected one alpha, or one for each of {len(levels)} levels. Received: {alpha}."
        )
    if not all(0.0 <= value <= 1.0 for value in alphas):
        raise ValueError(f"Expected alpha in [0, 1]. Received: {alpha}.")
    if colors not in COLORS:
        raise ValueError(f"Expected colors to be one of {COLORS}. Received: {colors!r}.")
    return alphas


def as_list(style_images):
    """Styles as a list: one picture or encoding becomes a list of one."""
    single = isinstance(style_images, StyleEncoding) or (
        not isinstance(style_images[0], StyleEncoding) and np.ndim(style_images[0]) != 3
    )
    return [style_images] if single else list(style_images)


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


def check_styles(content, styles, style_weights, masks, colors):
    """Raises a ValueError that names what does not fit together."""
    for name, values in (("style weight", style_weights), ("mask", masks)):
        if values is not None and len(values) != len(styles):
            raise ValueError(
                f"Expected a {name} for each of {len(styles)} styles. Received: {len(values)}."
            )
    if style_weights is not None and (min(style_weights) < 0 or not sum(style_weights)):
        raise ValueError(
            f"Expected style weights of 0 or more, not all 0. Received: {style_weights}."
        )
    for mask in masks or ():
        if np.shape(mask) != content.shape[:2]:
            raise ValueError(
                f"Expected masks of the photograph's size {content.shape[:2]}. "
                f"Received: {np.shape(mask)}."
            )
        if not np.any(mask):
            raise ValueError("Expected masks that cover something. Received an empty one.")
    if colors == "match" and any(isinstance(style, StyleEncoding) for style in styles):
        raise ValueError("Expected pictures as styles, to recolor them. Received an encoding.")
