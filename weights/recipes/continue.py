"""Trains shipped weights on: the queue's jobs one after the other, kept where they measure better.

    nice -n 15 python weights/recipes/continue.py --photographs DIR --paintings DIR --validation DIR
        [--more-paintings DIR ...] [--only NAME]

`queue.json` beside this file lists the jobs: a style, a decoder, or "slim_together", decoders
at once (`together.py`). Each begins with the weights that ship, trains in `runs/NAME/`, which git
ignores, goes on there after an interruption, and is measured on the validation pictures: a style
by its cost, decoders by what all five levels draw with them. If that is better, the files in
`weights/` are replaced, with record and card; commit them. What was measured stands in
`runs/NAME/verdict.json`; a job that has one is done.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import ship
import ship_universal
from onepass import paintings
from together import LEARNING, TogetherSettings, train_together

from stylenet import files, images, weights
from stylenet.feed_forward.training import StyleSettings, train
from stylenet.losses import PRESETS, PerceptualLoss
from stylenet.universal import DecoderSettings, UniversalStylizer, train_decoder

sys.path.append(str(files.shipped("weights").parent / "benchmarks"))
from quality import measure

ALPHAS = (0.6, 1.0)
FARTHER = 1.1  # times as far from the painting's as before, colors may be
TOGETHER = "slim_together"
TERMS = ("content", "style", "color")
PHOTOGRAPHS, PAINTINGS = 8, ("great_wave", "starry_night", "composition_vii", "the_scream", "udnie")


def queue():
    """The jobs, a list of dicts: name, settings, and of a style its painting."""
    return json.loads(Path(__file__).with_name("queue.json").read_text())


def check(jobs, folders):
    """Opens what the trained weights will be judged by, before the hours of training.

    Raises:
        FileNotFoundError: a painting is missing, or there are no photographs.
    """
    images.find_images(folders.photographs, recursive=True)  # as trainings do
    images.find_images(folders.validation)
    names = [f"{each}.jpg" for each in PAINTINGS] + [job.get("painting") for job in jobs]
    for name in filter(None, names):
        images.load_image(folders.paintings / name, 32)


def work(job, folders, runs):
    """Trains a job to its end, measures it, and ships it if it is better; returns the verdict."""
    folder = runs / job["name"]
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "verdict.json").is_file():
        return json.loads((folder / "verdict.json").read_text())
    outputs = [folder / f"{name}{weights.SUFFIX}" for name in names_of(job)]
    if not all(output.is_file() for output in outputs):
        run(job, outputs[0], folders, resume=any(folder.glob("*.checkpoint.npz")))
    if "painting" in job:
        verdict = judge_style(job, *outputs, folders)
    else:
        verdict = judge_decoders(outputs, folders)
    weights.write_json(folder / "verdict.json", verdict)
    return verdict


def names_of(job):
    """Of the weights that a job trains."""
    return [f"slim_decoder{n}" for n in LEARNING] if job["name"] == TOGETHER else [job["name"]]


def run(job, output, folders, resume):
    """The training itself, from the weights that ship."""
    if job["name"] == TOGETHER:
        content = images.find_images(folders.photographs, recursive=True)
        settings = TogetherSettings(**job["settings"])
        painted = paintings([folders.paintings, *folders.more_paintings])
        train_together(painted, content, output.parent, settings, resume=resume)
        return
    start = str(weights.weights_folder() / f"{job['name']}{weights.SUFFIX}")
    if "painting" in job:
        settings = StyleSettings(start=start, **job["settings"])
        painting = folders.paintings / job["painting"]
        train(painting, folders.photographs, output, settings, resume=resume)
    else:
        settings = DecoderSettings(start=start, **job["settings"])
        train_decoder(folders.photographs, output, settings, resume=resume)


def judge_style(job, output, folders):
    """Ships a style whose cost on the validation pictures is lower than before."""
    old = weights.styles()[job["name"]]
    card = (weights.weights_folder() / f"{job['name']}.md").read_text()
    title, artist = old["title"].split(", ", 1)
    where = re.search(r"To be found: (.*?)\. The style's copyright", card)[1]
    note = re.search(r"(?s)\| licence \| MIT \|\n\n(.*?)\n\n## Training", card)[1]
    told = (job["name"], title, artist, where, folders.paintings / job["painting"])
    with trial() as folder:
        new = ship.ship(output, *told, folders.validation, note)
        costs = {"before": old["measured"]["total"], "after": new["measured"]["total"]}
        better = costs["after"] < costs["before"]
    if better:
        adopt(folder, job["name"])
    return {**costs, "shipped": better}


def judge_decoders(outputs, folders):
    """Ships decoders that draw better, see `is_better`."""
    before = drawn(folders)
    with trial() as folder:
        for output in outputs:
            ship_universal.ship("slim", output)
        after = drawn(folders)
        if better := is_better(before, after):
            card = ship_universal.card_path("slim").read_text()
            photographs = map(images.load_image, images.find_images(folders.validation))
            told = re.search(r"\| learned from \| (.*); shorter side", card)[1]
            note = re.search(r"(?s)\| relative error [^\n]*\n\n(.*?)\n\n## Training", card)[1]
            ship_universal.write_card("slim", list(photographs), note, told)
    if better:
        for output in outputs:
            adopt(folder, output.name.removesuffix(weights.SUFFIX))
        adopt(folder, "slim")
    return {"before": before, "after": after, "shipped": better}


def is_better(before, after):
    """Content and style loss, multiplied, are lower, and the colors stay: the losses miss them."""
    lower = after["content"] * after["style"] < before["content"] * before["style"]
    return lower and after["color"] <= FARTHER * before["color"]


def drawn(folders):
    """What slim makes of validation pictures: content, style loss and colors' distance, means."""
    photographs = [
        images.load_image(path) for path in images.find_images(folders.validation)[:PHOTOGRAPHS]
    ]
    stylizer, rows = UniversalStylizer(), []
    for name in PAINTINGS:
        painting = images.load_image(folders.paintings / f"{name}.jpg", 512)
        loss, style = PerceptualLoss(painting, PRESETS["engstrom"]), stylizer.encode(painting)
        for alpha in ALPHAS:
            draw = lambda x, style=style, alpha=alpha: stylizer.stylize(x[0], style, alpha)[None]  # noqa: E731
            rows.append(measure(loss, photographs, draw, painting))
    return {name: float(np.mean([row[name] for row in rows])) for name in TERMS}


@contextlib.contextmanager
def trial():
    """A copy of `weights/` that takes its place inside the block, so that nothing is replaced."""
    shipped = weights.weights_folder()
    folder = shipped.parent / "runs" / "trial"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(shipped, folder, ignore=shutil.ignore_patterns("recipes"))
    real, weights.weights_folder = weights.weights_folder, lambda: folder
    try:
        yield folder
    finally:
        weights.weights_folder = real


def adopt(folder, name):
    """Takes a file, its record and its card over from a trial."""
    for suffix in (weights.SUFFIX, ".json", ".md"):
        if (folder / f"{name}{suffix}").is_file():
            with files.written_whole(weights.weights_folder() / f"{name}{suffix}") as part:
                shutil.copyfile(folder / f"{name}{suffix}", part)


def give_way(group=Path("/proc/self/autogroup")):
    """Counts `nice` among all programs: Linux counts it among those of one terminal alone."""
    if group.exists():
        with contextlib.suppress(OSError):  # a system that lets nobody write there
            group.write_text(str(os.nice(0)))


def main():
    """Works through the queue until it is interrupted; prints a line a job."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("photographs", "paintings", "validation"):
        parser.add_argument(f"--{name}", required=True, type=Path, help="a folder")
    more = "folders, from which decoders learn together"
    parser.add_argument("--more-paintings", nargs="*", default=[], type=Path, help=more)
    parser.add_argument("--only", help="the job of this name")
    arguments = parser.parse_args()
    jobs = [job for job in queue() if arguments.only in (None, job["name"])]
    check(jobs, arguments)
    give_way()
    for job in jobs:
        print(job["name"], json.dumps(work(job, arguments, Path("runs"))), flush=True)


if __name__ == "__main__":
    main()
