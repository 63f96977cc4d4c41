"""One idea: whatever the method, a stylizer makes of a picture a picture of its size."""

import inspect
import json
import sys

import numpy as np
import pytest
from helpers import assert_same

import stylenet
from stylenet import colors, stylizers

PAINTING = np.random.default_rng(1).integers(0, 256, (40, 48, 3), dtype="uint8")
QUICK = {
    "feed_forward": {"style": "wave"},
    "universal": {"style": PAINTING, "levels": (2, 1)},
    "onepass": {"style": PAINTING},
    "gatys": {"style": PAINTING, "num_steps": 2, "network": "slim", "progress": False},
}


@pytest.fixture
def photo():
    return np.random.default_rng(0).uniform(0, 255, (35, 42, 3)).astype("float32")


@pytest.mark.parametrize("method", stylizers.METHODS)
def test_a_drawing_has_the_photographs_size_and_range(photo, method):
    draw = stylenet.stylizer(method=method, **QUICK[method])
    drawing = draw(photo)
    assert drawing.shape == photo.shape and drawing.dtype == "float32"
    assert drawing.min() >= 0 and drawing.max() <= 255
    assert np.abs(drawing - photo).mean() > 0.1


@pytest.mark.parametrize("method", stylizers.METHODS)
def test_strength_and_colors_mean_the_same_in_every_method(photo, method):
    full = stylenet.stylizer(method=method, **QUICK[method])(photo)
    half = stylenet.stylizer(method=method, strength=0.5, **QUICK[method])(photo)
    none = stylenet.stylizer(method=method, strength=0.0, **QUICK[method])(photo)
    keep = stylenet.stylizer(method=method, colors="keep", **QUICK[method])(photo)
    np.testing.assert_allclose(half, (photo + full) / 2, atol=1e-2)
    np.testing.assert_array_equal(none, photo)
    np.testing.assert_allclose(keep, colors.keep_colors(full, photo), atol=1e-2)


def test_stylize_is_the_stylizer_of_the_feed_forward_method(photo):
    expected = stylenet.stylize(photo, "wave", 0.7, "keep")
    drawn = stylenet.stylizer("wave", strength=0.7, colors="keep")(photo)
    assert_same(drawn, expected)


def test_universal_draws_as_its_class_does(photo):
    draw = stylenet.stylizer(PAINTING, "universal", alpha=0.8, levels=(2, 1), colors="match")
    expected = stylenet.UniversalStylizer().stylize(photo, PAINTING, 0.8, (2, 1), colors="match")
    np.testing.assert_allclose(draw(photo), expected, atol=0.02)


def test_universal_takes_a_recipe_and_a_transform(photo):
    told = {"recipe": "li", "transform": "transport"}
    draw = stylenet.stylizer(PAINTING, "universal", alpha=0.8, levels=(2, 1), **told)
    expected = stylenet.UniversalStylizer(**told).stylize(photo, PAINTING, 0.8, (2, 1))
    np.testing.assert_allclose(draw(photo), expected, atol=0.02)


def test_masks_and_paintings_may_be_files(photo, tmp_path):
    stylenet.save_image(tmp_path / "painting.png", PAINTING)
    half = np.zeros((35, 42, 3))
    half[:, :20] = 255
    stylenet.save_image(tmp_path / "mask.png", half)
    draw = stylenet.stylizer(
        tmp_path / "painting.png", "universal", levels=(1,), masks=[tmp_path / "mask.png"]
    )
    expected = stylenet.UniversalStylizer().stylize(
        photo, PAINTING, 0.6, (1,), masks=[half[..., 0] / 255]
    )
    np.testing.assert_allclose(draw(photo), expected, atol=0.02)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"style": "wave", "method": "fast"}, "method to be one of"),
        ({"style": "wave", "alpha": 1}, "'feed_forward', which has stroke"),
        ({"style": PAINTING, "method": "universal", "aplha": 1}, "Did you mean 'alpha'"),
        ({"style": PAINTING, "method": "universal", "transform": "transprot"}, "an 'transport'"),
        ({"style": PAINTING, "method": "universal", "recipe": "le"}, "recipe to be one of"),
        ({"style": PAINTING, "method": "gatys", "steps": 1}, "num_steps.*Received: 'steps'"),
        ({"style": PAINTING, "method": "gatys", "match": True}, "Received: 'match'"),
        ({"style": PAINTING, "method": "universal", "alpha": 2}, "alpha between 0 and 1"),
        ({"style": PAINTING, "method": "universal", "shares": [1, 1]}, "share for each of 1"),
        ({"style": PAINTING / 255, "method": "universal"}, "multiply them by 255"),
        ({"style": "wave", "strength": 2}, "strength between 0 and 1"),
        ({"style": "wave", "colors": "match"}, "colors to be one of"),
        ({"style": "waev"}, "Received: 'waev'"),
    ],
)
def test_what_can_not_work_is_told_before_anything_slow(arguments, message, monkeypatch):
    for room in stylizers.METHODS:  # importing these is what takes seconds
        monkeypatch.setitem(sys.modules, f"stylenet.{room}.stylizer", None)
    with pytest.raises(ValueError, match=message):
        stylenet.stylizer(**arguments)


@pytest.mark.parametrize("method", stylizers.METHODS)
def test_a_description_is_json_and_tells_options_apart(method):
    first = stylenet.stylizer(method=method, **QUICK[method])
    second = stylenet.stylizer(method=method, strength=0.5, **QUICK[method])
    assert json.dumps(first.description) != json.dumps(second.description)
    assert first.description["method"] == method


def test_every_method_names_its_options():
    for method, function in stylizers.METHODS.items():
        kinds = {each.kind for each in inspect.signature(function).parameters.values()}
        assert inspect.Parameter.VAR_KEYWORD not in kinds
        assert function.__doc__
        assert "style" not in stylizers.options_of(method)
