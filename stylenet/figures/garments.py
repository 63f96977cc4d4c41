"""The figure of garments: a mask, light, a pattern that is pasted, and one that is drawn."""

import numpy as np

from stylenet.figures.drawing import Figure, grid, painting, photograph, show

SUIT = (18, 205, 345, 306)  # a box around the astronaut's suit: x, y, width, height
BADGES = ((134, 347, 75, 75), (276, 339, 55, 40))  # boxes again: they stay as they are


def clothes(
    photo="astronaut.png",
    pattern="seigaiha.jpg",
    box=SUIT,
    badges=BADGES,
    pattern_size=220,
    **options,
):
    """A garment in another pattern, pasted and drawn.

    Args:
        photo: of `images/content/`.
        pattern: of `images/style/`.
        box: around the garment, as in `extensions.garment`.
        badges: boxes whose ellipses are taken out of the mask.
        pattern_size: of the pattern's longer side on the photograph, in pixels.
        **options: of `extensions.restyle`.
    """
    from stylenet.extensions import clothes

    content, style = photograph(photo), painting(pattern)
    mask = clothes.garment(content, box)
    for each in badges:
        mask &= ~ellipse(each, mask.shape)
    result = clothes.restyle(content, style, mask=mask, pattern_size=pattern_size, **options)
    laid = clothes.lay(clothes.scale(style, pattern_size), mask.shape)
    pasted = clothes.merge(laid, content, mask)
    light = clothes.light(content, mask)
    drawing, axes = grid(2, 3, width=9, aspect=0.92)
    pictures = {
        "photograph": content,
        "mask, by GrabCut": np.where(mask[..., None], content, 0.3 * content),
        "its light": np.where(mask, light, 0),
        "pattern": style,
        "pasted": pasted,
        "drawn": result,
    }
    for axis, (title, picture) in zip(axes.flat, pictures.items(), strict=True):
        show(axis, picture, title)
    found = [correlation(picture, content, mask) for picture in (pasted, result)]
    caption = (
        f"{photo}, its garment in the pattern of {pattern}: the mask that GrabCut finds in a box, "
        "badges taken out by hand; the garment's blurred luminance; the pattern laid over it "
        f"(correlation of its light with the photograph's {found[0]:.2f}) and drawn, its light "
        f"multiplied back ({found[1]:.2f}). Outside of the mask no pixel changes. "
        "stylenet.extensions.restyle, slim."
    )
    return Figure(drawing, caption)


def ellipse(box, size):
    """The ellipse in a box (x, y, width, height), as booleans of `(height, width)`."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    x, y, width, height = box
    across, down = (2 * (columns - x) + 1) / width - 1, (2 * (rows - y) + 1) / height - 1
    return across**2 + down**2 <= 1


def correlation(one, other, inside):
    """Of the light of two pictures' garments, see `extensions.clothes.light`."""
    from stylenet.extensions import clothes

    seen = [clothes.light(picture, inside, clothes.FORMS)[inside] for picture in (one, other)]
    return np.corrcoef(*seen)[0, 1]
