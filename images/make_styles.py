"""Draws the style pictures of the figures: a pattern, a mosaic, brush strokes.

    python images/make_styles.py

They are this project's own, so that figures can show them; any painting works the same by path.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage
from scipy.spatial import cKDTree

SIZE, SCALE = 640, 2  # pixels a side; drawn larger, then reduced, for smooth edges
FOLDER = Path(__file__).parent / "style"


def seigaiha(size):
    """Overlapping circles of waves, a pattern of Japanese textiles."""
    picture = Image.new("RGB", (size, size), "#0f2a4a")
    draw = ImageDraw.Draw(picture)
    random = np.random.default_rng(1)
    inks = ["#12355b", "#f4ead5", "#1d5c8a", "#f4ead5", "#5fa3b8", "#f4ead5", "#c8553d"]
    radius = size / 8
    for row in range(-2, 36):
        y = row * radius / 2
        for column in range(-1, 10):
            x = (column + row % 2 / 2) * 2 * radius
            shift = random.normal(0, 0.01, len(inks))
            for ring, ink in enumerate(inks):
                r = radius * (1 - ring / len(inks) + shift[ring])
                draw.ellipse((x - r, y - r, x + r, y + r), fill=ink)
    return picture


def mosaic(size):
    """Stones around random centers, colored by a slow gradient, with dark joints."""
    random = np.random.default_rng(2)
    centers = random.uniform(-0.05, 1.05, (900, 2)) * size
    rows, columns = np.mgrid[:size, :size]
    pixels = np.stack([rows, columns], axis=-1)
    distance, stone = cKDTree(centers).query(pixels, k=2)
    palette = np.array(
        [[232, 184, 74], [196, 74, 48], [44, 110, 120], [238, 226, 198], [36, 48, 84]], "float64"
    )
    place = centers / size
    swirl = np.sin(5 * place[:, 0] + 3 * np.cos(6 * place[:, 1]) + random.normal(0, 0.45, 900))
    color = palette[np.digitize(swirl, [-0.75, -0.2, 0.35, 0.8])] + random.normal(0, 14, (900, 3))
    picture = color[stone[..., 0]]
    joint = np.clip((distance[..., 1] - distance[..., 0]) / (size / 120), 0, 1)
    grain = ndimage.gaussian_filter(random.normal(0, 1, (size, size)), size / 500)
    picture = picture + 10 * (grain / grain.std())[..., None]
    picture = joint[..., None] * picture + (1 - joint[..., None]) * np.array([30, 26, 24])
    return Image.fromarray(np.clip(picture, 0, 255).astype("uint8"))


def strokes(size):
    """Brush strokes along a flow of whirls, large ones first."""
    random = np.random.default_rng(3)
    noise = ndimage.gaussian_filter(random.normal(0, 1, (size, size)), size / 11, mode="wrap")
    down, right = np.gradient(noise)
    angle = np.arctan2(right, -down)
    light = (noise - noise.min()) / np.ptp(noise)
    palette = np.array(
        [[18, 32, 74], [34, 74, 140], [76, 138, 180], [160, 190, 170], [240, 200, 90]], "float64"
    )
    picture = Image.new("RGB", (size, size), "#1a2a5a")
    draw = ImageDraw.Draw(picture)
    for width, count in ((size // 40, 2600), (size // 64, 5200), (size // 110, 6000)):
        for start in random.uniform(-0.08 * size, 1.04 * size, (count, 2)):
            path, (y, x) = [], start
            tone = light[int(y) % size, int(x) % size] + random.normal(0, 0.07)
            color = [np.interp(4 * tone, range(5), palette[:, c]) for c in range(3)]
            color = tuple(int(c) for c in np.clip(color + random.normal(0, 12, 3), 0, 255))
            for _ in range(16):
                path.append((x, y))
                heading = angle[int(y) % size, int(x) % size]
                y, x = y + np.sin(heading) * size / 180, x + np.cos(heading) * size / 180
            draw.line(path, fill=color, width=width, joint="curve")
    return picture


def main():
    """Draws all of them into `images/style/`."""
    FOLDER.mkdir(exist_ok=True)
    for function in (seigaiha, mosaic, strokes):
        picture = function(SCALE * SIZE).resize((SIZE, SIZE), Image.Resampling.LANCZOS)
        picture.save(FOLDER / f"{function.__name__}.jpg", quality=88, subsampling=0)


if __name__ == "__main__":
    main()
