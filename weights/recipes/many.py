"""Trains the network of thirty-two styles, round after round, until it is interrupted.

    python weights/recipes/many.py --photographs DIR --paintings DIR

The styles stand in `many.json` beside this file. A round begins with what the round before it
wrote, the first one with the shipped `wave`, and is a whole run whose learning rate falls to a
fiftieth, so that every round's end can ship. All lies in `runs/many/`, which git ignores:
`round1.weights.h5` and so on, each with its losses and sheets of all styles. Interrupted, the same
command goes on where the last checkpoint was written. From round `--frozen` on, the convolutions
stay as they are and the scales and shifts alone learn.
"""

import argparse
import json
import shutil
from pathlib import Path

from stylenet import weights
from stylenet.feed_forward.many import ManySettings, train_many
from stylenet.training.outputs import Run


def styles(folder):
    """The paintings, name of the style to path, in the order of `many.json`."""
    told = json.loads(Path(__file__).with_name("many.json").read_text())
    return {name: Path(folder) / style["file"] for name, style in told.items()}


def settings(number, start, arguments):
    """A round's: the rate of the first is halved by the fourth, and so on."""
    return ManySettings(
        steps=arguments.steps,
        epoch_steps=min(arguments.steps, arguments.epoch_steps),
        batch_size=arguments.batch_size,
        crop_size=arguments.crop_size,
        learning_rate=arguments.learning_rate * 3 / (2 + number),
        kernel_rate=0.25,
        convolutions="frozen" if number >= arguments.frozen else "learned",
        start=start,
        seed=number,
    )


def round_of(number, start, arguments):
    """Trains a round to its end, or does nothing if it has one; returns its weights' path."""
    run = Run(arguments.runs / f"round{number}{weights.SUFFIX}")
    if run.output.is_file():
        return run.output
    before = arguments.runs / f"round{number - 1}.targets.npz"
    if before.is_file():
        shutil.move(before, run.targets)
    train_many(
        styles(arguments.paintings),
        [str(folder) for folder in arguments.photographs],
        run.output,
        settings(number, str(start), arguments),
        resume=run.checkpoint.is_file(),
        overwrite=not run.checkpoint.is_file(),
        preview=arguments.preview,
        preview_epochs=arguments.steps // min(arguments.steps, arguments.epoch_steps),
    )
    return run.output


def main():
    """Works through rounds until it is interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photographs", required=True, type=Path, nargs="+", help="folders")
    parser.add_argument("--paintings", required=True, type=Path, help="a folder")
    parser.add_argument("--runs", type=Path, default=Path("runs/many"))
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--frozen", type=int, default=100, help="the first of these rounds")
    parser.add_argument("--steps", type=int, default=320, help="of a round")
    parser.add_argument("--epoch-steps", type=int, default=40)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--crop-size", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=4e-3)
    parser.add_argument("--start", default="wave")
    parser.add_argument("--preview", help="a photograph")
    arguments = parser.parse_args()
    arguments.runs.mkdir(parents=True, exist_ok=True)
    start = arguments.start
    for number in range(1, arguments.rounds + 1):
        start = round_of(number, start, arguments)
        print(f"round {number}: {start}", flush=True)


if __name__ == "__main__":
    main()
