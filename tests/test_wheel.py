"""The package as a file, installed elsewhere: all that is advertised works, or names its extra."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from helpers import PROJECT

from stylenet import images

pytestmark = pytest.mark.slow
EXTRAS = ("gradio", "av", "cv2", "pillow_heif", "IPython", "jupyter", "ipywidgets")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the package as its wheel installs it."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip"]
    build = [*pip, "wheel", "--quiet", "--no-deps", "-w", folder, PROJECT]
    done = subprocess.run(build, capture_output=True, text=True)
    if "No matching distribution found for setuptools" in done.stderr:
        pytest.skip("The package index is not reached, which building needs.")
    assert done.returncode == 0, done.stderr
    [wheel] = folder.glob("stylenet-*.whl")
    target = folder / "installed"
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--target", target, wheel], check=True)
    return target


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
