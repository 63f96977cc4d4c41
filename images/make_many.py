"""Draws the sheets of the network of many styles: all of them, the two sliders, blends.

python images/make_many.py
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from stylenet import images, sheets, weights
from stylenet.stylizers import stylizer

FOLDER = Path(__file__).parent
PHOTOGRAPHS = {"all": "content/chelsea.png", "sliders": "content/rocket.jpg"}
SLIDERS = ("wave", "grande_jatte", "mondrian", "boccioni_city_rises")
ENDS = ((0.0, "small strokes"), (1.0, "large strokes"))
STEPS = (0.0, 0.5, 1.0)
LINES = (("wave", "klee_senecio"), ("piranesi_piazza_del_popolo", "vangogh_cafe_terrace"))
COLUMNS, SIZE, MOST_BYTES = 8, 288, 600_000


def drawn(photograph, style, **sliders):
    """A photograph in a style of the shipped network, or in a blend of several."""
    name = f"many/{style}" if isinstance(style, str) else style
    return stylizer(name, **sliders)(photograph)


def all_styles(photograph):
    """The photograph in each style, both sliders in their middle."""
    names = list(weights.records("styles")["many"]["styles"])
    pictures = [drawn(photograph, name) for name in names]
    rows = [pictures[i : i + COLUMNS] for i in range(0, len(names), COLUMNS)]
    captions = [names[i : i + COLUMNS] for i in range(0, len(names), COLUMNS)]
    return sheets.contact_sheet(rows, captions, SIZE // 2)


def sliders(photograph):
    """A row a style: strength from left to right, with small strokes and again with large ones."""
    rows, captions = [], []
    for style in SLIDERS:
        places = [(stroke, text, strength) for stroke, text in ENDS for strength in STEPS]
        rows.append([drawn(photograph, style, strength=s, stroke=k) for k, _, s in places])
        captions.append([f"{text}, strength {s:g}" for _, text, s in places])
    return sheets.contact_sheet(rows, captions, SIZE)


def blends(photograph):
    """A row a pair: from one style to the other in five steps."""
    rows, captions = [], []
    for first, second in LINES:
        shares = np.linspace(0, 1, 5).tolist()
        rows.append([drawn(photograph, {first: 1 - t, second: t}) for t in shares])
        captions.append([first, "3 : 1", "1 : 1", "1 : 3", second])
    return sheets.contact_sheet(rows, captions, SIZE)


def write(sheet, path):
    """As JPEG, at the best quality that stays small."""
    picture = Image.fromarray(images.to_uint8(sheet))
    for quality in range(90, 40, -4):
        picture.save(path, quality=quality, optimize=True)
        if path.stat().st_size < MOST_BYTES:
            return


def main():
    """Writes `figures/many_styles.jpg`, `many_sliders.jpg` and `many_blends.jpg`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=FOLDER / "figures")
    folder = parser.parse_args().folder
    cat, rocket = (images.load_image(FOLDER / path, SIZE) for path in PHOTOGRAPHS.values())
    write(all_styles(cat), folder / "many_styles.jpg")
    write(sliders(rocket), folder / "many_sliders.jpg")
    write(blends(cat), folder / "many_blends.jpg")


if __name__ == "__main__":
    main()
