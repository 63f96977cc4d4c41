"""A folder of somebody who tries things: small pictures, networks and clips, good ones and bad."""

import shutil

import numpy as np
import pytest
from helpers import smooth
from PIL import Image

from stylenet import images, weights


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """Made once; `here` gives each test a copy.

    photo.png, 30 x 41; painting.png, 64 x 64; photos/ with three of 40 x 48; frames/ with four of
    32 x 48; clip.gif of the same; mine.weights.h5, a network of width 4; empty.png without a byte;
    text.jpg and text.h5, which are texts; cut.png, half a picture; notes.txt.
    """
    import keras

    from stylenet.feed_forward.network import transform_net

    folder = tmp_path_factory.mktemp("prepared")
    keras.utils.set_random_seed(0)
    options = {"padding": "reflect", "upsampling": "nearest", "width": 4}
    weights.save_network(transform_net(**options), folder / "mine.weights.h5", options)
    images.save_image(folder / "photo.png", smooth(30, 41))
    images.save_image(folder / "painting.png", smooth(64, 64, seed=1))
    for name, count, size in (("photos", 3, (40, 48)), ("frames", 4, (32, 48))):
        (folder / name).mkdir()
        for number in range(count):
            picture = np.roll(smooth(*size), number, axis=1)
            images.save_image(folder / name / f"{number}.png", picture)
    frames = [Image.open(path) for path in sorted((folder / "frames").iterdir())]
    frames[0].save(folder / "clip.gif", save_all=True, append_images=frames[1:], duration=40)
    (folder / "empty.png").touch()
    (folder / "text.jpg").write_text("no picture")
    (folder / "text.h5").write_text("no weights")
    whole = (folder / "photo.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "notes.txt").write_text("somebody's")
    return folder


@pytest.fixture
def here(prepared, tmp_path):
    folder = tmp_path / "here"
    shutil.copytree(prepared, folder)
    return folder
