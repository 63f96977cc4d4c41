"""One passage through a level: encode, transform, decode, and perhaps put details back.

The course of a picture through all levels is one of `RECIPES`, from 5 to 1.
"""

from typing import NamedTuple

from keras import ops

from stylenet import inputs, wct
from stylenet.moments import THRESHOLD, moments
from stylenet.universal.decoders import SCALES

# So that no direction grows more than about three times. At 0.03 less content stays at the same
# style, at 0.3 the style loss grows by a fifth.
RIDGE = 0.1
NOTHING = 1e-6  # of details: what sums of float32 leave of 0


class Passage(NamedTuple):
    """What a level does with a picture x whose features are f, transformed to f'.

    Args:
        level: 1 to 5.
        threshold: directions whose eigenvalue is below this share of the first are dropped.
        floor: directions whose eigenvalue is below this are dropped.
        ridge: of `wct.change`.
        passes: through the level, one after the other.
        details: what stays in the picture of x - D(f), the details that the decoder D does not
            draw: "none", "all", or "unstyled", a share 1 - alpha. The result is D(f') plus these.
        clipped: whether the result is brought to [0, 255].
        transform: of `wct.TRANSFORMS`.
    """

    level: int
    threshold: float = THRESHOLD
    floor: float = 0.0
    ridge: float = 0.0
    passes: int = 1
    details: str = "none"
    clipped: bool = True
    transform: str = "wct"


RECIPES = {
    "detail": (
        # Draws large forms alone, so that all else stays. Hardly more positions than channels.
        Passage(5, threshold=1e-2, ridge=RIDGE, details="all"),
        # Draws the style; after one pass, the drawing still lacks some of it.
        Passage(4, ridge=RIDGE, passes=2, details="unstyled"),
        # Keeps what level 4 has drawn, which its own decoder would not draw.
        Passage(3, ridge=RIDGE, details="all"),
        Passage(2, ridge=RIDGE),
        Passage(1, ridge=RIDGE),
    ),
    # Li et al. 2017: the decoder's output replaces the picture. Features come after the ReLU, see
    # `UniversalStylizer`; where their mean square is 1, an eigenvalue counts from 1e-5 on.
    "li": tuple(
        Passage(level, threshold=0.0, floor=1e-5, clipped=False) for level in (5, 4, 3, 2, 1)
    ),
}


def find_passage(level, recipe="detail", transform="wct", network="slim"):
    """What a level does in a recipe.

    Args:
        level: 1 to 5.
        recipe: of `RECIPES`.
        transform: of `wct.TRANSFORMS`.
        network: "slim" or "vgg19", since `Passage.floor` depends on how large features are.

    Returns:
        A `Passage`.

    Raises:
        ValueError: an unknown recipe or transform.
    """
    inputs.choice("recipe", recipe, RECIPES)
    inputs.choice("transform", transform, wct.TRANSFORMS)
    (found,) = (each for each in RECIPES[recipe] if each.level == level)
    floor = found.floor * SCALES[network][level - 1] ** 2
    ridge = found.ridge if transform == "wct" else 0.0  # measured with that alone
    return found._replace(floor=floor, ridge=ridge, transform=transform)


def strengths(alpha, passage):
    """The style's strength in each pass through a level, so that all leave a share 1 - alpha."""
    return [1 - (1 - alpha) ** (1 / passage.passes)] * passage.passes


def restyle(picture, features, decoder, passage, alpha, styles, masks=()):
    """One pass through a level: transforms and decodes.

    Args:
        picture: `(batch, height, width, 3)`, RGB in [0, 255].
        features: what the level's encoder saw of it.
        decoder: the level's.
        passage: a `Passage`.
        alpha: the style's strength.
        styles: a list of `moments.Statistics`: one, or one for each mask.
        masks: a list of `(1, height, width, 1)` in [0, 1], of the features' size.

    Returns:
        Pictures like `picture`.
    """
    seen = [moments(features, mask) for mask in masks or [None]]
    found = changes(seen, passage, alpha, styles)
    return draw(picture, features, decoder, passage, alpha, found, masks)


def changes(seen, passage, alpha, styles):
    """How a level changes features: a list of `wct.Change`, one a style.

    Args:
        seen: a list of the features' `moments.Moments`: one, or one for each mask.
        passage: a `Passage`.
        alpha: the style's strength.
        styles: as in `restyle`.
    """
    told = passage.threshold, passage.transform, passage.floor, passage.ridge
    return [wct.change(each, style, alpha, *told) for each, style in zip(seen, styles, strict=True)]


def draw(picture, features, decoder, passage, alpha, changes, masks=()):
    """Changes features, decodes them, and puts the details of the picture back.

    Args:
        picture: as in `restyle`.
        features: as there.
        decoder: the level's.
        passage: a `Passage`.
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
    drawn = decoder(changed)
    if passage.details == "all":
        drawn += picture - decoder(features)
    elif passage.details == "unstyled":
        share = unstyled(alpha, masks, passage.level)
        drawn += ops.cond(
            ops.max(share) > NOTHING,  # at full strength there are none, and none are looked for
            lambda: share * (picture - decoder(features)),
            lambda: ops.zeros_like(drawn),
        )
    return ops.clip(drawn, 0.0, 255.0) if passage.clipped else drawn


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
    return 1.0 - alpha * enlarge(covered, 2 ** (level - 1))


def enlarge(maps, times):
    """Maps so many times as wide and high, without steps; a graph need not know their size.

    Keras' bilinear resizing, in a graph for pictures of all sizes, does.
    """
    for axis in (1, 2):
        maps = ops.repeat(maps, times, axis=axis)
    return ops.average_pool(maps, times | 1, strides=1, padding="same")
