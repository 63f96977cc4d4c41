"""What several test modules share: running a command, smooth pictures, lectures."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
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
    assert err.startswith("stylenet: "), err
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


def lines_told(err):
    """The lines on stderr that tell of failures and notes, without bars and what clears them."""
    return [line for line in err.splitlines() if line.startswith("stylenet: ")]


def in_process_of_its_own(*arguments, folder):
    return subprocess.run(
        [sys.executable, "-m", "stylenet", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )


def shown_in_a_terminal(*arguments, folder):
    """What a command writes to a terminal of its own, as it comes."""
    pty = pytest.importorskip("pty")
    terminal, other_end = pty.openpty()
    command = [sys.executable, "-m", "stylenet", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    streams = {"stdin": subprocess.DEVNULL, "stdout": other_end, "stderr": other_end}
    with subprocess.Popen(command, cwd=folder, env=environment, **streams):
        os.close(other_end)
        try:
            while said := os.read(terminal, 4096):
                yield said.decode()
        except OSError:  # closed, on Linux
            os.close(terminal)


def install_lines():
    """How README says to install: pairs of lines, for Linux and macOS, and for Windows."""
    text = (PROJECT / "README.md").read_text()
    return [line.split("|") for line in re.search(r"(?s)```\n(.*?)```", text)[1].splitlines()]


def read_notebook(path):
    """A notebook, of nbformat's version 4."""
    return nbformat.read(path, as_version=4)


def smooth(height=32, width=48, seed=0):
    """A picture of a few waves."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width] / 8
    waves = [np.sin(a * rows + b * columns + c) for a, b, c in rng.uniform(-2, 2, (3, 3))]
    return (127 + 100 * np.stack(waves, axis=-1)).astype("float32")


def assert_same(found, expected):
    """Equal but for rounding: a program that is built anew may add in another order.

    To 1e-5 of the largest value. Bfloat16 rounds to 2e-3 of each.
    """
    expected = np.asarray(expected)
    tolerance = 1e-5 * np.abs(expected).max()
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)
