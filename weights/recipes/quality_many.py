"""Measures a network of many styles: what its styles cost, and what its two sliders do.

    python weights/recipes/quality_many.py RUN.weights.h5 --photographs DIR --paintings DIR -o JSON

Costs are those of `benchmarks/quality.py`: results in whole grey levels, photographs one by one,
the Gram matrices of whole paintings. For each style:

- "middle": cost and colors with both sliders in their middle, against the painting at 693 pixels;
- "unchanged": the same of the photographs as they are;
- "strength": content and style loss in eleven steps of that slider;
- "fade": the same where the drawing of the middle fades into the photograph instead;
- "stroke": cost, and the width of strokes, in five steps of the other slider, each against the
  painting at its size;
- "single", where a network of this style alone is shipped: what it costs against the painting at
  the size it was trained with, and what this one costs there, its slider set to that size.

Keras' backend does it all in batches: a minute on a GPU, hours on a CPU (`--style NAME`,
`--count NUMBER` for a part of it).
"""

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
from keras import ops
from many import styles

from stylenet import images, quality, weights
from stylenet.feed_forward.conditional import MIDDLE, condition, repeated
from stylenet.feed_forward.network import load_network
from stylenet.feed_forward.targets import SIZES, STROKES, ManyStylesLoss

STRENGTHS = np.linspace(0.0, 1.0, 11)
FADES = np.linspace(0.1, 1.0, 10)
HALF = len(SIZES) // 2  # of the sizes
DIGITS = {"content": 0, "style": 0, "tv": 1, "total": 0, "color": 1, "width": 2}


class Judge(keras.Model):
    """Draws photographs and says what the drawings cost; a batch at a time, compiled.

    Args:
        network: from `transform_net` with `styles`.
        loss: a `ManyStylesLoss` with its targets.
        photographs: `(count, height, width, 3)`.
    """

    def __init__(self, network, loss, photographs, **kwargs):
        super().__init__(**kwargs)
        self.network, self.loss_of_each, self.photographs = network, loss, photographs
        self.built = True
        self.jit_compile = keras.backend.backend() == "jax"

    def call(self, inputs):
        photographs, conditions, targets, share = inputs
        drawn = self.network([photographs, conditions])
        pictures = ops.clip(photographs + share * (drawn - photographs), 0.0, 255.0)
        pictures = ops.round(pictures)
        terms = self.loss_of_each(pictures, photographs, targets)
        return terms | {"pictures": ops.cast(pictures, "uint8")}

    def measure(self, row, target, share=1.0):
        """The mean of each term, the weighted sum of them, and the pictures.

        Args:
            row: a condition.
            target: the number of a painting and a size.
            share: of the drawing; the rest is the photograph.
        """
        count = len(self.photographs)
        rows, targets = np.tile(row, (count, 1)), np.full(count, target, "int32")
        shares = np.full((count, 1, 1, 1), share, "float32")
        found = self.predict_on_batch([self.photographs, rows, targets, shares])
        pictures = np.asarray(found.pop("pictures"))
        means = {name: float(np.mean(np.asarray(values))) for name, values in found.items()}
        preset = self.loss_of_each.preset
        means["total"] = (
            preset.content_weight * means["content"]
            + preset.style_weight * means["style"]
            + preset.tv_weight * means["tv"]
        )
        return means, pictures


def sliders(judge, names, name, first):
    """What one style costs as its sliders move; and its pictures at their middle.

    `first` is the number of its target at the smallest size.
    """
    middle, drawn = judge.measure(condition(names, name), first + HALF)
    unchanged, _ = judge.measure(condition(names, name), first + HALF, share=0.0)
    strength = [
        {"strength": float(s)} | judge.measure(condition(names, name, s), first + HALF)[0]
        for s in STRENGTHS
    ]
    fade = [
        {"share": float(a)} | judge.measure(condition(names, name), first + HALF, a)[0]
        for a in FADES
    ]
    stroke = []
    for i, place in enumerate(STROKES):
        found, pictures = judge.measure(condition(names, name, MIDDLE, place), first + i)
        stroke.append({"stroke": float(place), "size": SIZES[i], "pictures": pictures} | found)
    told = {"middle": middle, "unchanged": unchanged, "strength": strength, "fade": fade}
    return told | {"stroke": stroke}, drawn


def seen(told, drawn, photographs, painting):
    """Adds what pixels tell: colors at the middle, and the width of strokes."""
    colors = quality.color_quantiles(images.load_image(painting))
    for key, pictures in (("middle", drawn), ("unchanged", photographs)):
        distances = [quality.color_distance(picture, colors) for picture in pictures]
        told[key]["color"] = float(np.mean(distances))
    for row in told["stroke"]:
        row["width"] = quality.stroke_width(row.pop("pictures"), photographs)
    return told


def singles(network, names, paintings, photographs, preset):
    """For each style that has a network of its own: what that costs, and what this one does."""
    shipped = {name: weights.styles()[name] for name in paintings if name in weights.styles()}
    if not shipped:
        return {}
    sizes = {name: max(record["style"]["size"]) for name, record in shipped.items()}
    loss = ManyStylesLoss(preset)
    loss.set_targets([(paintings[name], size) for name, size in sizes.items()])
    judge, found = Judge(network, loss, photographs), {}
    for i, (name, size) in enumerate(sizes.items()):
        place = float(np.clip(np.log(size / SIZES[0]) / np.log(SIZES[-1] / SIZES[0]), 0, 1))
        alone = Judge(repeated(load_network(name), 1), loss, photographs)
        ours, _ = judge.measure(condition(names, name, MIDDLE, place), i)
        own, _ = alone.measure(condition([name], name), i)
        found[name] = {"size": size, "stroke": place, "single": own, "many": ours}
    return found


def rounded(told):
    """All numbers with the digits that mean something."""
    if isinstance(told, dict):
        return {
            name: round(value, DIGITS.get(name, 3)) if isinstance(value, float) else rounded(value)
            for name, value in told.items()
        }
    return [rounded(each) for each in told] if isinstance(told, list) else told


def measured(path, paintings, photographs, targets=None, preset="engstrom"):
    """The figures of a network, a dict for JSON.

    Args:
        path: of its weights.
        paintings: a dict, name to path, of the styles to measure.
        photographs: a list of pictures of one size.
        targets: NAME.targets.npz of the run, if all of its paintings are measured in their order:
            they need not be seen again.
        preset: as in `ManyStylesLoss`.
    """
    names = list(weights.network_options(path)["styles"])
    network, photographs = load_network(path), np.stack(photographs)
    loss = ManyStylesLoss(preset)
    if targets:
        loss.find_targets(paintings.values(), targets)
    else:
        loss.set_targets([(each, size) for each in paintings.values() for size in SIZES])
    judge = Judge(network, loss, photographs)
    with ThreadPoolExecutor() as pool:
        waiting = {}
        for i, name in enumerate(paintings):
            found = sliders(judge, names, name, i * len(SIZES))
            waiting[name] = pool.submit(seen, *found, photographs, paintings[name])
        told = {name: future.result() for name, future in waiting.items()}
    for name, row in singles(network, names, paintings, photographs, preset).items():
        told[name]["single"] = row
    return rounded(
        {"photographs": len(photographs), "pixels": photographs.shape[1], "styles": told}
    )


def line(name, row):
    """One style's figures in a line."""
    middle, widths = row["middle"], [step["width"] for step in row["stroke"]]
    return (
        f"{name:28} {middle['total'] / 1e6:6.3f} M, colors {middle['color']:5.1f} "
        f"({row['unchanged']['color']:5.1f}), strokes {widths[0]:5.2f} to {widths[-1]:5.2f}"
    )


def main():
    """Writes the figures as JSON and prints a line a style."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", type=Path)
    parser.add_argument("--photographs", required=True, help="a folder")
    parser.add_argument("--paintings", required=True, type=Path, help="a folder")
    parser.add_argument("--output", "-o", type=Path, required=True, help="JSON")
    parser.add_argument("--style", action="append", default=[], help="one of them; or all")
    parser.add_argument("--count", type=int, help="of the photographs, the first so many")
    parser.add_argument("--targets", type=Path, help="NAME.targets.npz of the run")
    arguments = parser.parse_args()
    begun = time.monotonic()
    paths = images.find_images(arguments.photographs)[: arguments.count]
    photographs = [images.load_image(path) for path in paths]
    paintings = styles(arguments.paintings)
    chosen = {name: paintings[name] for name in arguments.style or paintings}
    told = measured(arguments.network, chosen, photographs, arguments.targets)
    weights.write_json(arguments.output, told)
    for name, row in told["styles"].items():
        print(line(name, row))
        if "single" in row:
            ours, own = (row["single"][which]["total"] / 1e6 for which in ("many", "single"))
            print(f"  at {row['single']['size']} pixels {ours:.3f} M, a network alone {own:.3f} M")
    print(f"{time.monotonic() - begun:.0f} seconds")


if __name__ == "__main__":
    main()
