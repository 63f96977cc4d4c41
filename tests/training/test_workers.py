"""Two processes that train one network, each with a part of every batch: as one with all of it."""

import atexit
import contextlib
import csv
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
from helpers import PROJECT

from stylenet import images
from stylenet.feed_forward.settings import check, check_many
from stylenet.feed_forward.training import StyleSettings
from stylenet.losses import PRESETS
from stylenet.super_resolution.training import train_super_resolution
from stylenet.training.outputs import read_checkpoint
from stylenet.training.photographs import Photographs
from stylenet.training.workers import (
    ADDRESSES,
    CONFIG,
    COUNT,
    INDEX,
    WorkerEnded,
    Workers,
    watched,
    workers,
)

pytestmark = pytest.mark.usefixtures("none_goes_on")
STEPS = 10
SMALL = {
    "steps": STEPS,
    "epoch_steps": 1,
    "batch_size": 4,
    "crop_size": 32,
    "width": 4,
    "start": "random",
    "preset": PRESETS["engstrom"]._replace(
        network="vgg16",
        content_layers={"block1_conv2": 1.0},
        style_layers={"block1_conv1": 1.0},
    ),
}
SCRIPT = """
from stylenet.feed_forward import training
from stylenet.feed_forward.training import StyleSettings
from stylenet.losses import Preset
settings = StyleSettings(**{settings!r})
training.train("style.png", ["photographs"], {output!r}, settings, **{options!r})
"""
SECONDS = 3600  # at most, for a run
JAX = {
    "KERAS_BACKEND": "jax",
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_backend_optimization_level=0",  # compiles faster
}


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A folder with a style and photographs."""
    rng = np.random.default_rng(0)
    for number in range(5):
        path = tmp_path / "photographs" / f"{number}.png"
        images.save_image(path, rng.uniform(0, 255, (40 + number, 50, 3)))
    images.save_image(tmp_path / "style.png", rng.uniform(0, 255, (48, 64, 3)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ports(count):
    """Addresses on this machine that are free, below those that a system gives to who asks."""
    free = set()
    while len(free) < count:
        port = secrets.choice(range(10_000, 30_000))
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            free.add(f"127.0.0.1:{port}")
    return sorted(free)


def variables(backend, addresses, index):
    """What tells a process which of several it is."""
    if backend == "jax":
        told = {ADDRESSES: addresses[0], COUNT: str(len(addresses)), INDEX: str(index)}
        return {**told, **JAX}
    task = {"type": "worker", "index": index}
    return {CONFIG: json.dumps({"cluster": {"worker": addresses}, "task": task})}


def begin(data, output, environment, **changes):
    options = {"vgg_weights": "random", "resume": changes.pop("resume", False)}
    code = SCRIPT.format(settings={**SMALL, **changes}, output=output, options=options)
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=data,
        env={**os.environ, "PYTHONPATH": str(PROJECT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def begin_two(data, output, backend, **changes):
    addresses = ports(2)
    return [
        begin(data, output, variables(backend, addresses, index), **changes) for index in (0, 1)
    ]


def finish(process):
    output, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, output
    return output


def losses(path):
    with open(path) as file:
        rows = list(csv.DictReader(file))
    return np.array(
        [[float(row[name]) for name in ("loss", "content", "style", "tv")] for row in rows]
    )


def wait_for(path, rows, processes):
    begun = time.monotonic()
    while not path.is_file() or path.read_text().count("\n") <= rows:
        assert time.monotonic() - begun < SECONDS
        assert all(each.poll() is None for each in processes)
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_two_processes_train_as_one_and_one_writes(data, backend):
    if backend == "jax":
        pytest.importorskip("jax")
    finish(begin(data, "one.weights.h5", JAX if backend == "jax" else {}))
    outputs = [finish(process) for process in begin_two(data, "two.weights.h5", backend)]
    assert "machine 1 of 2" in outputs[0] and "machine 2 of 2" in outputs[1]
    expected, found = (losses(data / f"{name}.csv") for name in ("one", "two"))
    assert expected.shape == (STEPS, 4)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    records = [json.loads((data / f"{name}.json").read_text()) for name in ("one", "two")]
    assert len({record["training"]["photographs"] for record in records}) == 1


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_the_end_of_one_ends_all_with_a_sentence_and_resume_goes_on(data, backend):
    if backend == "jax":
        pytest.importorskip("jax")
    long = {"steps": 1000}
    processes = begin_two(data, "two.weights.h5", backend, **long)
    wait_for(data / "two.csv", 5, processes)
    processes[1].send_signal(signal.SIGKILL)
    output, _ = processes[0].communicate(timeout=SECONDS)
    assert processes[0].returncode > 0, output
    assert "one of them ended. The last checkpoint is kept" in output
    processes[1].communicate()
    done, _, _ = read_checkpoint(data / "two.checkpoint.npz")
    assert 4 <= done < 1000
    for process in begin_two(data, "two.weights.h5", backend, steps=done + 2, resume=True):
        finish(process)
    assert len(losses(data / "two.csv")) == done + 2


@pytest.mark.parametrize(
    "error",
    [
        ValueError("UNKNOWN: Gloo AllGather failed: Connection reset by peer"),
        type("JaxRuntimeError", (RuntimeError,), {})("INTERNAL"),
    ],
)
def test_the_end_of_another_is_told_from_an_error_of_ones_own(monkeypatch, error):
    monkeypatch.setenv(CONFIG, variables("tensorflow", ["a:1", "b:1"], 0)[CONFIG])
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    monkeypatch.setattr(atexit, "register", lambda function: None)
    with pytest.raises(WorkerEnded, match="repeat the command with --resume"), watched():
        raise error
    with pytest.raises(ValueError, match="my own"), watched():
        raise ValueError("my own")


def test_each_has_its_part_of_a_batch(data):
    paths = sorted((data / "photographs").iterdir())
    whole, _ = Photographs(paths, 32, 4, seed=1).batch(3)
    parts = [Photographs(paths, 32, 4, seed=1, part=(number, 2)).batch(3)[0] for number in (0, 1)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_who_takes_part_is_read_from_the_engines_own_variables(monkeypatch):
    for name in (CONFIG, COUNT, INDEX):
        monkeypatch.delenv(name, raising=False)
    assert workers("tensorflow") == workers("jax") == Workers(1, 0)
    monkeypatch.setenv(COUNT, "3")
    monkeypatch.setenv(INDEX, "2")
    assert workers("jax") == Workers(3, 2) and workers("tensorflow") == Workers(1, 0)
    cluster = {"chief": ["a:1"], "worker": ["b:1", "c:1"]}
    for task, index in ((("chief", 0), 0), (("worker", 0), 1), (("worker", 1), 2)):
        told = {"cluster": cluster, "task": {"type": task[0], "index": task[1]}}
        monkeypatch.setenv(CONFIG, json.dumps(told))
        assert workers("tensorflow") == Workers(3, index)
    assert workers("tensorflow").writes is False


@pytest.mark.parametrize("text", ["no json", '{"cluster": 3}', '{"task": {"index": 4}}'])
def test_variables_that_cannot_be_read_are_a_sentence(monkeypatch, text):
    monkeypatch.setenv(CONFIG, text)
    with pytest.raises(ValueError, match="Expected"):
        workers("tensorflow")


def test_what_only_one_machine_can_do_is_refused_on_several(data, monkeypatch):
    variable = variables("tensorflow", ["a:1", "b:1"], 0)
    monkeypatch.setenv(CONFIG, variable[CONFIG])
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    settings = StyleSettings(**SMALL)
    with pytest.raises(ValueError, match="devices to be left out on 2 machines"):
        check("style.png", "photographs", "x.weights.h5", settings, devices=2)
    with pytest.raises(ValueError, match="Expected one machine for several paintings"):
        check_many({"a": "style.png"}, "photographs", "x.weights.h5", settings)
    with pytest.raises(ValueError, match="Expected one machine for enlarging"):
        train_super_resolution("photographs", "x.weights.h5")
