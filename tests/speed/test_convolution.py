"""The faster convolutions are convolutions, and so are their gradients."""

import keras
import numpy as np
import pytest
from keras import ops

from stylenet.speed import convolution

tf = pytest.importorskip("tensorflow")

tensorflow_only = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="Only TensorFlow's convolutions are replaced."
)
pytestmark = tensorflow_only


def result_and_gradients(layer, x):
    """What a layer makes of `x`, and the gradients of its mean square."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        loss = tf.reduce_mean(y**2)
    return [y, *tape.gradient(loss, [x, layer.kernel.value])]


@pytest.fixture
def random():
    return np.random.default_rng(0)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("size, channels, filters", [(3, 5, 7), (5, 4, 2), (1, 6, 6), (9, 4, 3)])
@pytest.mark.parametrize("always_winograd", [False, True])
def test_results_and_gradients_are_the_plain_ones(
    random, monkeypatch, padding, size, channels, filters, always_winograd
):
    if always_winograd:
        monkeypatch.setattr(convolution, "worth_winograd", lambda x, c, f, size: size == 3)
    layer = keras.layers.Conv2D(filters, size, padding=padding, use_bias=False)
    x = tf.constant(random.normal(size=(2, 11, 14, channels)).astype("float32"))
    expected = result_and_gradients(layer, x)
    layer.convolution_op = convolution.convolution_op(layer)
    graph = tf.function(lambda x: result_and_gradients(layer, x))
    for found in (result_and_gradients(layer, x), graph(x)):
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5 * np.std(other) * 10)


def test_sizes_are_known_after_a_convolution_with_an_unknown_batch():
    layer = keras.layers.Conv2D(128, 3, use_bias=False)
    layer.build((None, 64, 64, 128))
    layer.convolution_op = convolution.convolution_op(layer)
    signature = [tf.TensorSpec((None, 64, 64, 128))]
    graph = tf.function(lambda x: layer(x), signature).get_concrete_function()
    assert graph.structured_outputs.shape.as_list() == [None, 62, 62, 128]


def test_accelerating_a_model_changes_no_result():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
    x = keras.layers.Conv2D(6, 3, padding="same", bias_initializer="ones")(x)
    x = keras.layers.Conv2D(6, 3, padding="same", dtype="mixed_bfloat16")(x)
    x = keras.layers.Conv2D(6, 3, strides=2, padding="same", dtype="float32")(x)
    x = keras.layers.Conv2D(6, 3, dilation_rate=2, padding="same")(x)
    model = keras.Model(inputs, keras.layers.Conv2D(4, 3)(x))
    batch = np.random.default_rng(0).normal(size=(2, 13, 16, 3))
    before = ops.convert_to_numpy(model(batch))
    convolution.accelerate(model)
    replaced = ["convolution_op" in vars(layer) for layer in model.layers[1:]]
    assert replaced == [False, True, False, False, False, True]
    np.testing.assert_allclose(model(batch), before, rtol=1e-4, atol=1e-5)
