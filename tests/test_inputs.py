"""What every method takes for a picture, and what it refuses, in one sentence."""

import numpy as np
import pytest
from PIL import Image

from stylenet import inputs

RGB = np.random.default_rng(0).integers(0, 256, (9, 12, 3), dtype="uint8")


@pytest.fixture
def path(tmp_path):
    Image.fromarray(RGB).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def test_every_way_to_hand_in_a_picture_gives_the_same(path):
    import keras

    ways = {
        "path": path,
        "name": str(path),
        "Pillow": Image.open(path),
        "8 bits": RGB,
        "16 bits": RGB.astype("uint16") * 257,
        "64 bits": RGB.astype("int64"),
        "floats": RGB.astype("float64"),
        "lists": RGB.tolist(),
        "batch of one": RGB[None],
        "tensor": keras.ops.convert_to_tensor(RGB.astype("float32")),
        "opaque": np.dstack([RGB, np.full(RGB.shape[:2], 255, "uint8")]),
    }
    for way, value in ways.items():
        found = inputs.picture(value)
        assert found.dtype == "float32", way
        np.testing.assert_allclose(found, RGB, atol=1e-4, err_msg=way)


def test_grey_becomes_rgb():
    grey = np.arange(12.0).reshape(3, 4)
    for value in (grey, grey[..., None]):
        assert inputs.picture(value).shape == (3, 4, 3)
        np.testing.assert_array_equal(inputs.picture(value)[..., 2], grey)


def test_what_is_transparent_is_white():
    clear = np.dstack([RGB, np.zeros(RGB.shape[:2], "uint8")])
    np.testing.assert_array_equal(inputs.picture(clear), np.full(RGB.shape, 255.0))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (RGB / 255.0, r"multiply them by 255"),
        (RGB / 127.5 - 1.0, r"in \[0, 255\].*from -1 to 1"),
        (RGB * 2.0, r"in \[0, 255\].*to 510"),
        (np.where(RGB > 250, np.nan, RGB.astype(float)), "NaN or infinity"),
        (RGB[..., :2], r"shape \(9, 12, 2\)"),
        (np.stack([RGB, RGB]), r"shape \(2, 9, 12, 3\)"),
        (RGB.reshape(-1), r"shape \(324,\)"),
        (RGB > 100, "an array of bool"),
        (None, "an array of object"),
        (np.zeros((0, 4, 3)), r"shape \(0, 4, 3\)"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_sentence(value, message):
    with pytest.raises(ValueError, match=f"Expected the_photo .*{message}") as error:
        inputs.picture(value, "the_photo")
    assert "\n" not in str(error.value)


def test_a_black_picture_and_a_few_dark_pixels_are_pictures():
    inputs.picture(np.zeros((20, 20, 3)))
    inputs.picture(np.ones((20, 20, 3)))
    inputs.picture(np.full((2, 2, 3), 0.5))


def test_one_picture_or_several_become_a_list(path):
    for value in (RGB, path, str(path), RGB.tolist(), [RGB], (RGB,)):
        assert len(inputs.pictures(value)) == 1
    assert len(inputs.pictures([RGB, path, str(path)])) == 3
    assert len(inputs.pictures([RGB.tolist(), RGB.tolist()])) == 2
    with pytest.raises(ValueError, match="at least one picture"):
        inputs.pictures([])


def test_a_larger_picture_is_reduced(path):
    for value in (path, RGB, Image.open(path)):
        assert inputs.picture(value, max_size=6).shape == (4, 6, 3)


def test_shares_add_up_to_one():
    np.testing.assert_allclose(inputs.shares(None, 4), 0.25)
    np.testing.assert_allclose(inputs.shares([2, 1, 1], 3), [0.5, 0.25, 0.25])


@pytest.mark.parametrize("values", [[1], [1, 2, 3], [0, 0], [-1, 2], [np.nan, 1], [np.inf, 1]])
def test_impossible_shares_are_refused(values):
    with pytest.raises(ValueError, match="share"):
        inputs.shares(values, 2)


def test_masks_are_brought_to_the_photographs_size_if_they_are_files(path):
    (mask,) = inputs.masks([path], 1)((18, 24))
    assert mask.shape == (18, 24) and 0 <= mask.min() < mask.max() <= 1
    assert inputs.masks(None, 2)((18, 24)) is None


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.full((4, 5), 255.0), "divide"),
        (np.full((4, 5), -0.1), "divide"),
        (np.full((4, 5), np.nan), "in \\[0, 1\\]"),
        (np.zeros((4, 5)), "cover something"),
        (np.ones((5, 4)), r"size \(4, 5\)"),
    ],
)
def test_impossible_masks_are_refused(mask, message):
    with pytest.raises(ValueError, match=message):
        inputs.masks([mask], 1)((4, 5))


def test_another_number_of_masks_is_refused():
    with pytest.raises(ValueError, match="mask for each of 2 styles"):
        inputs.masks([np.ones((4, 5))], 2)


@pytest.mark.parametrize("value", [-0.1, 1.1, np.nan, "1", [0.5], None])
def test_a_fraction_is_a_number_between_0_and_1(value):
    assert inputs.fraction("strength", 1) == 1.0
    with pytest.raises(ValueError, match="Expected strength between 0 and 1"):
        inputs.fraction("strength", value)
