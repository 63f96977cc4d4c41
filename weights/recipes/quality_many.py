"""Measures a network of many styles: what its styles cost, and what its two sliders do.

    python weights/recipes/quality_many.py RUN.weights.h5 --photographs DIR --paintings DIR -o JSON

Costs are those of `benchmarks/quality.py`: results in whole grey levels, photographs one by one,
the Gram matrices of whole paintings. For each style:

- "middle": cost and colors with both sliders in their middle, against the painting at 693 pixels;
- "unchanged": the same of the photographs as they are;
- "strength": content and style loss in eleven steps of that slider;
- "fade": the same where the drawing of the middle fades into the photograph instead;
- "stroke": the width of strokes in five steps of the other slider;
- "single", where a network of this style alone is shipped: what it costs against the painting at
  the size it was trained with, and what this one costs there, its slider set to that size.

It is made for a GPU. On a CPU `--few 3` sweeps with fewer photographs, and `--style NAME` measures
one style.
"""

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
from many import styles

from stylenet import images, quality, weights
from stylenet.catalog import MIDDLE
from stylenet.feed_forward.conditional import condition, fixed, mixed_norms
from stylenet.feed_forward.network import load_network
from stylenet.feed_forward.stylizer import load_style
from stylenet.feed_forward.targets import SIZES, STROKES, ManyStylesLoss
from stylenet.losses import gram_matrix
from stylenet.speed.convolution import accelerate
from stylenet.speed.network import fast_network

STRENGTHS = np.linspace(0.0, 1.0, 11)
FADES = (0.25, 0.5, 0.75)
HALF = len(SIZES) // 2  # of the sizes
DIGITS = {"content": 0, "style": 0, "tv": 1, "total": 0, "color": 1, "width": 2}


class Costs(keras.Model):
    """What drawings of photographs cost; a batch at a time, compiled.

    Args:
        loss: a `ManyStylesLoss` with its targets.
        photographs: `(count, height, width, 3)`.
    """

    def __init__(self, loss, photographs, **kwargs):
        super().__init__(**kwargs)
        self.loss_of_each, self.built = loss, True
        self.jit_compile = keras.backend.backend() == "jax"
        accelerate(loss.extractor)
        features = loss.extractor.predict_on_batch(photographs)
        self.content = {name: features[name] for name in loss.preset.content_layers}
        self.grams = {
            name: np.asarray(gram_matrix(features[name])) for name in loss.preset.style_layers
        }
        self.tv = total_variation(photographs)

    def call(self, inputs):
        pictures, content, targets = inputs
        return self.loss_of_each.terms(pictures, content, targets)

    def of(self, pictures, target):
        """The mean of each term, and the weighted sum of them.

        Args:
            pictures: what was drawn of the first photographs, in [0, 255].
            target: the number of a painting and a size.
        """
        count = len(pictures)
        content = {name: values[:count] for name, values in self.content.items()}
        found = self.predict_on_batch([pictures, content, np.full(count, target, "int32")])
        return self.told(**{name: float(np.mean(np.asarray(v))) for name, v in found.items()})

    def unchanged(self, target, few=None):
        """The same of the photographs as they are, or of the first few."""
        preset, style = self.loss_of_each.preset, 0.0
        for layer, weight in preset.style_layers.items():
            painting = np.asarray(self.loss_of_each.grams[layer][target])
            style += weight * float(np.mean(np.square(self.grams[layer][:few] - painting)))
        return self.told(0.0, style, float(np.mean(self.tv[:few])))

    def told(self, content, style, tv):
        """The terms and their weighted sum."""
        preset = self.loss_of_each.preset
        total = preset.content_weight * content + preset.style_weight * style
        total += preset.tv_weight * tv
        return {"content": content, "style": style, "tv": tv, "total": total}


def total_variation(pictures):
    """Mean squares of the differences between neighbors, down and across, of each picture."""
    return sum(np.mean(np.square(np.diff(pictures, axis=axis)), axis=(1, 2, 3)) for axis in (1, 2))


def drawing(network):
    """A function of photographs and a condition that draws, in whole grey levels."""
    fast = fast_network(fixed(network, np.zeros(network.inputs[1].shape[1])))

    def draw(photographs, row):
        if hasattr(fast, "with_norms"):
            return whole(fast.with_norms(mixed_norms(network, row))(photographs))
        rows = np.tile(row, (len(photographs), 1))
        return whole(network.predict_on_batch([photographs, rows]))

    return draw


def whole(pictures):
    """As files hold them."""
    return np.round(np.clip(np.asarray(pictures), 0.0, 255.0)).astype("float32")


def sliders(draw, costs, photographs, few, names, name, first):
    """What one style costs as its sliders move; and its pictures, at which more is measured.

    `first` is the number of its target at the smallest size, `few` the photographs of sweeps.
    """
    target = first + HALF
    middle = draw(photographs, condition(names, name))
    told = {"middle": costs.of(middle, target), "unchanged": costs.unchanged(target)}
    start = photographs[:few]
    told["strength"] = [
        {"strength": float(s)} | costs.of(draw(start, condition(names, name, s)), target)
        for s in STRENGTHS
    ]
    told["fade"] = [{"share": 0.0} | costs.unchanged(target, few)]
    told["fade"] += [
        {"share": a} | costs.of(whole(start + a * (middle[:few] - start)), target) for a in FADES
    ]
    told["fade"].append({"share": 1.0} | costs.of(middle[:few], target))
    told["stroke"] = [
        {
            "stroke": float(place),
            "size": size,
            "pictures": draw(photographs, condition(names, name, MIDDLE, place)),
        }
        for place, size in zip(STROKES, SIZES, strict=True)
    ]
    return told, middle


def seen(told, drawn, photographs, painting):
    """Adds what pixels tell: colors at the middle, and the width of strokes."""
    colors = quality.color_quantiles(images.load_image(painting))
    for key, pictures in (("middle", drawn), ("unchanged", photographs)):
        distances = [quality.color_distance(picture, colors) for picture in pictures]
        told[key]["color"] = float(np.mean(distances))
    for row in told["stroke"]:
        row["width"] = quality.stroke_width(row.pop("pictures"), photographs)
    return told


def singles(draw, names, paintings, photographs, preset):
    """For each style that has a network of its own: what that costs, and what this one does."""
    shipped = {name: weights.styles()[name] for name in paintings if name in weights.styles()}
    if not shipped:
        return {}
    sizes = {name: max(record["style"]["size"]) for name, record in shipped.items()}
    loss = ManyStylesLoss(preset)
    loss.set_targets([(paintings[name], size) for name, size in sizes.items()])
    costs, found = Costs(loss, photographs), {}
    for i, (name, size) in enumerate(sizes.items()):
        place = float(np.clip(np.log(size / SIZES[0]) / np.log(SIZES[-1] / SIZES[0]), 0, 1))
        ours = draw(photographs, condition(names, name, MIDDLE, place))
        own = whole(load_style(name)(photographs))
        ours, own = costs.of(ours, i), costs.of(own, i)
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


def measured(path, paintings, photographs, few=None, targets=None, preset="engstrom"):
    """The figures of a network, a dict for JSON.

    Args:
        path: of its weights.
        paintings: a dict, name to path, of the styles to measure.
        photographs: a list of pictures of one size.
        few: how many of them sweeps are measured with, all but the width of strokes.
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
    draw = drawing(network)
    costs, few = Costs(loss, photographs), few or len(photographs)
    with ThreadPoolExecutor() as pool:
        waiting = {}
        for i, name in enumerate(paintings):
            found = sliders(draw, costs, photographs, few, names, name, i * len(SIZES))
            waiting[name] = pool.submit(seen, *found, photographs, paintings[name])
        told = {name: future.result() for name, future in waiting.items()}
    for name, row in singles(draw, names, paintings, photographs, preset).items():
        told[name]["single"] = row
    sizes = {"photographs": len(photographs), "few": few, "pixels": photographs.shape[1]}
    return rounded(sizes | {"styles": told})


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
    parser.add_argument("--few", type=int, help="of these, the first so many for sweeps")
    parser.add_argument("--targets", type=Path, help="NAME.targets.npz of the run")
    arguments = parser.parse_args()
    begun = time.monotonic()
    paths = images.find_images(arguments.photographs)[: arguments.count]
    photographs = [images.load_image(path) for path in paths]
    paintings = styles(arguments.paintings)
    chosen = {name: paintings[name] for name in arguments.style or paintings}
    told = measured(arguments.network, chosen, photographs, arguments.few, arguments.targets)
    weights.write_json(arguments.output, told)
    for name, row in told["styles"].items():
        print(line(name, row))
        if "single" in row:
            ours, own = (row["single"][which]["total"] / 1e6 for which in ("many", "single"))
            print(f"  at {row['single']['size']} pixels {ours:.3f} M, a network alone {own:.3f} M")
    print(f"{time.monotonic() - begun:.0f} seconds")


if __name__ == "__main__":
    main()
