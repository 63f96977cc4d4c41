"""Turns a finished run of many styles into shipped weights: 8 bits a kernel, record, card.

python weights/recipes/ship_many.py RUN.weights.h5 --photographs DIR --figures QUALITY.json

The figures of record and card are those of `quality_many.py`; without them, each style's mean loss
in the last epochs of the run. How much the 8 bits cost is measured here, on the photographs.
"""

import argparse
import csv
import json
from pathlib import Path

import numpy as np
from many import told
from ship import stages

from stylenet import images, weights
from stylenet.feed_forward.conditional import condition
from stylenet.feed_forward.network import load_network

NAME = "many"
FEWER = 3  # of the photographs a style, to measure what 8 bits cost
LAST = 5  # epochs, whose mean loss a style's is
CARD = """# many

{count} styles in one network, each with a slider for the strength and one for the size of strokes.
The styles' copyrights have ended.

| | |
|---|---|
| file | `{file}`, {megabytes:.2f} MB, kernels 8 bits, the rest float16, SHA-256 `{sha256}` |
| network | padding {padding}, upsampling {upsampling}, width {width}; {count} styles |
| photographs | {photographs:,}, natural photographs of many subjects; shorter side 288 pixels |
| 8 bits | change a drawing by {rounding:.2f} grey levels (root mean square) |
| licence | MIT |

{note}

## Styles

{styles}

## Training

{training}

    python weights/recipes/many.py --photographs DIR --paintings DIR -o runs/many.weights.h5

with `--start many` goes on from here.
"""
LOSSES = """Millions, the mean over the last {crops} crops of each style in training, at strengths
and strokes by chance: content and style weigh as the strength says. More is measured by
`weights/recipes/quality_many.py`.

| style | painting | loss |
|---|---|---|
{rows}"""
FIGURES = """Cost in millions on {photographs} photographs of {pixels} pixels, both sliders in their
middle, the painting at 693 pixels; colors in grey levels from the painting's, in brackets those of
the photographs as they are; strokes' width in pixels from one end of the slider to the other
(`stylenet.quality`). The last column: the cost against the painting at the size that a network of
this style alone was trained with, and what that network costs.

| style | painting | cost | colors | strokes | beside a network alone |
|---|---|---|---|---|---|
{rows}

Strokes grow by a factor of 1.7 or more from end to end in {wider} styles, at each of four steps in
{monotone}; the median factor is {ratio:.2f}.

## Strength

Content loss grows and style loss falls at each of ten steps in {strength} styles, means over {few}
photographs. Below, means over all styles, each style's loss divided by that of the photographs as
they are. The fade mixes the drawing of the middle into the photograph; beside each step stands what
is left of the style loss where that has lost as much of the content.

| strength | content loss (thousands) | style loss (share) | fade of equal content |
|---|---|---|---|
{steps}"""


def ship(source, photographs, figures=None, note="", machine=None):
    """Writes many.weights.h5, many.json and many.md into the project's `weights/`.

    Args:
        source: a run's weights, with its record beside it.
        photographs: a folder of those to measure with.
        figures: JSON of `quality_many.py`, or None.
        note: for the card.
        machine: that it was trained on, in words; as the run tells unless given.

    Returns:
        The record.
    """
    source = Path(source)
    found = json.loads(Path(figures).read_text(encoding="utf-8")) if figures else None
    folder, record, losses = weights.weights_folder(), _record_of(source), last_losses(source)
    target, network = folder / f"{NAME}{weights.SUFFIX}", load_network(source)
    names = record["network"]["styles"]
    weights.save_network(network, target, record["network"], dtype="int8")
    pictures = [images.load_image(path) for path in images.find_images(photographs)]
    record["training"]["machine"] = machine or record["training"]["machine"]
    record |= {
        "name": NAME,
        "file": target.name,
        "sha256": weights.sha256(target),
        "bytes": target.stat().st_size,
        "rounding": round(rounding(network, load_network(target), names, pictures), 2),
        "styles": {
            name: style(name, losses[name], found and found["styles"][name]) for name in names
        },
        "license": "MIT",
    }
    weights.write_json(folder / f"{NAME}.json", record)
    (folder / f"{NAME}.md").write_text(card(record, found, note), encoding="utf-8")
    return record


def _record_of(source):
    name = source.name.replace(weights.SUFFIX, ".json")
    return json.loads(source.with_name(name).read_text(encoding="utf-8"))


def last_losses(source):
    """Each style's mean loss in the last epochs, from the run's table."""
    table = source.with_name(source.name.replace(weights.SUFFIX, ".csv"))
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))[-LAST:]
    return {name: np.mean([float(row[name]) for row in rows]) for name in told()}


def rounding(network, stored, names, photographs):
    """The root mean square of what 8 bits change, in grey levels, over all styles."""
    squares = []
    for i, name in enumerate(names):
        chosen = [photographs[(i + j) % len(photographs)] for j in range(FEWER)]
        inputs = [np.stack(chosen), np.tile(condition(names, name), (FEWER, 1))]
        pair = [np.clip(each.predict_on_batch(inputs), 0, 255) for each in (network, stored)]
        squares.append(np.mean(np.square(pair[0] - pair[1])))
    return float(np.sqrt(np.mean(squares)))


def style(name, loss, figures):
    """What the record tells of a style."""
    known = told()[name]
    title = ", ".join(filter(None, (known["title"], known["artist"], known["year"])))
    own = known | {"title": title, "loss": round(float(loss))}
    if not figures:
        return own | {"summary": f"shares a network; {loss / 1e6:.2f} million in training"}
    middle = figures["middle"]
    summary = (
        f"shares a network; {middle['total'] / 1e6:.2f} million, colors {middle['color']:.0f} grey "
        "levels from the painting's"
    )
    kept = {key: figures[key] for key in ("middle", "unchanged", "single") if key in figures}
    widths = [step["width"] for step in figures["stroke"]]
    return own | {"summary": summary, "measured": kept | {"widths": widths}}


def rises(values):
    """Whether each value is above the one before."""
    return bool((np.diff(values) > 0).all())


def is_monotone(figures):
    """Whether content loss grows and style loss falls at every step of the strength."""
    content, style = (
        np.array([step[term] for step in figures["strength"]]) for term in ("content", "style")
    )
    return rises(content) and rises(-style)


def faded(figures, content):
    """The style loss of the fade at a content loss; where that is beyond its end, at its end."""
    lost, left = ([step[term] for step in figures["fade"]] for term in ("content", "style"))
    return float(np.interp(content, lost, left))


def card(record, found, note):
    """The model card."""
    training = record["training"]
    return CARD.format(
        **{key: record[key] for key in ("file", "sha256", "rounding")},
        **{key: record["network"][key] for key in ("padding", "upsampling", "width")},
        count=len(record["styles"]),
        megabytes=record["bytes"] / 1e6,
        photographs=training["photographs"],
        note=note,
        styles=tables(record, found) if found else losses(record),
        training="\n".join(map(describe, stages(training))),
    )


def losses(record):
    """The table of the styles by the run's own losses."""
    settings, styles = record["training"]["settings"], record["styles"]
    crops = LAST * settings["epoch_steps"] * settings["batch_size"] // len(styles)
    rows = [
        f"| `{name}` | {each['title']} | {each['loss'] / 1e6:.2f} |"
        for name, each in styles.items()
    ]
    return LOSSES.format(crops=crops, rows="\n".join(rows))


def tables(record, found):
    """The tables of what was measured."""
    styles = found["styles"]
    widths = [[step["width"] for step in row["stroke"]] for row in styles.values()]
    ratios = [row[-1] / row[0] for row in widths]
    return FIGURES.format(
        **{key: found[key] for key in ("photographs", "pixels", "few")},
        strength=sum(map(is_monotone, styles.values())),
        wider=sum(ratio >= 1.7 for ratio in ratios),
        monotone=sum(map(rises, widths)),
        ratio=float(np.median(ratios)),
        rows="\n".join(line(name, record["styles"][name], row) for name, row in styles.items()),
        steps="\n".join(steps(styles)),
    )


def line(name, known, figures):
    """One style in the card's table."""
    middle, widths = figures["middle"], known["measured"]["widths"]
    beside = ""
    if "single" in figures:
        ours, alone = (figures["single"][which]["total"] / 1e6 for which in ("many", "single"))
        size = figures["single"]["size"]
        beside = f"{ours:.2f} beside {alone:.2f} ({ours / alone:.2f} times), {size} px"
    return (
        f"| `{name}` | {known['title']} | {middle['total'] / 1e6:.2f} | {middle['color']:.1f} "
        f"({figures['unchanged']['color']:.1f}) | {widths[0]:.1f} to {widths[-1]:.1f} | {beside} |"
    )


def steps(styles):
    """The lines of the table of strengths."""
    rows = list(styles.values())
    for i, step in enumerate(rows[0]["strength"]):
        content = np.mean([row["strength"][i]["content"] for row in rows]) / 1e3
        ours = np.mean([row["strength"][i]["style"] / row["unchanged"]["style"] for row in rows])
        fade = np.mean(
            [faded(row, row["strength"][i]["content"]) / row["unchanged"]["style"] for row in rows]
        )
        yield f"| {step['strength']:g} | {content:.0f} | {ours:.4f} | {fade:.4f} |"


def describe(training):
    """One run in a line."""
    settings = training["settings"]
    return (
        "- {steps:,} steps of {batch_size} crops of {crop_size} pixels, {optimizer}, learning rate "
        "{learning_rate:g}".format(**settings)
        + f", started from {settings['start']}, in {training['seconds'] / 60:.0f} minutes on "
        f"{training['machine']}, {training['backend']}"
    )


def main():
    """Ships what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("--figures", type=Path)
    parser.add_argument("--photographs", required=True)
    parser.add_argument("--note", default="")
    parser.add_argument("--machine")
    ship(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
