import numpy as np
import pytest
from keras import ops
from PIL import Image

from stylenet import images
from stylenet.training.album import Album
from stylenet.training.photographs import Photographs

CROP = 32
# Reduced, enlarged, long, of the crop's size, and larger than crops need.
SIZES = ((60, 48), (20, 31), (33, 150), (32, 32), (40, 57), (130, 100))


@pytest.fixture
def paths(tmp_path):
    random = np.random.default_rng(0)
    for number, size in enumerate(SIZES):
        pixels = random.integers(0, 256, (*size, 3), dtype="uint8")
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    return sorted(tmp_path.iterdir())


def on_host_and_album(paths, steps=8):
    """The batches of a seed, cut on the host and by the album."""
    host, device = (Photographs(paths, CROP, 4) for _ in range(2))
    device.album = Album(device.decoded(), CROP)
    for step in range(steps):
        yield host.batch(step)[0], device.album(device.batch(step)[0]["places"])


def test_the_album_cuts_the_crops_of_the_host(paths):
    for host, device in on_host_and_album(paths):
        assert device.shape == (4, CROP, CROP, 3)
        np.testing.assert_allclose(ops.convert_to_numpy(device), host, atol=0.05)


def test_a_photograph_that_can_not_be_read_is_never_asked_for(paths, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    for host, device in on_host_and_album([*paths, broken]):
        np.testing.assert_allclose(ops.convert_to_numpy(device), host, atol=0.05)


def test_photographs_beyond_the_memory_are_not_laid_out(paths):
    needed = sum(np.prod(images.picture_size(path)) * 3 for path in paths)
    assert Photographs(paths, CROP, 4, kept=needed // 3).decoded() is None
    assert len(Photographs(paths, CROP, 4, kept=needed).decoded()) == len(SIZES)
