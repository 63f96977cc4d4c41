"""Garments: nothing changes outside, folds stay, the pattern covers all."""

import numpy as np
import pytest
from helpers import fails, run
from scipy import ndimage

from stylenet import images
from stylenet.colors import LUMA
from stylenet.extensions import clothes
from stylenet.figures.drawing import painting, photograph

BOX = (9, 102, 172, 153)  # of the astronaut's suit at 256 pixels


@pytest.fixture(scope="module")
def astronaut():
    return photograph("astronaut.png", 256)


@pytest.fixture(scope="module")
def suit(astronaut):
    pytest.importorskip("cv2")
    return clothes.garment(astronaut, BOX)


@pytest.fixture
def disc():
    rows, columns = np.mgrid[:90, :120]
    return (rows - 45) ** 2 + (columns - 60) ** 2 < 35**2


def blurred_luminance(image, inside, blur):
    """Of the pixels inside, computed pixel by pixel: a mean weighted by a Gaussian."""
    luminance = np.asarray(image, "float64") @ LUMA
    rows, columns = np.nonzero(inside)
    means = []
    for row, column in zip(rows[::97], columns[::97], strict=True):
        weights = np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * blur**2))
        means.append(np.average(luminance[rows, columns], weights=weights))
    return np.array(means)


def test_the_suit_is_found(astronaut, suit):
    """Its orange, all but all; and badges, straps and shadows."""
    red, green, blue = np.moveaxis(astronaut, 2, 0)
    orange = (red > 150) & (green < 130) & (blue < 110)
    orange[:102] = orange[:, :9] = orange[:, 181:] = False
    assert (suit & orange).sum() > 0.95 * orange.sum()
    assert orange[suit].mean() > 0.6
    assert not suit[:100].any() and not suit[:, 190:].any()


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["seigaiha.jpg", "mosaic.jpg", "strokes.jpg"])
def test_nothing_changes_outside_and_folds_stay(astronaut, suit, pattern):
    result = clothes.restyle(astronaut, painting(pattern), mask=suit)
    assert np.array_equal(result[~suit], astronaut[~suit])
    assert np.abs(result - astronaut)[suit].mean() > 25
    seen = [blurred_luminance(image, suit, 8.0) for image in (result, astronaut)]
    assert np.corrcoef(*seen)[0, 1] > 0.9


def test_a_pattern_that_is_pasted_has_no_folds(astronaut, suit):
    pasted = clothes.merge(clothes.lay(painting("mosaic.jpg", 90), (256, 256)), astronaut, suit)
    seen = [blurred_luminance(image, suit, 8.0) for image in (pasted, astronaut)]
    assert np.corrcoef(*seen)[0, 1] < 0.5


def test_a_flat_pattern_gets_the_garments_light(disc):
    """On a ramp, the result is the ramp times the pattern; borders blur, so the middle counts."""
    ramp = np.broadcast_to(np.linspace(60, 180, 120)[None, :, None], (90, 120, 3))
    result = clothes.restyle(ramp, np.full((20, 30, 3), 100.0), mask=disc, strength=0)
    middle = ndimage.binary_erosion(disc, iterations=10)
    mean = ramp[disc].mean()
    expected = np.clip(100 * ramp / mean, 0, 200)
    assert np.abs(result - expected)[middle].max() < 2


def test_light_is_bounded(disc):
    content = np.full((90, 120, 3), 20.0)
    content[40:50, 50:70] = 255
    shaded = clothes.shade(np.full((90, 120, 3), 60.0), content, disc)
    assert shaded.max() == pytest.approx(120)


def test_the_light_of_a_garment_has_mean_one_and_knows_nothing_of_its_surroundings(disc):
    content = np.random.default_rng(0).uniform(0, 255, (90, 120, 3)).astype("float32")
    found = clothes.light(content, disc)
    assert found[disc].mean() == pytest.approx(1, abs=1e-5)
    assert np.all(found[~disc] == 1)
    other = np.where(disc[..., None], content, 0)
    np.testing.assert_allclose(clothes.light(other, disc), found)


def test_the_photograph_fades_over_two_pixels_inside():
    inside = np.zeros((20, 20), bool)
    inside[5:, :] = True
    content, drawn = np.zeros((20, 20, 3), "float32"), np.full((20, 20, 3), 90.0, "float32")
    column = clothes.merge(drawn, content, inside)[:, 10, 0]
    np.testing.assert_allclose(column[3:10], [0, 0, 30, 60, 90, 90, 90], atol=1e-4)


def test_a_pattern_is_laid_mirrored_and_at_its_size():
    pattern = np.arange(12.0).reshape(2, 2, 3) * 10
    laid = clothes.lay(pattern, (5, 3))
    np.testing.assert_array_equal(laid[:, 0, 0], np.array([0, 60, 60, 0, 0]))
    np.testing.assert_array_equal(laid[0, :, 0], np.array([0, 30, 30]))
    assert clothes.scale(np.full((40, 100, 3), 5.0), 50).shape == (20, 50, 3)


def test_garments_of_any_size_and_place(disc):
    """A single pixel, a corner, all of the photograph."""
    content = np.random.default_rng(0).uniform(0, 255, (33, 47, 3)).astype("float32")
    pattern = np.random.default_rng(1).uniform(0, 255, (5, 9, 3))
    for area in ((slice(16, 17), slice(20, 21)), (slice(0, 3), slice(44, 47)), (slice(0, 33),)):
        inside = np.zeros((33, 47), bool)
        inside[area] = True
        result = clothes.restyle(content, pattern, mask=inside)
        assert result.shape == content.shape and np.isfinite(result).all()
        assert np.array_equal(result[~inside], content[~inside])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "Received neither"),
        ({"mask": np.ones((90, 120)), "box": (1, 1, 5, 5)}, "Received both"),
        ({"mask": np.ones((9, 12))}, "photograph's size"),
        ({"mask": np.full((90, 120), 0.3)}, "white on the garment"),
        ({"box": (1, 1, 5)}, "X,Y,WIDTH,HEIGHT"),
        ({"box": (100, 1, 50, 20)}, "inside the photograph of 120 x 90"),
        ({"box": (-1, 1, 50, 20)}, "inside the photograph"),
        ({"mask": np.ones((90, 120)), "strength": 2}, "strength"),
        ({"mask": np.ones((90, 120)), "pattern_size": 0}, "pattern_size"),
    ],
)
def test_what_is_refused(options, told):
    pytest.importorskip("cv2")
    content = np.full((90, 120, 3), 80.0)
    with pytest.raises(ValueError, match=told):
        clothes.restyle(content, content, **options)


def test_a_box_without_opencv_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "cv2", None)
    with pytest.raises(ImportError, match=r"stylenet\[video\]"):
        clothes.garment(np.full((90, 120, 3), 80.0), (1, 1, 50, 50))


# ---------------------------------------------------------------- the command


@pytest.fixture
def here(tmp_path, monkeypatch, astronaut):
    images.save_image(tmp_path / "photo.png", astronaut)
    images.save_image(tmp_path / "pattern.png", painting("mosaic.jpg", 100))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_writes_the_picture_and_the_mask_it_found(here, capsys, astronaut, suit):
    box = ",".join(map(str, BOX))
    arguments = ["restyle", "photo.png", "pattern.png", "--box", box, "--strength", 0]
    code, out, _ = run(capsys, *arguments, "-o", "out.png")
    first, last = out.splitlines()
    assert first.startswith("drawing 256 x 256 with pattern.png on ")
    assert code == 0 and last.startswith("Wrote out.png")
    found = images.load_image("out_mask.png")[..., 0] > 127
    assert np.array_equal(found, suit)
    result = images.load_image("out.png")
    assert np.array_equal(result[~suit], np.rint(astronaut)[~suit])
    again = ["restyle", "photo.png", "pattern.png", "--mask", "out_mask.png", "--strength", 0]
    assert run(capsys, *again, "-o", "again.png")[0] == 0
    assert np.array_equal(images.load_image("again.png"), result)
    assert not (here / "again_mask.png").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("-o out.png", "Received neither"),
        ("--box 1,2,3 -o out.png", "X,Y,WIDTH,HEIGHT"),
        ("--box 1,2,3,x -o out.png", "valid integer"),
        ("--box 1,1,9,9 --mask pattern.png -o out.png", "Received both"),
        ("--mask none.png -o out.png", "none.png"),
        ("--mask pattern.png -o photo.png", "does not replace its input"),
        ("--mask pattern.png -o pattern.png", "does not replace its input"),
    ],
)
def test_what_the_command_refuses_is_one_line(here, capsys, arguments, told):
    pytest.importorskip("cv2")
    before = sorted(here.iterdir())
    assert told in fails(capsys, "restyle", "photo.png", "pattern.png", *arguments.split())
    assert sorted(here.iterdir()) == before
