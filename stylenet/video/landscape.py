"""A landscape that is computed, for clips that anyone may pass on: sky, mountains, hills, trees.

Fractal noise, the sum of smooth noise of ever smaller grain, draws clouds, ridges and grass:
Fournier, Fussell and Carpenter 1982, "Computer Rendering of Stochastic Models",
https://doi.org/10.1145/358523.358553
"""

import numpy as np
from scipy import ndimage

# How high a ridge stands (shares of the height), how rough it is, and its color, from far to near.
RIDGES = (
    (0.62, 0.26, (122, 136, 176)),
    (0.48, 0.14, (92, 122, 116)),
    (0.33, 0.08, (84, 138, 66)),
)
SKY, HORIZON, CLOUD = (58, 122, 200), (236, 226, 206), (255, 252, 246)
SNOW, MEADOW, FLOWERS, LEAVES = (246, 248, 252), (128, 158, 62), (224, 72, 60), (38, 82, 40)


def landscape(size=(320, 960), seed=0):
    """A wide landscape.

    Args:
        size: `(height, width)` in pixels.
        seed: of the noise; another seed is another country.

    Returns:
        `(height, width, 3)`, RGB in [0, 255].
    """
    random = np.random.default_rng(seed)
    height, width = size
    picture = _sky(random, height, width)
    for number, (top, roughness, color) in enumerate(RIDGES):
        grain = 2.0 ** -(number + 1)
        line = height * (1 - top - roughness * (_fractal(random, (2, width), grain)[0] - 0.5))
        _fill(picture, random, line, color)
        if number == 0:
            _fill(picture, random, line, SNOW, line + 0.07 * height)
    _meadow(picture, random)
    for left in np.arange(0.02, 1, 0.09) + random.uniform(0, 0.05, 11):
        _tree(picture, random, left * width, height * random.uniform(0.72, 0.8), 0.13 * height)
    return np.clip(picture, 0, 255).astype("float32")


def _fractal(random, shape, grain=0.25):
    """Noise in [0, 1]; its largest forms are a share `grain` of the height, or of a thousand."""
    total, cell = np.zeros(shape), max(2.0, grain * max(shape[0], 300))
    while cell > 1:
        small = random.uniform(-1, 1, [int(side / cell) + 4 for side in shape])
        rows, columns = (np.arange(side) / cell + 1 for side in shape)
        places = np.meshgrid(rows, columns, indexing="ij")
        total += cell * ndimage.map_coordinates(small, places, order=3)
        cell /= 2
    return (total - total.min()) / np.ptp(total)


def _sky(random, height, width):
    """Blue above, pale at the horizon, with clouds that lie."""
    down = np.linspace(0, 1.4, height)[:, None, None]
    sky = (1 - down) * np.array(SKY) + down * np.array(HORIZON)
    noise = _fractal(random, (2 * height, width // 2), 0.3)
    stretched = ndimage.zoom(noise, (0.5, 2), order=1)[:height, : width + 1]
    cover = np.clip(3 * (np.resize(stretched, (height, width)) - 0.55), 0, 1)[..., None]
    return sky + 0.9 * cover * (np.array(CLOUD) - sky)


def _fill(picture, random, line, color, bottom=None):
    """Paints below a line, and above another one, with light and shadow."""
    height, width = picture.shape[:2]
    rows = np.arange(height)[:, None]
    inside = np.broadcast_to(rows >= line, (height, width))
    if bottom is not None:
        inside = inside & (rows < bottom + 0.03 * height * _fractal(random, (2, width), 0.05)[0])
    shade = 0.75 + 0.5 * _fractal(random, (height, width), 0.12)
    picture[inside] = (shade[..., None] * np.array(color))[inside]


def _meadow(picture, random):
    """Grass in front, with a few flowers."""
    height, width = picture.shape[:2]
    line = height * (0.78 + 0.06 * (_fractal(random, (2, width), 0.6)[0] - 0.5))
    _fill(picture, random, line, MEADOW)
    count = width // 6
    rows = random.uniform(0.86 * height, height - 2, count).astype(int)
    columns = random.uniform(1, width - 2, count).astype(int)
    for row, column in zip(rows, columns, strict=True):
        picture[row - 1 : row + 2, column - 1 : column + 2] = FLOWERS


def _tree(picture, random, x, foot, tall):
    """A fir: a trunk, and a triangle whose edge is noise."""
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]]
    tall = tall * random.uniform(0.8, 1.5)
    up = (foot - rows) / tall  # 0 at the foot, 1 at the top
    edge = 0.32 * tall * (1 - up) * random.uniform(0.75, 1.25, picture.shape[0])[:, None]
    leaves = (up > 0.12) & (up < 1) & (np.abs(columns - x) < edge)
    trunk = (up >= -0.05) & (up <= 0.12) & (np.abs(columns - x) < 0.05 * tall)
    light = 1.0 - 0.6 * np.clip((columns - x) / (0.3 * tall), -0.6, 0.9)
    picture[leaves] = (light[..., None] * np.array(LEAVES))[leaves]
    picture[trunk] = (74, 52, 36)
