"""What a method will keep of a photograph and reach of a style, guessed from a small drawing.

Structure and style left are those of `gatys.balance`, seen by the same layers whatever the method,
so that weights of Gatys' loss and strengths of universal style transfer can be compared before a
large picture takes its minutes.
"""

from collections.abc import Sequence
from typing import Literal

from stylenet import images, inputs, presets
from stylenet.colors import match_colors
from stylenet.images import Picture
from stylenet.stylizers import CHANGES, STYLE_SIZE, stylizer

METHODS = ("gatys", "universal", "onepass")
SIZE = 160  # pixels, of the small drawing's longer side
SMALLEST = 32  # pixels, of paintings
STEPS = 40  # of Gatys' method


def advice(
    content_image: Picture,
    style: Picture | Sequence[Picture],
    method: Literal["gatys", "universal", "onepass"] = "gatys",
    *,
    size: int = SIZE,
    **options,
) -> tuple[float, float]:
    """The shares of structure and of style that a method will leave of a photograph.

    The photograph is drawn small, the paintings shrunk along, and of Gatys' method only the first
    steps are taken.

    Args:
        content_image: `(height, width, 3)` in [0, 255], or what `inputs.picture` takes.
        style: a painting or a list of them, paths or pictures.
        method: "gatys", "universal" or "onepass".
        size: of the small drawing's longer side, in pixels.
        **options: of `stylizer`, for instance `style_weight=30` or `alpha=0.8`. "gatys" is judged
            by its own preset and loss network, the others by those of "gatys" with slim.

    Returns:
        A `gatys.Shares`: the structure kept, and the style left of what the photograph lacks.

    Raises:
        ValueError, OSError: as `stylizer`.

    Example:
        >>> photograph = [[[column, 90, 200 - row] for column in range(64)] for row in range(48)]
        >>> painting = [[[row * 4, column * 3, 40] for column in range(64)] for row in range(48)]
        >>> advice(photograph, painting, "onepass").structure < 1
        True
    """
    inputs.choice("method", method, METHODS)
    content = inputs.picture(content_image)
    small = images.limit_size(content, size)
    longer = max(content.shape[:2])
    style_size = options.pop("style_size", None) or (longer if method == "gatys" else STYLE_SIZE)
    options["style_size"] = max(round(style_size * max(small.shape[:2]) / longer), SMALLEST)
    if method == "gatys":
        options |= {"num_steps": STEPS, "scales": 1, "progress": False}  # a coarse size itself
    drawn = stylizer(style, method, **options)(small)
    return _shares(small, drawn, style, method, options)


def _shares(content, drawn, style, method, options):
    """The `Shares` of a drawing by the loss that judges it."""
    from stylenet.gatys.balance import Balance
    from stylenet.gatys.margin import framed
    from stylenet.speed.gatys import StyleLoss

    given = options if method == "gatys" else {"network": "slim"}
    changes = {name: given[name] for name in CHANGES if given.get(name) is not None}
    preset = presets.find_preset(given.get("preset", "gatys"))._replace(**changes)
    styles = inputs.pictures(style, "style", options["style_size"])
    if options.get("colors") == "match":
        styles = [match_colors(each, content) for each in styles]
    masks = inputs.masks(options.get("masks"), len(styles))(content.shape[:2])
    masks = masks and [framed(mask) for mask in masks]
    shares = inputs.shares(options.get("shares"), len(styles))
    photograph, weights = framed(content), given.get("weights", "imagenet")
    loss = StyleLoss(photograph, styles, preset, shares, masks, weights)
    return Balance(loss, photograph, styles, 1.0, shares).shares(framed(drawn))
