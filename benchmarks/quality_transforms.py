"""Measures transforms and recipes of universal style transfer against each other, drawn by slim.

    python benchmarks/quality_transforms.py --photographs DIR --style great_wave.jpg --count 4

Photographs drawn in each style, paintings at 512 pixels, with every transform and recipe at two
strengths: the content loss and the share that is left of the photographs' own style loss, as
`quality.py` defines them, seen by VGG19, means over photographs and styles. The last rows show Li
et al.'s recipe on features before their ReLU, as the decoders have learned to read them.
"""

import argparse

import numpy as np
from quality import measure

from stylenet import images
from stylenet.levels import RECIPES, TRANSFORMS
from stylenet.losses import PRESETS, PerceptualLoss
from stylenet.universal.stylizer import UniversalStylizer

ALPHAS = (0.6, 1.0)
HEADER = "| recipe | transform | alpha | content | style left |\n" + "|---" * 5 + "|"


class BeforeRectifying(UniversalStylizer):
    """Li et al.'s recipe, but before the ReLU."""

    rectified = False


def stylizers():
    """All that is compared, a dict: recipe and transform, as the table calls them."""
    found = {
        (recipe, transform): UniversalStylizer(recipe=recipe, transform=transform)
        for recipe in RECIPES
        for transform in TRANSFORMS
    }
    return found | {("li, before the ReLU", "wct"): BeforeRectifying(recipe="li")}


def compare(photographs, paintings, compared):
    """Content loss and share of the style loss, a dict of lists, a pair a painting.

    Args:
        photographs: a list of pictures.
        paintings: a list of pictures.
        compared: from `stylizers`.

    Returns:
        A dict, recipe, transform and alpha to its pairs.
    """
    pairs = {(*name, alpha): [] for name in compared for alpha in ALPHAS}
    for painting in paintings:
        loss, encodings = PerceptualLoss(painting, PRESETS["engstrom"]), {}
        own = measure(loss, photographs, None)["style"]
        for name, stylizer in compared.items():
            kind = stylizer.rectified
            encodings[kind] = style = encodings.get(kind) or stylizer.encode(painting)
            for alpha in ALPHAS:
                terms = measure(
                    loss,
                    photographs,
                    lambda x, s=stylizer, style=style, a=alpha: s.stylize(x[0], style, a)[None],
                )
                pairs[*name, alpha].append((terms["content"], terms["style"] / own))
    return pairs


def main():
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photographs", required=True, help="a folder")
    parser.add_argument("--style", action="append", required=True, metavar="PICTURE")
    parser.add_argument("--count", type=int, help="of the photographs, the first so many")
    arguments = parser.parse_args()
    paths = images.find_images(arguments.photographs)[: arguments.count]
    photographs = [images.load_image(path) for path in paths]
    paintings = [images.load_image(path, 512) for path in arguments.style]
    print(HEADER)
    for name, rows in compare(photographs, paintings, stylizers()).items():
        content, share = np.mean(rows, axis=0)
        print("| " + " | ".join(map(str, name)) + f" | {content:,.0f} | {share:.3f} |")


if __name__ == "__main__":
    main()
