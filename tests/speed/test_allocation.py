import ctypes
import sys

import numpy as np
import pytest
from PIL import Image

from stylenet.speed import allocation
from stylenet.universal import DecoderSettings, train_decoder

resource = pytest.importorskip("resource", reason="Windows does not count a process' pages")
BYTES, TIMES, PAGE = 2**20, 32, resource.getpagesize() if resource else 4096


@pytest.fixture
def forgetful():
    """As TensorFlow leaves glibc: its threshold no longer grows, and blocks go back at once."""
    if not hasattr(ctypes.CDLL(None), "mallopt"):
        pytest.skip("this system's memory is not glibc's")
    limits = (allocation.MMAP_THRESHOLD, allocation.TRIM_THRESHOLD)
    assert all(ctypes.CDLL(None).mallopt(limit, 128 * 1024) for limit in limits)
    yield
    allocation.reuse_memory()


def new_pages():
    """How often the system gives a page, per block, where a block is used and freed many times."""
    np.ones(BYTES, "uint8")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(TIMES):
        np.ones(BYTES, "uint8")
    return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / TIMES


def test_a_block_that_was_freed_is_used_again(forgetful):
    assert new_pages() >= BYTES / PAGE
    assert allocation.reuse_memory()
    assert new_pages() < BYTES / PAGE / 10


def test_nothing_happens_on_other_systems(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: pytest.fail("there is no such library"))
    monkeypatch.setattr(sys, "platform", "win32")
    assert not allocation.reuse_memory()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())  # musl has no mallopt
    assert not allocation.reuse_memory()


def test_each_training_sees_to_it(forgetful, uncompiled, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype="uint8")
    Image.fromarray(pixels).save(tmp_path / "photograph.png")
    weights = dict.fromkeys(("feature_weight", "texture_weight", "style_weight"), 0.0)
    settings = DecoderSettings(
        level=1, steps=1, epoch_steps=1, batch_size=1, crop_size=32, content_weight=0.0, **weights
    )
    train_decoder([tmp_path], tmp_path / "decoder.weights.h5", settings)
    assert new_pages() < BYTES / PAGE / 10
