"""What `quality.py universal` measures: any painting as style, with slim and with VGG19.

Photographs drawn in each style at two strengths, and the networks' reconstructions of what is not
transformed. Content and style loss as `quality.py` defines them, seen by VGG19.
"""

import numpy as np

from stylenet import images, sheets
from stylenet.encoders import LEVELS
from stylenet.losses import PRESETS, PerceptualLoss
from stylenet.universal.decoders import shipped_levels
from stylenet.universal.stylizer import UniversalStylizer

ALPHAS = (0.6, 1.0)
HEADER = (
    "| style | network | alpha | content | style loss | of the photographs' own |\n" + "|---" * 6
)


def psnr(image, reference):
    """Peak signal-to-noise ratio in dB; the peak is 255."""
    return -10 * np.log10(np.mean(np.square(np.asarray(image) - reference)) / 255**2)


def reconstructions(stylizers, photographs):
    """Rows of the mean PSNR, a level a column."""
    print("| PSNR, dB | " + " | ".join(f"level {level}" for level in LEVELS) + " |")
    print("|---" * 6 + "|")
    for network, stylizer in stylizers.items():
        cells = ["-"] * len(LEVELS)
        for level in shipped_levels(network):
            values = [psnr(stylizer.reconstruct(photo, level), photo) for photo in photographs]
            cells[level - 1] = f"{np.mean(values):.1f}"
        print(f"| {network} | " + " | ".join(cells) + " |", flush=True)


def stylizations(measure, stylizers, photographs, paintings):
    """Rows of content and style loss, and slim's ratio to VGG19 over all styles.

    Args:
        measure: `quality.measure`.
        stylizers: a dict, network to `UniversalStylizer`.
        photographs: a list of pictures.
        paintings: a dict, name to picture.

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
            for alpha in ALPHAS:
                results = drawn[name, network, alpha] = []

                def draw(batch, stylizer=stylizer, style=style, alpha=alpha, results=results):
                    results.append(stylizer.stylize(batch[0], style, alpha))
                    return results[-1][None]

                terms = measure(loss, photographs, draw)
                sums.setdefault((network, alpha), []).append((terms["content"], terms["style"]))
                print(
                    f"| {name} | {network} | {alpha} | {terms['content']:,.0f} "
                    f"| {terms['style']:,.0f} | {terms['style'] / own['style']:.3f} |",
                    flush=True,
                )
    for alpha in ALPHAS:
        if {("slim", alpha), ("vgg19", alpha)} <= set(sums):
            slim, vgg19 = (np.sum(sums[network, alpha], axis=0) for network in ("slim", "vgg19"))
            content, style = slim / vgg19
            print(f"slim / vgg19 at alpha {alpha}: content {content:.2f}, style {style:.2f}")
    return drawn


def sheet(photographs, paintings, drawn, path, count=3):
    """A row a painting and network: the painting, then some photographs at each alpha."""
    rows = [[np.full((256, 256, 3), 255.0), *(p for p in photographs[:count] for _ in ALPHAS)]]
    captions = [["", *("" for _ in rows[0][1:])]]
    for name, painting in paintings.items():
        for network in dict.fromkeys(key[1] for key in drawn):
            results = [drawn[name, network, alpha] for alpha in ALPHAS]
            rows.append([painting, *(result[i] for i in range(count) for result in results)])
            captions.append([network, *(f"alpha {a}" for _ in range(count) for a in ALPHAS)])
    images.save_image(path, sheets.contact_sheet(rows, captions, height=200))


def run(measure, photographs, paintings, networks, path=None):
    """Prints the tables; with a path, writes a contact sheet."""
    stylizers = {network: UniversalStylizer(network) for network in networks}
    reconstructions(stylizers, photographs)
    print()
    drawn = stylizations(measure, stylizers, photographs, paintings)
    if path:
        sheet(photographs, paintings, drawn, path)
