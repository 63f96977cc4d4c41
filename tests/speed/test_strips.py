"""Strips with their margins compute what the whole picture does."""

import numpy as np
import pytest
from keras import ops

tf = pytest.importorskip("tensorflow")
from stylenet.speed import strips  # noqa: E402


@pytest.fixture
def picture():
    return np.random.default_rng(0).normal(size=(1, 20, 12, 5)).astype("float32")


def test_strips_make_up_the_picture():
    picture = np.arange(44.0).reshape(1, 44, 1, 1)
    parts = strips.split(tf.constant(picture), 4, unit=4)
    assert [part.shape[1] for part in parts] == [8, 12, 12, 12]
    np.testing.assert_array_equal(strips.join(parts)[0], picture)


def test_a_window_is_a_strip_with_its_neighbors_rows(picture):
    parts = tf.split(picture, [8, 4, 8], axis=1)
    rows = [(0, 9), (6, 13), (10, 20)]  # two above, one below, none beyond the picture
    for window, (top, bottom) in zip(strips.windows(parts, 2, 1), rows, strict=True):
        np.testing.assert_array_equal(window.read(), picture[:, top:bottom])


@pytest.mark.parametrize("rows", [[20], [8, 4, 8]], ids=["whole", "strips"])
@pytest.mark.parametrize("above,below", [(1, 1), (0, 1), (1, 0), (2, 2)])
@pytest.mark.parametrize("mode", ["CONSTANT", "REFLECT", "SYMMETRIC"])
def test_convolving_strips_equals_convolving_the_picture(rows, above, below, mode, picture):
    size = above + below + 1
    kernel = np.random.default_rng(1).normal(size=(size, size, 5, 4)).astype("float32")
    layer = strips.Layer(kernel, 1, above, below, mode).in_graph()
    parts = [layer(w) for w in strips.windows(tf.split(picture, rows, axis=1), above, below)]
    padded = np.pad(picture, ((0, 0), (above, below), (above, below), (0, 0)), mode.lower())
    assert [part.shape[1] for part in parts] == rows
    np.testing.assert_allclose(strips.join(parts)[0], ops.conv(padded, kernel), atol=1e-4)


@pytest.mark.parametrize("rows", [[20], [8, 4, 8], [1, 19]])
def test_joint_moments_are_those_of_the_picture(rows, picture):
    picture = 300 + picture  # the mean of the squares minus the square of the mean would cancel
    parts = [strips.moments(part) for part in tf.split(picture, rows, axis=1)]
    mean, variance = strips.joint_moments(parts)
    exact = picture.astype("float64")
    np.testing.assert_allclose(mean, exact.mean(axis=(1, 2)), rtol=1e-6)
    np.testing.assert_allclose(variance, exact.var(axis=(1, 2)), rtol=1e-4)


def test_one_by_one_waits_for_the_result_before():
    order = []

    @tf.function
    def graph():
        def function(i):
            return tf.py_function(lambda: order.append(i) or float(i), [], "float32")

        return strips.one_by_one(function, range(20))

    assert [float(result) for result in graph()] == list(range(20))
    assert order == list(range(20))
