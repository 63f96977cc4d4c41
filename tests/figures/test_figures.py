import json
import re
from pathlib import Path

import numpy as np
import pytest

from stylenet import figures, images

ROOT = Path(__file__).resolve().parents[2]
TINY = {"weights": None, "size": 32, "num_steps": 2, "progress": False}
QUICK = {
    "first_layer": {"weights": None},
    "gram_matrices": {"weights": None},
    "opening": TINY,
    "content_reconstruction": TINY,
    "style_reconstruction": {**TINY, "blocks": 2},
    "ratios": {**TINY, "blocks": (1, 2), "content_weights": (1.0, 0.1)},
    "falling_loss": TINY,
    "excitement": {**TINY, "channels": (("block1_conv2", 0), ("block2_conv1", 1)), "tile": 200},
}


@pytest.mark.parametrize("name", figures.FIGURES)
def test_a_figure_is_drawn_with_its_caption(name, tmp_path):
    figure = figures.FIGURES[name](**QUICK.get(name, {}))
    figures.save(figure, tmp_path / "figure.png")
    picture = images.load_image(tmp_path / "figure.png")
    assert min(picture.shape[:2]) > 200
    assert picture.std() > 5  # not an empty page
    assert len(figure.caption) > 60


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
    with pytest.raises(ValueError, match="figures among"):
        list(figures.draw(["mona_lisa"], tmp_path))
    with pytest.raises(FileNotFoundError, match="existing folder"):
        list(figures.draw(["runtimes"], tmp_path / "none"))


def test_the_network_drawn_is_the_network():
    """Sides and filters of the convolutions, as the model computes them."""
    import keras

    from stylenet.feed_forward.network import transform_net

    texts = [text.get_text() for text in figures.transform_net(64).drawing.axes[0].texts]
    found = [tuple(map(int, re.findall(r"\d+", text.replace("²", "")))) for text in texts]
    model = transform_net("reflect", "nearest")
    layers = [layer for layer in model.layers if layer.weights and "_norm" not in layer.name]
    outputs = keras.Model(model.input, [layer.output for layer in layers])
    shapes = [tuple(maps.shape) for maps in outputs(np.zeros((1, 64, 64, 3), "float32"))]
    assert found == [(shape[1], shape[3]) for shape in shapes]


@pytest.mark.parametrize("name", figures.FIGURES)
def test_every_figure_is_drawn_with_a_caption_and_small(name):
    folder = ROOT / "images" / "figures"
    assert len((folder / f"{name}.txt").read_text()) > 60
    assert (folder / f"{name}.png").stat().st_size < 400_000


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
