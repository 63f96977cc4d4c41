"""Which pictures of a folder this program has finished, from which photographs, and how."""

import hashlib
import json
import os
from pathlib import Path

import stylenet
from stylenet import catalog, reports, weights

NAME = ".stylenet.jsonl"  # in the folder of results: a line of JSON a picture


class Finished:
    """A record of what is finished in a folder, so that it is not drawn again.

    A result counts as finished as long as nobody has touched it since, and its photograph, style,
    options and `max_size` are what they were: files by size and time, weights and paintings by
    their SHA-256. A style that can't be recognized, such as a network in memory, never counts.

    Args:
        folder: of the results; if it is none, nothing is recorded.
        draw: what draws.
        max_size: of the photographs' longer side, in pixels.
    """

    def __init__(self, folder, draw, max_size=None):
        self.path, self.how = Path(folder) / NAME, _how(draw, max_size)
        self.known = {}
        if self.path.is_file():
            lines = self.path.read_text(errors="replace").splitlines()
            self.known = dict(filter(None, map(_read, lines)))

    def lacking(self, tasks):
        """The tasks, pairs of a photograph's path and its result's, whose result is not there."""
        lacking = [task for task in tasks if not self._has(*task)]
        if len(lacking) < len(tasks):
            reports.tell(f"{len(tasks) - len(lacking)} of {len(tasks)} are finished already.")
        return lacking

    def add(self, path, target):
        """Notes that a result is written."""
        if self.how and self.path.parent.is_dir():
            line = json.dumps([self._name(target), self._facts(path, target)])
            with open(self.path, "a") as file:
                file.write(f"{line}\n")

    def _has(self, path, target):
        known = self.known.get(self._name(target))
        try:
            return bool(self.how and known) and known == self._facts(path, target)
        except OSError:
            return False

    def _name(self, target):
        return os.path.relpath(target, self.path.parent)

    def _facts(self, path, target):
        times = [[each.stat().st_size, each.stat().st_mtime_ns] for each in (path, target)]
        return [os.path.realpath(path), *times, self.how]


def _read(line):
    """A line of the record; None for one that was cut."""
    try:
        name, facts = json.loads(line)
    except ValueError:
        return None
    return name, facts


def _how(draw, max_size):
    """What tells one way of drawing from all others; None if nothing does."""
    description = getattr(draw, "description", {})
    seen = [_digest(each) for each in _strings(description.get("style"))]
    if not seen or None in seen:
        return None
    rest = [_digest(each) or each for each in _strings([*description.values()])]
    told = json.dumps([stylenet.__version__, max_size, description, seen, rest], default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def _strings(value):
    """All strings in lists of lists."""
    if isinstance(value, str):
        return [value]
    return [one for each in value for one in _strings(each)] if isinstance(value, list) else []


def _digest(text):
    """What tells a style's content; None for a word that names no style."""
    if text.startswith("ndarray "):  # with its digest
        return text
    if Path(text).is_file():
        return weights.sha256(text)
    if catalog.is_shipped(text):
        return weights.sha256(catalog.find(text).path)
    share, _, name = text.partition(" ")  # of a blend
    return _digest(name) if name and share.replace(".", "").isdigit() else None
