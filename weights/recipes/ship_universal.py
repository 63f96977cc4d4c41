"""Ships the encoder and the decoders of universal style transfer: half precision, records, a card.

python weights/recipes/ship_universal.py NETWORK RUN.weights.h5 ... --photographs validation
    [--note NOTE] [--learned-from TEXT]

Each RUN has its record beside it. The figures in the card are measured here, on what is shipped.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import together
from keras import ops

from stylenet import encoders, images, weights
from stylenet.universal.decoders import decoder, level_encoder
from stylenet.universal.stylizer import UniversalStylizer

CARD = """# {network}

{summary}

| | |
|---|---|
| files | {files} |
| size | {megabytes:.1f} MB in all, float16 |
| learned from | {learned_from}; shorter side 288 pixels |
| licence | MIT |

Measured on {count} photographs of 256 x 256 pixels that no training saw:

| | {levels} |
|---|{rules}
{rows}

{note}

## Training

{beginning} The commands are
equivalents.

{stages}
"""
SUMMARIES = {
    "slim": "An encoder with three eighths of VGG19's channels up to block5_conv1, which learned "
    "to see what VGG19 sees, and a decoder for each of its five levels.",
    "vgg19": "Decoders for VGG19's levels, of slim's widths behind their first layers. The encoder "
    "is ImageNet's VGG19, which Keras downloads.",
}
BEGINNINGS = {
    "slim": "A decoder begins with the layers of the one below it, and above these with inverses "
    "of the encoder's\nlayers in closed form (`stylenet.universal.inversion.invert`).",
    "vgg19": "A decoder begins as slim's of the same level, whose runs stand first, behind a "
    "linear map in closed\nform (`stylenet.universal.inversion.adopt`).",
}


def build(network, kind, options):
    """An empty network for a file's weights."""
    if kind == "decoder":
        return decoder(options["level"], network)
    names = [encoders.level_name(level) for level in encoders.LEVELS]
    return encoders.encoder(network, names, name=network)


def ship(network, source, machine=None):
    """Writes one file and its record; returns the record. The last run was on the machine told."""
    record = json.loads(source.with_name(source.name.replace(weights.SUFFIX, ".json")).read_text())
    kind, options = record["kind"], record["network"]
    name = f"{network}_decoder{options['level']}" if kind == "decoder" else network
    folder = weights.weights_folder()
    target = folder / f"{name}{weights.SUFFIX}"
    filled = weights.fill(lambda: build(network, kind, options), source)
    weights.save_network(filled, target, options, dtype="float16")
    for run in stages(record["training"]):
        run["command"] = equivalent(run, name)
    record["training"]["machine"] = machine or record["training"]["machine"]
    record |= {
        "name": name,
        "license": "MIT",
        "file": target.name,
        "sha256": weights.sha256(target),
        "bytes": target.stat().st_size,
    }
    weights.write_json(folder / f"{name}.json", record)
    return record


def reconstruction_errors(network, levels, photographs):
    """The mean PSNR a level, in dB."""
    stylizer = UniversalStylizer(network)
    values = [
        np.mean([_psnr(stylizer.reconstruct(photo, level), photo) for photo in photographs])
        for level in levels
    ]
    return [f"{value:.1f}" for value in values]


def _psnr(image, reference):
    return -10 * np.log10(np.mean(np.square(image - reference)) / 255**2)


def feature_errors(levels, photographs):
    """How far the best linear map of slim's responses stays from VGG19's, relative, a level.

    The map is fitted to one half of the photographs and measured on the other, both ways.
    """
    from stylenet.universal.least_squares import fit_linear

    errors = []
    wide, narrow = (level_encoder(each, levels, rectified=True) for each in ("vgg19", "slim"))
    pairs = [(wide(photo[None]), narrow(photo[None])) for photo in photographs]
    for level in levels:
        name = encoders.level_name(level)
        flat = [[_rows(maps[name], level) for maps in pair] for pair in pairs]
        parts = [flat[::2], flat[1::2]]
        values = []
        for seen, unseen in (parts, parts[::-1]):
            y, x = (np.concatenate(rows) for rows in zip(*seen, strict=True))
            matrix, bias = fit_linear(x, y)
            y, x = (np.concatenate(rows) for rows in zip(*unseen, strict=True))
            error = np.sum(np.square(x @ matrix + bias - y))
            values.append(error / np.sum(np.square(y - y.mean(axis=0))))
        errors.append(f"{np.mean(values):.3f}")
    return errors


def _rows(maps, level):
    """Responses as rows; of the lower levels some, since they have many."""
    rows = ops.convert_to_numpy(maps).reshape(-1, maps.shape[-1])
    return rows[:: max(1, 4 ** (4 - level))]


def stages(training):
    """The runs that led to a file, first one first."""
    return [*(stages(training["before"]) if "before" in training else []), training]


def equivalent(run, name):
    """A command, or a call, that asks for a run."""
    settings = run["settings"]
    options = {option: value for option, value in settings.items() if value is not None}
    if "share_weight" in settings:
        told = [f"--{each.replace('_', '-')} {settings[each]}" for each in together.OPTIONS]
        return (
            "python weights/recipes/together.py runs/slim_together --photographs photographs "
            f"--paintings paintings {' '.join(told)}"
        )
    if "level" not in settings:
        arguments = ", ".join(f"{option}={value!r}" for option, value in options.items())
        return (
            f'distillation.distill(["photographs"], "{name}.weights.h5", '
            f"stylenet.training.FitSettings({arguments}))"
        )
    level = options.pop("level")
    after = " --after-higher" if options.pop("after_higher", False) else ""
    flags = " ".join(f"--{option.replace('_', '-')} {value}" for option, value in options.items())
    return (
        f"stylenet train-decoder {level} --content photographs "
        f"-o {options['network']}_decoder{level}.weights.h5 {flags}{after}"
    )


def describe(record):
    """The runs of a file as list items; those of the lower decoder it began with are that one's."""
    level = record["network"].get("level")
    runs = [
        run for run in stages(record["training"]) if run["settings"].get("level") in (level, None)
    ]
    lines = [f"`{record['file']}`, SHA-256 `{record['sha256']}`", ""]
    for number, run in enumerate(runs, 1):
        settings = run["settings"]
        losses = ", ".join(f"{name} {value:.4g}" for name, value in run["last_losses"].items())
        lines.append(
            f"{number}. {settings['steps']} steps of {settings['batch_size']} crops of "
            f"{settings['crop_size']} pixels in {run['seconds']:,} seconds. "
            f"{run['machine']}, {run['backend']}. Last losses: {losses}.\n\n"
            f"       {run['command']}\n"
        )
    return "\n".join(lines)


def card_path(network):
    """Where a network's card is."""
    name = "slim" if network == "slim" else f"{network}_decoders"
    return weights.weights_folder() / f"{name}.md"


def write_card(network, photographs, note, learned_from):
    """The card of all files of a network that ship, measured anew.

    Args:
        network: "slim" or "vgg19".
        photographs: a list of pictures, for the figures.
        note: a paragraph.
        learned_from: what pictures.
    """
    folder = weights.weights_folder()
    paths = [folder / f"{network}.json", *sorted(folder.glob(f"{network}_decoder*.json"))]
    records = [json.loads(path.read_text()) for path in paths if path.is_file()]
    levels = sorted(record["network"]["level"] for record in records if record["kind"] == "decoder")
    rows = [["reconstruction, PSNR in dB", *reconstruction_errors(network, levels, photographs)]]
    if network == "slim":
        rows.append(["relative error of VGG19's responses", *feature_errors(levels, photographs)])
    card = CARD.format(
        network=network,
        summary=SUMMARIES[network],
        beginning=BEGINNINGS[network],
        files=", ".join(f"`{record['file']}`" for record in records),
        megabytes=sum(record["bytes"] for record in records) / 1e6,
        learned_from=learned_from,
        count=len(photographs),
        levels=" | ".join(f"level {level}" for level in levels),
        rules="---|" * len(levels),
        rows="\n".join("| " + " | ".join(row) + " |" for row in rows),
        note=note,
        stages="\n\n".join(describe(record) for record in records),
    )
    card_path(network).write_text(card)


def main():
    """Writes files and records, and NETWORK.md or NETWORK_decoders.md, into `weights/`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", choices=encoders.WIDTHS)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--photographs", required=True, help="a folder, for the figures")
    parser.add_argument("--note", default="")
    parser.add_argument("--machine", help="what the runs were on")
    parser.add_argument("--learned-from", default="3,000 natural photographs of many subjects")
    arguments = parser.parse_args()
    for source in arguments.runs:
        ship(arguments.network, source, arguments.machine)
    photographs = [images.load_image(path) for path in images.find_images(arguments.photographs)]
    write_card(arguments.network, photographs, arguments.note, arguments.learned_from)


if __name__ == "__main__":
    main()
