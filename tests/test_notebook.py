"""What lectures show: read back from the axes."""

import io

import numpy as np
import pytest
from helpers import smooth
from PIL import Image

from stylenet import notebook
from stylenet.extensions import synthesis

PICTURES = [np.full((6, 8, 3), 10.0 * number) for number in range(5)]


def test_pictures_stand_side_by_side_with_their_titles():
    figure = notebook.show_images(PICTURES, list("abcde"), columns=3)
    axes = figure.drawing.axes
    assert len(axes) == 6 and not axes[5].images and not axes[5].axison
    for axis, picture, title in zip(axes, PICTURES, "abcde", strict=False):
        np.testing.assert_array_equal(axis.images[0].get_array(), picture)
        assert axis.get_title() == title
    assert figure.caption == "a; b; c; d; e"


def test_maps_are_drawn_in_shades_of_grey():
    figure = notebook.show_images([np.arange(12.0).reshape(3, 4)], ["map"], vmin=0)
    [image] = figure.drawing.axes[0].images
    assert image.get_cmap().name == "gray" and image.get_clim() == (0.0, 11.0)


def test_pictures_and_titles_come_in_pairs():
    with pytest.raises(ValueError, match="Received: 5 and 1"):
        notebook.show_images(PICTURES, ["alone"])
    with pytest.raises(ValueError, match="Received: 0 and 0"):
        notebook.show_images([])


def test_curves_have_the_values_they_are_given():
    curves = {"falls": [3.0, 2.0, 1.0], "elsewhere": ([10, 20], [5.0, 6.0])}
    axis = notebook.show_curves(curves, "step", "loss", log=True).drawing.axes[0]
    first, second = axis.lines
    assert list(first.get_xdata()) == [0, 1, 2] and list(first.get_ydata()) == [3.0, 2.0, 1.0]
    assert list(second.get_xdata()) == [10, 20] and list(second.get_ydata()) == [5.0, 6.0]
    assert axis.get_yscale() == "log" and (axis.get_xlabel(), axis.get_ylabel()) == ("step", "loss")
    assert [text.get_text() for text in axis.get_legend().get_texts()] == list(curves)


def test_bars_are_stacked():
    axis = notebook.show_curves(
        {"a": [1.0, 2.0], "b": [3.0, 4.0]}, "x", "y", bars=True
    ).drawing.axes[0]
    assert [(bar.get_y(), bar.get_height()) for bar in axis.patches] == [
        (0.0, 1.0),
        (0.0, 2.0),
        (1.0, 3.0),
        (2.0, 4.0),
    ]


def test_an_ellipse_of_two_deviations_has_them_as_its_half_axes():
    random = np.random.default_rng(0)
    cloud = random.normal((5, -1), (3, 0.5), (100_000, 2))
    axis = notebook.show_clouds({"cloud": cloud}, ["a", "b"]).drawing.axes[0]
    x, y = axis.lines[0].get_data()
    assert [x.min(), x.max()] == pytest.approx([5 - 6, 5 + 6], rel=0.02)
    assert [y.min(), y.max()] == pytest.approx([-1 - 1, -1 + 1], abs=0.02)
    assert len(axis.collections[0].get_offsets()) <= 1500
    assert (axis.get_xlabel(), axis.get_ylabel(), axis.get_title()) == ("a", "b", "cloud")


def test_a_clip_is_a_film_of_all_clips_side_by_side():
    av = pytest.importorskip("av")
    left, right = ([np.full((20, 31, 3), grey) for grey in greys] for greys in ((0, 0), (255, 255)))
    film = notebook.show_clip([left, right], rate=5)
    with av.open(io.BytesIO(film.data)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert float(container.streams.video[0].average_rate) == 5
    assert [frame.shape for frame in frames] == [(20, 62, 3)] * 2
    assert frames[0][:, :25].mean() < 10 and frames[0][:, -25:].mean() > 245
    assert "controls" in film._repr_html_() and "data:video/mp4;base64" in film._repr_html_()


def test_sounds_are_played_below_their_names_which_are_texts(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *each: shown.extend(each))
    notebook.play({"a <b>": synthesis.melody(1.0, 8000)})
    name, player = shown
    assert name.data == "a &lt;b&gt;:"
    assert player.data[:4] == b"RIFF" and len(player.data) == 44 + 2 * 8000


def test_a_probe_gives_shares_of_the_loss_and_of_the_pull():
    import keras

    def terms(image):  # gradients 2 and 6 in every pixel
        return {"little": 2.0 * keras.ops.sum(image), "much": 6.0 * keras.ops.sum(image)}

    values, pulls = notebook.probe(terms, np.full((4, 4, 3), 7.0))
    assert values == pytest.approx({"little": 0.25, "much": 0.75})
    assert pulls == pytest.approx({"little": 0.25, "much": 0.75})


def bright(strength, colors="style"):
    return np.full((4, 4, 3), 100.0 * strength + (colors == "keep"))


def test_explore_draws_the_first_names_values_once_each(monkeypatch):
    shown, made = [], []
    monkeypatch.setattr("IPython.display.display", shown.append)
    monkeypatch.setitem(__import__("sys").modules, "ipywidgets", None)

    def draw(strength, colors):
        made.append((strength, colors))
        return bright(strength, colors)

    notebook.explore(draw, strength=[0.0, 1.0], colors=["style", "keep"])
    assert made == [(0.0, "style"), (1.0, "style")]
    titles = [axis.get_title() for axis in shown[0].drawing.axes]
    assert titles == ["strength = 0.0", "strength = 1.0"]


def test_the_picture_below_the_controls_follows_each_of_them(monkeypatch):
    ipywidgets = pytest.importorskip("ipywidgets")
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    notebook.explore(bright, strength=[0.0, 1.0], colors=["style", "keep"])
    strength, colors, picture = shown[1].children
    grey = []
    for control, value in ((strength, 0.0), (strength, 1.0), (colors, "keep")):
        control.value = value
        with Image.open(io.BytesIO(picture.value)) as drawn:
            grey.append(np.asarray(drawn.convert("L"))[drawn.height // 2, drawn.width // 2])
    np.testing.assert_array_equal(grey, [0, 100, 101])
    assert [strength.description, colors.description] == ["strength", "colors"]
    assert picture.format == "png"
    assert isinstance(picture, ipywidgets.Image)


def test_controls_have_no_output_widget_which_waits_for_a_browser(monkeypatch):
    """Without a browser, kernels hung in one of two runs where a control drew into one."""
    ipywidgets = pytest.importorskip("ipywidgets")
    monkeypatch.setattr("IPython.display.display", lambda shown: None)
    before = set(ipywidgets.Widget.get_manager_state()["state"])
    notebook.explore(bright, strength=[0.0, 1.0])
    state = ipywidgets.Widget.get_manager_state()["state"]
    models = {one["model_name"] for name, one in state.items() if name not in before}
    assert "ImageModel" in models and "OutputModel" not in models


def test_a_slider_is_as_fine_as_the_closest_two_numbers():
    ipywidgets = pytest.importorskip("ipywidgets")
    slider = notebook._control(ipywidgets, "x", [1.0, 0.25, 0.5])
    assert (slider.min, slider.max, slider.step, slider.value) == (0.25, 1.0, 0.25, 1.0)
    assert isinstance(notebook._control(ipywidgets, "x", [1, 5]), ipywidgets.IntSlider)
    menu = notebook._control(ipywidgets, "x", ["style", None])
    assert menu.options == (("style", "style"), ("None", None))


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (3, 3), (4, 2), (5, 3), (9, 3)])
def test_rows_have_three_pictures_at_most_and_fill_the_page(count, columns):
    picture = smooth(30, 40)
    drawing = notebook.show_images([picture] * count).drawing
    drawing.draw_without_rendering()
    places = [axis.get_window_extent() for axis in drawing.axes[:count]]
    assert len({round(place.x0) for place in places}) == columns
    if columns > 1:
        page = drawing.get_figwidth() * drawing.dpi
        assert max(place.x1 for place in places) - min(place.x0 for place in places) > 0.95 * page


def test_without_vgg19_a_lecture_takes_the_shipped_network_and_says_so(
    monkeypatch, tmp_path, capsys
):
    monkeypatch.setenv("STYLENET_WEIGHTS", str(tmp_path))

    def offline(*args, **kwargs):
        raise OSError("no network")

    monkeypatch.setattr("keras.utils.get_file", offline)
    assert notebook.loss_network() == ("slim", "imagenet")
    said = capsys.readouterr().out
    assert "slim" in said and "STYLENET_WEIGHTS" in said and "RANDOM" not in said


def test_where_keras_computes_is_said_in_words():
    import keras

    assert notebook.device().startswith(f"{keras.backend.backend()} on ")
