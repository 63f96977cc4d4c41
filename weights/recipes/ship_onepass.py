"""Ships the network for any painting: half precision, record, model card.

python weights/recipes/ship_onepass.py RUN.weights.h5 --photographs DIR --paintings DIR
    [--machine TEXT] [--note NOTE] [--sheet SHEET.png]

RUN has its record beside it. The figures in the card are those that `quality_onepass.py` measures,
here, on what is shipped.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import quality_onepass
import ship_universal

from stylenet import weights
from stylenet.universal.onepass import onepass_net

NAME = "onepass"
CARD = """# onepass

Any painting in one pass: a small network sees the painting and sets up a feed-forward network of
width {width} with reflection padding and nearest upsampling (`stylenet.universal.OnePass`).

| | |
|---|---|
| file | `{file}`, {megabytes:.2f} MB, float16, SHA-256 `{sha256}` |
| parameters | {parameters:,}, of which {seen:,} are slim's up to block3_conv1 |
| learned from | {photographs:,} natural photographs and {paintings:,} paintings and prints |
| licence | MIT |

Measured on eight photographs of 256 x 256 pixels that no training saw, with paintings at 512
pixels: the content loss, and the style loss as a share of what the photographs have as they are,
its mean over the paintings. "Known" are {table}, which are among
the paintings that it learned from; "kept back" are {kept},
which are not.

| strength | known: content | style | kept back: content | style |
|---|---|---|---|---|
{rows}

{note}

## Training

{stages}
"""
STAGE = """{number}. {done:,} of {steps:,} steps of {batch_size} crops of {crop_size} pixels in
   {seconds:,} seconds. {machine}, {backend}, {precision}.
   Last losses: {losses}.

       {command}
"""


def equivalent(settings):
    """The command that asks for a run of these settings."""
    names = (
        "steps",
        "epoch_steps",
        "batch_size",
        "crop_size",
        "learning_rate",
        "precision",
        "seed",
    )
    options = " ".join(f"--{name.replace('_', '-')} {settings[name]}" for name in names)
    start = "" if settings["start"] == "identity" else f" --start {settings['start']}"
    return (
        f"python weights/recipes/onepass.py {NAME}{weights.SUFFIX} --photographs photographs "
        f"--paintings paintings {options}{start}"
    )


def describe(number, run):
    """One run as a list item."""
    settings = run["settings"]
    done = run.get("stopped_at", settings["steps"])
    names = ("steps", "batch_size", "crop_size", "precision")
    return STAGE.format(
        number=number,
        done=done,
        losses=", ".join(f"{name} {value:,.4g}" for name, value in run["last_losses"].items()),
        **{name: settings[name] for name in names},
        **{name: run[name] for name in ("seconds", "machine", "backend", "command")},
    )


def row(known, kept):
    """One line of the card's table."""
    cells = [f"{known['strength']:g}"]
    cells += [f"{each['content']:,.0f} | {each['share']:.3f}" for each in (known, kept)]
    return f"| {' | '.join(cells)} |"


def ship(source, machine):
    """Writes the file and its record; returns the record and the network."""
    record = json.loads(source.with_name(source.name.replace(weights.SUFFIX, ".json")).read_text())
    network = weights.fill(lambda: onepass_net(**record["network"]), source)
    target = weights.weights_folder() / f"{NAME}{weights.SUFFIX}"
    weights.save_network(network, target, record["network"], dtype="float16")
    for run in ship_universal.stages(record["training"]):
        run["command"], run["machine"] = equivalent(run["settings"]), machine or run["machine"]
    record |= {
        "name": NAME,
        "license": "MIT",
        "file": target.name,
        "sha256": weights.sha256(target),
        "bytes": target.stat().st_size,
    }
    return record, network


def measured(target, arguments):
    """What `quality_onepass.py` finds."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        told = [str(target), str(result), "--photographs", arguments.photographs]
        told += ["--sheet", arguments.sheet] if arguments.sheet else []
        sys.argv = ["quality_onepass.py", *told, "--paintings", arguments.paintings]
        quality_onepass.main()
        return json.loads(result.read_text())


def card(record, network, note):
    """The model card, of a record with what was measured."""
    training, rows = record["training"], record["measured"]
    runs = ship_universal.stages(training)
    return CARD.format(
        width=record["network"]["width"],
        megabytes=record["bytes"] / 1e6,
        parameters=network.count_params(),
        seen=network.get_layer("style").get_layer("seen").count_params(),
        table=", ".join(quality_onepass.TABLE),
        kept=", ".join(quality_onepass.KEPT_BACK),
        rows="\n".join(map(row, rows["table"], rows["kept_back"])),
        note=note,
        stages="\n".join(describe(number, run) for number, run in enumerate(runs, 1)),
        **{name: record[name] for name in ("file", "sha256")},
        **{name: training[name] for name in ("photographs", "paintings")},
    )


def main():
    """Writes file, record and card into `weights/`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--photographs", required=True, help="a folder, for the figures")
    parser.add_argument("--paintings", required=True, help="a folder, for the figures")
    parser.add_argument("--machine", help="for the record")
    parser.add_argument("--note", default="")
    parser.add_argument("--sheet", help="a picture to write, of some results")
    arguments = parser.parse_args()
    record, network = ship(arguments.run, arguments.machine)
    folder = weights.weights_folder()
    result = measured(folder / record["file"], arguments)
    record["measured"] = {name: result[name] for name in ("table", "kept_back")}
    weights.write_json(folder / f"{NAME}.json", record)
    (folder / f"{NAME}.md").write_text(card(record, network, arguments.note))


if __name__ == "__main__":
    main()
