import json

import distillation
import keras
import numpy as np
import pytest
from keras import ops

from stylenet import encoders, weights
from stylenet.training.settings import FitSettings

NAMES = [encoders.level_name(level) for level in encoders.LEVELS]
SETTINGS = {"steps": 2, "epoch_steps": 1, "batch_size": 2, "crop_size": 32}


@pytest.fixture
def teacher(monkeypatch):
    """Narrow networks, a random teacher, and few photographs for the closed form."""
    widths = {"vgg19": (6, 8, 8, 10, 10), "slim": (4, 4, 6, 8, 8)}
    monkeypatch.setattr(encoders, "WIDTHS", widths)
    monkeypatch.setattr(distillation, "PHOTOGRAPHS", 6)
    keras.utils.set_random_seed(1)
    model = encoders.encoder("vgg19", NAMES)
    model.trainable = False
    monkeypatch.setattr(distillation, "level_encoder", lambda *args, **options: model)
    return model


@pytest.fixture
def photo_paths(photo_paths, uncompiled):
    """For runs of a few steps."""
    return photo_paths


def photographs(count=6):
    random = np.random.default_rng(0)
    return random.uniform(0, 255, (count, 32, 32, 3)).astype("float32")


def test_errors_are_relative_to_the_teachers_variance(teacher):
    batch = photographs()
    student, predictor, scales = distillation.build(teacher, batch, FitSettings(crop_size=32))
    trainer = distillation.DistillationTrainer(teacher, predictor, scales)
    found = trainer.terms(predictor(batch), batch)
    for level, name in zip(encoders.LEVELS, NAMES, strict=True):
        wide = ops.convert_to_numpy(teacher(batch)[name]).astype("float64")
        predicted = ops.convert_to_numpy(predictor(batch)[name]) * scales[name]
        expected = np.mean((predicted - wide) ** 2) / np.mean(wide.var(axis=(0, 1, 2)))
        assert float(found[f"level{level}"]) == pytest.approx(expected, rel=1e-3)
    assert student.get_layer("block1_conv1").filters == 4


def test_the_loss_is_the_mean_of_the_logarithms(teacher):
    trainer = distillation.DistillationTrainer(teacher, keras.Sequential(), {})
    terms = {f"level{i}": ops.convert_to_tensor(float(i)) for i in encoders.LEVELS}
    assert float(trainer.total(terms)) == pytest.approx(np.mean(np.log([1, 2, 3, 4, 5])))


def test_training_brings_the_student_nearer_and_leaves_the_teacher_alone(teacher):
    batch = photographs()
    _, predictor, scales = distillation.build(teacher, batch, FitSettings(crop_size=32))
    trainer = distillation.DistillationTrainer(teacher, predictor, scales)
    # The closed form fits few photographs closely: only small steps go further down.
    trainer.compile(keras.optimizers.Adam(3e-6), jit_compile=False)
    before = [np.array(v) for v in teacher.variables]
    first = float(trainer.total(trainer.terms(trainer(batch), batch)))
    for _ in range(15):
        trainer.train_on_batch(batch, batch)
    assert float(trainer.total(trainer.terms(trainer(batch), batch))) < first - 0.003
    for ours, theirs in zip(teacher.variables, before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_run_writes_the_student_alone_with_its_record(teacher, photo_paths, tmp_path):
    output = tmp_path / "mine.weights.h5"
    student = distillation.distill([photo_paths[0].parent], output, FitSettings(**SETTINGS))
    record = json.loads((tmp_path / "mine.json").read_text())
    assert record["kind"] == "encoder"
    assert record["sha256"] == weights.sha256(output)
    assert set(record["training"]["last_losses"]) == {"loss", *distillation.TERMS}
    found = weights.fill(lambda: encoders.encoder("slim", NAMES, name="slim"), output)
    for ours, theirs in zip(found.get_weights(), student.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_run_goes_on_from_another_ones_weights(teacher, photo_paths, tmp_path):
    first, second = tmp_path / "first.weights.h5", tmp_path / "second.weights.h5"
    before = distillation.distill([photo_paths[0].parent], first, FitSettings(**SETTINGS))
    small = FitSettings(**SETTINGS, learning_rate=1e-12)
    after = distillation.distill([photo_paths[0].parent], second, small, start=str(first))
    for ours, theirs in zip(after.get_weights(), before.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
    record = json.loads((tmp_path / "second.json").read_text())
    assert record["training"]["before"]["seconds"] >= 0
