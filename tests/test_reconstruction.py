import json

import keras
import numpy as np
import pytest
from keras import ops

from stylenet import encoders, reconstruction
from stylenet.autoencoders import decoder, load_decoder
from stylenet.reconstruction import DecoderSettings, DecoderTrainer, train_decoder
from stylenet.training import NonFiniteLoss, read_checkpoint

SETTINGS = {"steps": 4, "epoch_steps": 2, "batch_size": 2, "crop_size": 32, "level": 2}


@pytest.fixture
def encoder(monkeypatch):
    """A narrow slim with random weights."""
    monkeypatch.setitem(encoders.WIDTHS, "slim", (4, 4, 6, 8, 8))
    keras.utils.set_random_seed(1)
    names = ["block1_conv1", "block2_conv1"]
    model = encoders.encoder("slim", names)
    low = keras.Model(model.input, {names[0]: model.output[names[0]]})
    model.trainable = low.trainable = False
    of_levels = {(1,): low, (1, 2): model}
    monkeypatch.setattr(reconstruction, "level_encoder", lambda _, levels, *args: of_levels[levels])
    return model


def photographs():
    return np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)).astype("float32")


def run(photo_paths, output, resume=False, **changes):
    settings = DecoderSettings(**{**SETTINGS, **changes})
    return train_decoder([photo_paths[0].parent], output, settings, resume=resume)


def test_terms_are_relative_pixel_and_feature_errors(encoder):
    trainer = DecoderTrainer(encoder, decoder(2), scales=(2.0, 3.0), feature_weight=0.2)
    batch = photographs()
    outputs = trainer(batch)
    drawn = ops.convert_to_numpy(outputs["pictures"])
    terms = trainer.terms(outputs, batch)
    assert float(terms["pixels"]) == pytest.approx(np.mean(((drawn - batch) / 64) ** 2), rel=1e-4)
    ours, theirs = encoder(drawn), encoder(batch)
    errors = [
        np.mean((ops.convert_to_numpy(ours[name] - theirs[name]) / scale) ** 2)
        for name, scale in (("block1_conv1", 2), ("block2_conv1", 3))
    ]
    assert float(terms["features"]) == pytest.approx(np.mean(errors), rel=1e-3)
    expected = terms["pixels"] + 0.2 * terms["features"]
    assert float(trainer.total(terms)) == pytest.approx(float(expected))


def test_only_the_decoder_is_trained_and_it_learns(encoder):
    trainer = DecoderTrainer(encoder, decoder(2), (1.0, 1.0), 0.2)
    trainer.compile(keras.optimizers.Adam(3e-3), jit_compile=False)
    batch, before = photographs(), [np.array(v) for v in encoder.variables]
    first = float(trainer.total(trainer.terms(trainer(batch), batch)))
    for _ in range(60):
        trainer.train_on_batch(batch, batch)
    assert len(trainer.trainable_variables) == len(trainer.network.weights)
    assert float(trainer.total(trainer.terms(trainer(batch), batch))) < 0.95 * first
    for ours, theirs in zip(encoder.variables, before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_run_writes_a_decoder_record_log_and_previews(encoder, photo_paths, tmp_path):
    output = tmp_path / "mine.weights.h5"
    model = run(photo_paths, output)
    record = json.loads((tmp_path / "mine.json").read_text())
    assert record["kind"] == "decoder"
    assert record["network"] == {"level": 2, "network": "slim"}
    assert record["training"]["settings"]["feature_weight"] == 0.2
    assert (tmp_path / "mine.csv").read_text().startswith("epoch,features,loss,pixels")
    for ours, theirs in zip(
        load_decoder(2, "slim", output).get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_a_run_cut_and_resumed_is_exactly_the_uncut_run(encoder, photo_paths, tmp_path):
    uncut = run(photo_paths, tmp_path / "uncut.weights.h5").get_weights()

    class Cut(Exception):
        pass

    def stop(*args, **options):
        raise Cut

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Cut):
        real, epochs = reconstruction.Preview, []

        class Interrupt(keras.callbacks.Callback):
            def __init__(self, *args, **options):
                super().__init__()

            def on_epoch_end(self, epoch, logs=None):
                epochs.append(epoch)
                raise Cut

        patch.setattr(reconstruction, "Preview", Interrupt)
        assert real is not Interrupt
        settings = DecoderSettings(**SETTINGS)
        train_decoder(
            [photo_paths[0].parent],
            tmp_path / "cut.weights.h5",
            settings,
            preview=photo_paths[0],
        )
    assert read_checkpoint(tmp_path / "cut.checkpoint.npz")[0] == 2
    cut = run(photo_paths, tmp_path / "cut.weights.h5", resume=True).get_weights()
    for ours, theirs in zip(cut, uncut, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    with pytest.raises(ValueError, match=r"Different: learning_rate"):
        run(photo_paths, tmp_path / "cut.weights.h5", resume=True, steps=6, learning_rate=1.0)


def test_a_decoder_that_starts_from_another_keeps_that_ones_record(encoder, photo_paths, tmp_path):
    run(photo_paths, tmp_path / "low.weights.h5", level=1)
    run(photo_paths, tmp_path / "high.weights.h5", start=str(tmp_path / "low.weights.h5"))
    training = json.loads((tmp_path / "high.json").read_text())["training"]
    assert training["before"]["settings"]["level"] == 1
    assert training["settings"]["start"] == "low.weights.h5"


def test_a_loss_that_is_not_finite_stops_the_run_and_is_named(encoder, photo_paths, tmp_path):
    with pytest.raises(NonFiniteLoss, match="Expected finite losses, but pixels"):
        run(photo_paths, tmp_path / "a.weights.h5", optimizer="adam", learning_rate=1e38)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"level": 6}, "levels among"),
        ({"network": "vgg16"}, "Received: 'vgg16'"),
        ({"crop_size": 40}, "multiple of 16"),
        ({"steps": 3}, "multiple of 2"),
        ({"optimizer": "sgd"}, "Received: 'sgd'"),
    ],
)
def test_impossible_settings_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        DecoderSettings(**{**SETTINGS, **changes})
