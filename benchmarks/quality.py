"""Measures how well shipped networks style pictures that they were not trained on.

For each style: mean-square content at block4_conv2, the sum over block1-5_conv1 of the
mean-square difference of Gram / CHW, mean-square forward differences in both directions added,
and their sum weighted 7.5 / 100 / 200; and, of `stylenet.quality`, the distance of the colors to
the painting's and the strength of a grid of four pixels, in grey levels, which this cost hardly
sees. Results are whole grey levels, as files hold them.

    python benchmarks/quality.py --photographs DIR --style wave=great_wave.jpg
    python benchmarks/quality.py universal --photographs DIR --style great_wave.jpg --style-size 512
    python benchmarks/quality.py video --style wave=great_wave.jpg       # see quality_video.py

With `universal`, any painting is a style, drawn by slim and by VGG19, or in one pass (see
quality_universal.py).
The style picture is used at its full size unless `--style-size` says otherwise. Published
reference for the Great Wave (928 x 514) on 24 photographs of 256 x 256: the photographs as they
are cost 47.68 million; the network published with Engstrom's fast-style-transfer 4.465 million.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from stylenet import images, quality, sheets
from stylenet.feed_forward.stylizer import load_style
from stylenet.losses import PRESETS, PerceptualLoss

HEADER = (
    "| style | network | cost (million) | content | style loss | TV | color | grid |\n" + "|---" * 8
)


def measure(loss, photographs, draw, painting=None):
    """The mean of each term over the photographs, and the weighted sum.

    Args:
        loss: a `PerceptualLoss`.
        photographs: a list of `(height, width, 3)`, sides multiples of four.
        draw: a function of a batch, or None for the photographs as they are.
        painting: the style picture, for its colors.

    Returns:
        A dict: "content", "style", "tv", "total", and with a painting "color" and "grid".
    """
    results = [photo if draw is None else as_saved(draw(photo[None]))[0] for photo in photographs]
    rows = []
    for photograph, result in zip(photographs, results, strict=True):
        terms = loss(result[None], photograph[None])
        rows.append({name: float(value) for name, value in terms.items()})
    mean = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    mean["total"] = float(loss.total(mean))
    if painting is not None:
        colors = quality.color_quantiles(painting)
        mean["color"] = float(np.mean([quality.color_distance(r, colors) for r in results]))
        mean["grid"] = quality.grid_strength(results, photographs)
    return mean


def as_saved(pictures):
    """Whole grey levels in [0, 255]."""
    return np.round(np.clip(np.asarray(pictures), 0.0, 255.0))


def row(style, network, result):
    """One line of the table."""
    return (
        f"| {style} | {network} | {result['total'] / 1e6:.3f} | {result['content']:,.0f} "
        f"| {result['style']:,.0f} | {result['tv']:,.1f} "
        f"| {result['color']:.1f} | {result['grid']:.2f} |"
    )


def sheet(photographs, draw, path, count=6):
    """Photographs above, results below."""
    chosen = photographs[:count]
    results = [as_saved(draw(picture[None]))[0] for picture in chosen]
    images.save_image(path, sheets.contact_sheet([chosen, results]))


def universal(arguments, photographs):
    """The tables of universal style transfer."""
    import quality_universal

    paintings = {
        Path(path).stem: images.load_image(path, arguments.style_size) for path in arguments.style
    }
    path = arguments.sheets and arguments.sheets / "universal.png"
    networks = arguments.network or ("slim", "vgg19")
    alphas = arguments.strength or quality_universal.ALPHAS
    quality_universal.run(measure, photographs, paintings, networks, path, alphas)


def main():
    """Prints the table."""
    if sys.argv[1:2] == ["video"]:
        import quality_video

        quality_video.main(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("method", nargs="?", choices=("fast", "universal"), default="fast")
    parser.add_argument("--photographs", required=True, help="a folder")
    parser.add_argument("--style", action="append", required=True, metavar="NETWORK=PICTURE")
    parser.add_argument("--count", type=int, help="of the photographs, the first so many")
    parser.add_argument("--network", action="append", help="of universal: slim, vgg19, onepass")
    parser.add_argument("--strength", action="append", type=float, help="of universal: 0.6 and 1")
    parser.add_argument("--style-size", type=int, help="longer side in pixels")
    parser.add_argument("--sheets", type=Path, help="a folder for contact sheets")
    arguments = parser.parse_args()
    paths = images.find_images(arguments.photographs)[: arguments.count]
    photographs = [images.load_image(path) for path in paths]
    if arguments.sheets:
        arguments.sheets.mkdir(parents=True, exist_ok=True)
    if arguments.method == "universal":
        universal(arguments, photographs)
        return
    print(HEADER)
    for pair in arguments.style:
        name, _, picture = pair.rpartition("=")
        style_image = images.load_image(picture, arguments.style_size)
        loss = PerceptualLoss(style_image, PRESETS["engstrom"])
        stem = Path(picture).stem
        unchanged = measure(loss, photographs, None, style_image)
        print(row(stem, "photographs as they are", unchanged))
        draw = load_style(name)
        result = measure(loss, photographs, draw, style_image)
        print(row(stem, Path(name).name, result), flush=True)
        if arguments.sheets:
            sheet(photographs, draw, arguments.sheets / f"{stem}.png")


if __name__ == "__main__":
    main()
