"""The package as a file, installed elsewhere: all that is advertised works, or names its extra."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig

import numpy as np
import pytest
from helpers import PROJECT, install_lines

from stylenet import images

pytestmark = pytest.mark.slow
EXTRAS = ("gradio", "av", "cv2", "pillow_heif", "IPython", "jupyter", "ipywidgets")


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the repository in which the package is installed as README says.

    Without TensorFlow and its like, which pip would download: they are this Python's.
    """
    copy = tmp_path_factory.mktemp("copy")
    for name in ("stylenet", "images", "weights"):
        shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(PROJECT / name, copy)
    make, install, _ = (left.split() for left, _ in install_lines())
    subprocess.run([sys.executable, *make[1:]], cwd=copy, check=True, capture_output=True)
    light = {**os.environ, "PIP_NO_DEPS": "1"}
    done = subprocess.run(install, cwd=copy, env=light, capture_output=True, text=True)
    if "No matching distribution found for setuptools" in done.stderr:
        pytest.skip("The package index is not reached, which building needs.")
    assert done.returncode == 0, done.stderr
    return copy


@pytest.fixture(scope="module")
def installed(copy):
    """The folder with the package as it was installed."""
    [folder] = copy.glob(".venv/**/site-packages")
    return folder


def test_the_package_installs_as_the_readme_says(copy, installed, tmp_path):
    (installed / "others.pth").write_text(sysconfig.get_path("purelib"))
    [_, _, styles] = (left.split() for left, _ in install_lines())
    command = [copy / styles[0], *styles[1:]]
    environment = {name: os.environ[name] for name in os.environ if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Hokusai" in done.stdout


@pytest.fixture
def python(installed, tmp_path):
    """A function: runs code in an empty folder with that package, without extras; its outcome."""

    def run(code, *arguments):
        block = f"import sys; sys.modules.update(dict.fromkeys({EXTRAS}))\n"
        return subprocess.run(
            [sys.executable, "-c", block + code, *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(installed)},
            capture_output=True,
            text=True,
        )

    return run


@pytest.mark.parametrize("name", ["page.css", "page.html"])
def test_what_the_page_looks_like_travels_with_it(installed, name):
    assert (installed / "stylenet" / "page" / name).is_file()


def command(python, *arguments):
    code = "from stylenet import cli; sys.argv[0] = 'stylenet'; cli.main()"
    return python(code, *arguments)


def test_everything_public_can_be_imported_and_help_reads_it(python, installed):
    code = "from stylenet import *; import pydoc, stylenet; pydoc.render_doc(stylenet)\n"
    done = python(code + "print(stylenet.__file__); stylenet.weights.styles()['wave']")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(installed))
    assert (installed / "stylenet" / "py.typed").is_file()
    assert (installed / "stylenet" / "__init__.pyi").is_file()


def test_a_photograph_is_drawn(python, tmp_path):
    images.save_image(tmp_path / "photo.png", np.full((20, 30, 3), 90.0))
    done = command(python, "stylize", "photo.png", "-s", "wave")
    assert done.returncode == 0, done.stderr
    assert images.load_image(tmp_path / "photo_wave.png").shape == (20, 30, 3)


def test_figures_have_the_pictures_they_need(python, tmp_path):
    done = command(python, "figures", "gabor", "runtimes", "-o", "slides")
    assert done.returncode == 0, done.stderr
    names = {path.name for path in (tmp_path / "slides").iterdir()}
    assert names == {"gabor.png", "gabor.txt", "runtimes.png", "runtimes.txt"}


IMPORTS = """
import importlib, pkgutil, stylenet
for module in pkgutil.walk_packages(stylenet.__path__, "stylenet."):
    try:
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    except ImportError as error:
        print(error.name, module.name)
"""


def test_no_module_needs_what_does_not_travel_with_it(python):
    """But for extras, and what runs it as a program."""
    done = python(IMPORTS)
    missing = {line.split()[0].split(".")[0] for line in done.stdout.splitlines()}
    assert missing <= {*EXTRAS, "ray"}, done.stdout + done.stderr


def test_what_needs_an_extra_names_it_in_one_line(python, tmp_path):
    (tmp_path / "clip.mp4").write_bytes(b"a clip")
    (tmp_path / "photo.heic").write_bytes(b"")
    for arguments, extra in {
        ("app",): "app",
        ("video", "clip.mp4", "-s", "wave"): "video",
        ("stylize", "photo.heic", "-s", "wave"): "heic",
    }.items():
        done = command(python, *arguments)
        assert done.returncode == 2
        assert re.fullmatch(r"stylenet: [^\n]+\n", done.stderr), done.stderr
        assert f"pip install 'stylenet[{extra}]'" in done.stderr


def test_no_message_speaks_of_a_copy_of_the_repository(installed):
    for path in installed.rglob("*.py"):
        assert "-e '." not in path.read_text() and '-e ".' not in path.read_text(), path
