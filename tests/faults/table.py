"""Faults as tables: what is typed, what must be said, the exit status, what may be left.

    @rows(
        Row("stylize photo.png -s wavve -o out.png", "Did you mean 'wave'?"),
        Row("stylize photos -s wave -o out", "Expected a folder", there=("out",)),
    )
    def test_outputs(row, here, capsys):
        check(row, here, capsys)

The real command runs in this process, in the folder of the fixture `here` (see `conftest.py`).
"""

import contextlib
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest
from helpers import run


class Row(NamedTuple):
    """A case.

    command: what is typed after `stylenet`.
    said: a part of what must be said on stderr, or several.
    status: the exit status; with 2, what is said is one line.
    left: names, or patterns of `Path.match`, of new files that may be left; a folder made for
        one of them may be left too.
    there: names of what somebody else has put there before: files with a text, folders if they end
        in "/".
    unsaid: a part, or several, that may not be said on stderr.
    """

    command: str
    said: str | tuple[str, ...] = ()
    status: int = 2
    left: tuple[str, ...] = ()
    there: tuple[str, ...] = ()
    unsaid: str | tuple[str, ...] = ()


def rows(*cases):
    """Makes of a test one for each `Row`, as its argument `row`."""
    return pytest.mark.parametrize("row", cases, ids=[row.command[-60:] for row in cases])


def check(row, here, capsys, changes=()):
    """Runs a row's command in a folder and compares all that a row says; gives what was said.

    `changes` names the files that may be others afterwards.
    """
    for name in row.there:
        put(here, name)
    before = contents(here)
    with contextlib.chdir(here):
        status, out, err = run(capsys, *shlex.split(row.command))
    told = f"{row.command!r} said:\n{out}{err}"
    assert status == row.status, told
    assert "Traceback" not in err, told
    if row.status == 2:
        assert re.fullmatch(r"stylenet: [^\n]+\n", err), told
    for part in _several(row.said):
        assert part in err, told
    for part in _several(row.unsaid):
        assert part not in err, told
    check_left({name: before[name] for name in before if name not in changes}, here, row.left)
    return out + err


def put(here, name):
    """Somebody's file or, with "/" at its name's end, folder."""
    path = here / name
    if name.endswith("/"):
        path.mkdir(parents=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("somebody's")


def check_left(before, here, left=()):
    """Asserts that nothing that was there has changed, and that new is only what may be left."""
    after = contents(here)
    assert {name: after.get(name) for name in before} == before, "what was there has changed"
    new = {Path(name) for name in after.keys() - before.keys()}
    allowed = {path for path in new if any(path.match(pattern) for pattern in left)}
    allowed |= {parent for path in allowed for parent in path.parents}
    assert new <= allowed, f"left: {sorted(map(str, new - allowed))}"


def contents(folder):
    """All that is in a folder, hidden files included: name to bytes, None for folders."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def _several(parts):
    return (parts,) if isinstance(parts, str) else parts
