"""Trains the network for any painting, on all paintings but those that are kept back.

    python weights/recipes/onepass.py RUN.weights.h5 --photographs DIR --paintings DIR DIR
        [--steps 16000] [--epoch-steps 200] [--batch-size 4] [--crop-size 256]
        [--precision mixed_bfloat16] [--learning-rate 0.001] [--start FILE]

Of all files in these folders, the paintings named in `KEPT_BACK` are never seen in training, so
that `quality_onepass.py` beside this file can tell what the network makes of paintings that it does
not know. Interrupted, the same command goes on where the last checkpoint was written.
"""

import argparse
from pathlib import Path

from stylenet import images
from stylenet.training.outputs import Run
from stylenet.universal.onepass_training import OnePassSettings, train_onepass

KEPT_BACK = (
    *("gris_portrait_picasso", "limbourg_january", "lissitzky_red_wedge", "mondrian"),
    *("piranesi_piazza_del_popolo", "shipwreck", "the_kiss", "wave_uehara"),
)


def paintings(folders):
    """The paintings to train on."""
    found = images.find_images([str(folder) for folder in folders], recursive=True)
    return [path for path in found if path.stem not in KEPT_BACK]


def main():
    """Trains until the end, or goes on with a run that was cut."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--photographs", required=True, type=Path, nargs="+", help="folders")
    parser.add_argument("--paintings", required=True, type=Path, nargs="+", help="folders")
    parser.add_argument("--steps", type=int, default=OnePassSettings.steps)
    parser.add_argument("--epoch-steps", type=int, default=200)
    parser.add_argument("--batch-size", type=int, default=OnePassSettings.batch_size)
    parser.add_argument("--crop-size", type=int, default=OnePassSettings.crop_size)
    parser.add_argument("--learning-rate", type=float, default=OnePassSettings.learning_rate)
    parser.add_argument("--precision", default=OnePassSettings.precision)
    parser.add_argument("--start", default=OnePassSettings.start)
    parser.add_argument("--seed", type=int, default=0)
    arguments = vars(parser.parse_args())
    output, photographs, painted = (
        arguments.pop(name) for name in ("output", "photographs", "paintings")
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    train_onepass(
        paintings(painted),
        [str(folder) for folder in photographs],
        output,
        OnePassSettings(**arguments),
        resume=Run(output).checkpoint.is_file(),
    )


if __name__ == "__main__":
    main()
