"""What is frozen computes what it computed before, at any size."""

import keras
import numpy as np
import pytest
from keras import ops

from stylenet import encoders
from stylenet.speed.autoencoder import constant_weights, frozen_decoder, frozen_encoder
from stylenet.speed.graphs import Graph
from stylenet.universal.decoders import decoder


@pytest.fixture
def random(monkeypatch):
    monkeypatch.setitem(encoders.WIDTHS, "slim", (8, 12, 16, 100, 100))
    monkeypatch.setitem(encoders.WIDTHS, "vgg19", (6, 10, 12, 14, 16))
    keras.utils.set_random_seed(0)
    return np.random.default_rng(0)


def randomize_biases(model, random):
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            layer.bias.assign(random.normal(size=layer.bias.shape))
    return model


def assert_equal(found, expected):
    expected = ops.convert_to_numpy(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4 * expected.std())


@pytest.mark.parametrize("network", encoders.WIDTHS)
@pytest.mark.parametrize("rectified", [False, True])
def test_an_encoder_returns_what_it_did(random, network, rectified):
    names = [encoders.level_name(level) for level in (1, 3, 5)]
    encoder = randomize_biases(encoders.encoder(network, names, rectified=rectified), random)
    graph = Graph(frozen_encoder(encoder, network))
    picture = random.uniform(0, 255, (1, 48, 64, 3)).astype("float32")
    for _ in range(2):  # the second time with a graph of this size
        found, expected = graph(picture), encoder(picture)
        assert set(found) == set(names)
        for name in names:
            assert_equal(found[name], expected[name])


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="Elsewhere a compiler does it.")
def test_an_encoder_stops_at_the_highest_layer_that_is_asked_for(random, monkeypatch):
    names = [encoders.level_name(level) for level in (1, 3, 5)]
    encoder = encoders.encoder("slim", names)
    encode, picture = frozen_encoder(encoder, "slim"), np.zeros((1, 32, 48, 3), "float32")
    expected = encoder(picture)[names[1]]

    def broken(*args, **options):
        raise AssertionError("Not needed.")

    monkeypatch.setattr(encoder.get_layer("block3_pool"), "call", broken)
    monkeypatch.setattr(encoder.get_layer("block3_conv2"), "call", broken)
    found = encode(picture, names[1:2])
    assert list(found) == names[1:2]
    assert_equal(found[names[1]], expected)
    with pytest.raises(AssertionError):
        encode(picture)


@pytest.mark.parametrize("network", encoders.WIDTHS)
@pytest.mark.parametrize("level", encoders.LEVELS)
def test_a_decoder_draws_what_it_did(random, network, level):
    model = randomize_biases(decoder(level, network), random)
    graph = Graph(frozen_decoder(model))
    responses = random.normal(size=(1, 3, 4, encoders.WIDTHS[network][level - 1]))
    for _ in range(2):
        assert_equal(graph(responses.astype("float32")), model(responses.astype("float32")))


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="Only TensorFlow is faster.")
def test_what_suits_winograd_is_left_alone(random):
    """Of 100 x 100 channels; of repeated pixels none, which have four times as many filters."""
    weights = constant_weights(decoder(5))
    kept = {"block5_conv1", "block4_conv3", "block4_conv2"}
    assert {*encoders.layer_names(5)} - set(weights) == kept
    assert weights["block4_conv4"][0].shape == (2, 2, 100, 400)
    assert weights["block1_conv1"][0].shape == (3, 3, 8, 3)
