"""Graphs: the first picture of a size, the second one, other lists, and how many are kept."""

import keras
import numpy as np
import pytest

from stylenet.speed import convolution, graphs
from stylenet.speed.graphs import GRAPHS, Graph, Recent, structure


@pytest.fixture
def made(monkeypatch):
    """The graphs that are compiled: for a size or for all."""
    found = []

    def compiled(function, general):
        found.append("all sizes" if general else "one size")
        return function

    monkeypatch.setattr(graphs, "compiled", compiled)
    monkeypatch.setattr(graphs, "OFTEN", 2)
    monkeypatch.setattr(graphs, "SMALL", 0)
    return found


def picture(width):
    return np.zeros((1, 4, width, 3), "float32")


def test_the_second_picture_of_a_size_has_a_graph_of_its_own(made):
    graph = Graph(lambda picture: picture)
    for width in (4, 5, 4, 4, 5):
        graph(picture(width))
    assert made == ["all sizes", "one size", "one size"]


def test_what_becomes_of_a_picture_is_no_second_picture_of_its_size(made):
    graph = Graph(lambda picture: picture)
    for _ in range(2):
        draw = graph.of(picture(4))
        for _ in range(3):
            draw(picture(4))
    assert made == ["all sizes", "one size"]


def test_lists_that_lie_otherwise_have_another_graph(made):
    graph = Graph(lambda picture, styles, masks: picture)
    one, two = [np.zeros(2)], [np.zeros(2), np.ones(2)]
    lists = ((one, []), (two, []), (one, []), ([], one))
    for width, (styles, masks) in enumerate(lists, 4):
        graph(picture(width), styles, masks)
    assert made == ["all sizes"] * 3


def test_a_structure_is_that_of_the_lists_alone():
    assert structure([1, [2, (3.0,)], []]) == (None, (None, (None,)), ())
    assert structure([np.ones(3), []]) == structure((2, [])) != structure(([], 2))


def test_no_more_than_so_many_graphs_are_kept_and_the_last_used_stay(made):
    graph = Graph(lambda picture: picture)
    for width in range(4, 4 + 3 * GRAPHS):
        for _ in range(2):
            graph(picture(width))
    assert graph.graph.cache_info().currsize == GRAPHS
    made.clear()
    for width in range(4 + 3 * GRAPHS - 1, 4 + 2 * GRAPHS, -1):  # the last ones
        graph(picture(width))
    assert made == []
    graph(picture(4))
    graph(picture(4))
    assert made == ["one size"]  # forgotten, and compiled again


def test_the_recent_forget_what_was_met_longest_ago():
    recent = Recent(2)
    assert [recent.meet(item) for item in "abaacb"] == [1, 1, 2, 3, 1, 1]


def test_a_size_has_a_graph_of_its_own_once_it_is_met_often(made, monkeypatch):
    monkeypatch.setattr(graphs, "OFTEN", 4)
    graph = Graph(lambda picture: picture)
    for width in (4, 4, 5, 4):
        graph(picture(width))
    assert made == ["all sizes"]
    graph(picture(4))
    assert made == ["all sizes", "one size"]


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="Graphs of TensorFlow.")
def test_a_graph_for_all_sizes_knows_the_size_of_nothing_that_lies_on_pixels():
    """With one known size, a program of XLA would be compiled for each layer."""
    seen = []

    def function(picture, factor, masks):
        seen.extend(tuple(tensor.shape) for tensor in (picture, factor, *masks))
        return factor * sum(mask * picture for mask in masks)

    x, mask = picture(5) + 1, np.full((1, 4, 5, 1), 0.5, "float32")
    found = graphs.compiled(function, general=True)(x, np.float32(3), [mask, mask])
    np.testing.assert_array_equal(found, 3 * x)
    assert seen == [(1, None, None, 3), (), (1, None, None, 1), (1, None, None, 1)]


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="Graphs of TensorFlow.")
def test_weights_keep_their_shapes_in_a_graph_for_all_sizes():
    seen = []

    def function(picture, weights):
        seen.extend(tuple(tensor.shape) for tensor in weights)
        return picture

    kernel = np.zeros((3, 3, 3, 64), "float32")
    graphs.compiled(function, general=True, weights=1)(picture(5), [kernel])
    assert seen == [(3, 3, 3, 64)]


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="Graphs of TensorFlow.")
def test_the_very_first_picture_has_no_graph_unless_it_is_large(made, monkeypatch):
    monkeypatch.setattr(graphs, "SMALL", 4 * 5)
    small, large = Graph(lambda picture: picture), Graph(lambda picture: picture)
    draw = small.of(picture(5))
    draw(picture(5)), draw(picture(5))
    assert made == []
    small(picture(4))
    assert made == ["all sizes"]
    large(picture(6))
    assert made == ["all sizes", "all sizes"]


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="Graphs of TensorFlow.")
def test_step_by_step_compiles_nothing_and_leaves_arrays_as_they_are(monkeypatch):
    monkeypatch.setattr(convolution, "winograd_in_strips", None)  # calling it would fail
    x, kernel = np.ones((1, 64, 64, 128), "float32"), np.ones((3, 3, 128, 128), "float32")

    def function(x):
        y = convolution.convolution(x, keras.ops.convert_to_tensor(kernel), 1)
        x -= 1  # an array would be changed
        return y

    found = graphs.step_by_step(function, x)
    assert found[0, 5, 5, 0] == 9 * 128 and (x == 1).all()


def test_a_graph_computes_what_its_function_does(monkeypatch):
    monkeypatch.setattr(graphs, "OFTEN", 2)
    graph = Graph(lambda picture, factor, terms: factor * picture + sum(terms))
    x = np.random.default_rng(0).normal(size=(1, 4, 5, 3)).astype("float32")
    for terms in ([np.float32(1)], [np.float32(1), np.float32(2)]):
        for _ in range(2):
            found = graph(x, np.float32(3), terms)
            np.testing.assert_allclose(found, 3 * x + sum(terms), rtol=1e-5)
