"""Measures doodles, garments and sounds: time, and whether each is what it should be.

    python benchmarks/quality_extensions.py doodle --size 512 --output out
    python benchmarks/quality_extensions.py clothes
    python benchmarks/quality_extensions.py sound --seconds 10 --rate 44100 --channels 2

doodle: how far edges are from the doodle's, and a region's own style loss as a share of what it has
with another region's style, the worst of `coast.png`. A row's edge between red and blue cloth is as
far from the left as the row has pixels that are redder than blue, wherever they lie.

clothes: the suit of scikit-image's astronaut in three patterns; how its light (luminance blurred by
a twentieth of the garment) correlates with the photograph's, pasted and drawn.

sound: a melody and four textures, all synthesized. The share of the style loss that is left and the
correlation of onsets, both of the sound; the highest peak, and how many samples reach full scale;
the spectral centroid, where the middle of the magnitudes lies; and the floor, how loud the quietest
tenth of the frames is beside the whole.
"""

import argparse
import resource
import time
from pathlib import Path

import numpy as np
from keras import ops

from stylenet import images
from stylenet.extensions import Sound, clothes, doodle, recordings, regions, spectrograms, synthesis
from stylenet.extensions.sound import stylize_sound
from stylenet.features import feature_extractor
from stylenet.figures.drawing import PICTURES, painting, photograph
from stylenet.figures.garments import BADGES, SUIT, correlation, ellipse
from stylenet.losses import gram_matrix

RED, BLUE = (200.0, 40.0, 30.0), (30.0, 60.0, 190.0)
COAST = ("coast.png", "three_styles.jpg", "three_styles_map.png")
PATTERNS = ("mosaic.jpg", "seigaiha.jpg", "strokes.jpg")
TEXTURES = (synthesis.rain, synthesis.crackle, synthesis.bells, synthesis.choir)
QUIETEST, FULL_SCALE = 10, 0.999  # per cent of the frames; of a sample


def timed(function, *arguments, **options):
    """What a function returns, and the seconds it took."""
    start = time.perf_counter()
    result = function(*arguments, **options)
    return result, time.perf_counter() - start


def halves(height, width, edges):
    """Red on the left, blue on the right of an edge, a column a row."""
    right = np.arange(width)[None] >= np.broadcast_to(edges, height)[:, None]
    return np.where(right[..., None], BLUE, RED)


def edge_distances(size, **options):
    """How far the edge of two cloths is from the doodle's, row by row, in pixels.

    Args:
        size: the doodle's width; it is three quarters as high.
        **options: of `doodle.paint`.

    Returns:
        Distances `(height,)`, the picture, and the seconds it took.
    """
    height, edges = size * 3 // 4, np.linspace(size * 5 / 16, size * 11 / 16, size * 3 // 4)
    named = halves(size // 2, size, size // 2)
    cloth = np.clip(named + np.random.default_rng(0).normal(0, 30, named.shape), 0, 255)
    drawn = halves(height, size, edges)
    result, seconds = timed(doodle.paint, drawn, cloth, named, progress=False, **options)
    redder = result.image[..., 0] > result.image[..., 2]
    return np.abs(redder.sum(axis=1) - edges), result.image, seconds


def style_losses(image, target, painting, source):
    """The style loss of each region of a picture with each region of a painting.

    Args:
        image: the picture, `(height, width, 3)`.
        target: its regions, integers `(height, width)`.
        painting: `(height', width', 3)`.
        source: its regions.

    Returns:
        `(regions, regions)`, the sum of `doodle.relative_error` over layers.
    """
    extractor = feature_extractor("slim", list(doodle.LAYERS), "imagenet", "average")
    seen, wanted = (extractor(ops.convert_to_tensor(each[None])) for each in (image, painting))
    numbers = np.unique(target)
    losses = np.zeros((len(numbers), len(numbers)))
    for layer in doodle.LAYERS:
        own, others = (
            [gram_matrix(doodle.guide(labels == n, layer) * maps[layer]) for n in numbers]
            for labels, maps in ((target, seen), (source, wanted))
        )
        for row, column in np.ndindex(losses.shape):
            losses[row, column] += float(doodle.relative_error(own[row], others[column]))
    return losses


def doodles(arguments):
    """A line a method; pictures, if there is a folder for them."""
    named = [PICTURES / "doodles" / name for name in COAST]
    drawn, seen, regional = (images.load_image(path, arguments.size) for path in named)
    colors = regions.colors_of(drawn)
    target, source = (
        regions.label(drawn, colors),
        regions.label_map(regional, colors, seen.shape[:2]),
    )
    print("| method | edge: worst row | mean | 95 % within | own style / another's | seconds |")
    print("|---" * 6 + "|", flush=True)
    for method in arguments.methods.split(","):
        options = {"method": method, "num_steps": arguments.steps}
        far, edge, _ = edge_distances(arguments.size, **options)
        found, seconds = timed(doodle.paint, drawn, seen, regional, progress=False, **options)
        losses = style_losses(found.image, target, seen, source)
        others = np.where(np.eye(len(losses), dtype=bool), np.inf, losses).min(axis=1)
        print(
            f"| {method} | {far.max():.1f} | {far.mean():.2f} | {np.quantile(far, 0.95):.1f} "
            f"| {(losses.diagonal() / others).max():.4f} | {seconds:.1f} |",
            flush=True,
        )
        for name, picture in {"edge": edge, "coast": found.image}.items():
            save(arguments, f"{name}_{method}.png", picture)


def garments(arguments):
    """A line a pattern."""
    content = photograph("astronaut.png", arguments.size)
    suit, *badges = (
        [round(arguments.size / 512 * side) for side in box] for box in (SUIT, *BADGES)
    )
    mask = clothes.garment(content, suit)
    for badge in badges:
        mask &= ~ellipse(badge, mask.shape)
    print("| pattern | light, pasted | light, drawn | seconds |\n" + "|---" * 4 + "|")
    for name in PATTERNS:
        pattern = painting(name)
        result, seconds = timed(clothes.restyle, content, pattern, mask=mask)
        half = clothes.scale(pattern, clothes.longer_side(mask) // 2)
        pasted = clothes.merge(clothes.lay(half, mask.shape), content, mask)
        if not np.array_equal(result[~mask], content[~mask]):
            raise SystemExit(f"{name}: the photograph has changed outside of the mask.")
        light = [correlation(picture, content, mask) for picture in (pasted, result)]
        print(f"| {name} | {light[0]:.2f} | {light[1]:.2f} | {seconds:.1f} |", flush=True)
        save(arguments, f"clothes_{name}", result)


def centroid(levels, rate):
    """The mean frequency of a spectrogram, weighted by magnitudes, in Hz."""
    magnitudes = spectrograms.magnitudes(levels).mean(axis=(0, 1))
    frequencies = np.linspace(0, rate / 2, len(magnitudes))
    return float(magnitudes @ frequencies / magnitudes.sum())


def floor(levels):
    """How loud the quietest tenth of the frames is beside the whole, in dB."""
    power = np.square(spectrograms.magnitudes(levels)).sum(axis=2).mean(axis=0)
    return float(10 * np.log10(np.percentile(power, QUIETEST) / power.mean()))


def heard(sound):
    """What a level meter and an analyzer tell of a sound, as cells of a table."""
    levels, peak = spectrograms.spectrogram(*sound), np.abs(sound.samples).max()
    full = int((np.abs(sound.samples) >= FULL_SCALE).sum())
    return (
        f"{20 * np.log10(peak):.1f} | {full} | {centroid(levels, sound.rate):,.0f} "
        f"| {floor(levels):.0f} |"
    )


def channels_of(make, arguments):
    """A synthesized sound; in stereo, two of the same kind."""
    sides = [make(arguments.seconds, arguments.rate, seed=n) for n in range(arguments.channels)]
    return Sound(np.concatenate([side.samples for side in sides], axis=1), arguments.rate)


def sounds(arguments):
    """Two lines a texture: the texture itself, and the melody in it."""
    content = channels_of(synthesis.melody, arguments)
    print(
        "| sound | style left | onsets | seconds | peak, dB | at full scale | centroid, Hz "
        "| floor, dB |\n" + "|---" * 8 + "|"
    )
    print(f"| melody | | | | {heard(content)}")
    for make in TEXTURES[: arguments.textures]:
        style = channels_of(make, arguments)
        print(f"| {make.__name__} | | | | {heard(style)}", flush=True)
        options = {"num_steps": arguments.steps, "progress": False}
        result, seconds = timed(stylize_sound, content, style, **options)
        print(
            f"| melody, {make.__name__} | {result.style_left[1]:.2%} | {result.onsets[1]:.2f} "
            f"| {seconds:.1f} | {heard(result.sound)}",
            flush=True,
        )
        if arguments.output:
            arguments.output.mkdir(parents=True, exist_ok=True)
            recordings.save_sound(arguments.output / f"{make.__name__}.wav", result.sound)


def save(arguments, name, picture):
    """A picture, if there is a folder for it."""
    if arguments.output:
        arguments.output.mkdir(parents=True, exist_ok=True)
        images.save_image((arguments.output / name).with_suffix(".png"), picture)


def main():
    """Prints the tables of a section, and the memory that it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("section", choices=("doodle", "clothes", "sound"))
    parser.add_argument("--size", type=int, default=512, help="of pictures, in pixels")
    parser.add_argument("--methods", default="gatys,universal", help="of doodles, with commas")
    parser.add_argument("--steps", type=int, default=60, help="of the optimizer")
    parser.add_argument("--seconds", type=float, default=10.0, help="of sound")
    parser.add_argument("--rate", type=int, default=synthesis.RATE, help="samples a second")
    parser.add_argument("--channels", type=int, default=1, help="1 or 2")
    parser.add_argument("--textures", type=int, help="the first so many")
    parser.add_argument("--output", type=Path, help="a folder for results")
    arguments = parser.parse_args()
    {"doodle": doodles, "clothes": garments, "sound": sounds}[arguments.section](arguments)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    print(f"\nMemory: {peak:.1f} GB at most.")


if __name__ == "__main__":
    main()
