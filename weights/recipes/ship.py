"""Turns a finished training run into shipped weights: half precision, record, model card.

python weights/ship.py RUN.weights.h5 NAME TITLE --artist A --where W --measured FIGURES
"""

import argparse
import json
from pathlib import Path

from stylenet import weights
from stylenet.feed_forward.network import load_network

CARD = """# {name}

{title}, {artist}. To be found: {where}. The style's copyright has ended.

| | |
|---|---|
| file | `{file}`, {megabytes:.1f} MB, float16, SHA-256 `{sha256}` |
| network | padding {padding}, upsampling {upsampling}, width {width} |
| style picture | {style_width} x {style_height} pixels |
| photographs | {photographs}, natural photographs of many subjects; shorter side 288 pixels |
| measured | {measured} |
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


def stages(training):
    """The runs that led here, first one first."""
    before = training.get("before")
    return [*(stages(before) if before else []), training]


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


def main():
    """Writes NAME.weights.h5, NAME.json and NAME.md beside this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("run", "name", "title"):
        parser.add_argument(name)
    for name in ("artist", "where", "measured"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--note", default="")
    arguments = parser.parse_args()
    folder = Path(__file__).resolve().parents[1]
    source = Path(arguments.run)
    record = json.loads(source.with_name(source.name.replace(weights.SUFFIX, ".json")).read_text())
    target = folder / f"{arguments.name}{weights.SUFFIX}"
    network = load_network(source)
    weights.save_network(network, target, record["network"], dtype="float16")
    runs = stages(record["training"])
    steps = sum(run["settings"]["steps"] for run in runs)
    hours = sum(run["seconds"] for run in runs) / 3600
    record |= {
        "name": arguments.name,
        "title": f"{arguments.title}, {arguments.artist}",
        "summary": f"{steps:,} steps in {hours:.1f} h; {arguments.measured}",
        "license": "MIT",
        "file": target.name,
        "sha256": weights.sha256(target),
        "bytes": target.stat().st_size,
    }
    weights.write_json(folder / f"{arguments.name}.json", record)
    card = CARD.format(
        **{name: record[name] for name in ("file", "sha256")},
        **vars(arguments),
        **record["network"],
        megabytes=record["bytes"] / 1e6,
        style_width=record["style"]["size"][0],
        style_height=record["style"]["size"][1],
        photographs=f"{runs[-1]['photographs']:,}",
        stages="\n".join(describe(i + 1, run) for i, run in enumerate(runs)),
    )
    (folder / f"{arguments.name}.md").write_text(card)


if __name__ == "__main__":
    main()
