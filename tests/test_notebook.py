"""What lectures show: read back from the axes."""

import numpy as np
import pytest

from stylenet import notebook

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


def test_a_probe_gives_shares_of_the_loss_and_of_the_pull():
    import keras

    def terms(image):  # gradients 2 and 6 in every pixel
        return {"little": 2.0 * keras.ops.sum(image), "much": 6.0 * keras.ops.sum(image)}

    values, pulls = notebook.probe(terms, np.full((4, 4, 3), 7.0))
    assert values == pytest.approx({"little": 0.25, "much": 0.75})
    assert pulls == pytest.approx({"little": 0.25, "much": 0.75})


def test_explore_draws_the_first_names_values_once_each(monkeypatch):
    shown, made = [], []
    monkeypatch.setattr("IPython.display.display", shown.append)
    monkeypatch.setitem(__import__("sys").modules, "ipywidgets", None)

    def draw(strength, colors):
        made.append((strength, colors))
        return np.full((4, 4, 3), 100.0 * strength)

    notebook.explore(draw, strength=[0.0, 1.0], colors=["style", "keep"])
    assert made == [(0.0, "style"), (1.0, "style")]
    titles = [axis.get_title() for axis in shown[0].drawing.axes]
    assert titles == ["strength = 0.0", "strength = 1.0"]


def test_a_slider_is_as_fine_as_the_closest_two_numbers():
    ipywidgets = pytest.importorskip("ipywidgets")
    slider = notebook._control(ipywidgets, [1.0, 0.25, 0.5])
    assert (slider.min, slider.max, slider.step, slider.value) == (0.25, 1.0, 0.25, 1.0)
    assert isinstance(notebook._control(ipywidgets, [1, 5]), ipywidgets.IntSlider)
    menu = notebook._control(ipywidgets, ["style", None])
    assert menu.options == (("style", "style"), ("None", None))


def test_where_keras_computes_is_said_in_words():
    import keras

    assert notebook.device().startswith(f"{keras.backend.backend()} on ")
