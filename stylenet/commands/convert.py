"""The command that converts weights of older programs."""

from pathlib import Path
from typing import Annotated

from typer import Argument


def convert(
    old: Annotated[Path, Argument(help="A .h5 of Keras 2, or a .npz of the TensorFlow original.")],
    new: Annotated[Path, Argument(help="NAME.weights.h5.")],
):
    """Convert weights that older programs saved for the course's network.

    Example: stylenet convert wave_weights.h5 old_wave.weights.h5
    """
    from stylenet.feed_forward import legacy

    legacy.convert(old, new)
