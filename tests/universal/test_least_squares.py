import numpy as np
import pytest
from keras import ops

from stylenet.universal import least_squares


def test_the_least_squares_recover_a_linear_map_up_to_the_ridge():
    random = np.random.default_rng(0)
    x = random.normal(size=(500, 8)) + 3
    matrix, bias = random.normal(size=(8, 3)), np.array([1.0, -2.0, 5.0])
    found_matrix, found_bias = least_squares.fit_linear(x, x @ matrix + bias)
    np.testing.assert_allclose(found_matrix, matrix, atol=0.05)
    np.testing.assert_allclose(found_bias, bias, atol=0.2)


def test_of_directions_that_hold_nothing_the_ridge_asks_nothing():
    x = np.zeros((500, 4))
    x[:, 0] = np.random.default_rng(0).normal(size=500)
    matrix, _ = least_squares.fit_linear(x, 2 * x[:, :1])
    np.testing.assert_allclose(matrix[:, 0], [2, 0, 0, 0], atol=0.1)


def test_the_least_squares_recover_a_convolution():
    random = np.random.default_rng(0)
    inputs = random.normal(size=(2, 20, 24, 4)).astype("float32")
    kernel = random.normal(size=(3, 3, 4, 5)).astype("float32")
    padded = np.pad(inputs, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    outputs = ops.convert_to_numpy(ops.conv(padded, kernel)) + 3
    found, bias = least_squares.fit_convolution(inputs, outputs, random)
    np.testing.assert_allclose(found, kernel, atol=0.05)
    np.testing.assert_allclose(bias, 3, atol=0.1)


def test_a_linear_head_predicts_what_it_was_fitted_to():
    narrow = np.random.default_rng(0).normal(size=(2, 10, 12, 6)).astype("float32")
    wide = narrow @ np.random.default_rng(2).normal(size=(6, 9)).astype("float32") + 4
    head = least_squares.linear_head(narrow, wide, scale=2.0, name="head")
    error = ops.convert_to_numpy(head(narrow)) - wide / 2
    assert np.mean(error**2) < 0.01 * np.mean((wide / 2) ** 2)
    assert head.name == "head"
    assert pytest.approx(0.0, abs=0.5) == error.mean()
