import json

import keras
import numpy as np
import pytest
from keras import ops

from stylenet import encoders, weights
from stylenet.universal import decoders
from stylenet.universal.decoders import begin_with, decoder, level_encoder, load_decoder


@pytest.fixture
def narrow(monkeypatch):
    """A slim of few channels, so that building it takes no time."""
    monkeypatch.setitem(encoders.WIDTHS, "slim", (4, 4, 6, 8, 8))


def save(model, path):
    level = int(model.name[-1])
    weights.save_network(model, path, {"level": level, "network": model.name.split("_")[0]})
    return path


@pytest.mark.parametrize("level", encoders.LEVELS)
def test_a_decoder_has_the_size_of_the_encoded_picture_and_mirrored_kernels(level, narrow):
    model = decoder(level, "slim")
    maps = np.zeros((2, 3, 4, encoders.WIDTHS["slim"][level - 1]), "float32")
    size = 2 ** (level - 1)
    assert model(maps).shape == (2, 3 * size, 4 * size, 3)
    encoder = encoders.encoder("slim", [encoders.level_name(level)])
    for layer in encoders.layer_names(level):
        filters, channels = encoder.get_layer(layer).kernel.shape[2:]
        parts = 2 if layer == encoders.level_name(level) else 1
        assert model.get_layer(layer).kernel.shape == (3, 3, parts * channels, filters)


def test_a_decoder_reads_the_positive_and_the_negative_part_of_responses(narrow):
    x = np.array([[[[1.0, -2.0, 0.0]]]], "float32")
    parts = ops.convert_to_numpy(decoders.SignedReLU()(x))
    np.testing.assert_array_equal(parts, [[[[1, 0, 0, 0, 2, 0]]]])
    model, maps = decoder(2), -np.ones((1, 4, 4, 4), "float32")
    before = ops.convert_to_numpy(model(maps))
    kernel, bias = model.get_layer("block2_conv1").get_weights()
    kernel[:, :, 4:] = 0  # the half for the negative part
    model.get_layer("block2_conv1").set_weights([kernel, bias])
    blind = ops.convert_to_numpy(model(maps))
    assert np.abs(blind - before).max() > 1
    np.testing.assert_allclose(blind, ops.convert_to_numpy(model(0 * maps)), atol=1e-3)


def test_a_decoder_for_vgg19_is_slims_behind_a_linear_map(narrow):
    model, slims = decoder(4, "vgg19"), decoder(4, "slim")
    assert model(np.zeros((1, 2, 3, 512), "float32")).shape == (1, 16, 24, 3)
    assert model.get_layer("reduced").kernel.shape == (1, 1, 512, 8)
    for layer in encoders.layer_names(4):
        assert model.get_layer(layer).kernel.shape == slims.get_layer(layer).kernel.shape


def test_a_decoder_of_nothing_draws_grey(narrow):
    model = decoder(3)
    for layer in model.layers:
        if layer.weights:
            layer.bias.assign(np.zeros(layer.bias.shape))
    drawn = model(np.zeros((1, 4, 4, 6), "float32"))
    np.testing.assert_allclose(ops.convert_to_numpy(drawn), 127.5)


def test_a_decoder_begins_with_a_lower_one(tmp_path, narrow):
    keras.utils.set_random_seed(0)
    lower, higher = decoder(2), decoder(3)
    before = higher.get_layer("block3_conv1").get_weights()[0]
    begin_with(higher, save(lower, tmp_path / "lower.weights.h5"))
    for layer in encoders.layer_names(2):
        kernel, bias = lower.get_layer(layer).get_weights()
        read = kernel[:, :, :4]  # of its first layer, what reads the positive part
        for ours, theirs in zip(higher.get_layer(layer).get_weights(), (read, bias), strict=True):
            np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(higher.get_layer("block3_conv1").get_weights()[0], before)


def test_a_decoder_can_not_begin_with_a_higher_one_or_something_else(tmp_path, narrow):
    path = save(decoder(3), tmp_path / "higher.weights.h5")
    with pytest.raises(ValueError, match=r"same level or a lower one.*holds slim_decoder3"):
        begin_with(decoder(2), path)
    with pytest.raises(ValueError, match=r"vgg19_decoders of the same level\. .*holds slim"):
        begin_with(decoder(3, "vgg19"), path)
    lower = save(decoder(2, "vgg19"), tmp_path / "lower.weights.h5")
    with pytest.raises(ValueError, match=r"of the same level\. .*holds vgg19_decoder2"):
        begin_with(decoder(3, "vgg19"), lower)
    weights.save_network(decoder(1), tmp_path / "other.weights.h5", {"padding": "zero"})
    with pytest.raises(ValueError, match="Expected the weights of a decoder"):
        begin_with(decoder(3), tmp_path / "other.weights.h5")


def test_a_saved_decoder_is_loaded_and_frozen(tmp_path, narrow):
    model = decoder(2)
    found = load_decoder(2, "slim", save(model, tmp_path / "mine.weights.h5"))
    assert not found.trainable_variables
    for ours, theirs in zip(found.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    with pytest.raises(ValueError, match="to hold the weights of a stylenet network"):
        load_decoder(3, "slim", tmp_path / "mine.weights.h5")


def test_an_encoder_of_vgg19_takes_the_extractors_weights(monkeypatch):
    seen = {}
    real = decoders.feature_extractor

    def extractor(network, names, path):
        seen.update(network=network, names=names, path=path)
        return real(network, names, "random")

    monkeypatch.setattr(decoders, "feature_extractor", extractor)
    model = level_encoder("vgg19", [1, 2], rectified=True)
    assert seen == {
        "network": "vgg19",
        "names": ["block1_conv1", "block2_conv1"],
        "path": "imagenet",
    }
    assert not model.trainable_variables
    photograph = np.random.default_rng(0).uniform(0, 255, (1, 8, 8, 3)).astype("float32")
    assert list(model(photograph)) == ["block1_conv1", "block2_conv1"]
    assert all(float(ops.min(maps)) == 0 for maps in model(photograph).values())


def test_a_level_of_slim_is_what_its_relu_will_rectify():
    photograph = np.random.default_rng(0).uniform(0, 255, (1, 32, 48, 3)).astype("float32")
    linear, rectified = (level_encoder("slim", [1, 3], rectified=r) for r in (False, True))
    for name, maps in linear(photograph).items():
        maps = ops.convert_to_numpy(maps)
        assert maps.min() < -0.1
        np.testing.assert_allclose(np.maximum(maps, 0), rectified(photograph)[name], atol=1e-4)


def shipped():
    records = [json.loads(path.read_text()) for path in weights.weights_folder().glob("*.json")]
    return [record for record in records if record["kind"] in ("encoder", "decoder")]


@pytest.mark.parametrize("record", shipped(), ids=lambda record: record["name"])
def test_each_shipped_network_is_whole_and_described(record):
    path = weights.shipped_file(record["name"])
    assert path.stat().st_size == record["bytes"]
    assert record["license"] == "MIT"
    network = "slim" if record["name"].startswith("slim") else "vgg19_decoders"
    assert weights.sha256(path) == record["sha256"]
    assert record["sha256"] in path.with_name(f"{network}.md").read_text()


def test_slim_and_its_decoders_take_at_most_12_megabytes():
    sizes = [record["bytes"] for record in shipped() if record["name"].startswith("slim")]
    assert len(sizes) == 6
    assert sum(sizes) <= 12e6


def test_slim_reconstructs_what_it_sees():
    """A smooth picture, from the lowest level: within a few grey levels."""
    rows, columns = np.mgrid[0:48, 0:64]
    picture = np.stack([4 * rows, 3 * columns, 255 - 2 * rows - columns], 2).astype("float32")
    encoder, model = level_encoder("slim", [1]), load_decoder(1)
    drawn = ops.convert_to_numpy(model(encoder(picture[None])["block1_conv1"]))[0]
    assert np.sqrt(np.mean((drawn - picture) ** 2)) < 10
