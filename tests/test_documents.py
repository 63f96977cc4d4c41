"""What README, `docs/` and lectures tell a reader to type works: each is run, with small numbers.

Files and folders that they speak of (photo.jpg, holiday/, slides/ and so on) are made beforehand.
"""

import itertools
import re
import shlex
import subprocess
import sys
import tomllib

import numpy as np
import pytest
from helpers import LECTURES, PROJECT, install_lines, run
from helpers import read_notebook as read
from old_weights import random_arrays, write_npz, write_whole_model

from stylenet import images, weights
from stylenet.extensions import save_sound, synthesis

README = (PROJECT / "README.md").read_text()
PAGES = {path: path.read_text() for path in sorted((PROJECT / "docs").glob("*.md"))}
PAGES = {PROJECT / "README.md": README, **PAGES}
TEXTS = [*PAGES.values(), *(cell.source for path in LECTURES for cell in read(path).cells)]
# A line, or a part of one with arguments; `stylenet train` alone is a name.
COMMAND = re.compile(r"(?m)(?:`|^    )stylenet ([a-z-]+ [^#\s].*?|styles)(?:`|\s+#|$)")
COMMANDS = list(dict.fromkeys(line for text in TEXTS for line in COMMAND.findall(text)))
# A later option replaces an earlier one.
SMALLER = {
    "gatys": "--steps 2 --max-size 32",
    "train": "--steps 2 --epoch-steps 2 --crop-size 32 --batch-size 1 --style-size 48",
    "add-style": "--steps 2 --epoch-steps 2 --crop-size 32 --batch-size 1",
    "train-decoder": "--steps 2 --epoch-steps 2 --crop-size 32 --batch-size 1",
    "universal": "--max-size 48 --style-size 48",
    "video": "--max-size 48",
    "sound": "--steps 2",
    "doodle": "--steps 2",
}
NEED_VGG = ("gatys", "train", "add-style", "benchmark")
PAINTINGS = ("painting.jpg", "one.jpg", "two.jpg", "three.jpg")


@pytest.fixture
def home(tmp_path, monkeypatch, uncompiled):
    """A reader's folder."""
    random = np.random.default_rng(0)
    for folder in ("photographs", "holiday", "slides"):
        (tmp_path / folder).mkdir()
    monkeypatch.setattr("stylenet.feed_forward.targets.SIZES", (40, 48, 56, 64, 72))
    for name in ("photo.jpg", "small.png", *PAINTINGS, *(f"photographs/{n}.jpg" for n in range(3))):
        images.save_image(tmp_path / name, random.uniform(0, 255, (48, 64, 3)))
    for name, size in (("holiday/a.jpg", (40, 30, 3)), ("holiday/b.png", (31, 50, 3))):
        images.save_image(tmp_path / name, random.uniform(0, 255, size))
    images.save_image(tmp_path / "sky.png", np.full((48, 64, 3), 255.0))
    images.save_image(tmp_path / "pattern.jpg", random.uniform(0, 255, (20, 20, 3)))
    images.save_image(tmp_path / "garment.png", np.full((48, 64, 3), 255.0))
    halves = np.repeat([[[200.0, 40, 30], [30, 60, 190]]], 32, axis=1)
    for name in ("doodle.png", "map.png"):
        images.save_image(tmp_path / name, halves.repeat(48, axis=0))
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


def own_styles(path):
    from stylenet.feed_forward.network import transform_net

    options = {"padding": "reflect", "upsampling": "nearest", "width": 4}
    names = {"styles": ["one", "two"]}
    weights.save_network(transform_net(**options, styles=2), path, options | names)


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
    if "mine.weights.h5/two" in arguments:
        own_styles(home / "mine.weights.h5")
    if "--ray" in arguments:
        pytest.importorskip("ray", reason="Ray is missing: pip install 'stylenet[cluster]'")
        arguments += ["--ray", "local"]
    if name == "video":
        film(home / arguments[0])
    if name == "sound":
        for path, make in zip(arguments, (synthesis.melody, synthesis.rain), strict=False):
            save_sound(home / path, make(0.6))
    if name == "convert":
        write = write_npz if arguments[0].endswith(".npz") else write_whole_model
        write(home / arguments[0], random_arrays())
    smaller = SMALLER.get(name, "")
    if len({*PAINTINGS} & {*arguments}) > 1:  # several are seen at all sizes
        smaller = smaller.replace("--style-size 48", "")
    arguments += shlex.split(smaller)
    if "--resume" in arguments:
        run(capsys, name, *(argument for argument in arguments if argument != "--resume"))
        arguments += ["--steps", "4"]
    code, _, err = run(capsys, name, *arguments)
    assert code == 0, err
    for before, after in itertools.pairwise(arguments):
        if before == "-o":
            assert (home / after).exists()


@pytest.mark.slow
@pytest.mark.parametrize("text", [text for text in PAGES.values() if "```python" in text])
def test_python_of_the_pages_runs(text, home):
    names = {}
    for code in re.findall(r"(?s)```python\n(.*?)```", text):
        exec(compile(code, "page", "exec"), names)
    assert names or "```python" not in text


def test_targets_of_make_exist():
    texts = "\n".join(PAGES.values())
    for target in set(re.findall(r"(?m)^    make ([a-z-]+)|`make ([a-z-]+)`", texts)):
        name = "".join(target)
        done = subprocess.run(["make", "-n", name], cwd=PROJECT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    for link in re.findall(r"\]\(([^)#]+)", PAGES[path]):
        if "://" not in link:
            assert (path.parent / link).exists(), link


def test_the_readme_begins_with_pictures_and_is_short():
    lines = README.splitlines()
    assert len(lines) <= 150
    assert [line[:2] for line in lines[2:4]] == ["![", "!["]
    assert README.index("MIT license") < README.index("## Two commands")


def test_every_page_is_reached_from_the_readme():
    for path in PAGES:
        assert path.name == "README.md" or f"(docs/{path.name})" in README


def test_windows_is_told_what_others_are():
    translated = {"python3": "py", ".venv/bin/": ".venv\\Scripts\\"}
    for left, right in install_lines():
        for ours, theirs in translated.items():
            left = left.replace(ours, theirs)
        assert left.split() == right.split()


def test_every_room_travels_in_the_wheel():
    told = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    rooms = {path.parent.relative_to(PROJECT) for path in PROJECT.glob("stylenet/**/__init__.py")}
    assert {".".join(room.parts) for room in rooms} == set(told) - {
        "stylenet._images",
        "stylenet._weights",
    }


def test_requirements_are_those_of_the_package_and_its_lectures():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    lines = (PROJECT / "requirements.txt").read_text().splitlines()
    listed = {line for line in lines if line and not line.startswith("#")}
    lectures = project["optional-dependencies"]["lectures"]
    assert listed == {*project["dependencies"], *lectures}
    assert not {"jupyter", "ipykernel"} & {
        re.match(r"[\w-]+", x)[0] for x in project["dependencies"]
    }


@pytest.mark.slow
def test_jupyter_lab_starts_as_the_readme_says():
    [line] = re.findall(r"(?m)^    \.venv/bin/(jupyter lab notebooks/)$", README)
    words = line.split()
    assert (PROJECT / words[-1]).is_dir()
    command = [sys.executable, "-m", *words[:-1], "--version"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
