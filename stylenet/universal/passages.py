"""One passage through a level: encode, whiten and color, decode, and put details back.

The course of a picture through all levels is `PASSAGES`, from 5 to 1.
"""

from typing import NamedTuple

from keras import layers, ops

from stylenet import wct
from stylenet.moments import THRESHOLD, moments


class Passage(NamedTuple):
    """What a level does with a picture x whose features are f, whitened and colored to f'.

    Args:
        threshold: directions whose eigenvalue is below this share of the first are dropped.
        passes: through the level, one after the other.
        details: what stays in the picture of x - D(f), the details that the decoder D does not
            draw: "none", "all", or "unstyled", a share 1 - alpha. The result is D(f') plus these.
    """

    threshold: float = THRESHOLD
    passes: int = 1
    details: str = "none"


PASSAGES = {
    # Draws large forms alone, so that all else stays. Hardly more positions than channels.
    5: Passage(threshold=1e-2, details="all"),
    # Draws the style; after one pass, the drawing still lacks some of it.
    4: Passage(passes=2, details="unstyled"),
    # Keeps what level 4 has drawn, which its own decoder would not draw.
    3: Passage(details="all"),
    2: Passage(),
    1: Passage(),
}


def strengths(alpha, level):
    """The style's strength in each pass through a level, so that all leave a share 1 - alpha."""
    passes = PASSAGES[level].passes
    return [1 - (1 - alpha) ** (1 / passes)] * passes


def restyle(picture, features, decoder, level, alpha, styles, masks=()):
    """One pass through a level: whitens, colors and decodes.

    Args:
        picture: `(batch, height, width, 3)`, RGB in [0, 255].
        features: what the level's encoder saw of it.
        decoder: the level's.
        level: 1 to 5.
        alpha: the style's strength.
        styles: a list of `moments.Statistics`: one, or one for each mask.
        masks: a list of `(1, height, width, 1)` in [0, 1], of the features' size.

    Returns:
        Pictures like `picture`.
    """
    seen = [moments(features, mask) for mask in masks or [None]]
    return draw(
        picture, features, decoder, level, alpha, changes(seen, level, alpha, styles), masks
    )


def changes(seen, level, alpha, styles):
    """How a level changes features: a list of `wct.Change`, one a style.

    Args:
        seen: a list of the features' `moments.Moments`: one, or one for each mask.
        level: 1 to 5.
        alpha: the style's strength.
        styles: as in `restyle`.
    """
    threshold = PASSAGES[level].threshold
    return [
        wct.change(each, style, alpha, threshold) for each, style in zip(seen, styles, strict=True)
    ]


def draw(picture, features, decoder, level, alpha, changes, masks=()):
    """Changes features, decodes them, and puts the details of the picture back.

    Args:
        picture: as in `restyle`.
        features: as there.
        decoder: the level's.
        level: 1 to 5.
        alpha: the style's strength.
        changes: from `changes`; if there are none, the features are decoded as they are.
        masks: as in `restyle`.

    Returns:
        Pictures like `picture`.
    """
    if not changes:
        return ops.clip(decoder(features), 0.0, 255.0)
    if masks:
        changed = wct.apply_regions(changes, masks, features)
    else:
        changed = wct.apply(changes[0], features)
    drawn, details = decoder(changed), PASSAGES[level].details
    if details == "all":
        drawn += picture - decoder(features)
    elif details == "unstyled":
        drawn += unstyled(alpha, masks, level) * (picture - decoder(features))
    return ops.clip(drawn, 0.0, 255.0)


def unstyled(alpha, masks, level):
    """The share 1 - alpha of the photograph where a style applies, and 1 where none does.

    Args:
        alpha: the style's strength.
        masks: a list of `(1, height, width, 1)` in [0, 1], of a level's size.
        level: 1 to 5.

    Returns:
        A number in [0, 1], or if there are masks `(1, height, width, 1)` of the picture's size.
    """
    if not masks:
        return 1.0 - alpha
    covered = ops.minimum(sum(masks), 1.0)
    enlarge = layers.UpSampling2D(2 ** (level - 1), interpolation="bilinear")
    return 1.0 - alpha * enlarge(covered)
