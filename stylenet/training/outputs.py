"""The files of a run: where they are, whose they are, and how far the run has come.

Keras is not needed for this, so that a mistyped output is told before it is imported.
"""

import json
from pathlib import Path

import h5py
import numpy as np

from stylenet import files, weights


class Run:
    """The files of a run, named after its result.

    Args:
        output: `NAME.weights.h5`.

    Beside it: `NAME.json`, the record; `NAME.checkpoint.npz`; `NAME.csv`, the losses an epoch;
    `NAME.previews/`; of many styles also `NAME.targets.npz`.
    """

    def __init__(self, output):
        self.output = Path(output)
        stem = self.output.name.removesuffix(weights.SUFFIX)
        self.record = self.output.with_name(f"{stem}.json")
        self.checkpoint = self.output.with_name(f"{stem}.checkpoint.npz")
        self.log = self.output.with_name(f"{stem}.csv")
        self.previews = self.output.with_name(f"{stem}.previews")
        self.targets = self.output.with_name(f"{stem}.targets.npz")

    def check(self, resume=False, overwrite=False):
        """Checks, before any work is done, that all files can be written, and nothing gets lost.

        Args:
            resume: an earlier run goes on.
            overwrite: an earlier run is replaced.

        Raises:
            ValueError: there is an earlier run and neither is given, or a file that no run wrote.
            OSError: a file that can't be written.
        """
        if resume and overwrite:
            raise ValueError("Expected either resume or overwrite. Received both.")
        files.check_writable(self.output, (weights.SUFFIX,), "weights file")
        for path in (self.record, self.checkpoint, self.log):
            files.check_writable(path)
        there = [path for path in OWN if getattr(self, path).exists()]
        for name in there:
            self._check_own(getattr(self, name), OWN[name])
        if there and not (resume or overwrite or self._only_began(there)):
            raise ValueError(
                f"There is an earlier run: {getattr(self, there[0])}. Continue it with resume "
                "(--resume), replace it with overwrite (--overwrite), or choose another output."
            )

    def _check_own(self, path, is_own):
        try:
            own = is_own(path)
        except Exception:  # each reader has its own for what it can't read
            own = False
        if not own:
            raise ValueError(
                f"Expected {str(path)!r} to be of an earlier run, or not to be there. It is "
                "something that this program did not write: rename it, or choose another output."
            )

    def _only_began(self, there):
        """Whether an earlier run was cut before its first checkpoint, which follows a first row."""
        return there == ["log"] and self.log.read_bytes().count(b"\n") <= 2

    def is_finished(self):
        """Whether record and weights belong together, and the last checkpoint is not newer."""
        if not (self.record.is_file() and self.output.is_file() and self.checkpoint.is_file()):
            return False
        if self.output.stat().st_mtime_ns < self.checkpoint.stat().st_mtime_ns:
            return False
        return weights.read_record(self.record)["sha256"] == weights.sha256(self.output)

    def cut_log(self, epochs):
        """Leaves the rows of so many epochs in the table of losses: those that a checkpoint has."""
        if not self.log.is_file():
            return
        header, *rows = self.log.read_bytes().splitlines(keepends=True) or [b""]
        kept = [row for row in rows if row.endswith(b"\n") and int(row.split(b",")[0]) < epochs]
        with files.written_whole(self.log) as part:
            part.write_bytes(b"".join([header, *kept]))

    def last_losses(self):
        """The last row of the table of losses: a dict, without the epoch's number."""
        header, *rows = [line.split(",") for line in self.log.read_text().splitlines()]
        losses = dict(zip(header, rows[-1], strict=True))
        del losses["epoch"]
        # Keras adds columns for a validation that there is not.
        return {name: float(value) for name, value in losses.items() if value != "NA"}


def read_checkpoint(path):
    """The step, the seconds and the settings of a checkpoint.

    Raises:
        FileNotFoundError: there is none.
        ValueError: the file is something else.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"Expected a checkpoint to resume from, but there is no {path}.")
    try:
        with np.load(path, allow_pickle=False) as file:
            return int(file["step"]), float(file["seconds"]), str(file["settings"])
    except Exception as error:  # zipfile, zlib and NumPy each have their own for a damaged file
        raise ValueError(f"Expected {path} to be the checkpoint of a training run.") from error


def _is_weights(path):
    with h5py.File(path, "r") as file:
        return "stylenet" in file.attrs


def _is_record(path):
    return {"kind", "sha256", "training"} <= json.loads(path.read_text()).keys()


def _is_log(path):
    header = path.read_text().split("\n")[0].split(",")
    return header == [""] or (header[0] == "epoch" and "loss" in header)


def _is_previews(path):
    return path.is_dir() and all(each.match("step-*.png") for each in path.iterdir())


# What tells each file of a run from somebody else's.
OWN = {
    "output": _is_weights,
    "record": _is_record,
    "checkpoint": lambda path: bool(read_checkpoint(path)),
    "log": _is_log,
    "previews": _is_previews,
}
