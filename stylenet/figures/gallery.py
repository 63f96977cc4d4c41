"""Figures of shipped styles: what a network makes of photographs, beside the painting it knows."""

import re

from stylenet import images
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
    from stylenet import stylize

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


def short_title(record):
    """The name of a style's painting alone, from its record: no other names, artist or year."""
    return re.sub(r" \(.*?\)", "", record["title"]).split(",")[0]


WAYS = (  # photograph, painting, method
    ("course/raccoon.jpg", "wave", "feed_forward"),
    ("content/chelsea.png", "starry_night", "universal"),
    ("content/rocket.jpg", "the_scream", "gatys"),
)
HOW = {
    "feed_forward": "trained network: a tenth of a second",
    "universal": "any painting: seconds",
    "gatys": "any painting: minutes",
}


def ways(size=256, num_steps=80, weights="imagenet", progress=True):
    """Photograph, painting and result, a row for each way to draw.

    Args:
        size: the photographs' longer side at most, in pixels.
        num_steps: of "gatys".
        weights: of its loss network.
        progress: show its steps and the time left.
    """
    from stylenet import stylizer

    gatys = {"num_steps": num_steps, "weights": weights, "progress": progress, "colors": "style"}
    drawing, axes = grid(len(WAYS), 3, width=9, aspect=1.4)
    for row, (photo, style, method) in zip(axes, WAYS, strict=True):
        content, painting = images.load_image(PICTURES / photo, size), thumbnail(style)
        options = {"gatys": gatys, "universal": {"alpha": 0.8}}.get(method, {})
        draw = stylizer(style if method == "feed_forward" else painting, method, **options)
        pictures = {"photograph": content, "painting": painting, HOW[method]: draw(content)}
        for axis, (title, picture) in zip(row, pictures.items(), strict=True):
            show(axis, picture, title)
    titles = [styles()[style]["title"] for _, style, _ in WAYS]
    caption = (
        f"Photographs of at most {size} pixels, paintings, results. A trained network draws with "
        f"{titles[0]}; universal style transfer, alpha 0.8, with {titles[1]}; Gatys' method, "
        f"{num_steps} steps, with {titles[2]}. stylenet.stylizer."
    )
    return Figure(drawing, caption)


def universal(photo="chelsea.png", size=448, alpha=0.7):
    """A photograph in the style of each thumbnail, by universal style transfer.

    Args:
        photo: of `images/content/`.
        size: its longer side at most, in pixels.
        alpha: how much style, 0 to 1.
    """
    from stylenet import stylizer

    content = images.load_image(PICTURES / "content" / photo, size)
    drawing, axes = grid(4, 3, width=7.7, aspect=1.25)
    show(axes[0, 0], content, "content")
    axes[1, 0].axis("off")
    places = ((0, 1), (0, 2), (2, 0), (2, 1), (2, 2))  # of a painting; its result is below
    for (name, record), (row, column) in zip(styles().items(), places, strict=True):
        painting = thumbnail(name)
        show(axes[row, column], painting, short_title(record))
        show(axes[row + 1, column], stylizer(painting, "universal", alpha=alpha)(content))
    caption = (
        f"{photo} ({size} pixels) in the style of five paintings, for none of which anything was "
        f"trained: stylenet.UniversalStylizer, slim, alpha {alpha:g}. After Li et al. 2017."
    )
    return Figure(drawing, caption)
