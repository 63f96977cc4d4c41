"""What several test modules share: running a command, files of older programs, lectures."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from stylenet import cli

PROJECT = Path(__file__).resolve().parents[1]
LECTURES = sorted((PROJECT / "notebooks").glob("*.ipynb"))


def run(capsys, *arguments):
    """Exit status, stdout and stderr of a command, run in this process."""
    sys.argv = ["stylenet", *map(str, arguments)]
    with pytest.raises(SystemExit) as exit_info:
        cli.main()
    out, err = capsys.readouterr()
    return exit_info.value.code, out, err


def fails(capsys, *arguments, status=2):
    """The one line on stderr of a command that fails."""
    code, _, err = run(capsys, *arguments)
    assert code == status
    assert err.startswith("stylenet: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


def in_process_of_its_own(*arguments, folder):
    return subprocess.run(
        [sys.executable, "-m", "stylenet", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )


def read_notebook(path):
    """A notebook, of nbformat's version 4."""
    return nbformat.read(path, as_version=4)
