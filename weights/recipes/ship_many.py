"""Turns a finished run of many styles into shipped weights: 8 bits a kernel, record, card.

python weights/recipes/ship_many.py RUN.weights.h5 --figures QUALITY.json --photographs DIR

The figures of record and card are those of `quality_many.py`; how much the 8 bits cost is measured
here, in grey levels, on the photographs.
"""

import argparse
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
CARD = """# many

{count} styles in one network, each with a slider for the strength and one for the size of strokes.
The styles' copyrights have ended.

| | |
|---|---|
| file | `{file}`, {megabytes:.2f} MB, kernels 8 bits, the rest float16, SHA-256 `{sha256}` |
| network | padding {padding}, upsampling {upsampling}, width {width}; {count} styles |
| photographs | {photographs:,}, natural photographs of many subjects; shorter side 288 pixels |
| 8 bits | change a drawing by {rounding:.2f} grey levels (root mean square) |
| strength | content loss grows and style loss falls at each of ten steps: {strength} styles |
| strokes | grow by a factor of 1.7 or more: {wider} styles; the median is {ratio:.2f} |
| | grow at each of four steps: {monotone} styles |
| licence | MIT |

{note}

## Styles

Cost in millions on {measured} photographs of {pixels} pixels, both sliders in their middle, the
painting at 693 pixels; colors in grey levels from the painting's, in brackets those of the
photographs as they are; strokes' width in pixels from one end of the slider to the other
(`stylenet.quality`). The last column: the cost against the painting at the size that a network of
this style alone was trained with, and what that network costs.

| style | painting | cost | colors | strokes | beside a network alone |
|---|---|---|---|---|---|
{rows}

## Strength

Means over all styles, each style's loss divided by that of the photographs as they are. The fade
mixes the drawing of the middle into the photograph; beside each step stands what is left of the
style loss where that has lost as much of the content.

| strength | content loss (thousands) | style loss (share) | fade of equal content |
|---|---|---|---|
{steps}

## Training

{training}

    python weights/recipes/many.py --photographs DIR --paintings DIR -o runs/many.weights.h5

with `--start many` goes on from here.
"""


def ship(source, figures, photographs, note=""):
    """Writes many.weights.h5, many.json and many.md into the project's `weights/`.

    Args:
        source: a run's weights, with its record beside it.
        figures: JSON of `quality_many.py`.
        photographs: a folder of those to measure with.
        note: for the card.

    Returns:
        The record.
    """
    source, found = Path(source), json.loads(Path(figures).read_text(encoding="utf-8"))
    folder, record = weights.weights_folder(), _record_of(source)
    target, network = folder / f"{NAME}{weights.SUFFIX}", load_network(source)
    names = record["network"]["styles"]
    weights.save_network(network, target, record["network"], dtype="int8")
    pictures = [images.load_image(path) for path in images.find_images(photographs)]
    record |= {
        "name": NAME,
        "file": target.name,
        "sha256": weights.sha256(target),
        "bytes": target.stat().st_size,
        "rounding": round(rounding(network, load_network(target), names, pictures), 2),
        "measured": {key: value for key, value in found.items() if key != "styles"},
        "styles": {name: style(name, found["styles"][name]) for name in names},
        "license": "MIT",
    }
    weights.write_json(folder / f"{NAME}.json", record)
    (folder / f"{NAME}.md").write_text(card(record, found, note), encoding="utf-8")
    return record


def _record_of(source):
    name = source.name.replace(weights.SUFFIX, ".json")
    return json.loads(source.with_name(name).read_text(encoding="utf-8"))


def rounding(network, stored, names, photographs):
    """The root mean square of what 8 bits change, in grey levels, over all styles."""
    squares = []
    for i, name in enumerate(names):
        chosen = [photographs[(i + j) % len(photographs)] for j in range(FEWER)]
        inputs = [np.stack(chosen), np.tile(condition(names, name), (FEWER, 1))]
        pair = [np.clip(each.predict_on_batch(inputs), 0, 255) for each in (network, stored)]
        squares.append(np.mean(np.square(pair[0] - pair[1])))
    return float(np.sqrt(np.mean(squares)))


def style(name, figures):
    """What the record tells of a style."""
    known, middle = told()[name], figures["middle"]
    title = ", ".join(filter(None, (known["title"], known["artist"], known["year"])))
    widths = [step["width"] for step in figures["stroke"]]
    return {
        **known,
        "title": title,
        "summary": f"shares a network; {middle['total'] / 1e6:.2f} million, colors "
        f"{middle['color']:.0f} grey levels from the painting's",
        "measured": {key: figures[key] for key in ("middle", "unchanged")}
        | ({"single": figures["single"]} if "single" in figures else {})
        | {"widths": widths},
    }


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
    styles, training = found["styles"], record["training"]
    widths = {n: [step["width"] for step in row["stroke"]] for n, row in styles.items()}
    ratios = [row[-1] / row[0] for row in widths.values()]
    return CARD.format(
        **{key: record[key] for key in ("file", "sha256", "rounding")},
        **{key: record["network"][key] for key in ("padding", "upsampling", "width")},
        count=len(styles),
        megabytes=record["bytes"] / 1e6,
        photographs=training["photographs"],
        strength=sum(map(is_monotone, styles.values())),
        wider=sum(ratio >= 1.7 for ratio in ratios),
        monotone=sum(map(rises, widths.values())),
        ratio=float(np.median(ratios)),
        note=note,
        measured=found["photographs"],
        pixels=found["pixels"],
        rows="\n".join(line(name, record["styles"][name], row) for name, row in styles.items()),
        steps="\n".join(steps(styles)),
        training="\n".join(map(describe, stages(training))),
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
    parser.add_argument("--figures", required=True, type=Path)
    parser.add_argument("--photographs", required=True)
    parser.add_argument("--note", default="")
    ship(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
