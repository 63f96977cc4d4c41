"""Turns a finished training run into shipped weights: half precision, record, model card.

python weights/recipes/ship.py RUN.weights.h5 NAME TITLE --artist A --where W --painting P
    --photographs D

The figures in record and card are measured here on what is shipped, by `benchmarks/quality.py`.
"""

import argparse
import itertools
import json
import shlex
import sys
from pathlib import Path

from stylenet import images, weights
from stylenet.feed_forward.network import load_network
from stylenet.feed_forward.training import StyleSettings
from stylenet.losses import PRESETS, PerceptualLoss

sys.path.append(str(weights.weights_folder().parent / "benchmarks"))
from quality import measure

CARD = """# {name}

{title}, {artist}. To be found: {where}. The style's copyright has ended.

| | |
|---|---|
| file | `{file}`, {megabytes:.1f} MB, float16, SHA-256 `{sha256}` |
| network | padding {padding}, upsampling {upsampling}, width {width} |
| style picture | {style_width} x {style_height} pixels |
| photographs | {count}, natural photographs of many subjects; shorter side 288 pixels |
| cost | {cost} |
| colors | {colors} |
| grid | {grid} |
| licence | MIT |

{note}

## Training

Each run called `stylenet.train` with the settings in the record; the command under it asks for the
same.

{stages}
"""

STAGE = """{number}. {steps} steps of {batch_size} crops of {crop_size} pixels in
   {minutes:.0f} minutes.
   Machine: {machine}, {backend}. Seed {seed}; weights
   {content_weight} / {style_weight} / {tv_weight}. Last losses: {losses}.

       {command}
"""


DIGITS = {"total": 0, "content": 0, "style": 0, "tv": 1, "color": 1, "grid": 2}


def measured(target, record, painting, photographs):
    """What the shipped file does to photographs, and what it costs to leave them as they are."""
    size = max(record["style"]["size"])
    painting = images.load_image(painting, size)
    photographs = [images.load_image(path) for path in images.find_images(photographs)]
    loss = PerceptualLoss(painting, PRESETS["engstrom"])
    drawn, unchanged = (
        {name: round(value, DIGITS[name]) for name, value in result.items()}
        for result in (
            measure(loss, photographs, load_network(target), painting),
            measure(loss, photographs, None, painting),
        )
    )
    sizes = {"photographs": len(photographs), "pixels": photographs[0].shape[1], "style_size": size}
    return {**sizes, **drawn, "unchanged": unchanged}


def figures(measured):
    """The card's lines."""
    unchanged = measured["unchanged"]
    return {
        "cost": "{:.3f} million on {} photographs of {} pixels, style at {} pixels".format(
            measured["total"] / 1e6, *(measured[n] for n in ("photographs", "pixels", "style_size"))
        )
        + " (content {content:,.0f}; style {style:,.0f}; TV {tv:.1f})".format(**measured)
        + f"; {unchanged['total'] / 1e6:.2f} million for the photographs as they are",
        "colors": f"{measured['color']:.1f} grey levels from the painting's; "
        f"{unchanged['color']:.1f} for the photographs as they are (`stylenet.quality`)",
        "grid": f"{measured['grid']:.2f} grey levels at a period of four pixels, where photographs "
        "are smooth",
    }


def stages(training):
    """The runs that led here, first one first."""
    before = training.get("before")
    return [*(stages(before) if before else []), training]


def equivalent(settings, name):
    """The command that asks for a run of these settings, as far as they are not the usual ones."""
    usual = StyleSettings().as_dict()
    options = {option: value for option, value in settings.items() if value != usual.get(option)}
    flags = {f"--{option.replace('_', '-')}": str(value) for option, value in options.items()}
    words = [f"{name}.jpg", "--content", "photographs", "-o", f"{name}{weights.SUFFIX}"]
    return shlex.join(["stylenet", "train", *words, *itertools.chain(*flags.items())])


def describe(number, training):
    """One run as a list item."""
    loss, settings = training["loss"], training["settings"]
    losses = ", ".join(f"{name} {value:,.4g}" for name, value in training["last_losses"].items())
    return STAGE.format(
        number=number,
        minutes=training["seconds"] / 60,
        losses=losses,
        **{name: settings[name] for name in ("steps", "batch_size", "crop_size", "seed")},
        **{name: training[name] for name in ("machine", "backend", "command")},
        **{name: loss[name] for name in ("content_weight", "style_weight", "tv_weight")},
    )


def ship(source, name, title, artist, where, painting, photographs, note=""):
    """Writes NAME.weights.h5, NAME.json and NAME.md into the project's `weights/`.

    Args:
        source: a run's weights, NAME.weights.h5, with its record beside it.
        name: of the style.
        title: of the painting.
        artist: its artist and year.
        where: it is to be found.
        painting: path of its picture.
        photographs: a folder of those to measure with.
        note: for the card.

    Returns:
        The record.
    """
    folder, source = weights.weights_folder(), Path(source)
    record = json.loads(source.with_name(source.name.replace(weights.SUFFIX, ".json")).read_text())
    target = folder / f"{name}{weights.SUFFIX}"
    weights.save_network(load_network(source), target, record["network"], dtype="float16")
    runs = stages(record["training"])
    # A recipe has no command, and a command's paths are those of one machine.
    runs[-1]["command"] = equivalent(runs[-1]["settings"], name)
    steps = sum(run["settings"]["steps"] for run in runs)
    minutes = sum(run["seconds"] for run in runs) / 60
    time = f"{minutes:.0f} minutes" if minutes < 60 else f"{minutes / 60:.1f} hours"
    found = measured(target, record, painting, photographs)
    record |= {
        "name": name,
        "title": f"{title}, {artist}",
        "summary": f"{steps:,} steps in {time}; {found['total'] / 1e6:.2f} million, colors "
        f"{found['color']:.0f} grey levels from the painting's",
        "measured": found,
        "license": "MIT",
        "file": target.name,
        "sha256": weights.sha256(target),
        "bytes": target.stat().st_size,
    }
    weights.write_json(folder / f"{name}.json", record)
    card = CARD.format(
        **{key: record[key] for key in ("name", "file", "sha256")},
        **{"title": title, "artist": artist, "where": where, "note": note},
        **record["network"],
        **figures(found),
        megabytes=record["bytes"] / 1e6,
        style_width=record["style"]["size"][0],
        style_height=record["style"]["size"][1],
        count=f"{runs[-1]['photographs']:,}",
        stages="\n".join(describe(i + 1, run) for i, run in enumerate(runs)),
    )
    (folder / f"{name}.md").write_text(card)
    return record


def main():
    """Ships what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("source", "name", "title"):
        parser.add_argument(name)
    for name in ("artist", "where", "painting", "photographs"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--note", default="")
    ship(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
