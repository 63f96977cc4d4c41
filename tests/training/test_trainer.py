import types

import keras
import numpy as np
import pytest
from PIL import Image

from stylenet.training import hardware
from stylenet.training.callbacks import Progress, StopOnNonFinite

RUN = """
import contextlib, sys
import keras, numpy as np
from keras import ops
from stylenet.training.callbacks import Progress, StopOnNonFinite
from stylenet.training.photographs import Photographs
from stylenet.training.run import lay_out
from stylenet.training.trainer import Trainer

class Weighted(Photographs):
    def batch(self, step):
        crops, _ = super().batch(step)
        weights = np.arange(2, dtype="float32") + step % 2
        return (crops, weights), (crops, weights)

class Halved(Trainer):
    def call(self, inputs):
        return self.network(inputs[0])
    def terms(self, outputs, targets):
        photographs, weights = targets
        squares = ops.mean(ops.square(outputs - photographs / 2), axis=(1, 2, 3))
        return {"error": ops.mean(weights * squares)}
    def total(self, terms):
        return terms["error"]

def losses(count, album):
    keras.utils.set_random_seed(0)
    network = keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(3, 3)])
    network = keras.Sequential([network, keras.layers.ZeroPadding2D(1)])
    trainer = Halved(network, ["error"])
    stream = Weighted([str(path) for path in arrays["paths"]], 16, 2)
    if album:
        lay_out(stream, trainer)
    trainer.compile(keras.optimizers.Adam(0.1), steps_per_execution=count)
    options = {"steps_per_epoch": 6, "epochs": 2, "shuffle": False, "verbose": 0}
    callbacks = [StopOnNonFinite(), Progress(12)]
    return trainer.fit(stream, **options, callbacks=callbacks).history["error"]

results = {f"{count}{album}": losses(count, album) for count in (1, 3, 6) for album in (0, 1)}
"""


@pytest.fixture
def paths(tmp_path):
    random = np.random.default_rng(0)
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(3):
        pixels = random.integers(0, 256, (20 + number, 24, 3), dtype="uint8")
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return np.array([str(path) for path in sorted(folder.iterdir())])


def assert_same_losses(results):
    first = results.pop("10")
    assert first[1] < first[0]
    assert len(results) == 5
    for losses in results.values():
        np.testing.assert_allclose(losses, first, rtol=1e-4)


def test_losses_do_not_depend_on_steps_a_call_nor_on_where_crops_are_cut(paths):
    scope = {"arrays": {"paths": paths}}
    exec(RUN, scope)
    assert_same_losses(scope["results"])


def test_neither_do_they_on_jax(paths, run_on_jax):
    assert_same_losses(run_on_jax(RUN, paths=paths))


def test_callbacks_leave_the_model_alone_while_it_is_in_training(monkeypatch):
    """On JAX, whoever reads `Callback.model` then replaces all variables by older ones."""
    model = types.SimpleNamespace(trackers=["error"], stop_training=False)
    callbacks = [StopOnNonFinite(), Progress(4)]
    for callback in callbacks:
        callback.set_model(model)
        callback.set_params({"steps": 4})
        callback.on_train_begin()
        callback.on_epoch_begin(0)
    monkeypatch.setattr(keras.callbacks.Callback, "model", property(lambda self: 1 / 0))
    for callback in callbacks:
        callback.on_train_batch_end(3, {"error": float("nan")})
    assert model.stop_training


@pytest.mark.parametrize(
    ("wanted", "epoch", "gpu", "expected"),
    [(None, 100, False, 1), (None, 100, True, 20), (None, 50, True, 10), (7, 100, False, 5)],
)
def test_steps_of_a_call_share_an_epoch_evenly(monkeypatch, wanted, epoch, gpu, expected):
    monkeypatch.setattr(hardware, "on_gpu", lambda: gpu)
    settings = types.SimpleNamespace(steps_per_execution=wanted, epoch_steps=epoch)
    assert hardware.steps_per_execution(settings) == expected


@pytest.mark.parametrize(
    ("gpu", "capability", "expected"),
    [
        (False, 0, "float32"),
        (True, 7.5, "float32"),
        (True, 8.0, "mixed_bfloat16"),
        (True, float("inf"), "mixed_bfloat16"),
    ],
)
def test_half_precision_is_for_hardware_that_is_made_for_it(monkeypatch, gpu, capability, expected):
    monkeypatch.setattr(hardware, "on_gpu", lambda: gpu)
    monkeypatch.setattr(hardware, "_capability", lambda: capability)
    assert hardware.precision("auto") == expected
    assert hardware.precision("float32") == "float32"
