import keras
import numpy as np
import pytest
from keras import ops

from stylenet import encoders
from stylenet.universal.decoders import decoder
from stylenet.universal.inversion import adopt, invert


@pytest.fixture
def encoder(monkeypatch):
    """A narrow encoder that loses little: responses far above zero, which ReLUs let pass."""
    monkeypatch.setitem(encoders.WIDTHS, "slim", (8, 8, 8, 8, 8))
    keras.utils.set_random_seed(0)
    model = encoders.encoder("slim", encoders.layer_names(2))
    for layer in model.layers:
        if layer.weights:
            layer.bias.assign(np.full(layer.bias.shape, 50.0))
    return model


def photographs():
    random = np.random.default_rng(0)
    small = random.uniform(0, 255, (8, 8, 8, 3))
    return np.repeat(np.repeat(small, 4, axis=1), 4, axis=2).astype("float32")


def respond(encoder, pictures):
    return {name: ops.convert_to_numpy(maps) for name, maps in encoder(pictures).items()}


def relative_error(level, encoder, model, pictures):
    drawn = ops.convert_to_numpy(model(respond(encoder, pictures)[encoders.level_name(level)]))
    return np.mean((drawn - pictures) ** 2) / np.var(pictures)


def test_the_inverse_of_a_layer_without_loss_draws_the_photograph_again(encoder):
    pictures, model = photographs(), decoder(1)
    invert(model, respond(encoder, pictures), pictures, [1.0])
    assert relative_error(1, encoder, model, pictures) < 0.02


def test_inverses_of_several_layers_follow_each_other(encoder):
    pictures, model = photographs(), decoder(2)
    before = relative_error(2, encoder, model, pictures)
    invert(model, respond(encoder, pictures), pictures, [1.0, 1.0])
    assert relative_error(2, encoder, model, pictures) < 0.4 < before


def test_a_lower_decoder_can_take_over(encoder):
    """The layers down to a level deliver what that level's decoder reads, divided by its scale."""
    pictures, scales = photographs(), [0.25, 1.0]
    responses, model = respond(encoder, pictures), decoder(2)
    invert(model, responses, pictures, scales)
    upper = keras.Model(model.inputs[0], model.get_layer("block1_conv2").output)
    delivered = ops.convert_to_numpy(upper(responses["block2_conv1"]))
    expected = responses["block1_conv1"] / scales[0]
    assert np.mean((delivered - expected) ** 2) < 0.4 * np.var(expected)


def test_layers_that_are_known_stay_as_they_are(encoder):
    pictures, model = photographs(), decoder(2)
    responses = respond(encoder, pictures)
    before = {layer.name: layer.get_weights() for layer in model.layers if layer.weights}
    invert(model, responses, pictures, [1.0, 1.0], known=("block1_conv2", "block1_conv1"))
    for name, old in before.items():
        same = np.array_equal(model.get_layer(name).get_weights()[0], old[0])
        assert same == (name != "block2_conv1")


def test_a_decoder_behind_a_linear_map_draws_the_same(monkeypatch):
    monkeypatch.setitem(encoders.WIDTHS, "slim", (4, 4, 4, 4, 4))
    monkeypatch.setitem(encoders.WIDTHS, "vgg19", (6, 6, 6, 6, 6))
    random = np.random.default_rng(0)
    wide = random.uniform(0, 100, (3, 16, 16, 6)).astype("float32")
    narrow = wide @ random.normal(0, 0.01, (6, 4)).astype("float32") + 2
    model, source = decoder(2, "vgg19"), decoder(2, "slim")
    adopt(model, source, wide, narrow, scale=240.0)
    drawn, expected = (ops.convert_to_numpy(each) for each in (model(wide), source(narrow)))
    assert np.abs(drawn - expected).mean() < 0.05 * np.abs(expected - 127.5).mean()
