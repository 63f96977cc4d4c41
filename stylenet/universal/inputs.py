"""What universal style transfer is given: checked before anything slow."""

import numpy as np

from stylenet import encoders

COLORS = ("style", "match", "keep")


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


def check_styles(content, styles, shares, masks):
    """Raises a ValueError that names what does not fit together."""
    for name, values in (("share", shares), ("mask", masks)):
        if values is not None and len(values) != len(styles):
            raise ValueError(
                f"Expected a {name} for each of {len(styles)} styles. Received: {len(values)}."
            )
    if shares is not None and (min(shares) < 0 or not sum(shares)):
        raise ValueError(f"Expected shares of 0 or more, not all 0. Received: {shares}.")
    for mask in masks or ():
        if np.shape(mask) != content.shape[:2]:
            raise ValueError(
                f"Expected masks of the photograph's size {content.shape[:2]}. "
                f"Received: {np.shape(mask)}."
            )
        if not np.any(mask):
            raise ValueError("Expected masks that cover something. Received an empty one.")
