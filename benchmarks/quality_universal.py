"""What `quality.py universal` measures: any painting as style, with slim, VGG19, and in one pass.

Photographs drawn in each style at some strengths, and the networks' reconstructions of what is not
transformed. Content and style loss as `quality.py` defines them, seen by VGG19; the style also as a
share of what the photographs have as they are, in the end its mean over the styles.
"""

import numpy as np

from stylenet import images, sheets
from stylenet.encoders import LEVELS
from stylenet.losses import PRESETS, PerceptualLoss
from stylenet.universal.decoders import shipped_levels
from stylenet.universal.onepass import OnePass
from stylenet.universal.stylizer import UniversalStylizer

ALPHAS = (0.6, 1.0)
HEADER = (
    "| style | network | alpha | content | style loss | of the photographs' own |\n" + "|---" * 6
)


class InOnePass:
    """`OnePass` with the names of `UniversalStylizer`."""

    def __init__(self):
        self.network = OnePass()

    def encode(self, painting):
        return painting

    def stylize(self, content, painting, strength):
        return self.network.stylize(content, painting, strength)


def psnr(image, reference):
    """Peak signal-to-noise ratio in dB; the peak is 255."""
    return -10 * np.log10(np.mean(np.square(np.asarray(image) - reference)) / 255**2)


def reconstructions(stylizers, photographs):
    """Rows of the mean PSNR, a level a column."""
    print("| PSNR, dB | " + " | ".join(f"level {level}" for level in LEVELS) + " |")
    print("|---" * 6 + "|")
    for network, stylizer in stylizers.items():
        if network == "onepass":
            continue
        cells = ["-"] * len(LEVELS)
        for level in shipped_levels(network):
            values = [psnr(stylizer.reconstruct(photo, level), photo) for photo in photographs]
            cells[level - 1] = f"{np.mean(values):.1f}"
        print(f"| {network} | " + " | ".join(cells) + " |", flush=True)


def stylizations(measure, stylizers, photographs, paintings, alphas):
    """Rows of content and style loss, then their means over all styles.

    Args:
        measure: `quality.measure`.
        stylizers: a dict, network to `UniversalStylizer`.
        photographs: a list of pictures.
        paintings: a dict, name to picture.
        alphas: strengths.

    Returns:
        A dict, `(style, network, alpha)` to the first photographs' results, for a sheet.
    """
    print(HEADER + "|")
    sums, drawn = {}, {}
    for name, painting in paintings.items():
        loss = PerceptualLoss(painting, PRESETS["engstrom"])
        own = measure(loss, photographs, None)
        print(f"| {name} | photographs as they are | - | 0 | {own['style']:,.0f} | 1 |")
        for network, stylizer in stylizers.items():
            style = stylizer.encode(painting)
            for alpha in alphas:
                results = drawn[name, network, alpha] = []

                def draw(batch, stylizer=stylizer, style=style, alpha=alpha, results=results):
                    results.append(stylizer.stylize(batch[0], style, alpha))
                    return results[-1][None]

                terms = measure(loss, photographs, draw)
                share = terms["style"] / own["style"]
                sums.setdefault((network, alpha), []).append((terms["content"], share))
                print(
                    f"| {name} | {network} | {alpha} | {terms['content']:,.0f} "
                    f"| {terms['style']:,.0f} | {share:.3f} |",
                    flush=True,
                )
    for (network, alpha), rows in sums.items():
        content, share = np.mean(rows, axis=0)
        print(f"| mean | {network} | {alpha} | {content:,.0f} | - | {share:.3f} |")
    return drawn


def sheet(photographs, paintings, drawn, path, alphas, count=3):
    """A row a painting and network: the painting, then some photographs at each alpha."""
    rows = [[np.full((256, 256, 3), 255.0), *(p for p in photographs[:count] for _ in alphas)]]
    captions = [["", *("" for _ in rows[0][1:])]]
    for name, painting in paintings.items():
        for network in dict.fromkeys(key[1] for key in drawn):
            results = [drawn[name, network, alpha] for alpha in alphas]
            rows.append([painting, *(result[i] for i in range(count) for result in results)])
            captions.append([network, *(f"alpha {a}" for _ in range(count) for a in alphas)])
    images.save_image(path, sheets.contact_sheet(rows, captions, height=200))


def run(measure, photographs, paintings, networks, path=None, alphas=ALPHAS):
    """Prints the tables; with a path, writes a contact sheet."""
    stylizers = {
        network: InOnePass() if network == "onepass" else UniversalStylizer(network)
        for network in networks
    }
    reconstructions(stylizers, photographs)
    print()
    drawn = stylizations(measure, stylizers, photographs, paintings, alphas)
    if path:
        sheet(photographs, paintings, drawn, path, alphas)
