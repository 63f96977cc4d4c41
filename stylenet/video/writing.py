"""Writes clips piece by piece, so that an interrupted run can go on: videos, GIFs, folders.

Finished pieces wait in the folder `NAME.partial` beside the output; the output itself appears
when everything is complete.
"""

import json
import os
import shutil
from pathlib import Path

import numpy as np

from stylenet import files, images
from stylenet.video.codecs import FORMATS, Piece, join, join_gif

PIECE = 48  # frames that an interruption costs at most
PROGRAM = "stylenet video"  # in the settings: whose folder it is


def check_target(target, source=None):
    """Checks, before any work is done, that a clip can be written there.

    Args:
        target: a file with a suffix of `FORMATS`, or a folder that is new or empty.
        source: what is going to be read.

    Raises:
        ValueError: an unknown suffix, a folder with something in it, the source itself, or a
            `.partial` beside it that this program did not write.
        FileNotFoundError, PermissionError: the folder around it is missing or not writable.
    """
    target = Path(target)
    suffix = target.suffix.lower()
    if suffix and suffix not in FORMATS and not target.is_dir():
        known = ", ".join(FORMATS)
        raise ValueError(
            f"Expected an output that ends in one of {known}, or a folder. Received: {target}."
        )
    if source is not None and os.path.realpath(target) == os.path.realpath(source):
        raise ValueError(f"Expected an output that does not replace its input: {target}.")
    if not target.is_dir():
        files.check_writable(target)
    if target.is_dir() and (suffix in FORMATS or any(target.iterdir())):
        raise ValueError(f"Expected a video or a new folder. There is a folder {str(target)!r}.")
    if target.is_file() and not suffix:
        raise ValueError(f"Expected a folder. There is a file {str(target)!r}.")
    _check_own(_partial(target))


def _partial(target):
    return target.with_name(f"{target.name}.partial")


def _check_own(work):
    """Raises a ValueError if there is something else than an interrupted run of this program."""
    if not os.path.lexists(work):
        return
    try:
        record = json.loads((work / "settings.json").read_text())
        own = not work.is_symlink() and record["program"] == PROGRAM
    except (OSError, ValueError, TypeError, KeyError):
        own = False
    if not own:
        raise ValueError(
            f"Expected {str(work)!r} to hold an interrupted run, or not to be there. Received "
            "something that this program did not write: rename it, or choose another output."
        )


class Recording:
    """A clip in the making.

    Args:
        target: see `check_target`.
        clip: the `Clip` that gives frame rate, times and sound.
        settings: what the pictures depend on, a dict for JSON; a run resumes only with the same.
        resume: go on with the pieces that are there, if any; otherwise they are deleted.

    `count` frames are there already, and `state` holds the arrays that were current then; `kept`
    frames are there whatever happens.

    Raises:
        ValueError: the pieces were made with other settings, or not by this program.
    """

    def __init__(self, target, clip, settings, resume=False):
        self.target, self.clip = Path(target), clip
        self.format = FORMATS.get(self.target.suffix.lower())
        self.work = _partial(self.target)
        self.waiting = self.work / "shots"  # frames of `cluster.shots` that have come too early
        _check_own(self.work)
        self.count, self.kept, self.state, self.piece = 0, 0, {}, None
        settings = {"program": PROGRAM, **settings}
        settings = json.loads(json.dumps(settings, default=str))
        record = self.work / "settings.json"
        if resume and record.is_file():
            before = json.loads(record.read_text())
            if before != settings:
                changed = [key for key in settings if settings[key] != before.get(key)]
                raise ValueError(
                    f"Expected the settings of the interrupted run; {', '.join(changed)} differs. "
                    f"Repeat that command, or leave --resume out to start afresh."
                )
            self._restore()
        else:
            shutil.rmtree(self.work, ignore_errors=True)
            self.work.mkdir(parents=True)
            record.write_text(json.dumps(settings, indent=1))

    def _restore(self):
        if not (self.work / "state.npz").is_file():
            return
        try:
            with np.load(self.work / "state.npz") as file:
                self.state = dict(file)
            self.count = self.kept = int(self.state.pop("count"))
        except Exception as error:  # zipfile, zlib and NumPy each have their own
            raise ValueError(
                f"Expected {str(self.work / 'state.npz')!r} to be of an interrupted run; it is "
                "damaged. Leave --resume out to start afresh."
            ) from error

    def write(self, frame, state):
        """Adds a frame; `state()` is a dict of the arrays that are needed to go on after it."""
        if self.format is None:
            images.write_pixels(
                self.work / f"{self.count + 1:06}.png", images.to_uint8(frame.image)
            )
        else:
            if self.piece is None:
                self.piece = Piece(self.work / f"{self.count:08}.nut", self.clip, self.format)
            self.piece.write(frame)
        self.count += 1
        if self.count % PIECE == 0:
            self.keep(state)

    def keep(self, state):
        """Makes the frames so far last; `state` as in `write`."""
        self._close_piece()
        with files.written_whole(self.work / "state.npz") as part:
            np.savez(part, count=self.count, **state())
        self.kept = self.count

    def _close_piece(self):
        if self.piece is not None:
            self.piece.close()
            self.piece = None

    def is_worthless(self):
        """Whether there is nothing to go on with."""
        return not self.kept and not any(self.waiting.glob("*.png"))

    def discard(self):
        """Deletes what was written so far."""
        self._close_piece()
        shutil.rmtree(self.work, ignore_errors=True)

    def finish(self):
        """Joins the pieces, with the sound, and moves the result to its place."""
        self._close_piece()
        if self.format is None:
            for name in ("settings.json", "state.npz"):
                (self.work / name).unlink(missing_ok=True)
            if self.target.is_dir():
                self.target.rmdir()
            os.replace(self.work, self.target)
            return
        pieces = sorted(self.work.glob("*.nut"))
        result = self.work / f"result{self.target.suffix.lower()}"
        if self.target.suffix.lower() == ".gif":
            join_gif(pieces, result, self.clip)
        else:
            join(pieces, result, self.clip, self.format)
        os.replace(result, Path(os.path.realpath(self.target)))
        shutil.rmtree(self.work)
