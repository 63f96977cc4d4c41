"""The experiments ask the method for what their captions say; quick ones, with random weights."""

from types import SimpleNamespace

import numpy as np
import pytest

from stylenet import gatys, images
from stylenet.figures import drawing
from stylenet.figures import gatys as experiments


@pytest.fixture
def asked(monkeypatch):
    """What `gatys` was asked for; instead of a run, a picture of one color, and four losses."""
    calls = []

    def answer(name):
        def run(*arguments, **options):
            calls.append((name, arguments, options))
            loss = {"style block1_conv1": 1.0, "content block4_conv2": 2.0, "loss": 3.0}
            history = [{key: value * len(calls) for key, value in loss.items()}] * 4
            return SimpleNamespace(image=np.full((8, 8, 3), 10.0 * len(calls)), history=history)

        return run

    for name in ("stylize", "reconstruct", "synthesize_texture"):
        monkeypatch.setattr(gatys, name, answer(name))
    return calls


def pictures(figure):
    """The pictures of a figure, in the order of their axes."""
    return [axis.images[0].get_array() for axis in figure.drawing.axes]


def test_the_opening_shows_content_style_and_result(asked):
    figure = experiments.opening(size=40, num_steps=7, seed=3)
    [(_, (content, style), options)] = asked
    assert (options["num_steps"], options["seed"]) == (7, 3)
    shown = pictures(figure)
    for picture, expected in zip(shown, (content, style, np.full((8, 8, 3), 10)), strict=True):
        np.testing.assert_array_equal(picture, np.asarray(expected).astype("uint8"))
    assert max(content.shape) == max(style.shape) == 40
    assert all(text in figure.caption for text in ("40 pixels", "7 steps", "seed 3"))


def test_content_is_reconstructed_from_one_layer_at_a_time(asked):
    layers = ("block1_conv1", "block3_conv4")
    figure = experiments.content_reconstruction(layers=layers, size=40, num_steps=7)
    assert [(name, arguments[1]) for name, arguments, _ in asked] == [
        ("reconstruct", layer) for layer in layers
    ]
    assert [axis.get_title() for axis in figure.drawing.axes] == ["photograph", *layers]
    assert [picture[0, 0, 0] for picture in pictures(figure)[1:]] == [10, 20]


def test_style_is_reconstructed_from_more_and_more_blocks(asked):
    experiments.style_reconstruction(size=40, num_steps=7, blocks=3)
    assert [[*options["preset"].style_layers] for *_, options in asked] == [
        ["block1_conv1"],
        ["block1_conv1", "block2_conv1"],
        ["block1_conv1", "block2_conv1", "block3_conv1"],
    ]


def test_the_grid_has_each_weight_in_a_column_and_each_depth_in_a_row(asked):
    figure = experiments.ratios(content_weights=(5.0, 0.5), blocks=(1, 4), size=40, num_steps=7)
    settings = [
        (options["content_weight"], len(options["preset"].style_layers)) for *_, options in asked
    ]
    assert settings == [(5.0, 1), (0.5, 1), (5.0, 4), (0.5, 4)]
    axes = figure.drawing.axes
    assert [axis.get_title() for axis in axes[:2]] == ["content weight 5", "content weight 0.5"]
    assert [axis.get_ylabel() for axis in axes[::2]] == ["block 1", "blocks 1 to 4"]
    assert [picture[0, 0, 0] for picture in pictures(figure)] == [10, 20, 30, 40]


def test_each_statistic_has_its_weight_and_its_content_loss(asked):
    figure = experiments.style_statistics(style_weights=(1.0, 2.0, 3.0), size=40, num_steps=7)
    settings = [(options["statistics"], options["style_weight"]) for *_, options in asked]
    assert settings == [("gram", 1.0), ("moments", 2.0), ("sliced", 3.0)]
    titles = [axis.get_title() for axis in figure.drawing.axes[:5]]
    assert titles == ["content", "style", '"gram"', '"moments"', '"sliced"']
    results = [axis.images[0].get_array() for axis in figure.drawing.axes[2:5]]
    assert [picture[0, 0, 0] for picture in results] == [10, 20, 30]
    assert "gram 2 (style weight 1), moments 4 (style weight 2)" in figure.caption


def test_the_curves_are_the_histories(asked):
    """Adam is asked first, with losses of 3; L-BFGS second, with twice that."""
    sums, terms = experiments.falling_loss(size=40, num_steps=7).drawing.axes
    assert [options["optimizer"] for *_, options in asked] == ["adam", "lbfgs"]
    curves = {line.get_label(): list(line.get_ydata()) for line in (*sums.lines, *terms.lines)}
    assert curves == {
        "Adam": [3.0] * 4,
        "L-BFGS": [6.0] * 4,
        "style block1_conv1": [2.0] * 4,
        "content block4_conv2": [4.0] * 4,
    }


def test_patches_stand_above_the_picture_made(tmp_path, monkeypatch):
    folders = (tmp_path / "content", tmp_path / "style")
    for number, folder in enumerate(folders):
        folder.mkdir()
        noise = np.random.default_rng(number).uniform(0, 255, (64, 100, 3))
        images.save_image(folder / "a.png", noise)
    monkeypatch.setattr(experiments, "PICTURES", tmp_path)
    figure = experiments.excitement(
        [("block1_conv2", 3), ("block2_conv1", 5)], 32, 32, 2, weights="random", progress=False
    )
    above, _, below, _ = pictures(figure)
    assert above.shape == (3 * 5 + 2, 3 * 5 + 2, 3)  # nine fields of 5 pixels, lines of one
    assert below.shape == (32, 32, 3)
    assert "12 parts" in figure.caption and "5, 10 pixels" in figure.caption


def test_pictures_are_cut_into_squares_without_a_remainder(tmp_path, monkeypatch):
    for name in ("content", "style"):
        (tmp_path / name).mkdir()
    picture = np.random.default_rng(0).integers(0, 256, (50, 70, 3)).astype("float32")
    images.save_image(tmp_path / "content" / "a.png", picture)
    monkeypatch.setattr(experiments, "PICTURES", tmp_path)
    tiles = experiments._tiles(20)
    assert len(tiles) == 2 * 3
    np.testing.assert_array_equal(tiles[5], picture[20:40, 40:60])


def test_an_incomplete_mosaic_is_filled_with_white():
    patches = [np.full((4, 4, 3), 10.0 * number) for number in range(4)]
    mosaic = experiments._mosaic(patches)
    assert mosaic.shape == (9, 14, 3)
    assert mosaic[0, 0, 0] == 0 and mosaic[0, 10, 0] == 20 and mosaic[5, 0, 0] == 30
    assert (mosaic[4] == 255).all() and (mosaic[5:, 5:] == 255).all()


def test_style_pictures_are_those_the_project_ships():
    for name in ("strokes.jpg", "seigaiha.jpg"):
        assert (drawing.PICTURES / "style" / name).is_file()
