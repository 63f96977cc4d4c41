"""Winograd's convolutions are convolutions."""

import keras
import numpy as np
import pytest

from stylenet.speed import winograd

tf = pytest.importorskip("tensorflow")


@pytest.fixture
def random():
    return np.random.default_rng(0)


@pytest.mark.parametrize("height, width", [(3, 3), (4, 9), (6, 7), (8, 8), (13, 18)])
def test_winograd_at_every_remainder(random, height, width):
    x = random.normal(size=(2, height, width, 3)).astype("float32")
    kernel = random.normal(size=(3, 3, 3, 4)).astype("float32")
    values = winograd.kernel_values(tf.constant(kernel))
    for border, padding in ((0, "VALID"), (1, "SAME")):
        found = winograd.winograd(tf.constant(x), values, border=border)
        expected = tf.nn.conv2d(x.astype("float64"), kernel.astype("float64"), 1, padding)
        np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("border", [0, 1, 2])
def test_winograd_in_strips_is_winograd(random, monkeypatch, border, mirrored):
    """With room for the values of one row of tiles at a time, and more than one strip."""
    x = tf.constant(random.normal(size=(2, 14, 11, 3 + mirrored)).astype("float32"))
    kernel = tf.constant(random.normal(size=(3, 3, 3, 4)).astype("float32"))
    values = winograd.kernel_values(kernel, mirrored=mirrored)
    whole = winograd.winograd(x, values, border=border, mirrored=mirrored)
    monkeypatch.setattr(winograd, "MOST_VALUES", 1)
    strips = winograd.winograd_in_strips(x, values, border, mirrored)
    assert strips.shape == whole.shape
    np.testing.assert_allclose(strips, whole, atol=1e-4)


def test_winograd_computes_exactly_where_numbers_are_small_integers():
    """The sum of nine ones is nine, whatever the points."""
    values = winograd.kernel_values(tf.ones((3, 3, 1, 1)))
    found = winograd.winograd(tf.ones((1, 10, 10, 1)), values)
    np.testing.assert_allclose(found, 9.0, rtol=1e-6)


def test_winograd_is_for_large_layers_of_known_size():
    large = tf.zeros((1, 64, 64, 128))
    assert winograd.worth_winograd(large, 128, 128, 3)
    assert not winograd.worth_winograd(large, 128, 128, 5)
    assert not winograd.worth_winograd(large, 128, 3, 3)
    assert not winograd.worth_winograd(tf.zeros((1, 16, 16, 128)), 128, 128, 3)
    assert not winograd.worth_winograd(keras.KerasTensor((None, None, None, 128)), 128, 128, 3)
