"""A run of a few steps on a narrow network and the lowest layers of a random VGG16."""

import contextlib
import csv
import dataclasses
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from stylenet import images, weights
from stylenet.feed_forward import training as runs
from stylenet.feed_forward.network import load_network, transform_net
from stylenet.feed_forward.training import StyleSettings, StyleTrainer
from stylenet.locks import locked
from stylenet.losses import PRESETS, PerceptualLoss, Preset
from stylenet.surroundings import plain
from stylenet.training.callbacks import (
    Checkpoint,
    FinishExactly,
    NonFiniteLoss,
    StopOnNonFinite,
    restore,
)
from stylenet.training.outputs import Run, read_checkpoint
from stylenet.training.photographs import Photographs
from stylenet.training.run import begin, globals_kept

LOW = PRESETS["engstrom"]._replace(
    network="vgg16",
    content_layers={"block1_conv2": 1.0},
    style_layers={"block1_conv1": 1.0, "block1_conv2": 1.0},
)
SMALL = {
    "steps": 6,
    "epoch_steps": 2,
    "batch_size": 2,
    "crop_size": 32,
    "width": 4,
    "start": "random",
    "preset": LOW._replace(style_layers={"block1_conv1": 1.0}),
}
pytestmark = pytest.mark.usefixtures("none_goes_on")
QUICKLY = "--xla_backend_optimization_level=0"  # JAX compiles faster
ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1"}  # adds numbers up in one order
SCRIPT = """
import sys
from stylenet.feed_forward import training as runs
from stylenet.feed_forward.training import StyleSettings
from stylenet.losses import Preset
settings = StyleSettings(**{settings!r})
runs.train({style!r}, [{content!r}], {output!r}, settings, **{extra!r})
"""


@pytest.fixture
def data(tmp_path, uncompiled):
    """A style and a folder of photographs."""
    rng = np.random.default_rng(0)
    (tmp_path / "photographs").mkdir()
    for i in range(5):
        image = rng.uniform(0, 255, (40 + i, 50, 3))
        images.save_image(tmp_path / "photographs" / f"{i}.png", image)
    images.save_image(tmp_path / "style.png", rng.uniform(0, 255, (48, 64, 3)))
    return tmp_path


def run(data, name="a", resume=False, overwrite=False, **changes):
    settings = StyleSettings(**{**SMALL, **changes})
    output = data / f"{name}.weights.h5"
    return runs.train(
        data / "style.png",
        [data / "photographs"],
        output,
        settings,
        resume=resume,
        overwrite=overwrite,
        vgg_weights="random",
    )


def script(data, name, environment=None, settings=None, first="", **extra):
    """A run in a process of its own, after other code."""
    code = first + SCRIPT.format(
        settings={**SMALL, **(settings or {})},
        style=str(data / "style.png"),
        content=str(data / "photographs"),
        output=str(data / f"{name}.weights.h5"),
        extra={"vgg_weights": "random", **extra},
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, **ONE_THREAD, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process):
    output, _ = process.communicate(timeout=3600)
    assert process.returncode == 0, output
    return output


def arrays(path):
    return [np.asarray(variable) for variable in load_network(path).weights]


def trainer_of(network=None, style=None):
    keras.utils.set_random_seed(0)
    network = network or transform_net(width=4)
    style = np.random.default_rng(1).uniform(0, 255, (40, 40, 3)) if style is None else style
    trainer = StyleTrainer(network, PerceptualLoss(style, LOW, weights="random"))
    trainer.compile(keras.optimizers.Adam(1e-3), jit_compile=False)
    return trainer


def test_only_the_network_is_trained(uncompiled):
    trainer = trainer_of()
    batch = np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)).astype("float32")
    vgg = [np.array(v) for v in trainer.perceptual_loss.extractor.variables]
    before = [np.array(v) for v in trainer.network.variables]
    trainer.train_on_batch(batch, batch)
    after = [np.array(v) for v in trainer.network.variables]
    assert len(trainer.trainable_variables) == 48
    assert all(np.abs(a - b).max() > 0 for a, b in zip(after, before, strict=True))
    for a, b in zip(trainer.perceptual_loss.extractor.variables, vgg, strict=True):
        np.testing.assert_array_equal(a, b)


def test_metrics_are_the_unweighted_terms_and_loss_their_weighted_sum(uncompiled):
    trainer = trainer_of()
    batch = np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)).astype("float32")
    terms = trainer.perceptual_loss(trainer.network(batch), batch)
    logs = trainer.train_on_batch(batch, batch, return_dict=True)
    for name, value in terms.items():
        assert logs[name] == pytest.approx(float(value), rel=1e-4)
    expected = 7.5 * logs["content"] + 100 * logs["style"] + 200 * logs["tv"]
    assert logs["loss"] == pytest.approx(expected, rel=1e-5)


def test_training_lowers_the_loss(photo_paths):
    trainer, dataset = trainer_of(), Photographs(photo_paths, 32, 2)
    history = trainer.fit(dataset, steps_per_epoch=20, epochs=3, shuffle=False, verbose=0).history[
        "loss"
    ]
    assert history[-1] < 0.8 * history[0]


def test_a_run_writes_weights_record_log_and_checkpoint(data):
    (data / "photographs" / "broken.png").write_bytes(b"no picture")
    network = run(data)
    record = json.loads((data / "a.json").read_text())
    assert record["sha256"] == weights.sha256(data / "a.weights.h5")
    assert record["network"] == {"padding": "reflect", "upsampling": "nearest", "width": 4}
    assert record["training"]["settings"]["steps"] == 6
    assert record["training"]["photographs"] == 6
    assert record["training"]["unreadable"] == 1
    assert read_checkpoint(data / "a.checkpoint.npz")[0] == 6
    with (data / "a.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["0", "1", "2"]
    assert float(rows[-1]["style"]) == pytest.approx(record["training"]["last_losses"]["style"])
    for saved, live in zip(arrays(data / "a.weights.h5"), network.weights, strict=True):
        np.testing.assert_array_equal(saved, live)


def test_a_run_may_be_resumed_for_more_steps_but_not_with_other_settings(data):
    run(data)
    run(data, resume=True, steps=8)
    assert read_checkpoint(data / "a.checkpoint.npz")[0] == 8
    with pytest.raises(ValueError, match=r"Different: seed \(was 0, is 7\)"):
        run(data, resume=True, steps=10, seed=7)
    with pytest.raises(ValueError, match="more steps than the 8"):
        run(data, resume=True, steps=8)
    with pytest.raises(FileNotFoundError, match=r"there is no .*b\.checkpoint\.npz"):
        run(data, "b", resume=True)
    (data / "c.checkpoint.npz").write_bytes(b"damaged")
    with pytest.raises(ValueError, match=r"Expected .*c\.checkpoint\.npz' to be of an earlier run"):
        run(data, "c", resume=True)


def test_a_checkpoint_is_replaced_at_once_or_not_at_all(data, monkeypatch):
    trainer = trainer_of()
    trainer.optimizer.build(trainer.trainable_variables)
    callback = Checkpoint(data / "a.checkpoint.npz")
    callback.set_model(trainer)
    callback.set_params({"steps": 1})
    callback.on_epoch_end(0)
    before = (data / "a.checkpoint.npz").read_bytes()

    def fail(path, **arrays):
        Path(path).write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OSError, match="disk full"):
        callback.on_epoch_end(0)
    assert (data / "a.checkpoint.npz").read_bytes() == before
    assert not list(data.glob(".a.*"))


def test_restoring_brings_back_network_and_optimizer(data):
    trainer, other = trainer_of(), trainer_of()
    batch = np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)).astype("float32")
    trainer.train_on_batch(batch, batch)
    callback = Checkpoint(data / "x.npz", first_step=1)
    callback.set_model(trainer)
    callback.set_params({"steps": 1})
    callback.on_epoch_end(0)
    restore(other, data / "x.npz")
    for t in (trainer, other):
        t.train_on_batch(batch, batch)
    for a, b in zip(trainer.network.variables, other.network.variables, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("term", ["content", "style", "tv"])
def test_a_non_finite_loss_stops_the_run_and_names_its_term(term):
    callback, model = StopOnNonFinite(), keras.Model()
    logs = {"content": 1.0, "style": 2.0, "tv": 3.0}
    model.trackers = {name: keras.metrics.Mean(name=name) for name in logs}
    callback.set_model(model)
    callback.on_train_batch_end(0, logs)
    callback.check()
    callback.on_train_batch_end(1, {**logs, term: float("nan")})
    assert callback.model.stop_training
    with pytest.raises(NonFiniteLoss, match=f"but {term} became nan"):
        callback.check()


def test_a_run_that_diverges_keeps_its_last_good_checkpoint(data):
    run(data)
    before = (data / "a.checkpoint.npz").read_bytes()
    with pytest.raises(NonFiniteLoss):
        run(data, overwrite=True, preset=SMALL["preset"]._replace(style_weight=1e38))
    assert (data / "a.checkpoint.npz").read_bytes() == before


def finished_files(data):
    return {path.name: path.read_bytes() for path in data.glob("a.*") if path.is_file()}


def test_an_earlier_run_is_kept_unless_it_goes_on_or_is_to_be_replaced(data):
    run(data, steps=2)
    before = finished_files(data)
    assert set(before) == {"a.weights.h5", "a.json", "a.checkpoint.npz", "a.csv"}
    with pytest.raises(ValueError, match=r"earlier run.*resume \(--resume\).*\(--overwrite\)"):
        run(data, steps=2)
    with pytest.raises(ValueError, match="either resume or overwrite"):
        run(data, resume=True, overwrite=True)
    assert finished_files(data) == before
    run(data, steps=2, seed=1, overwrite=True)
    assert all(value != before[name] for name, value in finished_files(data).items())


@pytest.mark.parametrize("name", ["a.weights.h5", "a.json", "a.csv", "a.checkpoint.npz"])
def test_a_file_that_no_run_wrote_is_not_replaced_whatever_is_asked(data, name):
    (data / name).write_text("somebody's")
    for options in ({}, {"overwrite": True}, {"resume": True}):
        with pytest.raises(ValueError, match=rf"{name}' to be of an earlier run.*rename it"):
            run(data, **options)
    assert finished_files(data) == {name: b"somebody's"}
    assert not list(data.glob(".*"))


def test_a_folder_of_somebodys_previews_is_not_filled(data):
    (data / "a.previews").mkdir()
    (data / "a.previews" / "holiday.png").touch()
    with pytest.raises(ValueError, match="previews' to be of an earlier run"):
        run(data, overwrite=True)


def test_a_network_is_not_trained_over_its_beginning_unless_asked(data):
    run(data, steps=2)
    before, start = finished_files(data), str(data / "a.weights.h5")
    with pytest.raises(ValueError, match="earlier run"):
        run(data, steps=2, start=start)
    assert finished_files(data) == before
    run(data, steps=2, start=start, overwrite=True)
    record = json.loads((data / "a.json").read_text())
    assert record["training"]["before"]["settings"]["start"] == "random"


@pytest.mark.parametrize("lost", [("weights.h5", "json"), ("json",), ()])
def test_a_run_cut_before_its_weights_were_written_is_finished(data, lost):
    """Also with the weights of an older run there, which the record still tells of."""
    run(data)
    whole, record = arrays(data / "a.weights.h5"), json.loads((data / "a.json").read_text())
    for suffix in lost:
        (data / f"a.{suffix}").unlink()
    if not lost:
        later = (data / "a.weights.h5").stat().st_mtime + 60
        os.utime(data / "a.checkpoint.npz", (later, later))
    run(data, resume=True)
    for cut, uncut in zip(arrays(data / "a.weights.h5"), whole, strict=True):
        np.testing.assert_array_equal(cut, uncut)
    again = json.loads((data / "a.json").read_text())
    assert again["training"]["last_losses"] == pytest.approx(record["training"]["last_losses"])
    assert again["network"] == record["network"]


def test_rows_that_a_checkpoint_does_not_know_are_written_anew(data):
    run(data, "uncut")
    run(data, steps=4, epoch_steps=2)
    with (data / "a.csv").open("a") as file:
        file.write("2,1.0,1.0,1.0,1.0\n3,7.")  # two more epochs, the second one cut
    run(data, resume=True)
    rows = [line.split(",")[0] for line in (data / "a.csv").read_text().splitlines()]
    assert rows == ["epoch", "0", "1", "2"]
    assert "7." not in (data / "a.csv").read_text().splitlines()[-1].split(",")


@pytest.mark.parametrize(("rows", "begins"), [(0, True), (1, True), (2, False)])
def test_a_run_cut_before_its_first_checkpoint_begins_anew(data, rows, begins):
    """Which follows the first row of the table of losses; without one that is all there is."""
    a_run = Run(data / "a.weights.h5")
    a_run.log.write_bytes(b"epoch,loss\r\n" + rows * b"0,1.0\r\n")
    with contextlib.nullcontext() if begins else pytest.raises(ValueError, match="earlier run"):
        a_run.check()


def test_a_second_process_at_one_output_is_refused(data):
    with locked(data / "a.weights.h5"), pytest.raises(BlockingIOError, match="another process"):
        run(data)
    assert not list(data.glob("a.*"))
    (data / ".a.weights.h5.lock").touch()  # left by a process that was killed
    run(data, steps=2)
    assert not list(data.glob(".*"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"crop_size": 64}, "at least 64 pixels.*64 x 48"),
        ({"crop_size": 33}, "multiple of 4"),
        ({"steps": 5}, "multiple of 2"),
        ({"preset": "nobody"}, "preset"),
        ({"precision": "mixed_float16"}, "precision"),
        ({"optimizer": "sgd"}, "optimizer"),
        ({"start": "nobody"}, "shipped style"),
        ({"padding": "mirror"}, "padding"),
        ({"learning_rate": float("nan")}, "learning_rate to be a number from 0"),
        ({"learning_rate": float("inf")}, "learning_rate"),
        ({"batch_size": 10**9}, "batch_size to be a whole number from 1 to 1024"),
        ({"width": 10**8}, "width"),
        ({"crop_size": 2**20}, "crop_size"),
        ({"seed": -1}, "seed"),
        ({"style_size": 0}, "style_size"),
        ({"preset": LOW._replace(style_weight=float("nan"))}, "style_weight"),
        ({"preset": LOW._replace(network="vgg20")}, "Did you mean 'vgg19'"),
    ],
)
def test_bad_settings_are_refused_and_nothing_is_written(data, changes, message):
    before = sorted(data.rglob("*"))
    with pytest.raises(ValueError, match=message):
        run(data, **changes)
    assert sorted(data.rglob("*")) == before


def test_a_small_style_is_refused_before_the_loss_network_is_loaded(data, monkeypatch):
    monkeypatch.setattr(runs, "PerceptualLoss", lambda *args: pytest.fail("was loaded"))
    with pytest.raises(ValueError, match=r"at least 64"):
        run(data, crop_size=64)
    with pytest.raises(ValueError, match=r"\.weights\.h5"):
        runs.train(data / "style.png", [data / "photographs"], data / "a.png")
    with pytest.raises(ValueError, match=r"at least 256"):
        runs.train(data / "style.png", [data / "photographs"], data / "no" / "a.weights.h5")
    assert not (data / "no").exists()
    (data / "empty").mkdir()
    with pytest.raises(ValueError, match="empty"):
        runs.train(data / "style.png", [data / "empty"], data / "a.weights.h5")


def test_training_goes_on_from_a_weights_file(data):
    run(data)
    start = data / "a.weights.h5"
    network = run(data, "b", start=str(start), steps=2, learning_rate=1e-9)
    for new, old in zip(network.weights, arrays(start), strict=True):
        np.testing.assert_allclose(new, old, atol=1e-6)
    record = json.loads((data / "b.json").read_text())
    assert record["training"]["settings"]["start"] == "a.weights.h5"  # without this machine's path


def gradients_on(devices, data, backend, environment):
    """The gradients of one step, the batch spread over the devices."""
    name = f"{backend}{devices}"
    settings = {"steps": 1, "epoch_steps": 1, "batch_size": 4}
    environment = {"KERAS_BACKEND": backend, **environment}
    finish(script(data, name, environment, settings, devices=devices))
    return gradients(data / f"{name}.checkpoint.npz")


def gradients(checkpoint):
    """Adam's first moments: after one step the gradients, times a constant."""
    with np.load(checkpoint) as file:
        moments = [file[key] for key in file if key.startswith("optimizer/")]
    return [values for values in moments if values.dtype == "float32"][::2]


def assert_same_gradients(one, two):
    """Equal but for rounding.

    The weights would not do: Adam's first step goes by the gradient's sign, and the shift of a
    channel that a later normalization takes out has a gradient of nothing but rounding errors.
    """
    assert len(one) == len(two) == 48
    largest = max(np.abs(values).max() for values in one)
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5 * largest)


@pytest.mark.slow
def test_two_devices_take_the_same_step_as_one_on_jax(data):
    pytest.importorskip("jax", reason="JAX is not installed: pip install 'stylenet[test]'")
    environment = {"XLA_FLAGS": f"--xla_force_host_platform_device_count=2 {QUICKLY}"}
    assert_same_gradients(*(gradients_on(n, data, "jax", environment) for n in (1, 2)))


@pytest.mark.slow
def test_jax_and_tensorflow_take_the_same_step(data):
    pytest.importorskip("jax", reason="JAX is not installed: pip install 'stylenet[test]'")
    run(data, "start", steps=2)
    vgg = data / "vgg16.weights.h5"
    keras.applications.VGG16(include_top=False, weights=None).save_weights(vgg)
    settings = {"start": str(data / "start.weights.h5"), "steps": 2, "epoch_steps": 1}
    for backend in ("jax", "tensorflow"):
        environment = {"KERAS_BACKEND": backend, "XLA_FLAGS": QUICKLY}
        finish(script(data, backend, environment, settings, vgg_weights=str(vgg)))
    logs = [
        list(csv.DictReader((data / f"{backend}.csv").read_text().splitlines()))
        for backend in ("jax", "tensorflow")
    ]
    for ours, theirs in zip(*logs, strict=True):
        for term in ("loss", "content", "style", "tv"):
            assert float(ours[term]) == pytest.approx(float(theirs[term]), rel=1e-3)


@pytest.mark.slow
@pytest.mark.tensorflow
def test_two_devices_take_the_same_step_as_one_on_tensorflow(data):
    code = """
import numpy as np, tensorflow as tf, keras
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
exec({script!r})
"""
    results = []
    for devices in (1, 2):
        settings = {**SMALL, "steps": 1, "epoch_steps": 1, "batch_size": 4}
        inner = SCRIPT.format(
            settings=settings,
            style=str(data / "style.png"),
            content=str(data / "photographs"),
            output=str(data / f"tf{devices}.weights.h5"),
            extra={"vgg_weights": "random", "devices": devices},
        )
        process = subprocess.run(
            [sys.executable, "-c", code.format(script=inner)],
            cwd=Path(__file__).resolve().parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == 0, process.stderr
        results.append(gradients(data / f"tf{devices}.checkpoint.npz"))
    assert_same_gradients(*results)


def test_muon_moves_a_kernel_as_far_as_the_learning_rate_says_in_all_directions(data):
    after = run(data, optimizer="muon", steps=1, epoch_steps=1, learning_rate=0.01)
    keras.utils.set_random_seed(0)
    before = transform_net("reflect", "nearest", width=4)
    kernels = (net.get_layer("residual1_conv1").get_weights()[0] for net in (before, after))
    moved = np.subtract(*kernels).reshape(-1, 16)  # 144 rows
    lengths = np.linalg.svd(moved, compute_uv=False) / (0.2 * 144**0.5 * 0.01)
    assert lengths.min() > 0.65 and lengths.max() < 1.25


def test_mixed_precision_trains_and_saves_float32(data):
    network = run(data, precision="mixed_bfloat16", steps=2)
    assert all(variable.dtype == "float32" for variable in network.weights)
    assert network.get_layer("down2").compute_dtype == "bfloat16"
    assert all(np.isfinite(values).all() for values in arrays(data / "a.weights.h5"))


def test_the_last_tenth_of_a_run_in_half_precision_is_in_float32(data):
    dtypes = []

    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            dtypes.append(self.model.network.get_layer("down2").compute_dtype)

    changes = {"steps": 10, "epoch_steps": 1, "precision": "mixed_bfloat16"}
    settings = StyleSettings(**{**SMALL, **changes})
    reports = runs._reports
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "_reports", lambda *arguments: [Watch(), *reports(*arguments)])
        runs.train(
            data / "style.png",
            data / "photographs",
            data / "a.weights.h5",
            settings,
            vgg_weights="random",
        )
    assert dtypes == ["bfloat16"] * 9 + ["float32"]


def test_a_step_that_finishes_exactly_is_a_step_in_float32():
    """From the same weights, on the same batch; the loss is that of before the step."""
    batch = np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)).astype("float32")
    exact = trainer_of()
    expected = exact.train_on_batch(batch, batch, return_dict=True)
    with plain():
        keras.config.set_dtype_policy("mixed_bfloat16")
        mixed = trainer_of()
    for one, other in zip(mixed.network.variables, trainer_of().network.variables, strict=True):
        one.assign(other)
    rough = mixed.test_on_batch(batch, batch, return_dict=True)
    finish = FinishExactly(first=0)
    finish.set_model(mixed)
    finish.on_epoch_begin(0)
    found = mixed.train_on_batch(batch, batch, return_dict=True)
    assert abs(found["content"] / expected["content"] - 1) < 1e-5
    assert abs(rough["content"] / expected["content"] - 1) > 1e-4
    for one, other in zip(mixed.network.variables, exact.network.variables, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def process_state():
    """What a run may set for the whole process: precision, distribution, random states."""
    policy, distribution = keras.config.dtype_policy().name, keras.distribution.distribution()
    numbers = np.random.get_state()[1].tolist()  # noqa: NPY002
    return policy, distribution, random.getstate(), numbers


@pytest.mark.tensorflow
def test_a_large_style_is_seen_by_fast_convolutions(data, no_plain_convolutions):
    run(data, steps=2)


def test_a_run_leaves_the_process_as_it_was(data):
    before = process_state()
    run(data, precision="mixed_bfloat16", steps=2)
    assert process_state() == before


def test_so_does_a_run_that_fails(data, monkeypatch):
    before = process_state()
    fails = SMALL["preset"]._replace(style_weight=1e38)
    with pytest.raises(NonFiniteLoss):
        run(data, precision="mixed_bfloat16", preset=fails)
    assert process_state() == before
    monkeypatch.setattr(runs, "PerceptualLoss", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(data, "b", precision="mixed_bfloat16")
    assert process_state() == before


def test_a_distribution_is_set_back(monkeypatch):
    """As JAX has one, that `fit()` needs to the end of the run."""
    found = []
    monkeypatch.setattr(keras.distribution, "distribution", lambda: "before")
    monkeypatch.setattr(keras.distribution, "set_distribution", found.append)

    @globals_kept()
    def train():
        keras.distribution.set_distribution("two devices")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        train()
    assert found == ["two devices", "before"]


def test_a_preset_goes_into_the_record_whole(data):
    run(data, steps=2)
    training = json.loads((data / "a.json").read_text())["training"]
    assert Preset(**training["settings"]["preset"]) == Preset(**training["loss"]) == SMALL["preset"]


def test_a_checkpoint_of_an_older_version_goes_on(data):
    """It has the preset's name, and what replaces its fields, which is nothing."""
    replaced = ("loss_network", "content_layer", "style_layers", "content_weight", "tv_weight")
    settings, a_run = StyleSettings(start="random"), Run(data / "a.weights.h5")
    identity = json.loads(begin(settings, [], a_run).identity)
    assert identity["preset"] == "engstrom"
    arrays = {"step": 100, "seconds": 1.0}
    identity = json.dumps(identity | dict.fromkeys(replaced))
    np.savez(a_run.checkpoint, settings=identity, **arrays)
    assert begin(settings, [], a_run, resume=True).step == 100
    other = dataclasses.replace(settings, preset=SMALL["preset"])
    with pytest.raises(ValueError, match=r"Different: preset \(was engstrom, is .*'vgg16'"):
        begin(other, [], a_run, resume=True)
