"""A disk that takes no more: one line, nothing left, and found before anything slow."""

import contextlib
import resource

import numpy as np
import pytest
from faults.table import Row, check, rows
from faults.test_files import DECODER, TRAIN
from old_weights import random_arrays, write_npz

from stylenet import files


@contextlib.contextmanager
def room_for(size):
    """As if the disk had no room for a file of more bytes than these."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@rows(
    Row(f"{TRAIN} -o x.weights.h5", "Expected room for"),
    Row(f"{DECODER} -o x.weights.h5", "Expected room for"),
    Row("convert old.npz x.weights.h5", "Expected room for"),
    Row("stylize painting.png -s mine.weights.h5 -o x.bmp", "Cannot write 'x.bmp': File too large"),
)
def test_files_that_are_too_large_for_the_disk(row, here, capsys):
    write_npz(here / "old.npz", random_arrays())
    small = 4200 if "stylize" in row.command else 20_000
    with room_for(small):
        check(row, here, capsys)


@rows(
    Row("benchmark feed-forward -o x.json", "Cannot write 'x.json': File too large"),
    Row("video clip.gif -s mine.weights.h5 -o x.gif", "Cannot write 'x.gif': File too large"),
    Row("stylize photos -s mine.weights.h5 -o x", "Cannot write 'x': File too large"),
)
def test_a_full_disk_is_found_before_anything_is_drawn(row, here, capsys):
    with room_for(100):
        check(row, here, capsys)


def test_a_checkpoint_that_does_not_fit_leaves_the_one_before(tmp_path):
    target = tmp_path / "x.checkpoint.npz"
    target.write_bytes(b"before")
    with (
        room_for(1000),
        pytest.raises(OSError, match=r"File too large: .*x\.checkpoint\.npz"),
        files.written_whole(target) as part,
    ):
        np.savez(part, array=np.zeros(1000))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"before"]
