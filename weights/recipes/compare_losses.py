"""Measures how many times as large VGG19's losses are as slim's, for `stylenet.presets.SLIM`.

    python weights/recipes/compare_losses.py

Content: photographs against what three networks draw of them. Style: the same photographs against
paintings. Printed are a layer's geometric mean over all pairs, and the smallest and largest.
"""

import itertools

import numpy as np

import stylenet
from stylenet.features import feature_extractor
from stylenet.figures.drawing import PICTURES
from stylenet.levels import layer_names
from stylenet.losses import gram_matrix

PHOTOGRAPHS = ("content/chelsea.png", "content/coffee.png", "content/astronaut.png")
PHOTOGRAPHS += ("content/rocket.jpg", "course/raccoon.jpg")
PAINTINGS = ("paintings/*.jpg", "style/*.jpg")
STYLES, SIZE = ("wave", "udnie", "starry_night"), 192


def load(path):
    """A picture whose sides are multiples of 16 pixels, as slim wants them."""
    picture = stylenet.load_image(path, SIZE)
    height, width = (side // 16 * 16 for side in picture.shape[:2])
    return picture[:height, :width]


def losses(network, names, photographs, paintings, drawings):
    """Each layer's losses of all pairs: content and style, arrays in a dict by the layer's name."""
    extractor = feature_extractor(network, names)
    seen = [
        [extractor.predict_on_batch(picture[None]) for picture in pictures]
        for pictures in (photographs, paintings, drawings)
    ]
    pairs = list(zip(np.repeat(seen[0], len(STYLES)), seen[2], strict=True))
    content = {n: np.array([np.mean((a[n] - b[n]) ** 2) for a, b in pairs]) for n in names}
    grams = [[{n: np.asarray(gram_matrix(f[n])) for n in names} for f in each] for each in seen[:2]]
    pairs = list(itertools.product(*grams))
    return content, {n: np.array([np.mean((a[n] - b[n]) ** 2) for a, b in pairs]) for n in names}


def told(ratios):
    """A geometric mean and a range."""
    return f"{np.exp(np.log(ratios).mean()):.2g} ({ratios.min():.2g} to {ratios.max():.2g})"


def main():
    """Prints a line a layer."""
    photographs = [load(PICTURES / name) for name in PHOTOGRAPHS]
    paths = itertools.chain(*(sorted(PICTURES.glob(pattern)) for pattern in PAINTINGS))
    paintings = list(map(load, paths))
    drawings = [stylenet.stylize(p, style) for p in photographs for style in STYLES]
    names = layer_names()
    large, small = (
        losses(network, names, photographs, paintings, drawings) for network in ("vgg19", "slim")
    )
    for name in names:
        content, style = (a[name] / b[name] for a, b in zip(large, small, strict=True))
        print(f"{name}: content {told(content)}, style {told(style)}")


if __name__ == "__main__":
    main()
