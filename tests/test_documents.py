"""What README and lectures tell a reader to type works: each command is run, with small numbers.

Files and folders that they speak of (photo.jpg, holiday/, slides/ and so on) are made beforehand.
"""

import itertools
import re
import shlex
import subprocess

import numpy as np
import pytest
from helpers import LECTURES, PROJECT, run
from helpers import read_notebook as read
from old_weights import random_arrays, write_npz, write_whole_model

from stylenet import images, weights

README = (PROJECT / "README.md").read_text()
TEXTS = [README, *(cell.source for path in LECTURES for cell in read(path).cells)]
# A line, or a part of one with arguments; `stylenet train` alone is a name.
COMMAND = re.compile(r"(?m)(?:`|^    )stylenet ([a-z-]+ [^#\s].*?|styles)(?:`|\s+#|$)")
COMMANDS = list(dict.fromkeys(line for text in TEXTS for line in COMMAND.findall(text)))
# A later option replaces an earlier one.
SMALLER = {
    "gatys": "--steps 2 --max-size 32",
    "train": "--steps 2 --epoch-steps 2 --crop-size 32 --batch-size 1 --style-size 48",
    "train-decoder": "--steps 2 --epoch-steps 2 --crop-size 32 --batch-size 1",
    "universal": "--max-size 48 --style-size 48",
}
NEED_VGG = ("gatys", "train", "benchmark")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A reader's folder."""
    random = np.random.default_rng(0)
    for folder in ("photographs", "holiday", "slides"):
        (tmp_path / folder).mkdir()
    for name in ("photo.jpg", "painting.jpg", *(f"photographs/{n}.jpg" for n in range(3))):
        images.save_image(tmp_path / name, random.uniform(0, 255, (48, 64, 3)))
    for name, size in (("holiday/a.jpg", (40, 30, 3)), ("holiday/b.png", (31, 50, 3))):
        images.save_image(tmp_path / name, random.uniform(0, 255, size))
    images.save_image(tmp_path / "sky.png", np.full((48, 64, 3), 255.0))
    images.save_image(tmp_path / "ground.png", np.zeros((48, 64, 3)))
    (tmp_path / "images").symlink_to(PROJECT / "images")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def film(path, size=(64, 48)):
    """A video of three frames."""
    cv2 = pytest.importorskip("cv2")
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 25, size)
    for level in (60, 70, 80):
        writer.write(np.full((*size[::-1], 3), level, "uint8"))
    writer.release()


def own_style(path):
    from stylenet.feed_forward.network import transform_net

    options = {"padding": "reflect", "upsampling": "nearest", "width": 4}
    weights.save_network(transform_net(**options), path, options)


def test_there_are_commands():
    assert {line.split()[0] for line in COMMANDS} >= {"styles", "stylize", "train", "gatys"}


@pytest.mark.slow
@pytest.mark.parametrize("line", COMMANDS)
def test_command_runs(line, home, capsys, request):
    name, *arguments = shlex.split(line.replace("--size 512", "--size 64"))
    if name in NEED_VGG:
        request.getfixturevalue("vgg19_path")
    if "my.weights.h5" in arguments and name != "train":
        own_style(home / "my.weights.h5")
    if name == "video":
        film(home / arguments[0])
    if name == "convert":
        write = write_npz if arguments[0].endswith(".npz") else write_whole_model
        write(home / arguments[0], random_arrays())
    arguments += shlex.split(SMALLER.get(name, ""))
    if "--resume" in arguments:
        run(capsys, name, *(argument for argument in arguments if argument != "--resume"))
        arguments += ["--steps", "4"]
    code, _, err = run(capsys, name, *arguments)
    assert code == 0, err
    for before, after in itertools.pairwise(arguments):
        if before == "-o":
            assert (home / after).exists()


@pytest.mark.slow
def test_python_of_the_readme_runs(home):
    features = np.random.default_rng(0).normal(0, 1, (1, 4, 5, 6)).astype("float32")
    painting = images.load_image("painting.jpg")
    names = {"features": features, "painting": painting, "other": painting}
    for code in re.findall(r"(?s)```python\n(.*?)```", README):
        exec(compile(code, "README.md", "exec"), names)
    assert (home / "cat.png").is_file()


def test_targets_of_make_exist():
    for target in set(re.findall(r"(?m)^    make ([a-z-]+)|`make ([a-z-]+)`", README)):
        name = "".join(target)
        done = subprocess.run(["make", "-n", name], cwd=PROJECT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_links_of_the_readme_lead_somewhere():
    for link in re.findall(r"\]\(([^)#]+)", README):
        if "://" not in link:
            assert (PROJECT / link).exists(), link
