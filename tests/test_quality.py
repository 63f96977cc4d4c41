import subprocess
import sys

import numpy as np
import pytest

from stylenet.quality import (
    WINDOW,
    color_distance,
    color_quantiles,
    grid_strength,
    halo,
    stroke_width,
)

SIZE = 96


def noise(shape=(24, 40, 3), seed=0):
    return np.random.default_rng(seed).uniform(0, 255, shape).astype("float32")


def flat(color, shape=(20, 30)):
    return np.full((*shape, 3), color, "float32")


def ramp(size=SIZE):
    """A smooth photograph: lighter to the right, by a grey level a pixel."""
    return np.broadcast_to(60 + np.arange(size, dtype="float32")[None, :, None], (size, size, 3))


def wave(amplitude, period, axis, size=SIZE):
    lines = amplitude * np.cos(2 * np.pi * np.arange(size) / period)
    return lines[:, None, None] if axis == 0 else lines[None, :, None]


def grid(amplitude, period, size=SIZE):
    return wave(amplitude, period, 0, size) + wave(amplitude, period, 1, size)


# ---------------------------------------------------------------- colors


def test_the_same_pixels_in_another_order_have_distance_zero():
    picture = noise()
    pixels = np.random.default_rng(1).permutation(picture.reshape(-1, 3))
    assert color_distance(picture, pixels.reshape(40, 24, 3)) < 1e-4
    assert color_distance(picture, picture) == 0


@pytest.mark.parametrize("shift", [(30, 0, 0), (20, 20, 20), (5, -10, 15)])
def test_a_shift_of_all_colors_is_half_its_length(shift):
    picture = 100 + noise() / 5
    moved = picture + np.float32(shift)
    # |<v, s>| over the sphere has the mean |s| / 2.
    half = np.linalg.norm(shift) / 2
    np.testing.assert_allclose(color_distance(picture, moved), half, rtol=0.015)
    np.testing.assert_allclose(color_distance(picture, moved, 4000), half, rtol=1e-3)


def test_black_is_half_a_diagonal_from_white():
    np.testing.assert_allclose(color_distance(flat(0), flat(255)), 255 * np.sqrt(3) / 2, rtol=0.015)


def test_quantiles_may_be_computed_once():
    a, b = noise(), noise((9, 7, 3), seed=1)
    quantiles = color_quantiles(b)
    assert quantiles.shape == (64, 512)
    assert (np.diff(quantiles) >= 0).all()
    assert color_distance(a, quantiles) == color_distance(a, b) == color_distance(quantiles, a)


def test_half_of_the_pixels_moved_is_half_the_distance():
    half = flat(0)
    half[:10] = 255
    np.testing.assert_allclose(color_distance(half, flat(0)), color_distance(flat(255), half))
    whole = color_distance(flat(255), flat(0))
    np.testing.assert_allclose(color_distance(half, flat(0)), whole / 2, rtol=1e-3)


def test_sizes_may_differ():
    picture = noise((30, 30, 3))
    larger = np.repeat(np.repeat(picture, 2, axis=0), 3, axis=1)
    assert color_distance(picture, larger) < 0.5


def test_it_is_the_mean_of_scipys_wasserstein_distance():
    stats = pytest.importorskip("scipy.stats")
    a, b = noise(seed=2), noise((31, 17, 3), seed=3) ** 2 / 255
    # Over all directions: scipy's mean along many drawn by chance, and ours along the even ones.
    directions = np.random.default_rng(5).normal(size=(4000, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    expected = [
        stats.wasserstein_distance(a.reshape(-1, 3) @ v, b.reshape(-1, 3) @ v) for v in directions
    ]
    np.testing.assert_allclose(color_distance(a, b), np.mean(expected), rtol=0.03)


def test_no_direction_and_no_picture_are_refused():
    with pytest.raises(ValueError, match=r"at least one direction.*directions=0"):
        color_distance(noise(), noise(), 0)
    with pytest.raises(ValueError):
        color_distance(noise(), np.zeros(3))


# ---------------------------------------------------------------- grid


@pytest.mark.parametrize("amplitude", [0.5, 3.0, 20.0])
def test_a_grid_of_four_pixels_on_a_ramp_has_its_amplitude(amplitude):
    photograph = ramp()
    for moved in (0, 1, 3):
        result = photograph + np.roll(grid(amplitude, 4), moved, axis=(0, 1))
        np.testing.assert_allclose(grid_strength([result], [photograph]), amplitude, atol=0.02)


@pytest.mark.parametrize("axis", [0, 1])
def test_lines_in_one_direction_have_half_the_power(axis):
    photograph = ramp()
    result = photograph + wave(6.0, 4, axis)
    np.testing.assert_allclose(grid_strength([result], [photograph]), 6.0 / np.sqrt(2), rtol=1e-3)


@pytest.mark.parametrize("period", [2, 3, 5, 6, 8, 16])
def test_other_periods_are_no_grid(period):
    photograph = ramp()
    assert grid_strength([photograph + grid(10.0, period)], [photograph]) < 0.05


def test_a_smooth_photograph_has_no_grid():
    assert grid_strength([ramp()], [ramp()]) < 1e-3


def test_noise_has_little_of_a_grid():
    photographs = [ramp(256)] * 4
    results = [
        photo + 20 * (noise(photo.shape, i) / 127.5 - 1) for i, photo in enumerate(photographs)
    ]
    assert grid_strength(results, photographs) < 0.3


def test_only_smooth_windows_of_the_photograph_count():
    photograph = np.concatenate([ramp(), 127 + (noise((SIZE, SIZE, 3)) - 127) / 2], axis=1)
    marked = photograph.copy()
    marked[:, SIZE:] += grid(10.0, 4)
    assert grid_strength([marked], [photograph]) < 1e-3
    marked[:, :SIZE] += grid(2.0, 4)
    np.testing.assert_allclose(grid_strength([marked], [photograph]), 2.0, rtol=1e-3)


def test_without_smooth_windows_there_is_no_number():
    rough = noise((64, 64, 3))
    assert np.isnan(grid_strength([rough], [rough]))
    small = ramp(WINDOW - 1)
    assert np.isnan(grid_strength([small], [small]))
    assert np.isnan(grid_strength([], []))


def test_pictures_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match=r"as many results as photographs.*1 and 2"):
        grid_strength([ramp()], [ramp(), ramp()])
    with pytest.raises(ValueError, match=r"of its photograph's size.*\(96, 96, 3\)"):
        grid_strength([ramp()], [ramp(64)])


def test_no_network_is_needed():
    code = "import sys, stylenet.quality; print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# ---------------------------------------------------------------- strokes


def strokes(width, angle, seed=0, size=SIZE):
    """Strokes of one width in grey levels by chance, six times as long as they are wide."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:size, :size] + size
    across = np.floor((columns * np.cos(angle) + rows * np.sin(angle)) / width + size).astype(int)
    along = (rows * np.cos(angle) - columns * np.sin(angle)) / (6 * width)
    along = np.floor(along + random.uniform(0, 1, 3 * size)[across] + size).astype(int)
    greys = random.uniform(0, 255, (3 * size, 3 * size))[across, along]
    return np.repeat(greys[:, :, None], 3, axis=2)


@pytest.mark.parametrize("angle", [0.0, 0.5, 1.3, np.pi / 2])
@pytest.mark.parametrize("width", [3, 4, 6, 8])
def test_width_of_drawn_strokes_is_found(width, angle):
    results = [strokes(width, angle, seed) for seed in range(2)]
    assert stroke_width(results, [flat(100, (SIZE, SIZE))] * 2) == pytest.approx(width, rel=0.2)


def test_wider_strokes_are_wider_even_where_a_window_is_small():
    photographs = [flat(100, (SIZE, SIZE))] * 2
    widths = [
        stroke_width([strokes(width, 0.5, seed) for seed in range(2)], photographs)
        for width in (3, 5, 8, 12, 16)
    ]
    assert (np.diff(widths) > 1).all()


def test_width_does_not_depend_on_contrast():
    result, photograph = strokes(5, 0.3), flat(100, (SIZE, SIZE))
    faint = 100 + 0.2 * result
    assert stroke_width([result], [photograph]) == pytest.approx(
        stroke_width([faint], [photograph])
    )


def test_strokes_are_measured_where_photographs_are_smooth():
    photograph = np.concatenate([flat(100, (48, 48)), noise((48, 48, 3))], axis=1)
    result = np.concatenate([strokes(4, 0.0, size=48), strokes(9, 0.0, size=48)], axis=1)
    alone = stroke_width([result[:, :48]], [photograph[:, :48]])
    assert stroke_width([result], [photograph]) == alone


def test_without_smooth_places_or_strokes_there_is_no_width():
    assert np.isnan(stroke_width([noise((60, 60, 3))], [noise((60, 60, 3))]))
    assert np.isnan(stroke_width([flat(90, (60, 60))], [flat(100, (60, 60))]))
    assert np.isnan(stroke_width([flat(90)], [flat(100)]))


# ---------------------------------------------------------------- halos


def away_from(radius=20, side=160):
    """How far each pixel is from a disc in the middle, in pixels; negative inside."""
    rows, columns = np.mgrid[:side, :side] - (side - 1) / 2
    return np.hypot(rows, columns) - radius


def test_plain_ground_has_no_halo_whatever_the_object_is():
    away = away_from()
    picture = np.where(away[..., None] < 0, noise((160, 160, 3)), flat((200, 190, 180), (160, 160)))
    assert halo(picture, away < 0) == 0


def test_a_ring_of_another_color_is_a_halo_of_its_difference():
    away = away_from()
    picture = flat((100, 100, 100), away.shape)
    picture[(away > 0) & (away < 20)] += (30, -30, 30)
    assert halo(picture, away < 0) == pytest.approx(30, rel=1e-4)


def test_strokes_that_come_everywhere_alike_are_hardly_a_halo():
    away = away_from()
    picture = 100 + wave(40, 8, 0, 160) + np.zeros((160, 160, 3))
    assert halo(picture, away < 0) < 3


def test_a_halo_needs_an_object_and_ground():
    picture = flat((100, 100, 100), (160, 160))
    for inside in (np.zeros((160, 160)), away_from(70) < 0):
        with pytest.raises(ValueError, match="ground more than 48 pixels"):
            halo(picture, inside)
    with pytest.raises(ValueError, match=r"\(3, 3\) and \(160, 160, 3\)"):
        halo(picture, np.ones((3, 3)))
