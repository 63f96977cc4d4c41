"""What the losses hardly see: the painting's colors, a grid, the width of strokes, halos.

A network may have a low cost and the wrong palette, since most of VGG's responses care about edges.
These numbers are computed from pixels alone, and nothing is trained on them.

Rabin, Peyré, Delon and Bernot, "Wasserstein Barycenter and its Application to Texture Mixing",
2011, https://doi.org/10.1007/978-3-642-24785-9_37 (the sliced Wasserstein distance)
"""

import numpy as np
from scipy import ndimage

from stylenet.colors import LUMA
from stylenet.images import as_image

DIRECTIONS = 64
QUANTILES = 512
WINDOW, STRIDE = 32, 8  # pixels
SMOOTH = 3.0  # grey levels from a pixel to the next
PERIOD, APART = 4, 2  # pixels; frequencies beside it, in cycles a window, that a pure grid lacks
WIDE = 48  # pixels, of the windows that strokes are measured in
ACROSS = 16  # directions, over half a turn, in which a stroke's width is looked for
RING = (2, 16)  # pixels from an object: where a halo is looked for
APART_FROM_IT = 48  # pixels from an object: ground that should look like that of the ring
FLAT = 1.0  # grey levels; a window that varies less has no strokes


def color_distance(image, other, directions=DIRECTIONS):
    """The distance of two pictures' color distributions, wherever in the picture a color is.

    The sliced Wasserstein distance of order one: along a direction v, colors are numbers with the
    quantiles F^-1, and moving one distribution onto the other takes

        d = mean over v of integral_0^1 |F^-1(t) - G^-1(t)| dt,    |v| = 1

    grey levels a pixel. A shift of all colors by s is |s| / 2 away. The directions are fixed and
    evenly spaced: 64 of them find this half within 1.5 %, drawn by chance within 15 %.

    Args:
        image: `(height, width, 3)`, RGB in [0, 255]; or its `color_quantiles`.
        other: the same, of any size.
        directions: how many.

    Returns:
        A float, in grey levels; 0 for the same colors in any order.

    Raises:
        ValueError: something that is no picture, or no direction.

    Reference: Rabin et al. 2011, https://doi.org/10.1007/978-3-642-24785-9_37
    """
    a, b = (
        picture if np.ndim(picture) == 2 else color_quantiles(picture, directions)
        for picture in (image, other)
    )
    return float(np.mean(np.abs(a - b)))


def color_quantiles(image, directions=DIRECTIONS):
    """What `color_distance` compares, computed once for many comparisons.

    Args:
        image: `(height, width, 3)`, RGB in [0, 255].
        directions: how many.

    Returns:
        float64 `(directions, 512)`: F^-1 at 512 evenly spaced places along each direction.

    Raises:
        ValueError: something that is no picture, or no direction.
    """
    colors = as_image(image).reshape(-1, 3)
    colors = np.sort(unit_vectors(directions).astype("float32") @ colors.T, axis=1)
    places = (np.arange(QUANTILES) + 0.5) / QUANTILES * len(colors[0]) - 0.5
    return np.stack([np.interp(places, np.arange(len(row)), row) for row in colors])


def unit_vectors(count):
    """Unit vectors on a half sphere, turned by the golden angle from one to the next."""
    if count < 1:
        raise ValueError(f"Expected at least one direction. Received: directions={count}.")
    numbers = np.arange(count) + 0.5
    heights, angles = 1 - numbers / count, np.pi * (1 + np.sqrt(5)) * numbers
    radii = np.sqrt(1 - heights**2)
    return np.stack([radii * np.cos(angles), radii * np.sin(angles), heights], axis=1)


def grid_strength(results, photographs):
    """The amplitude of a grid with a period of four pixels, where the photographs are smooth.

    A network that works at a quarter of the resolution can leave its lattice in skies and walls. In
    each window of 32 x 32 pixels in which the photograph's luminance changes by less than three
    grey levels from a pixel to the next (root mean square), with Hann weights w that sum to one,
    the result's luminance Y has along x, and likewise along y, at k cycles a window, the power

        P(k) = |2 sum_xy w(x) w(y) Y(x, y) exp(-2 pi i k x / 32)|^2

    and the strength is the root of the mean of P(8) - (P(6) + P(10)) / 2 over windows and both
    directions, or 0 where that is negative: strokes have power at all three, a grid at 8 alone.

    Args:
        results: pictures, `(height, width, 3)` in [0, 255].
        photographs: what they were drawn from, of the same sizes.

    Returns:
        A float, the amplitude a of a (cos(pi x / 2) + cos(pi y / 2)), in grey levels; NaN if no
        window of any photograph is smooth.

    Raises:
        ValueError: pictures that differ in number or size, or something that is no picture.
    """
    pairs = _pairs(results, photographs)
    powers = np.concatenate([_grid_powers(*pair) for pair in pairs] or [[]])
    return float(np.sqrt(max(0.0, powers.mean()))) if len(powers) else float("nan")


def _pairs(results, photographs):
    if len(results) != len(photographs):
        raise ValueError(
            "Expected as many results as photographs. "
            f"Received: {len(results)} and {len(photographs)}."
        )
    return zip(results, photographs, strict=True)


def _grid_powers(result, photograph):
    """The grid's power in each smooth window of a picture."""
    windows = _smooth_windows(result, photograph, WINDOW)
    if not len(windows):
        return np.zeros(0)
    frequency = WINDOW // PERIOD
    below, grid, above = (_power(windows, frequency + shift) for shift in (-APART, 0, APART))
    return grid - (below + above) / 2


def _smooth_windows(result, photograph, size):
    """A result's luminance in the windows in which the photograph is smooth."""
    result, photograph = as_image(result), as_image(photograph)
    if result.shape != photograph.shape:
        raise ValueError(
            "Expected a result of its photograph's size. "
            f"Received: {result.shape} and {photograph.shape}."
        )
    if min(result.shape[:2]) < size:
        return np.zeros((0, size, size))
    return _windows(result, size)[_roughness(_windows(photograph, size)) < SMOOTH]


def _windows(picture, size):
    """Luminance in overlapping windows, `(rows, columns, size, size)`."""
    windows = np.lib.stride_tricks.sliding_window_view(picture @ LUMA, (size, size))
    return windows[::STRIDE, ::STRIDE]


def _roughness(windows):
    """The root mean square of the gradient in each window."""
    squares = [np.mean(np.square(np.diff(windows, axis=axis)), (-2, -1)) for axis in (-2, -1)]
    return np.sqrt(sum(squares))


def _power(windows, cycles):
    """The squared amplitude at so many cycles a window, the mean of both directions."""
    places = np.arange(WINDOW)
    weights = np.sin(np.pi * places / WINDOW) ** 2 * 2 / WINDOW
    wave = 2 * weights * np.exp(-2j * np.pi * cycles * places / WINDOW)
    across, down = weights @ windows @ wave, wave @ windows @ weights
    return (np.abs(across) ** 2 + np.abs(down) ** 2) / 2


def stroke_width(results, photographs):
    """How wide strokes are, where the photographs are smooth.

    A luminance Y that is constant along strokes of width b, and independent from one to the next,
    has across them the autocorrelation

        A(d) = E[(Y(x) - m) (Y(x + d) - m)] / E[(Y(x) - m)^2] = 1 - |d| / b,    |d| < b

    which falls to a half at d = b / 2. In each window of 48 x 48 pixels in which the photograph is
    smooth (see `grid_strength`), this distance is looked for in 16 directions; twice the shortest
    is the width there, and the result is the mean over all windows. The mean of a window is
    subtracted, so that strokes wider than about 12 pixels seem narrower than they are.

    Args:
        results: pictures, `(height, width, 3)` in [0, 255].
        photographs: what they were drawn from, of the same sizes.

    Returns:
        A float, in pixels; NaN if no photograph has a smooth window, or nothing is drawn there.

    Raises:
        ValueError: pictures that differ in number or size, or something that is no picture.
    """
    pairs = _pairs(results, photographs)
    found = [_smooth_windows(*pair, WIDE) for pair in pairs]
    windows = np.concatenate([np.zeros((0, WIDE, WIDE)), *found])
    windows = windows[windows.std(axis=(1, 2)) > FLAT]
    return float(np.mean(_widths(windows))) if len(windows) else float("nan")


def _widths(windows):
    """Twice the shortest distance at which each window's autocorrelation is a half."""
    distances = np.arange(0, WIDE // 2, 0.25)
    angles = np.pi * np.arange(ACROSS) / ACROSS
    rows, columns = WIDE + np.stack([np.sin(angles), np.cos(angles)])[:, :, None] * distances
    fallen = _interpolated(_autocorrelations(windows), rows, columns) < 0.5
    fallen[..., -1] = True
    return 2 * distances[fallen.argmax(axis=-1)].min(axis=1)


def _interpolated(maps, rows, columns):
    """Bilinear values of maps `(count, height, width)` at places, `(count, *rows.shape)`."""
    top, left = rows.astype(int), columns.astype(int)
    down, right = rows - top, columns - left
    above = maps[:, top, left] * (1 - right) + maps[:, top, left + 1] * right
    below = maps[:, top + 1, left] * (1 - right) + maps[:, top + 1, left + 1] * right
    return above * (1 - down) + below * down


def _autocorrelations(windows):
    """A of each window, `(windows, 2 WIDE, 2 WIDE)`, with A(0) = 1 in the middle."""
    sizes, axes = (2 * WIDE, 2 * WIDE), (1, 2)
    centered = windows - windows.mean(axis=axes, keepdims=True)
    sums = np.fft.irfft2(np.abs(np.fft.rfft2(centered, sizes)) ** 2, sizes)
    pairs = np.fft.irfft2(np.abs(np.fft.rfft2(np.ones((WIDE, WIDE)), sizes)) ** 2, sizes)
    means = np.fft.fftshift(sums / np.maximum(pairs, 1.0), axes)
    return means / means[:, WIDE : WIDE + 1, WIDE : WIDE + 1]


def halo(result, inside):
    """How another color the ground has round an object than further away, where it was plain.

        h = |m_near - m_far| / sqrt(3)

    with the mean colors of the ground 2 to 16 pixels from the object, and more than 48. Of a
    photograph whose ground has one color it is 0, and of a drawing in which strokes come
    everywhere alike it is small. Beyond what an object's own outline needs, it is a halo.

    Args:
        result: a drawing, `(height, width, 3)`, RGB in [0, 255].
        inside: where the object is, booleans `(height, width)`.

    Returns:
        A float, in grey levels.

    Raises:
        ValueError: something that is no picture, another size, or no ground that far away.
    """
    result, inside = as_image(result), np.asarray(inside, bool)
    if result.shape[:2] != inside.shape:
        raise ValueError(
            "Expected the object's place in the result's size. "
            f"Received: {inside.shape} and {result.shape}."
        )
    away = ndimage.distance_transform_edt(~inside)
    near, far = (away > RING[0]) & (away <= RING[1]), away > APART_FROM_IT
    if not (near.any() and far.any() and inside.any()):
        raise ValueError(
            f"Expected an object and ground more than {APART_FROM_IT} pixels away from it. "
            f"Received: an object of {inside.sum()} pixels in {inside.shape}."
        )
    difference = result[near].mean(axis=0) - result[far].mean(axis=0)
    return float(np.sqrt(np.mean(np.square(difference))))
