"""Figures of shipped styles: what a network makes of photographs, beside the painting it knows."""

from stylenet import images
from stylenet.feed_forward.stylizer import stylize
from stylenet.figures.drawing import PICTURES, Figure, grid, show
from stylenet.weights import styles

PAINTINGS = {"wave": "great_wave"}  # where a file is not called as its style


def thumbnail(style):
    """The painting of a shipped style, at most 320 pixels a side, from `images/paintings/`."""
    return images.load_image(PICTURES / "paintings" / f"{PAINTINGS.get(style, style)}.jpg")


def raccoon(photo="course/raccoon.jpg", style="wave", size=640):
    """Hair, eyes and leaves like bars in a shipped style: content, style, result.

    Args:
        photo: a picture below `images/`.
        style: a shipped style's name.
        size: the photograph's longer side at most, in pixels.
    """
    content = images.load_image(PICTURES / photo, size)
    result = stylize(content, style)
    drawing, axes = grid(1, 3, width=9, aspect=1.3)
    pictures = {"content": content, "style": thumbnail(style), "result": result}
    for axis, (title, picture) in zip(axes[0], pictures.items(), strict=True):
        show(axis, picture, title)
    title = styles()[style]["title"]
    caption = (
        f"The content of {photo} ({size} pixels), the style of {title}, and both in one picture, "
        f"drawn by the network `{style}` that ships: fur, eyes and leaves stay, lines and colors "
        f"are the painting's. stylenet.stylize, after Johnson et al. 2016, figure 1."
    )
    return Figure(drawing, caption)
