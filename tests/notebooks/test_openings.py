"""What all lectures begin with: one file names the repository, and Colab keeps what it has."""

import os
import re
import shutil
import subprocess
import sys

import nbformat
import openings
import pytest
from helpers import LECTURES, read_notebook


@pytest.fixture
def fork(tmp_path):
    """Two lectures and the script, in a folder of their own."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for path in (*LECTURES[:1], *LECTURES[8:9], *openings.FOLDER.glob("openings.py")):
        shutil.copy(path, folder)
    shutil.copy(openings.FOLDER / "REPOSITORY", folder)
    return folder


def run(folder, *arguments):
    command = [sys.executable, folder / "openings.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_fork_changes_all_addresses_by_one_command(fork):
    assert run(fork, "https://github.com/someone/style-course.git").returncode == 0
    assert (fork / "REPOSITORY").read_text() == "someone/style-course\n"
    for path in fork.glob("*.ipynb"):
        text = path.read_text()
        assert f"github/someone/style-course/blob/main/notebooks/{path.name}" in text
        assert "https://github.com/someone/style-course {folder}" in text
        assert "stylenet/stylenet" not in text
        nbformat.validate(read_notebook(path))


def test_writing_twice_changes_nothing(fork):
    before = {path: path.read_text() for path in fork.glob("*.ipynb")}
    assert run(fork).returncode == 0
    assert {path: path.read_text() for path in before} == before


def test_what_is_no_repository_is_refused(fork):
    result = run(fork, "my fork")
    assert result.returncode == 1
    assert result.stderr == "Expected a repository as OWNER/NAME. Received: 'my fork'.\n"


@pytest.mark.parametrize("name", openings.PICTURES)
def test_colab_installs_nothing_that_replaces_its_runtime(name):
    """Names without versions, and none of what the runtime is made of."""
    [line] = [line for line in openings.setup(name).splitlines() if "%pip" in line]
    packages = line.split("--quiet")[1].split()
    assert not set("<>=[") & set("".join(packages))
    assert not {"tensorflow", "keras", "numpy", "jupyter", "ipykernel", "-U"} & set(packages)


def test_the_page_of_pictures_is_up_to_date_and_shows_every_lecture():
    assert openings.PAGE.read_text() == openings.page(LECTURES)
    parts = openings.PAGE.read_text().split("\n## ")[1:]
    assert len(parts) == len(LECTURES) and all("![" in part for part in parts)
    for target in re.findall(r"!\[\w+\]\((.+)\)", openings.PAGE.read_text()):
        assert (openings.PAGE.parent / target).is_file(), target


@pytest.mark.slow
def test_the_first_cell_runs_twice_on_colab(tmp_path):
    """With a repository of three files in place of GitHub's."""
    source = tmp_path / "github" / "stylenet"
    (source / "stylenet").mkdir(parents=True)
    (source / "notebooks").mkdir()
    (source / "stylenet" / "__init__.py").touch()
    (source / "stylenet" / "notebook.py").write_text("print('from', __file__)")
    (source / "notebooks" / "README").touch()
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        options = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", "-C", source, *options, *command], check=True)
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "COLAB_RELEASE_TAG": "release",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{source}.insteadOf",
        "GIT_CONFIG_VALUE_0": f"https://github.com/{openings.repository()}",
        "PIP_NO_INDEX": "1",  # what is there stays; nothing is asked for online
    }
    environment.pop("PYTHONPATH", None)
    cell = tmp_path / "cell.ipy"
    cell.write_text(openings.setup("00_first_picture"))
    script = f"%run -i {cell}\n%run -i {cell}\nprint(os.getcwd())"
    (tmp_path / "twice.ipy").write_text(script)
    result = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", tmp_path / "twice.ipy"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    shown = result.stdout + result.stderr
    assert str(tmp_path / "stylenet" / "notebooks") in result.stdout, shown
    assert "from" in result.stdout and "Error" not in shown, shown
