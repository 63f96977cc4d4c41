"""Measures what a network costs by how many photographs it was trained on, and for how many steps.

    python benchmarks/quality_photographs.py --photographs DIR --validation DIR

The same small run for each number of photographs: a narrow network that begins as a copy, the loss
of slim, two crops a step. It stops at each number of steps, when the learning rate has fallen along
its cosine, is measured on photographs that no run has seen, and goes on (`resume`). The photographs
of a small run are among those of a larger one. `--output` is written after each measurement, and
what was cut goes on where it was; `stylenet figures photographs` draws it.
"""

import argparse
import dataclasses
import json
import time
from pathlib import Path

import numpy as np
from quality import measure

from stylenet import files, images, weights
from stylenet.feed_forward.network import load_network
from stylenet.feed_forward.training import StyleSettings, train
from stylenet.losses import PRESETS, PerceptualLoss
from stylenet.training.outputs import Run

COUNTS, STEPS = (1, 10, 100, 1000), (50, 100, 150)
SETTINGS = StyleSettings(
    steps=50,
    epoch_steps=50,
    crop_size=128,
    batch_size=2,
    width=16,
    style_size=384,
    optimizer="muon",
    preset=PRESETS["engstrom"]._replace(network="slim"),
)
SHIPPED = files.shipped("images")


def chosen(paths, counts, seed=0):
    """The photographs of each run: the first so many of one random order.

    Args:
        paths: of all photographs.
        counts: how many each run sees.
        seed: decides the order.

    Raises:
        ValueError: there are fewer than the largest run wants.
    """
    if len(paths) < max(counts):
        raise ValueError(
            f"Expected at least {max(counts)} photographs, the most that a run wants. "
            f"Received: {len(paths)}. Name fewer with --counts."
        )
    order = np.random.default_rng(seed).permutation(len(paths))
    return {count: [paths[i] for i in order[:count]] for count in counts}


def middle(picture, size):
    """The square in the middle of a picture."""
    top, left = ((side - size) // 2 for side in picture.shape[:2])
    return picture[top : top + size, left : left + size]


def go_on(style, paths, output, steps):
    """Trains to so many steps, from where an earlier call stopped; returns the network."""
    run = Run(output)
    if run.is_finished():
        record = weights.read_record(run.record)
        if record["training"]["settings"]["steps"] >= steps:
            return load_network(str(output))
    settings = dataclasses.replace(SETTINGS, steps=steps)
    return train(style, paths, output, settings, resume=run.checkpoint.is_file())


def cost(network, style, photographs):
    """The mean cost of what a network draws, or None for the photographs as they are."""
    loss = PerceptualLoss(images.load_image(style, SETTINGS.style_size), SETTINGS.preset)
    terms = measure(loss, photographs, network and network.predict_on_batch)
    return {name: round(value, 4) for name, value in terms.items()}


def begin(path, style, validation):
    """The file of results, or a new one, with the cost of the photographs as they are."""
    if path.is_file():
        return json.loads(path.read_text())
    return {
        "date": time.strftime("%Y-%m-%d"),
        "style": style.name,
        "settings": SETTINGS.as_dict(),
        "validation": len(validation),
        "unchanged": cost(None, style, validation),
        "rows": [],
    }


def main():
    """Trains and measures what `--output` lacks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photographs", required=True, help="a folder, to train on")
    parser.add_argument("--validation", required=True, help="a folder, to measure on")
    parser.add_argument("--style", type=Path, default=SHIPPED / "style" / "mosaic.jpg")
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS)
    parser.add_argument("--steps", type=int, nargs="+", default=STEPS, help="multiples of 50")
    parser.add_argument("--runs", type=Path, default=Path("runs/photographs"))
    parser.add_argument("--output", type=Path, default=SHIPPED / "figures" / "photographs.json")
    arguments = parser.parse_args()
    paths = chosen(images.find_images(arguments.photographs, recursive=True), arguments.counts)
    size = SETTINGS.crop_size
    seen = [middle(images.load_image(p), size) for p in images.find_images(arguments.validation)]
    results = begin(arguments.output, arguments.style, seen)
    for steps in sorted(arguments.steps):  # of all runs, so that an unfinished table has no gaps
        for count in arguments.counts:
            row = {"photographs": count, "steps": steps}
            if any(row.items() <= other.items() for other in results["rows"]):
                continue
            output = arguments.runs / f"{count}{weights.SUFFIX}"
            network = go_on(arguments.style, paths[count], output, steps)
            results["rows"].append(row | cost(network, arguments.style, seen))
            print(results["rows"][-1], flush=True)
            weights.write_json(arguments.output, results)


if __name__ == "__main__":
    main()
