"""What `quality.py video` measures: does the style stay on the scene, and is it still the style?

    python benchmarks/quality.py video --style wave=great_wave.jpg --videos DIR --sheets out
    python benchmarks/quality.py video --gatys painting.jpg

The warping error is the mean squared difference between a result and the previous one, warped to
it by the flow, where both see the scene. Clips: a pan, a zoom and a floating disc over our own
photographs, whose flow is arithmetic; in DIR, if given, the pairs of `flying_chairs`
(`N_frame0.png`, `N_frame1.png`, `N_flow.flo`) and the frames of `mountain`, whose flow is DIS's.

Content and style loss are those of `quality.py` on the last frame of each clip, averaged over four
crops: VGG's pooling sees a picture in blocks of up to 16 pixels, and a network that was trained
with it does best where its own 4 x 4 blocks lie as they did in training. Moving strokes cannot lie
there, and a single crop would compare places instead of styles.
"""

import argparse
import itertools
from pathlib import Path
from typing import NamedTuple

import numpy as np

from stylenet import flow, images, sheets
from stylenet.figures.drawing import photograph
from stylenet.losses import PRESETS, PerceptualLoss
from stylenet.stylizers import stylizer
from stylenet.video.consistency import Consistency
from stylenet.video.scenes import Motion, Scene

CROPS = ((0, 0), (3, 1), (5, 3), (2, 6))
HEADER = "| style | clip | method | warping error | ratio | content | style loss | ratio |\n"
HEADER += "|---" * 8 + "|"


class Clip(NamedTuple):
    """Frames; from the second on the flow to the frame before, and where it is hidden there."""

    frames: list
    flows: list
    hidden: list


def from_scene(scene, count):
    """A clip whose flow is known."""
    times = range(1, count)
    return Clip(
        [scene.frame(time) for time in range(count)],
        [scene.flow(time, time - 1) for time in times],
        [scene.occluded(time, time - 1) for time in times],
    )


def from_pair(folder, number):
    """Flying chairs: the true flow leads from frame 0 to frame 1, so that 1 comes before 0."""
    before, now = (images.load_image(folder / f"{number}_frame{i}.png") for i in (1, 0))
    true = flow.read_flow(folder / f"{number}_flow.flo")
    back = flow.optical_flow(before, now, preset="fine")
    return Clip([before, now], [true], [flow.occluded(true, back)])


def from_frames(frames):
    """A clip whose flow is estimated."""
    flows, hidden = [], []
    for before, now in itertools.pairwise(frames):
        flows.append(flow.optical_flow(now, before, preset="fine"))
        back = flow.optical_flow(before, now, preset="fine")
        hidden.append(flow.trusted(flows[-1], back) == 0)
    return Clip(frames, flows, hidden)


def scenes(size=(256, 320), count=12):
    """A pan, a zoom and a disc in front of a moving background."""
    cat, woman, cup = map(photograph, ("chelsea.png", "astronaut.png", "coffee.png"))
    radius = 0.2 * size[0]
    return {
        "pan": from_scene(Scene(cat, size, Motion(-2.3, 0.7)), count),
        "zoom": from_scene(Scene(woman, size, Motion(0.4, -0.2, 1.015)), count),
        "disc": from_scene(Scene(cup, size, Motion(1.3, 0.4), woman, radius, Motion(-5, 1)), count),
    }


def videos(folder, count=16, max_size=512):
    """Flying chairs and mountain."""
    paths = sorted((folder / "mountain").iterdir())[:count]
    clips = {f"chairs {i}": from_pair(folder / "flying_chairs", i) for i in range(4)}
    clips["mountain"] = from_frames([images.load_image(path, max_size) for path in paths])
    return clips


def warping_error(clip, results):
    """The mean over the pairs of frames."""
    values = []
    for before, now, vectors, hidden in zip(
        results, results[1:], clip.flows, clip.hidden, strict=False
    ):
        values.append(np.mean(np.square(flow.warp(before, vectors) - now)[~hidden]))
    return float(np.mean(values))


def losses(loss, result, frame):
    """Content and style loss, the mean over the crops."""
    height, width = ((side - 8) // 16 * 16 for side in frame.shape[:2])
    rows = []
    for top, left in CROPS:
        window = np.s_[None, top : top + height, left : left + width]
        terms = loss(result[window], frame[window])
        rows.append([float(terms["content"]), float(terms["style"])])
    return np.mean(rows, axis=0)


def compare(name, clips, loss, methods):
    """Rows of every clip and method; ratios to the first method.

    Args:
        name: of the style.
        clips: a dict, name to `Clip`.
        loss: a `PerceptualLoss`.
        methods: a dict, name to a function of a clip that returns its results.

    Returns:
        A dict, `(clip, method)` to the results.
    """
    drawn, ratios = {}, {method: [] for method in methods}
    for title, clip in clips.items():
        base = None
        for method, stylize in methods.items():
            results = drawn[title, method] = stylize(clip)
            error = warping_error(clip, results)
            content, style = losses(loss, results[-1], clip.frames[-1])
            base = base or (error, style)
            ratios[method].append((error / base[0], style / base[1]))
            print(
                f"| {name} | {title} | {method} | {error:.1f} | {error / base[0]:.2f} "
                f"| {content:,.0f} | {style:,.0f} | {style / base[1]:.2f} |",
                flush=True,
            )
    for method, values in ratios.items():
        error, style = np.mean(values, axis=0)
        print(f"| {name} | mean | {method} | - | {error:.2f} | - | - | {style:.2f} |")
    return drawn


def methods_of(draw):
    """Frames by themselves, and consistent; each frame is drawn once for both."""
    drawn = {}

    def frames(clip):
        results = drawn[id(clip)] = [draw(frame) for frame in clip.frames]
        return results

    def consistent(clip):
        results = iter(drawn[id(clip)])
        stylize = Consistency(lambda frame: next(results))
        return [stylize(frame) for frame in clip.frames]

    return {"frames": frames, "consistent": consistent}


def universal_methods(painting):
    """Whitening and coloring, by themselves and consistent."""
    methods = methods_of(stylizer(painting, "universal", style_size=None))
    return {f"universal, {name}": method for name, method in methods.items()}


def gatys_methods(painting, num_steps, **options):
    """Independent frames from noise and from the frame, short term, long term too."""
    from stylenet.video.temporal import TemporalStylizer

    def method(offsets, start="content"):
        def stylize(clip):
            in_order = TemporalStylizer(
                painting, offsets, start=start, num_steps=num_steps, **options
            )
            return [in_order(frame) for frame in clip.frames]

        return stylize

    return {
        "independent, from noise": method((), "noise"),
        "independent": method(()),
        "temporal, short term": method((1,)),
        "temporal, short and long term": method((1, 2, 4)),
    }


def main(arguments):
    """Prints the table of the chosen methods."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--style", action="append", default=[], metavar="NETWORK=PICTURE")
    parser.add_argument("--universal", action="append", default=[], metavar="PICTURE")
    parser.add_argument("--gatys", action="append", default=[], metavar="PICTURE")
    parser.add_argument("--style-size", type=int, help="longer side in pixels")
    parser.add_argument("--videos", type=Path, help="a folder with flying_chairs and mountain")
    parser.add_argument("--clips", help="some of them, by name, for instance pan,zoom")
    parser.add_argument("--gatys-size", type=int, default=96, help="default: %(default)s")
    parser.add_argument("--gatys-steps", type=int, default=100, help="default: %(default)s")
    parser.add_argument("--sheets", type=Path, help="a folder for the last frames")
    chosen = parser.parse_args(arguments)
    print(HEADER)
    clips = select(scenes() | (videos(chosen.videos) if chosen.videos else {}), chosen.clips)
    for pair in chosen.style:
        name, _, path = pair.rpartition("=")
        painting = images.load_image(path, chosen.style_size)
        loss = PerceptualLoss(painting, PRESETS["engstrom"])
        save(chosen, name, compare(name, clips, loss, methods_of(stylizer(name))))
    for path in chosen.universal:
        painting = images.load_image(path, chosen.style_size or 512)
        loss = PerceptualLoss(painting, PRESETS["engstrom"])
        save(
            chosen, "universal", compare(Path(path).stem, clips, loss, universal_methods(painting))
        )
    small = scenes((chosen.gatys_size, chosen.gatys_size * 5 // 4), 6)
    for path in chosen.gatys:
        painting = images.load_image(path, 2 * chosen.gatys_size)
        loss = PerceptualLoss(painting, PRESETS["engstrom"])
        methods = gatys_methods(painting, chosen.gatys_steps)
        save(chosen, "gatys", compare(Path(path).stem, select(small, chosen.clips), loss, methods))


def select(clips, names):
    """Clips whose names are asked for, by default all."""
    return {name: clip for name, clip in clips.items() if not names or name in names.split(",")}


def save(chosen, name, drawn):
    """A sheet of two frames that follow each other, a row a clip and method."""
    if chosen.sheets:
        chosen.sheets.mkdir(parents=True, exist_ok=True)
        for title in {title for title, _ in drawn}:
            rows = [results[-2:] for (clip, _), results in drawn.items() if clip == title]
            captions = [[method] * 2 for clip, method in drawn if clip == title]
            sheet = sheets.contact_sheet(rows, captions)
            images.save_image(chosen.sheets / f"{Path(name).stem}_{title}.png", sheet)
