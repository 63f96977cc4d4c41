"""The figure of doodles: painting, map and doodle, and below them what becomes of these."""

from stylenet import images
from stylenet.figures.drawing import PICTURES, Figure, grid, show

ROWS = (  # doodle, painting, map
    ("doodles/coast.png", "doodles/three_styles.jpg", "doodles/three_styles_map.png"),
    ("doodles/night.png", "paintings/starry_night.jpg", "doodles/starry_night_map.png"),
)


def doodle(rows=ROWS, size=384, num_steps=60, seed=0, progress=True):
    """Doodles that become paintings: by both methods, and without a map.

    Args:
        rows: a doodle, a painting and its map each, below `images/`.
        size: the doodles' longer side at most, in pixels.
        num_steps: of "gatys", at each of three sizes.
        seed: of the noise.
        progress: show the steps and the time left.
    """
    from stylenet.extensions.doodle import paint

    drawing, axes = grid(2 * len(rows), 3, width=9, aspect=1.17)
    for number, names in enumerate(rows):
        drawn, painting, regions = (images.load_image(PICTURES / name, size) for name in names)
        options = {"seed": seed, "progress": progress}
        pictures = {
            "painting": painting,
            "its map": regions,
            "doodle": drawn,
            "gatys": paint(drawn, painting, regions, num_steps=num_steps, **options).image,
            "universal": paint(drawn, painting, regions, method="universal", **options).image,
            "universal, no map": paint(drawn, painting, method="universal", **options).image,
        }
        places = axes[2 * number : 2 * number + 2].flat
        for axis, (title, picture) in zip(places, pictures.items(), strict=True):
            show(axis, picture, title)
    caption = (
        f"Doodles of {size} pixels, painted like the regions of one color: three pictures of "
        "images/style side by side, and The Starry Night, Vincent van Gogh, 1889. gatys: a Gram "
        f"matrix a region, {num_steps} steps of L-BFGS at each of three sizes, from noise, seed "
        f"{seed}; universal: whitening and coloring, a region each; no map: the painting's regions "
        "by k-means of its colors. stylenet.extensions.paint, slim, after Champandard 2016 and "
        "Gatys et al. 2017."
    )
    return Figure(drawing, caption)
