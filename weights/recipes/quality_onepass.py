"""Measures the network for any painting: content and style at several strengths, as a JSON file.

    python weights/recipes/quality_onepass.py RUN.weights.h5 RESULT.json --photographs DIR
        --paintings DIR [--strengths 0 0.25 0.5 0.75 1] [--sheet SHEET.png]
    python weights/recipes/quality_onepass.py slim RESULT.json ...       # the five levels of slim

The first eight photographs, 256 x 256, in the styles of the five paintings of the table and of
those that were kept back from training (`onepass.py`), 512 pixels on the longer side. Content and
style loss as `benchmarks/quality.py` defines them, of results in whole grey levels; the style also
as a share of what the photographs have as they are, a mean of shares over the paintings. The
photographs of a painting are drawn and seen in one batch, all paintings alike, so that a program is
compiled once; what sees the paintings is compiled for all sizes side by side.
"""

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

os.environ.setdefault("XLA_FLAGS", "--xla_gpu_autotune_level=0")  # each size is seen but once

from keras import ops
from onepass import KEPT_BACK

from stylenet import images, sheets, weights
from stylenet.losses import PRESETS, gram_matrix
from stylenet.speed.graphs import compiled
from stylenet.universal.onepass import OnePass
from stylenet.universal.onepass_training import PaintingsLoss, mean_square
from stylenet.universal.stylizer import UniversalStylizer

TABLE = ("great_wave", "starry_night", "composition_vii", "the_scream", "udnie")
PHOTOGRAPHS, SIZE = 8, 512


class Judge:
    """Content and style of a batch of results, compiled.

    Args:
        photographs: `(batch, height, width, 3)`.
    """

    def __init__(self, photographs):
        self.preset = PRESETS["engstrom"]
        self.photographs = ops.convert_to_tensor(photographs)
        self.extractor = PaintingsLoss(self.preset).extractor
        self.see = compiled(self._see, general=True, weights=1)
        self.look = compiled(self._look, general=False)
        self.seen = self.extractor(self.photographs)
        self.own = self._grams(self.seen)

    def _see(self, painting, extractor):
        return self._grams(applied(self.extractor, extractor, painting))

    def _look(self, drawn, grams, seen, extractor):
        drawn = ops.round(ops.clip(drawn, 0.0, 255.0))
        found = applied(self.extractor, extractor, drawn)
        content = sum(mean_square(found[n] - seen[n]) for n in self.preset.content_layers)
        return drawn, ops.mean(content), far(self._grams(found), grams)

    def _grams(self, features):
        return [gram_matrix(features[name]) for name in self.preset.style_layers]

    def painting(self, picture):
        """The Gram matrices."""
        return self.see(picture[None], values(self.extractor))

    def rows(self, grams, drawn):
        """What is measured, and the results in whole grey levels, of a dict strength to results."""
        unchanged, rows, results = float(far(self.own, grams)), [], []
        for strength, pictures in drawn.items():
            found = self.look(pictures, grams, self.seen, values(self.extractor))
            pictures, content, style = map(ops.convert_to_numpy, found)
            row = {"strength": strength, "content": float(content), "style": float(style)}
            rows.append(row | {"share": float(style) / unchanged})
            results.append(pictures)
        return {"unchanged": unchanged, "rows": rows}, results


class InOnePass:
    """Draws all photographs in a painting's style at once.

    Args:
        path: of the network's weights.
        photographs: `(batch, height, width, 3)`.
    """

    def __init__(self, path, photographs):
        self.photographs, network = ops.convert_to_tensor(photographs), OnePass(path).network
        self.style, self.network = (network.get_layer(name) for name in ("style", "transform_net"))
        self.see = compiled(self._see, general=True, weights=1)
        self.draw = compiled(self._draw, general=False)

    def _see(self, painting, strengths, style):
        paintings = ops.repeat(painting, strengths.shape[0], axis=0)
        return applied(self.style, style, [paintings, strengths])

    def _draw(self, photographs, condition, network):
        conditions = ops.repeat(condition, photographs.shape[0], axis=0)
        return applied(self.network, network, [photographs, conditions])

    def encode(self, painting, strengths):
        strengths = np.array(strengths, "float32")[:, None]
        return ops.convert_to_numpy(self.see(painting[None], strengths, values(self.style)))

    def __call__(self, conditions, strengths):
        return {
            strength: self.draw(self.photographs, condition[None], values(self.network))
            for strength, condition in zip(strengths, conditions, strict=True)
        }


class InLevels:
    """The same with slim, one by one."""

    def __init__(self, photographs):
        self.photographs, self.stylizer = photographs, UniversalStylizer("slim")

    def encode(self, painting, strengths):
        return self.stylizer.encode(painting)

    def __call__(self, style, strengths):
        return {
            strength: np.stack(
                [self.stylizer.stylize(photo, style, strength) for photo in self.photographs]
            )
            for strength in strengths
        }


def values(model):
    """A model's variables, for compiled functions: as constants, each would hold VGG19 anew."""
    return [
        [variable.value for variable in variables]
        for variables in (model.trainable_variables, model.non_trainable_variables)
    ]


def applied(model, variables, inputs):
    """What a model with these variables makes of its inputs."""
    return model.stateless_call(*variables, inputs)[0]


def far(found, grams):
    """The style loss, a mean over the batch."""
    return sum(ops.mean(ops.square(a - b)) for a, b in zip(found, grams, strict=True))


def mean_of(found, strengths):
    """The mean content and the mean share over paintings, a row a strength."""
    rows = [[one["rows"][i] for one in found] for i in range(len(strengths))]
    return [
        {"strength": strength}
        | {name: float(np.mean([each[name] for each in row])) for name in ("content", "share")}
        for strength, row in zip(strengths, rows, strict=True)
    ]


def sheet(path, photographs, painted, results, strengths, count=3):
    """A row a painting: itself, some photographs at each strength."""
    names = [f"strength {strength:g}" for strength in strengths]
    count = min(count, len(photographs))
    rows = [[p, *(r[i] for i in range(count) for r in results[n])] for n, p in painted.items()]
    captions = [[name, *(names * count)] for name in painted]
    first = [np.full((256, 256, 3), 255.0)]
    first += [photographs[i] for i in range(count) for _ in strengths]
    images.save_image(
        path, sheets.contact_sheet([first, *rows], [[""] * len(first), *captions], height=200)
    )


def main():
    """Measures and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", help="weights from onepass.py, or slim")
    parser.add_argument("result", type=Path)
    parser.add_argument("--photographs", required=True, help="a folder")
    parser.add_argument("--paintings", required=True, type=Path, help="a folder")
    parser.add_argument("--strengths", type=float, nargs="+", default=[0, 0.25, 0.5, 0.75, 1])
    parser.add_argument("--sheet", type=Path)
    arguments = parser.parse_args()
    begun, strengths = time.monotonic(), arguments.strengths
    paths = images.find_images(arguments.photographs)[:PHOTOGRAPHS]
    photographs = np.stack([images.load_image(path) for path in paths])
    painted = {
        name: images.load_image(arguments.paintings / f"{name}.jpg", SIZE)
        for name in (*TABLE, *KEPT_BACK)
    }
    judge = Judge(photographs)
    slim = arguments.network == "slim"
    artist = InLevels(photographs) if slim else InOnePass(arguments.network, photographs)
    with ThreadPoolExecutor(1 if slim else None) as pool:
        seen = list(
            pool.map(
                lambda one: (judge.painting(one), artist.encode(one, strengths)), painted.values()
            )
        )
    found = [judge.rows(grams, artist(style, strengths)) for grams, style in seen]
    told = {name: one for name, (one, _) in zip(painted, found, strict=True)}
    result = {
        "table": mean_of([told[name] for name in TABLE], strengths),
        "kept_back": mean_of([told[name] for name in KEPT_BACK], strengths),
        "paintings": told,
        "seconds": time.monotonic() - begun,
    }
    weights.write_json(arguments.result, result)
    for name in ("table", "kept_back"):
        for row in result[name]:
            print(f"{name:10} {row['strength']:4.2f} {row['content']:10,.0f} {row['share']:.3f}")
    if arguments.sheet:
        results = {name: drawn for name, (_, drawn) in zip(painted, found, strict=True)}
        sheet(arguments.sheet, photographs, painted, results, strengths)


if __name__ == "__main__":
    main()
