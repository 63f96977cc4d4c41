import json
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from stylenet import figures, filters, images
from stylenet.extensions import spectrograms, synthesis
from stylenet.figures import catalog, drawing, seeing
from stylenet.figures.extensions import show_sounds
from stylenet.losses import PRESETS, total_variation_loss

ROOT = Path(__file__).resolve().parents[2]
TINY = {"weights": "random", "size": 32, "num_steps": 2, "progress": False}
QUICK = {
    "first_layer": {"weights": "random"},
    "gram_matrices": {"weights": "random"},
    "opening": TINY,
    "ways": TINY,
    "content_reconstruction": TINY,
    "style_reconstruction": {**TINY, "blocks": 2},
    "ratios": {**TINY, "blocks": (1, 2), "content_weights": (1.0, 0.1)},
    "style_statistics": TINY,
    "falling_loss": TINY,
    "video": {"count": 5, "shown": (1, 2, 3)},
    "universal": {"size": 64},
    "clothes": {"strength": 0},
    "sound": {"seconds": 1.0, "num_steps": 2, "filters": 8, "progress": False},
    "doodle": {"size": 64, "num_steps": 2, "progress": False},
    "excitement": {**TINY, "channels": (("block1_conv2", 0), ("block2_conv1", 1)), "tile": 200},
}


@pytest.fixture
def step_by_step():
    """TensorFlow compiles nothing, which for two steps would take most of the time."""
    if keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.parametrize("name", figures.FIGURES)
def test_a_figure_is_drawn_with_its_caption(name, tmp_path, step_by_step):
    figure = figures.FIGURES[name](**QUICK.get(name, {}))
    drawing.save(figure, tmp_path / "figure.png")
    picture = images.load_image(tmp_path / "figure.png")
    assert min(picture.shape[:2]) > 200
    assert picture.std() > 5  # not an empty page
    assert len(figure.caption) > 60


def test_figures_without_a_network_do_without_tensorflow():
    code = (
        "import sys; from stylenet.figures import catalog\n"
        "for name in ('gabor', 'taxonomy', 'runtimes'): catalog.FIGURES[name]()\n"
        "assert not {'tensorflow', 'keras', 'jax'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_drawn_figures_lie_in_the_folder_with_their_captions(tmp_path):
    drawn = dict(figures.draw(["runtimes", "transform_net"], tmp_path))
    assert drawn == {name: tmp_path / f"{name}.png" for name in ("runtimes", "transform_net")}
    assert "1,677,638 parameters" in (tmp_path / "transform_net.txt").read_text()


def test_a_figure_without_its_weights_is_named_and_the_rest_drawn(tmp_path, monkeypatch):
    def absent():
        raise FileNotFoundError("no weights")

    monkeypatch.setitem(figures.FIGURES, "first_layer", absent)
    drawn = dict(figures.draw(["first_layer", "runtimes"], tmp_path))
    assert str(drawn["first_layer"]) == "no weights"
    assert drawn["runtimes"].is_file()
    assert not (tmp_path / "first_layer.png").exists()


def test_unknown_figures_and_folders_are_refused(tmp_path):
    with pytest.raises(ValueError, match="Expected figure"):
        list(figures.draw(["mona_lisa"], tmp_path))
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="is not a folder"):
        list(figures.draw(["runtimes"], tmp_path / "file"))


@pytest.mark.parametrize(
    "kind, begins",
    [("svg", b"<?xml"), ("pdf", b"%PDF"), ("jpg", b"\xff\xd8"), ("png", b"\x89PNG")],
)
def test_figures_are_drawn_in_the_format_asked_for(kind, begins, tmp_path):
    [(_, path)] = figures.draw(["taxonomy"], tmp_path, kind)
    assert path == tmp_path / f"taxonomy.{kind}" and path.read_bytes().startswith(begins)


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(ValueError, match="format"):
        list(figures.draw(["taxonomy"], tmp_path, "gif"))


def test_the_family_tree_names_every_method_that_a_lecture_treats():
    texts = " ".join(text.get_text() for text in figures.taxonomy().drawing.axes[0].texts)
    for method in (
        "Gatys et al. 2015",
        "Johnson et al. 2016",
        "Ulyanov et al. 2016",
        "WCT",
        "AdaIN",
    ):
        assert method in texts


def test_the_network_drawn_is_the_network():
    """Sides and filters of the convolutions, as the model computes them."""
    from stylenet.feed_forward.network import transform_net

    texts = [text.get_text() for text in figures.transform_net(64).drawing.axes[0].texts]
    found = [tuple(map(int, re.findall(r"\d+", text.replace("²", "")))) for text in texts]
    model = transform_net("reflect", "nearest")
    layers = [layer for layer in model.layers if layer.weights and "_norm" not in layer.name]
    outputs = keras.Model(model.input, [layer.output for layer in layers])
    shapes = [tuple(maps.shape) for maps in outputs(np.zeros((1, 64, 64, 3), "float32"))]
    assert found == [(shape[1], shape[3]) for shape in shapes]


def test_total_variation_shows_the_pictures_and_their_differences():
    figure = figures.total_variation(noise=20.0, seed=0)
    clean, noisy, *differences = [axis.images[0].get_array() for axis in figure.drawing.axes]
    expected = drawing.photograph("chelsea.png")
    assert np.abs(clean - expected).max() < 1
    for picture, shown, axis in zip(
        (clean, noisy), differences, figure.drawing.axes[:2], strict=True
    ):
        picture = np.asarray(picture, "float32")
        down, right = np.abs(np.diff(picture, axis=0)), np.abs(np.diff(picture, axis=1))
        expected = (right[:-1] + down[:, :-1]).mean(axis=2)
        assert np.abs(shown - expected).mean() < 1
        value = float(total_variation_loss(picture[None], squared=True))
        assert float(axis.get_title().split()[-1].replace(",", "")) == pytest.approx(
            value, rel=0.02
        )
    assert differences[1].mean() > 2 * differences[0].mean()


def test_the_slope_is_fitted_to_every_photograph():
    figure = figures.field(max_size=96, bandwidths=(1.0, 2.0))
    paths = [*(ROOT / "images" / "content").iterdir(), ROOT / "images" / "course" / "raccoon.jpg"]
    named = seeing.natural_pictures(96)
    assert set(named) == {path.name for path in paths} | {"grass", "gravel"}
    for path in paths:
        np.testing.assert_array_equal(named[path.name], images.load_image(path, 96))
    pictures = list(named.values())
    spectra, sparseness = figure.drawing.axes
    assert len(spectra.lines) == len(pictures) + 1
    for line, picture in zip(spectra.lines, pictures, strict=False):
        np.testing.assert_allclose(line.get_ydata(), filters.amplitude_spectrum(picture)[1])
    (ends, heights), fit = spectra.lines[-1].get_data(), filters.spectral_slope(pictures)
    drawn = -np.log(heights[1] / heights[0]) / np.log(ends[1] / ends[0])
    assert drawn == pytest.approx(fit.slope)
    expected = [filters.sparseness(pictures, bandwidth, 0.1) for bandwidth in (1.0, 2.0)]
    np.testing.assert_allclose(sparseness.lines[0].get_ydata(), expected)


def test_the_slope_of_the_natural_pictures_is_about_one_as_field_found():
    fit = filters.spectral_slope(list(seeing.natural_pictures().values()))
    assert fit.low < 1 < fit.high
    assert fit.slope == pytest.approx(1, abs=0.15)


def test_the_largest_receptive_field_is_a_face():
    """The eyes of the astronaut, the mouth and the chin lie in block 5's, the collar does not."""
    axis = figures.receptive_fields().drawing.axes[0]
    x, y = axis.lines[-1].get_data()
    for face in ((205, 105), (245, 105), (224, 150), (222, 172)):
        assert min(x) < face[0] < max(x) and min(y) < face[1] < max(y)
    assert max(y) < 215


def test_the_loss_diagram_has_both_targets_and_a_fixed_loss_network():
    texts = " ".join(text.get_text() for text in figures.perceptual_loss().drawing.axes[0].texts)
    for part in ("style target", "content target", "loss network: VGG16, fixed", "f(x)"):
        assert part in texts


@pytest.mark.parametrize("preset", ["johnson", "engstrom"])
def test_the_loss_diagram_points_up_for_style_and_down_for_content(preset):
    axis = figures.perceptual_loss(preset).drawing.axes[0]
    names = {
        text.get_text(): text.get_position()[0]
        for text in axis.texts
        if text.get_text().startswith("block")
    }
    found = {"style": set(), "content": set()}
    for text in axis.texts:
        kind = text.get_text().split("\n")[0]
        if kind in found and text.get_text().endswith("loss"):
            x, y = text.get_position()
            assert (y > 0) == (kind == "style")
            found[kind] |= {name for name, place in names.items() if place == x}
    chosen = PRESETS[preset]
    assert found["style"] == set(chosen.style_layers)
    assert found["content"] == (
        {chosen.content_layer} if hasattr(chosen, "content_layer") else set(chosen.content_layers)
    )


@pytest.mark.parametrize("name", figures.FIGURES)
def test_every_figure_is_drawn_with_a_caption_and_small(name):
    folder = ROOT / "images" / "figures"
    assert len((folder / f"{name}.txt").read_text()) > 60
    [path] = [path for path in folder.glob(f"{name}.*") if path.suffix in (".png", ".jpg")]
    assert path.suffix == f".{catalog.default_format(name)}"
    assert path.stat().st_size < 400_000


def test_runtimes_on_this_machine_stand_beside_the_published(tmp_path):
    own = {"machine": "a CPU", "sizes": [256, 1024], "seconds": {"gatys": [60.0, 900.0]}}
    (tmp_path / "own.json").write_text(json.dumps(own))
    published, measured = figures.runtimes(measured=tmp_path / "own.json").drawing.axes
    assert [bar.get_height() for bar in measured.patches] == [60.0, 900.0]
    assert [bar.get_facecolor() for bar in measured.patches] == [
        published.patches[0].get_facecolor(),
        published.patches[-1].get_facecolor(),
    ]
    alone = figures.runtimes(measured=tmp_path / "none.json")
    assert len(alone.drawing.axes) == 1 and "Right" not in alone.caption


def test_spectrograms_have_seconds_and_kilohertz_on_their_axes():
    sounds = {"a": synthesis.melody(1.0), "b": synthesis.rain(2.0, 8000)}
    figure = show_sounds(sounds)
    for axis, (name, sound) in zip(figure.drawing.axes, sounds.items(), strict=True):
        [image] = axis.images
        left, right, low, high = image.get_extent()
        assert left <= 0 < sound.seconds <= right < sound.seconds + 0.1
        assert (low, high) == (0, sound.rate / 2000) and axis.get_title() == name
        np.testing.assert_array_equal(image.get_array().T, spectrograms.spectrogram(*sound)[0])


def test_lines_of_cost_are_the_measured_ones_from_both_sides():
    """Against steps a line for each number of photographs, and the other way round."""
    measured = json.loads((ROOT / "images" / "figures" / "photographs.json").read_text())
    expected = {(r["photographs"], r["steps"]): r["total"] / 1e6 for r in measured["rows"]}
    counts, steps = (sorted(set(each)) for each in zip(*expected, strict=True))
    assert len(expected) == len(counts) * len(steps) and len(counts) > 3 and len(steps) > 2
    left, right = figures.photographs().drawing.axes
    for line, count in zip(left.lines, counts, strict=True):
        assert line.get_label().split()[0] == f"{count:,}"
        np.testing.assert_array_equal(line.get_xdata(), steps)
        np.testing.assert_allclose(line.get_ydata(), [expected[count, n] for n in steps])
    for line, number in zip(right.lines, steps, strict=True):
        np.testing.assert_array_equal(line.get_xdata(), counts)
        np.testing.assert_allclose(line.get_ydata(), [expected[n, number] for n in counts])
