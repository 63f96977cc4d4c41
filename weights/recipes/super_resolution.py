"""Trains the two networks that enlarge, and ships them: half precision, records, one card.

    python weights/recipes/super_resolution.py train FOLDER --photographs DIR
    python weights/recipes/super_resolution.py ship FOLDER --photographs VALIDATION

The first goes on with what it finds in FOLDER. The second measures what it ships.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from keras import ops

from stylenet import images, weights
from stylenet.features import feature_extractor
from stylenet.losses import content_loss
from stylenet.super_resolution import (
    Enlarger,
    SuperResolutionSettings,
    shrink,
    super_resolution_net,
    train_super_resolution,
)
from stylenet.super_resolution.settings import LOSSES

SETTINGS = {"steps": 700, "learning_rate": 5e-4, "seed": 1}
CARD = """# Enlarging by four

Two networks of one shape, which learned from the same crops in the same order: one by the loss of
pixels, one by what VGG19 sees (`stylenet enlarge`, `stylenet.super_resolution`).

| | |
|---|---|
| files | {files}, float16 |
| network | width {width}, {blocks} residual blocks, {count:,} parameters |
| learned from | {photographs:,} natural photographs of many subjects; shorter side 288 pixels |
| licence | MIT |

Measured on {pictures} photographs of 256 x 256 pixels that no training saw, reduced to 64 x 64 and
enlarged again: PSNR in dB, higher is nearer in grey levels; and the mean square of what differs
after VGG19's `{layer}`, lower is nearer for an eye.

| | PSNR | VGG19 |
|---|---|---|
{rows}

By pixels edges are cleaner than bicubic ones and textures stay smooth; by what VGG19 sees eyes and
fur are sharp, and smooth areas get a faint hatching of four pixels, as in the paper. Details are
made up.

## Training

{stages}
"""
STAGE = """- `{name}`: {steps:,} steps of {batch_size} crops of {crop_size} pixels in {minutes:.0f}
  minutes of a busy machine, learning rate {learning_rate}, seed {seed}. Machine: {machine},
  {backend}. {told}"""
# How the runs that ship differ from what the settings say.
TOLD = {
    "perceptual": "",
    "pixels": "The first 300 steps belonged to a run of 1,500, whose rate falls more slowly.",
}


def train(folder, photographs):
    """Both runs, each where it was cut."""
    for loss in LOSSES[::-1]:
        output = folder / f"enlarge_{loss}{weights.SUFFIX}"
        settings = SuperResolutionSettings(loss=loss, **SETTINGS)
        cut = (folder / f"enlarge_{loss}.checkpoint.npz").is_file()
        if not output.is_file():
            train_super_resolution(photographs, output, settings, resume=cut)


def ship(folder, photographs):
    """Writes weights, records and the card."""
    target, records = weights.weights_folder(), {}
    for loss in LOSSES:
        name = f"enlarge_{loss}"
        record = json.loads((folder / f"{name}.json").read_text())
        options, path = record["network"], target / f"{name}{weights.SUFFIX}"
        build = lambda options=options: super_resolution_net(**options)  # noqa: E731
        network = weights.fill(build, folder / path.name)
        weights.save_network(network, path, options, dtype="float16")
        record |= {"license": "MIT", "sha256": weights.sha256(path), "bytes": path.stat().st_size}
        record["training"]["command"] = command(loss)
        records[loss] = record
        weights.write_json(target / f"{name}.json", record)
    pictures = [images.load_image(path) for path in images.find_images(photographs)]
    (target / "enlarge.md").write_text(card(records, measured(pictures), len(pictures)))


def command(loss):
    """What asks for such a run."""
    told = ", ".join(f"{name}={value!r}" for name, value in {"loss": loss, **SETTINGS}.items())
    return (
        f'train_super_resolution("photographs", "enlarge_{loss}.weights.h5", '
        f"SuperResolutionSettings({told}))"
    )


def measured(pictures):
    """PSNR and VGG19's difference, for the bicubic enlargement and both networks."""
    extractor = feature_extractor("vgg19", [SuperResolutionSettings().layer])
    draws = {"bicubic": bicubic} | {loss: Enlarger(loss).draw for loss in LOSSES}
    found = {}
    for name, draw in draws.items():
        values = []
        for picture in pictures:
            small = ops.convert_to_numpy(shrink(picture[None]))[0].clip(0, 255)
            drawn = draw(small)
            [ours], [theirs] = (extractor(x[None]).values() for x in (drawn, picture))
            values.append((_psnr(drawn, picture), float(content_loss(ours, theirs))))
        found[name] = np.mean(values, axis=0)
    return found


def bicubic(small):
    """What both networks begin as."""
    size = [4 * side for side in small.shape[:2]]
    return ops.convert_to_numpy(ops.image.resize(small[None], size, "bicubic"))[0].clip(0, 255)


def _psnr(image, reference):
    return -10 * np.log10(np.mean(np.square(image - reference)) / 255**2)


def card(records, found, count):
    """The card's text."""
    first = records["perceptual"]
    files = ", ".join(f"`{r['file']}` ({r['bytes'] / 1e3:.0f} kB)" for r in records.values())
    rows = [
        f"| {name} | {psnr:.2f} | {features:,.0f} |" for name, (psnr, features) in found.items()
    ]
    stages = [
        STAGE.format(
            name=name,
            told=TOLD[name],
            minutes=record["training"]["seconds"] / 60,
            **record["training"]["settings"],
            **{key: record["training"][key] for key in ("machine", "backend")},
        )
        for name, record in records.items()
    ]
    return CARD.format(
        files=files,
        count=super_resolution_net(**first["network"]).count_params(),
        photographs=first["training"]["photographs"],
        pictures=count,
        layer=SuperResolutionSettings().layer,
        rows="\n".join(rows),
        stages="\n".join(stages),
        **first["network"],
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("task", choices=("train", "ship"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photographs", required=True)
    chosen = parser.parse_args()
    {"train": train, "ship": ship}[chosen.task](chosen.folder, chosen.photographs)
