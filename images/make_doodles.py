"""Draws the doodles of lecture 10, and the maps of the paintings that they become.

    python images/make_doodles.py

`coast.png` is for `three_styles.jpg`, the three pictures of `style/` side by side, whose map is
exact; `night.png` is for `paintings/starry_night.jpg`, whose map is drawn by hand.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

FOLDER = Path(__file__).parent / "doodles"
WIDTH, HEIGHT, SCALE = 512, 384, 4  # of a doodle; drawn larger, then reduced without blending
SKY, ROCK, SEA, SUN = "#4a90d9", "#c8642d", "#123a6b", "#f2c230"
PANELS = (("strokes", SKY), ("mosaic", ROCK), ("seigaiha", SEA))
BLUE, STARS, HILLS, VILLAGE, TREE = "#2850aa", "#f5d246", "#78aadc", "#141e3c", "#3c5a1e"
CYPRESS = (
    *((124, 30), (117, 70), (119, 125), (110, 180), (96, 205), (100, 250), (91, 330), (95, 372)),
    *((79, 425), (78, 480), (92, 508), (297, 508), (288, 468), (268, 430), (240, 392), (215, 350)),
    *(
        (192, 300),
        (178, 348),
        (161, 320),
        (155, 250),
        (150, 190),
        (138, 160),
        (131, 120),
        (132, 70),
    ),
)
RANGE = (
    *((0, 365), (95, 352), (220, 365), (290, 345), (320, 355), (370, 332), (400, 320), (470, 331)),
    *((530, 310), (560, 287), (592, 266), (640, 258), (640, 385), (560, 375), (500, 388)),
    *((440, 402), (240, 425), (80, 420), (0, 430)),
)
LIGHTS = (  # x, y, radius
    *((68, 22, 34), (148, 17, 17), (222, 20, 22), (264, 34, 16), (152, 88, 26), (391, 42, 35)),
    *((450, 111, 29), (208, 165, 18), (228, 270, 45), (85, 243, 22), (30, 231, 16), (575, 88, 70)),
)


def coast():
    """A doodle: sky, two mountains, the sea."""
    picture, draw = _sheet(SKY)
    draw.polygon(_scaled((0, 260), (90, 130), (170, 215), (290, 70), (470, 260)), fill=ROCK)
    draw.polygon(_scaled((0, 250), (512, 250), (512, 384), (0, 384)), fill=SEA)
    draw.polygon(_scaled((330, 384), (380, 310), (450, 290), (512, 300), (512, 384)), fill=ROCK)
    return _reduced(picture)


def night():
    """A doodle: sky with a moon and stars, hills, a village, a tree."""
    picture, draw = _sheet(BLUE)
    for x, y, radius in (
        (110, 95, 58),
        (235, 60, 24),
        (300, 150, 20),
        (210, 190, 16),
        (480, 60, 22),
    ):
        _circle(draw, x, y, radius, STARS)
    draw.polygon(
        _scaled(
            (0, 270),
            (80, 235),
            (180, 262),
            (270, 225),
            (400, 250),
            (512, 215),
            (512, 384),
            (0, 384),
        ),
        fill=HILLS,
    )
    draw.polygon(_scaled((0, 325), (200, 308), (512, 318), (512, 384), (0, 384)), fill=VILLAGE)
    tree = (
        (410, 40),
        (432, 130),
        (452, 210),
        (462, 300),
        (470, 384),
        (350, 384),
        (362, 290),
        (380, 150),
    )
    draw.polygon(_scaled(*tree), fill=TREE)
    return _reduced(picture)


def night_map():
    """Where in `paintings/starry_night.jpg` sky, stars, hills, village and tree are."""
    picture = Image.new("RGB", (640, 508), BLUE)
    draw = ImageDraw.Draw(picture)
    for x, y, radius in LIGHTS:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=STARS)
    draw.polygon(((0, 400), (640, 380), (640, 508), (0, 508)), fill=VILLAGE)
    draw.polygon(RANGE, fill=HILLS)
    draw.polygon(CYPRESS, fill=TREE)
    return picture.resize((320, 254), Image.Resampling.NEAREST)


def three_styles():
    """The three pictures of `style/` side by side, and the map of the result."""
    panels, colors = [], []
    for name, color in PANELS:
        panel = Image.open(FOLDER.parent / "style" / f"{name}.jpg").crop((0, 0, 320, 480))
        panels.append(np.asarray(panel))
        colors.append(np.asarray(Image.new("RGB", panel.size, color)))
    return Image.fromarray(np.hstack(panels)), Image.fromarray(np.hstack(colors))


def _sheet(color):
    picture = Image.new("RGB", (SCALE * WIDTH, SCALE * HEIGHT), color)
    return picture, ImageDraw.Draw(picture)


def _scaled(*points):
    return [(SCALE * x, SCALE * y) for x, y in points]


def _circle(draw, x, y, radius, color):
    draw.ellipse([SCALE * v for v in (x - radius, y - radius, x + radius, y + radius)], fill=color)


def _reduced(picture):
    return picture.resize((WIDTH, HEIGHT), Image.Resampling.NEAREST)


def main():
    """Draws all of them into `images/doodles/`."""
    FOLDER.mkdir(exist_ok=True)
    painting, regions = three_styles()
    painting.save(FOLDER / "three_styles.jpg", quality=85)
    pictures = {"three_styles_map": regions, "coast": coast(), "night": night()}
    for name, picture in {**pictures, "starry_night_map": night_map()}.items():
        picture.save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
