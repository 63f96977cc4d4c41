import json

import keras
import numpy as np
import pytest
from keras import ops

from stylenet import collaboration, encoders, weights
from stylenet.autoencoders import decoder
from stylenet.fitting import FitSettings

NAMES = [encoders.level_name(level) for level in encoders.LEVELS]
SETTINGS = FitSettings(steps=2, epoch_steps=1, batch_size=2, crop_size=32)


@pytest.fixture
def files(monkeypatch, tmp_path):
    """A narrow teacher in VGG19's place; an encoder and five decoders with random weights."""
    widths = {"vgg19": (4, 4, 6, 8, 8), "slim": (3, 3, 4, 4, 4)}
    monkeypatch.setattr(encoders, "WIDTHS", widths)
    monkeypatch.setattr("stylenet.autoencoders.WIDTHS", widths)
    monkeypatch.setattr(collaboration, "PHOTOGRAPHS", 4)
    keras.utils.set_random_seed(0)
    teacher = encoders.encoder("vgg19", NAMES)
    teacher.trainable = False
    monkeypatch.setattr(collaboration, "level_encoder", lambda *args, **options: teacher)
    student = encoders.encoder("slim", NAMES, name="slim")
    weights.save_network(student, tmp_path / "start.weights.h5", {})
    paths = [tmp_path / f"start{level}.weights.h5" for level in encoders.LEVELS]
    for level, path in zip(encoders.LEVELS, paths, strict=True):
        weights.save_network(decoder(level), path, {"level": level, "network": "slim"})
    return tmp_path / "start.weights.h5", paths


def test_the_loss_adds_the_mean_logarithms_of_both_kinds_of_error():
    trainer = collaboration.CollaborationTrainer(keras.Sequential(), keras.Sequential(), {})
    names = [f"level{level}" for level in encoders.LEVELS] + list(collaboration.PIXELS)
    terms = {name: ops.convert_to_tensor(i + 1.0) for i, name in enumerate(names)}
    expected = np.mean(np.log([1, 2, 3, 4, 5])) + np.mean(np.log([6, 7, 8, 9, 10]))
    assert float(trainer.total(terms)) == pytest.approx(expected)


def test_encoder_and_decoders_all_learn_and_are_written_with_their_records(
    files, photo_paths, tmp_path
):
    encoder, decoders = files
    output = tmp_path / "both.weights.h5"
    student, models = collaboration.collaborate(
        [photo_paths[0].parent], output, encoder, decoders, SETTINGS
    )
    losses = json.loads((tmp_path / "both.json").read_text())["training"]["last_losses"]
    assert set(losses) == {"loss", *collaboration.TERMS, *collaboration.PIXELS}
    found = weights.fill(lambda: encoders.encoder("slim", NAMES, name="slim"), output)
    before = weights.fill(lambda: encoders.encoder("slim", NAMES, name="slim"), encoder)
    changed = zip(found.get_weights(), student.get_weights(), before.get_weights(), strict=True)
    for ours, theirs, old in changed:
        np.testing.assert_array_equal(ours, theirs)
        assert np.any(ours != old)
    for level, path in zip(encoders.LEVELS, decoders, strict=True):
        written = tmp_path / f"both_decoder{level}.weights.h5"
        assert weights.network_options(written) == {"level": level, "network": "slim"}
        ours, old = (weights.fill(lambda n=level: decoder(n), p) for p in (written, path))
        for x, y, z in zip(
            ours.get_weights(), models[level].get_weights(), old.get_weights(), strict=True
        ):
            np.testing.assert_array_equal(x, y)
            assert np.any(x != z)


def test_a_decoder_of_another_level_is_refused(files, photo_paths, tmp_path):
    encoder, decoders = files
    with pytest.raises(ValueError, match=r"Expected .* to hold the weights"):
        collaboration.collaborate(
            [photo_paths[0].parent], tmp_path / "a.weights.h5", encoder, decoders[::-1], SETTINGS
        )
