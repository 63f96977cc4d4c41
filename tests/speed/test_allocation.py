import ctypes
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from stylenet.speed import allocation
from stylenet.training import callbacks
from stylenet.universal import DecoderSettings, train_decoder

# In a process of its own: in one that has worked, blocks may come from what lies there, freed.
PAGES = """
import ctypes, resource
from stylenet.speed import allocation

SIZE, TIMES = 24 * 2**20, 8
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]

def new_pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(TIMES):
        block = libc.malloc(SIZE)
        libc.memset(block, 1, SIZE)
        libc.free(block)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / TIMES

for limit in (allocation.MMAP_THRESHOLD, allocation.TRIM_THRESHOLD):  # as TensorFlow leaves them
    assert libc.mallopt(limit, 128 * 1024)
before, done = new_pages(), allocation.reuse_memory()
new_pages()  # the block comes once more
print(before * resource.getpagesize() / SIZE, done, new_pages() * resource.getpagesize() / SIZE)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="this system's memory is not glibc's")
def test_a_block_that_was_freed_is_used_again():
    if not hasattr(ctypes.CDLL(None), "mallopt"):
        pytest.skip("this system's memory is not glibc's")
    command = [sys.executable, "-c", PAGES]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout
    before, done, after = told.split()
    assert float(before) > 0.9 and done == "True" and float(after) < 0.1


def test_nothing_happens_on_other_systems(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: pytest.fail("there is no such library"))
    monkeypatch.setattr(sys, "platform", "win32")
    assert not allocation.reuse_memory()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())  # musl has no mallopt
    assert not allocation.reuse_memory()


def test_each_training_sees_to_it_once_its_stream_is_open(uncompiled, tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(callbacks, "reuse_memory", lambda: calls.append(1))
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype="uint8")
    Image.fromarray(pixels).save(tmp_path / "photograph.png")
    weights = dict.fromkeys(("feature_weight", "texture_weight", "style_weight"), 0.0)
    settings = DecoderSettings(
        level=1, steps=2, epoch_steps=2, batch_size=1, crop_size=32, content_weight=0.0, **weights
    )
    train_decoder([tmp_path], tmp_path / "decoder.weights.h5", settings)
    assert calls == [1]
