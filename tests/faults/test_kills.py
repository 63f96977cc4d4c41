"""Processes that end at a moment of nobody's choosing: what is left goes on; nothing is lost."""

import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import time

import h5py
import pytest
from faults.test_files import DECODER, TRAIN
from helpers import PROJECT

pytestmark = pytest.mark.usefixtures("none_goes_on")
LONG = "-o x.weights.h5 --steps 40 --epoch-steps 1"
# Losses of few layers: what is killed here are runs, of which most time would go into compiling.
TRAIN += f" {LONG} --content-layer block1_conv2 --style-layer block1_conv1"
DECODER += f" {LONG} --feature-weight 0 --texture-weight 0 --style-weight 0 --content-weight 0"
COMMANDS = {
    "train": (TRAIN, "x.weights.h5", "x.checkpoint.npz"),
    "train-decoder": (DECODER, "x.weights.h5", "x.checkpoint.npz"),
    "video": ("video long -s mine.weights.h5 -o x.gif", "x.gif", "x.gif.partial/state.npz"),
}


@pytest.fixture
def here(here):
    """With frames enough for several pieces of a clip."""
    (here / "long").mkdir()
    for number in range(120):
        shutil.copy(here / "frames" / f"{number % 4}.png", here / "long" / f"{number}.png")
    return here


def begin(here, command):
    return started(here, "-m", "stylenet", *command.split())


def started(here, *arguments):
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=here,
        # One thread adds numbers up in one order.
        env={**os.environ, "PYTHONPATH": str(PROJECT), "TF_NUM_INTRAOP_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def go_on(here, command, state):
    """Begins, or goes on where something is left to go on with."""
    return begin(here, command + " --resume" * (here / state).exists())


def content(path):
    """Bytes; of HDF5 the arrays alone."""
    if path.suffix != ".h5":
        return path.read_bytes()
    arrays = {}
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: arrays.update({name: getattr(item, "nbytes", 0)}))
        return {name: file[name][()].tobytes() for name, size in arrays.items() if size}


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_what_was_killed_goes_on_to_the_same_end(name, here):
    """Twice, at random: each time between its beginning and as long after as a whole run took."""
    command, output, state = COMMANDS[name]
    began = time.monotonic()
    _, err = begin(here, command).communicate()
    whole, seconds = content(here / output), time.monotonic() - began
    for path in here.glob("x.*"):
        path.unlink()
    seed = secrets.randbelow(2**32)  # other moments each time
    print(f"seed {seed}")  # pytest shows it if the test fails
    moments = random.Random(seed)
    for _ in range(2):
        process = go_on(here, command, state)
        time.sleep(moments.uniform(0, seconds))
        process.kill()
        process.communicate()
    process = go_on(here, command, state)
    _, err = process.communicate()
    finished = "Expected more steps than" in err  # before it was killed
    assert process.returncode == 0 or finished, err
    assert content(here / output) == whole
    assert finished or not (here / f".{output}.lock").exists()
    assert not (here / "x.gif.partial").exists()


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_a_run_in_one_line_with_nothing_hidden_left(number, status, here):
    command, _, state = COMMANDS["train"]
    process = begin(here, command.replace("--steps 40", "--steps 4000"))
    while not (here / state).exists():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    process.send_signal(number)
    _, err = process.communicate()
    assert process.returncode == status
    assert err.splitlines()[-1] == "stylenet: interrupted" and "Traceback" not in err
    assert {path.name for path in here.glob("x.*")} == {"x.csv", "x.checkpoint.npz"}
    assert not list(here.glob(".*"))


LOADS = """
import os, signal, sys
from stylenet import cli
count = 0
def import_begins(event, arguments):
    global count
    if event == "import":
        count += 1
        if count == {number}:
            os.kill(os.getpid(), signal.SIGINT)
sys.addaudithook(import_begins)
sys.argv[0] = "stylenet"
cli.run()
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [30, 300, 900, 1700])
def test_ctrl_c_while_everything_loads_is_one_line(here, number):
    """As so many modules are imported, with TensorFlow's."""
    before = sorted(here.rglob("*"))
    command = ["stylize", "photo.png", "-s", "mine.weights.h5", "-o", "out.png"]
    process = started(here, "-c", LOADS.format(number=number), *command)
    _, err = process.communicate()
    assert (process.returncode, err) == (130, "stylenet: interrupted\n")
    assert sorted(here.rglob("*")) == before
