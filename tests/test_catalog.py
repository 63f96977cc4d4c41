"""Names of styles, with a shipped network of many that these tests make."""

import json
import os
import shutil

import numpy as np
import pytest
from helpers import PROJECT, fails, run

from stylenet import catalog, weights
from stylenet.feed_forward import stylizer
from stylenet.feed_forward.conditional import condition, fixed
from stylenet.feed_forward.network import load_network, transform_net
from stylenet.stylizers import stylizer as make

OPTIONS = {"padding": "reflect", "upsampling": "nearest", "width": 4}
STYLES = ["wave", "klee", "mine"]


@pytest.fixture(scope="module")
def many():
    network = transform_net(**OPTIONS, styles=len(STYLES))
    random = np.random.default_rng(0)
    for layer in network.layers:
        if layer.name.endswith("_norm"):
            layer.set_weights([w + random.normal(0, 0.3, w.shape) for w in layer.get_weights()])
    return network


@pytest.fixture
def folder(tmp_path, monkeypatch, many):
    """Weights that ship: `wave` alone, and `many`."""
    for suffix in (".json", ".weights.h5"):
        shutil.copy(PROJECT / "weights" / f"wave{suffix}", tmp_path)
    path = tmp_path / "many.weights.h5"
    weights.save_network(many, path, OPTIONS | {"styles": STYLES})
    record = {
        "name": "many",
        "kind": "styles",
        "file": path.name,
        "sha256": weights.sha256(path),
        "training": {},
        "styles": {name: {"title": name.title(), "summary": "shares"} for name in STYLES},
    }
    (tmp_path / "many.json").write_text(json.dumps(record))
    monkeypatch.setattr(weights, "weights_folder", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def photograph():
    return np.random.default_rng(0).uniform(0, 255, (32, 40, 3)).astype("float32")


def test_shared_styles_are_listed_and_a_name_means_one_style(folder):
    assert list(catalog.styles()) == ["wave", "klee", "mine", "many/wave"]
    assert catalog.styles()["klee"]["title"] == "Klee"


def test_the_command_lists_them(folder, capsys):
    code, out, _ = run(capsys, "styles")
    assert code == 0
    assert "many/wave" in out and "Klee" in out


@pytest.mark.parametrize("name", ["klee", "many/klee", "{folder}/many.weights.h5/klee"])
def test_ways_to_name_a_shared_style(folder, name):
    found = catalog.find(name.format(folder=folder))
    assert found == (folder / "many.weights.h5", tuple(STYLES), {"klee": 1.0})


def test_a_plain_name_of_both_is_the_network_alone(folder):
    assert catalog.find("wave") == (folder / "wave.weights.h5", (), None)
    assert catalog.find("many/wave").shares == {"wave": 1.0}


def test_a_blend_is_of_the_shared_network(folder):
    found = catalog.find({"wave": 2, "klee": 1})
    assert found.path.name == "many.weights.h5"
    assert found.shares == pytest.approx({"wave": 2 / 3, "klee": 1 / 3})


def test_a_file_with_one_style_needs_no_name(folder, many, tmp_path):
    path = tmp_path / "own.weights.h5"
    one = transform_net(**OPTIONS, styles=1)
    weights.save_network(one, path, OPTIONS | {"styles": ["only"]})
    assert catalog.find(path).shares == {"only": 1.0}


@pytest.mark.parametrize(
    "style, message",
    [
        ("many/kle", "one of the styles of many.weights.h5.*Did you mean 'klee'"),
        ("many", "one of the styles of many.weights.h5.*Received: none"),
        ("kle", "Expected a shipped style.*Did you mean 'klee'"),
        ({"wave": 0, "klee": 0}, "not all 0"),
        ({"wave": 1, "klee": -1}, "0 or more"),
        ({"klee": 1, "nobody": 1}, "Expected a shipped style"),
        ({"klee": 1, "weights/wave.weights.h5": 1}, "one network that has them all"),
    ],
)
def test_what_can_not_be_drawn_is_told(folder, style, message, monkeypatch):
    monkeypatch.chdir(PROJECT)
    with pytest.raises(ValueError, match=message) as error:
        catalog.find(style)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("sliders", [{"strength": 1.5}, {"stroke": -0.1}, {"stroke": "wide"}])
def test_sliders_beyond_their_ends_are_told(folder, sliders):
    with pytest.raises(ValueError, match="between 0 and 1"):
        catalog.choose("klee", **sliders)


def test_a_network_alone_has_no_slider_of_strokes_and_its_strength_fades(folder):
    with pytest.raises(ValueError, match="Expected a style of a network of many"):
        catalog.choose("wave", stroke=0.5)
    assert catalog.choose("wave", 0.3).fade == 0.3
    assert catalog.choose("klee", 0.3) == (catalog.find("klee"), 0.3, 0.5, 1.0)


def test_a_style_is_drawn_by_the_network_that_its_condition_makes(folder, many, photograph):
    row = condition(STYLES, {"klee": 3, "mine": 1}, 0.2, 0.9)
    expected = np.clip(np.asarray(fixed(many, row)(photograph[None]))[0], 0, 255)
    blend = {"klee": 3, "mine": 1}
    drawn = stylizer.stylize(photograph, blend, 0.2, stroke=0.9)
    np.testing.assert_allclose(drawn, expected, atol=0.01)
    same = make(blend, strength=0.2, stroke=0.9)
    np.testing.assert_allclose(same(photograph), expected, atol=0.01)
    assert json.dumps(same.description) != json.dumps(make(blend, stroke=0.9).description)
    assert same.title == "3 klee and 1 mine"


def test_a_trained_strength_of_zero_still_draws(folder, photograph):
    drawn = stylizer.stylize(photograph, "klee", strength=0)
    assert np.abs(drawn - photograph).mean() > 1


def test_the_command_draws_a_style_and_a_blend(folder, photograph, capsys, tmp_path, monkeypatch):
    from stylenet import images

    monkeypatch.chdir(tmp_path)
    images.save_image("photo.png", photograph)
    sliders = ("--strength", 0.25, "--stroke", 1)
    assert run(capsys, "stylize", "photo.png", "-s", "klee", "-o", "a.png", *sliders)[0] == 0
    expected = np.rint(stylizer.stylize("photo.png", "klee", 0.25, stroke=1.0))
    np.testing.assert_allclose(images.load_image("a.png"), expected, atol=1)
    both = ("-s", "klee", "-s", "wave", "--share", 2, "--share", 1)
    assert run(capsys, "stylize", "photo.png", *both, "-o", "b.png")[0] == 0
    expected = np.rint(stylizer.stylize("photo.png", {"klee": 2, "wave": 1}))
    np.testing.assert_allclose(images.load_image("b.png"), expected, atol=1)
    told = fails(capsys, "stylize", "photo.png", *both[:6], "-o", "c.png")
    assert "Expected a share a style, 2. Received: 1." in told


def test_a_network_of_many_is_no_beginning_for_one_style(folder, photograph, tmp_path, capsys):
    from stylenet import images

    images.save_image(tmp_path / "p.png", np.tile(photograph, (9, 9, 1)))
    os.chdir(tmp_path)
    told = fails(
        capsys, "train", "p.png", "--content", "p.png", "-o", "x.weights.h5", "--start", "many"
    )
    assert "Expected a network of one style to start with" in told


def test_loading_by_the_networks_name(folder, many):
    for a, b in zip(load_network("many").get_weights(), many.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
