"""Trains the network of thirty-two styles.

    python weights/recipes/many.py --photographs DIR --paintings DIR -o runs/many.weights.h5

The styles stand in `many.json` beside this file. The run begins with the shipped `wave`.
Interrupted, the same command goes on where the last checkpoint was written. It is meant for a GPU;
on a CPU smaller crops and fewer of them (`--crop-size 128 --batch-size 4`) give a beginning, from
which a longer run goes on with `--start`.
"""

import argparse
import json
from pathlib import Path

from stylenet.feed_forward.many import train_many
from stylenet.feed_forward.settings import ManySettings
from stylenet.training.outputs import Run


def styles(folder):
    """The paintings, name of the style to path, in the order of `many.json`."""
    return {name: Path(folder) / style["file"] for name, style in told().items()}


def told():
    """What `many.json` tells of each style: file, title, artist and year."""
    path = Path(__file__).with_name("many.json")
    return json.loads(path.read_text(encoding="utf-8"))


def main():
    """Trains, or goes on with what was interrupted."""
    usual = ManySettings()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photographs", required=True, nargs="+", help="folders")
    parser.add_argument("--paintings", required=True, type=Path, help="a folder")
    parser.add_argument("--output", "-o", required=True, type=Path, help="NAME.weights.h5")
    for name in ("steps", "epoch_steps", "batch_size", "crop_size", "learning_rate", "kernel_rate"):
        value = getattr(usual, name)
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    parser.add_argument("--start", default=usual.start, help="a shipped style or a weights file")
    parser.add_argument("--precision", default=usual.precision)
    parser.add_argument("--preview", help="a photograph")
    arguments = vars(parser.parse_args())
    content, paintings, output, preview = (
        arguments.pop(name) for name in ("photographs", "paintings", "output", "preview")
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    resume = Run(output).checkpoint.is_file()
    settings = ManySettings(**arguments)
    train_many(styles(paintings), content, output, settings, resume=resume, preview=preview)


if __name__ == "__main__":
    main()
