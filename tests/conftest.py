"""What several test modules share: small photographs, real weights, another backend, a seed."""

import ctypes
import functools
import gc
import importlib.util
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylenet import memory, reports

PROJECT = Path(__file__).resolve().parent.parent
VGG19 = "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"
# What remembers networks, by module.
CACHES = (("stylenet.feed_forward.stylizer", "_load_file"), ("stylenet.stylizers", "_engine"))
SIZES = ((40, 56), (64, 33), (48, 48), (35, 90), (70, 41))


def pytest_configure(config):
    # Keras 3.15 on TensorFlow, each time a variable becomes an array under NumPy 2.
    message = "__array__ implementation doesn't accept a copy keyword"
    config.addinivalue_line("filterwarnings", f"ignore:{message}:DeprecationWarning")


def pytest_collection_modifyitems(items):
    """With another backend, what speeds up TensorFlow alone is skipped, saying so."""
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    skip = pytest.mark.skip(reason=f"TensorFlow's alone; Keras runs on {backend} here")
    for item in items:
        alone = item.path.parent.name == "speed" or item.get_closest_marker("tensorflow")
        if backend != "tensorflow" and alone:
            item.add_marker(skip)


def pytest_collection_finish():
    """What is imported stays: collecting garbage need not go through it each time."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)  # before fixtures, of which some draw a network's first weights
def pytest_runtest_setup():
    """A test draws the same random numbers each time."""
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(0)


@pytest.fixture(autouse=True, scope="module")
def little_memory():
    """After each module networks and graphs are forgotten: a process would grow to gigabytes."""
    yield
    for name, attribute in CACHES:
        if name in sys.modules:
            getattr(sys.modules[name], attribute).cache_clear()
    if "keras" in sys.modules:
        sys.modules["keras"].utils.clear_session(free_memory=False)
    gc.collect()
    gc.freeze()
    if os.name == "posix" and hasattr(ctypes.CDLL(None), "malloc_trim"):
        ctypes.CDLL(None).malloc_trim(0)  # glibc keeps what is free; the system gets it back


@pytest.fixture(autouse=True)
def any_machine(monkeypatch):
    """A slow machine, on which bars would speak, and a full one, on which pictures get smaller."""
    monkeypatch.setattr(reports, "SECONDS", math.inf)
    monkeypatch.setattr(memory, "free", lambda: 1000.0)


@pytest.fixture
def uncompiled(monkeypatch):
    """Trainings on TensorFlow go step by step: of a few, most time would go into compiling them."""
    import keras

    if keras.backend.backend() == "tensorflow":
        step_by_step = functools.partialmethod(keras.Model.compile, run_eagerly=True)
        monkeypatch.setattr(keras.Model, "compile", step_by_step)


@pytest.fixture
def none_goes_on(monkeypatch):
    """What a failed test leaves running is ended."""
    begun = []

    class Kept(subprocess.Popen):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            begun.append(self)

    monkeypatch.setattr(subprocess, "Popen", Kept)
    yield
    for process in begun:
        process.kill()
        process.wait()
        for pipe in filter(None, (process.stdin, process.stdout, process.stderr)):
            pipe.close()


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 256, (13, 17, 3), dtype="uint8")


@pytest.fixture
def smooth():
    rows, columns = np.mgrid[0:48, 0:64]
    return np.stack([rows * 5.0, columns * 4.0, 255 - rows * 2.0 - columns], axis=2)


@pytest.fixture
def photo_paths(tmp_path):
    """Five small random photographs of different sizes, as files without loss."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    random = np.random.default_rng(0)
    for number, size in enumerate(SIZES):
        pixels = random.integers(0, 256, (*size, 3), dtype="uint8")
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return sorted(folder.iterdir())


@pytest.fixture(scope="session")
def vgg19_path():
    """The real VGG19, which is too large for the repository."""
    path = Path(os.environ.get("STYLENET_WEIGHTS", "")).expanduser() / VGG19
    if not os.environ.get("STYLENET_WEIGHTS") or not path.is_file():
        pytest.skip(f"{VGG19} is missing: put it into a folder and name that in STYLENET_WEIGHTS")
    return path


@pytest.fixture
def run_on_jax(tmp_path):
    """Runs code in a fresh interpreter with Keras on JAX.

    Arrays go in as `arrays["name"]`; the dict `results` that the code fills comes back.
    """
    if importlib.util.find_spec("jax") is None:
        pytest.skip("JAX is missing: install it with `pip install jax`")

    def run(code, **arrays):
        source, target = tmp_path / "to_jax.npz", tmp_path / "from_jax.npz"
        np.savez(source, **arrays)
        program = (
            "import keras, numpy as np\n"
            "assert keras.backend.backend() == 'jax'\n"
            f"arrays, results = dict(np.load({str(source)!r})), {{}}\n"
            f"{code}\n"
            f"np.savez({str(target)!r}, **results)\n"
        )
        environment = {
            **os.environ,
            "KERAS_BACKEND": "jax",
            "JAX_PLATFORMS": "cpu",
            "XLA_FLAGS": "--xla_backend_optimization_level=0",  # compiles faster
            "PYTHONPATH": str(PROJECT),
        }
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        with np.load(target) as file:
            return dict(file)

    return run


@pytest.fixture
def no_plain_convolutions(monkeypatch):
    """A loss network whose convolutions are TensorFlow's own fails: of large pictures, oneDNN
    takes hundreds of times as long for these, without AVX-512.
    """
    import keras

    def refuse(layer, inputs, kernel):
        assert not layer.name.startswith("block") or kernel.shape[2] == 3, layer.name
        return plain(layer, inputs, kernel)

    plain = keras.layers.Conv2D.convolution_op
    monkeypatch.setattr(keras.layers.Conv2D, "convolution_op", refuse)
