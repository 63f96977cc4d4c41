"""The command that converts weights of older programs."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option


def convert(
    old: Annotated[
        Path,
        Argument(metavar="OLD", help="A .h5 of Keras 2, or a .npz of the TensorFlow original."),
    ],
    new: Annotated[Path, Argument(metavar="NEW", help="What to write: NAME.weights.h5.")],
    overwrite: Annotated[bool, Option("--overwrite", help="Replace a file of that name.")] = False,
):
    """Convert weights that older programs saved for the course's network.

    Example: stylenet convert wave_weights.h5 old_wave.weights.h5
    """
    from stylenet import files, reports
    from stylenet.weights import SUFFIX

    files.check_writable(new, (SUFFIX,), "weights file")
    if new.exists() and not overwrite:
        raise ValueError(
            f"Expected the name of a file that is not there yet. Received: {str(new)!r}. Choose "
            "another name, or replace it with --overwrite."
        )
    reports.status("loading TensorFlow ...")
    from stylenet.feed_forward import legacy

    legacy.convert(old, new)
    reports.tell(f"Wrote {new}. Use it: stylenet stylize photo.jpg -s {new}")
