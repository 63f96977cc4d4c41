"""Muon: orthogonal updates of kernels, Adam's of everything else."""

import keras
import numpy as np
import pytest
from keras import ops

from stylenet.training.muon import Muon, orthogonal


@pytest.fixture
def random():
    return np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(40, 8), (8, 40), (16, 16)])
def test_orthogonal_keeps_singular_vectors_and_evens_singular_values(random, shape):
    left, _, right = np.linalg.svd(random.normal(size=shape), full_matrices=False)
    values = np.linspace(1.0, 0.05, min(shape))
    found = ops.convert_to_numpy(orthogonal((left * values @ right).astype("float32")))
    diagonal = left.T @ found @ right.T
    np.testing.assert_allclose(diagonal, np.diag(np.diag(diagonal)), atol=1e-4)
    assert np.diag(diagonal).min() > 0.65 and np.diag(diagonal).max() < 1.25


def test_the_size_of_the_gradient_does_not_matter(random):
    matrix = random.normal(size=(12, 6)).astype("float32")
    np.testing.assert_allclose(orthogonal(1e-3 * matrix), orthogonal(matrix), atol=1e-5)


def step(optimizer, values, gradients, steps=1):
    variables = [keras.Variable(value) for value in values]
    for _ in range(steps):
        optimizer.apply(gradients, variables)
    return [ops.convert_to_numpy(variable) for variable in variables]


def test_an_update_is_as_large_as_the_learning_rate_says(random):
    """The root of the mean square of an orthogonal matrix is 1 / sqrt(its longer side)."""
    kernel = random.normal(size=(3, 3, 8, 16)).astype("float32")
    (found,) = step(Muon(0.01), [np.zeros_like(kernel)], [kernel])
    assert 0.7 * 0.2 * 0.01 < np.sqrt(np.mean(found**2)) < 1.2 * 0.2 * 0.01
    assert np.sum(found * kernel) < 0  # downhill


def test_other_variables_are_adams(random):
    shapes = [(7,), (5, 4), (9, 9, 3, 8), (9, 9, 8, 3)]
    gradients = [random.normal(size=shape).astype("float32") for shape in shapes]
    zeros = [np.zeros_like(gradient) for gradient in gradients]
    found = step(Muon(0.01), zeros, gradients, steps=3)
    expected = step(keras.optimizers.Adam(0.01), zeros, gradients, steps=3)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_momentum_averages_gradients(random):
    """A second gradient of the opposite sign and 0.95 of the size cancels the first's memory."""
    kernel = random.normal(size=(3, 3, 4, 4)).astype("float32")
    variable = keras.Variable(np.zeros_like(kernel))
    optimizer = Muon(0.01, momentum=0.95)
    optimizer.apply([kernel], [variable])
    optimizer.apply([-0.95 * kernel], [variable])
    (average, *_) = [v for v in optimizer.variables if v.shape == kernel.shape]
    np.testing.assert_allclose(average, np.zeros_like(kernel), atol=1e-6)


def test_the_optimizer_can_be_saved():
    again = Muon.from_config(Muon(0.02, momentum=0.9, beta_1=0.8).get_config())
    assert again.momentum == 0.9
    assert again.beta_1 == 0.8
    np.testing.assert_allclose(again.learning_rate, 0.02)
