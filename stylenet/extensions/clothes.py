"""A garment in another pattern: drawn inside a mask, with the garment's own light and folds.

Jiang and Fu, "Fashion Style Generator", IJCAI 2017, https://www.ijcai.org/proceedings/2017/520;
regions: Li et al. 2017, https://arxiv.org/abs/1705.08086, section 4.3; GrabCut: Rother, Kolmogorov
and Blake 2004, https://doi.org/10.1145/1015706.1015720

Differences from the paper:

| here                                                  | paper                              |
|-------------------------------------------------------|------------------------------------|
| any pattern, by whitening and coloring                | a network is trained for a pattern |
| the pattern is laid over the garment, then drawn      | the garment alone is drawn         |
| at one size                                           | losses of wholes and of patches    |
| a mask; the photograph outside of it, bit for bit     | garments on white                  |
| the garment's light is multiplied back                | -                                  |
"""

import functools
from collections.abc import Sequence
from typing import Literal

import numpy as np
from scipy import ndimage

from stylenet import extras, inputs
from stylenet.colors import LUMA
from stylenet.images import Picture, resize, to_uint8
from stylenet.surroundings import plain

# Shares of the garment's longer side: the light on cloth is smoother than FOLDS; of a pattern's own
# light and dark, what is smoother than FORMS would pass for folds.
FOLDS, FORMS = 0.01, 0.05
MOST_LIGHT = 2.0  # times as bright as the pattern at most
EDGE = 2  # pixels inside the mask in which the photograph fades
MARGIN = 32  # pixels round the garment that are drawn, too
HALF, LARGEST = 0.5, 100_000
ROUNDS, SPECK = 5, 0.01  # of GrabCut; parts and holes of a smaller share of the garment are none


@plain()
def restyle(
    content_image: Picture,
    pattern: Picture,
    *,
    mask: Picture | None = None,
    box: Sequence[int] | None = None,
    pattern_size: int | None = None,
    strength: float = 0.6,
    network: Literal["slim", "vgg19"] = "slim",
) -> np.ndarray:
    """Draws a photograph whose garment has another pattern.

    The pattern is laid over the garment and shaded, drawn in its own style by universal style
    transfer, so that it bends with the folds, and shaded again:

        y = x outside of the mask;  inside  y = g d,  g = light(x) / light(d) <= 2

    x is the photograph, d the drawing. light(x) is the luminance inside the mask, blurred by a
    hundredth of the garment's longer side, of mean 1; light(d) the same, blurred by a twentieth, so
    that light and dark of the pattern do not pass for folds.

    Args:
        content_image: x, `(height, width, 3)`, RGB in [0, 255]; or what `inputs.picture` takes.
        pattern: the same, of any size.
        mask: where the garment is, `(height, width)` in [0, 1], or the path of a picture; from 1/2
            on, or half grey, it is.
        box: instead of a mask (x, y, width, height) in pixels, see `garment`.
        pattern_size: the pattern's longer side on the photograph, in pixels; by default half of the
            garment's. The pattern is repeated, mirrored.
        strength: 0, the pattern as it is laid, to 1, drawn in full.
        network: "slim", which ships with the project, or "vgg19".

    Returns:
        float32 `(height, width, 3)` in [0, 255].

    Raises:
        ValueError: neither mask nor box, or both; one that holds nothing; options out of range.
        ImportError: a box, and OpenCV is not installed.
        OSError: a file that can't be read, or VGG19 is nowhere to be found.

    Reference: Jiang and Fu 2017, https://www.ijcai.org/proceedings/2017/520

    Example:
        >>> photograph, stripes = np.full((48, 64, 3), 90.0), np.full((32, 32, 3), 200.0)
        >>> inside = np.zeros((48, 64))
        >>> inside[8:40, 16:48] = 1
        >>> result = restyle(photograph, stripes, mask=inside, strength=0)
        >>> bool((result[inside == 0] == 90).all())
        True
    """
    content, pattern = inputs.picture(content_image), inputs.picture(pattern, "pattern")
    inputs.fraction("strength", strength)
    inside = _inside(content, mask, box)
    area = _around(inside)
    part, within = content[area], inside[area]
    half = max(1, longer_side(inside) // 2)
    pattern = scale(pattern, half if pattern_size is None else pattern_size)
    drawn = lay(pattern, part.shape[:2])
    if strength:
        start = merge(shade(drawn, part, within), part, within)
        drawn = _draw(start, pattern, within, strength, network)
    result = content.copy()
    result[area] = merge(shade(drawn, part, within), part, within)
    return result


def garment(content_image: Picture, box: Sequence[int]) -> np.ndarray:
    """The mask of a garment, by GrabCut from a box around it.

    Colors inside and outside of the box are told apart, and the border goes where neighbors differ.

    Args:
        content_image: a photograph, what `inputs.picture` takes.
        box: (x, y, width, height) in pixels: all of the garment and little else.

    Returns:
        Booleans `(height, width)`, without specks and small holes.

    Raises:
        ValueError: a box that is not inside the photograph, or that holds nothing to be cut out.
        ImportError: OpenCV is not installed.

    Reference: Rother, Kolmogorov and Blake 2004, https://doi.org/10.1145/1015706.1015720
    """
    cv2, content = extras.load("cv2"), inputs.picture(content_image)
    box = _check_box(box, content.shape[:2])
    marks = np.zeros(content.shape[:2], "uint8")
    pixels = np.ascontiguousarray(to_uint8(content)[..., ::-1])
    colors = np.zeros((1, 65)), np.zeros((1, 65))  # of background and garment, which it fills
    cv2.setRNGSeed(0)
    cv2.grabCut(pixels, marks, box, *colors, ROUNDS, cv2.GC_INIT_WITH_RECT)
    found = np.isin(marks, (cv2.GC_FGD, cv2.GC_PR_FGD))
    if not found.any():
        raise ValueError(f"Expected a box in which a garment stands out. Received: {box}.")
    return ~_large(~_large(found, found.sum()), found.sum())


def scale(pattern, pattern_size):
    """A pattern whose longer side has so many pixels, `(height, width, 3)` in [0, 255]."""
    inputs.number("pattern_size", pattern_size, 1, LARGEST, whole=True)
    zoom = pattern_size / max(pattern.shape[:2])
    return resize(pattern, [max(1, round(side * zoom)) for side in pattern.shape[:2]])


def lay(pattern, size):
    """A pattern repeated and mirrored until it covers `(height, width)` pixels."""
    missing = [(0, max(0, side - own)) for side, own in zip(size, pattern.shape, strict=False)]
    return np.pad(pattern, (*missing, (0, 0)), "symmetric")[: size[0], : size[1]]


def longer_side(inside):
    """The longer side of a garment, in pixels: an integer."""
    return int(max(np.ptp(np.nonzero(inside), axis=1))) + 1


def light(image, inside, blur=FOLDS):
    """The luminance of a garment, blurred, of mean 1; what is outside does not count.

    Args:
        image: `(height, width, 3)` in [0, 255].
        inside: booleans `(height, width)`.
        blur: standard deviation, a share of the garment's longer side.

    Returns:
        float32 `(height, width)`, 1 outside.
    """
    sigma = blur * longer_side(inside)
    smooth = functools.partial(ndimage.gaussian_filter, sigma=sigma, mode="constant")
    weights = np.maximum(smooth(inside.astype("float32")), 1e-6)
    found = smooth(np.where(inside, image @ LUMA, 0.0).astype("float32")) / weights
    return np.where(inside, found / max(found[inside].mean(), 1e-6), 1.0).astype("float32")


def shade(drawn, content, inside):
    """A drawing with the light of a photograph's garment, see `restyle`."""
    gain = light(content, inside) / np.maximum(light(drawn, inside, FORMS), 1e-2)
    return np.clip(drawn * np.minimum(gain, MOST_LIGHT)[..., None], 0, 255)


def merge(drawn, content, inside):
    """The drawing inside a mask, the photograph outside; they fade over two pixels inside."""
    share = np.minimum(ndimage.distance_transform_edt(inside) / (EDGE + 1), 1)[..., None]
    faded = content + share.astype("float32") * (drawn - content)
    return np.where(inside[..., None], faded, content)


def _draw(start, pattern, inside, strength, network):
    """What is laid over a garment, in the pattern's style."""
    from stylenet.universal import UniversalStylizer

    region = inside.astype("float32")
    return UniversalStylizer(network).stylize(start, pattern, strength, masks=[region])


def _inside(content, mask, box):
    """Where the garment is, as booleans."""
    if (mask is None) == (box is None):
        raise ValueError(
            "Expected a mask of the garment, or a box around it. Received "
            f"{'neither' if mask is None else 'both'}."
        )
    if box is not None:
        return garment(content, box)
    [found] = inputs.masks([mask], 1)(content.shape[:2])
    if not (found >= HALF).any():
        raise ValueError("Expected a mask that is white on the garment. Received a dark one.")
    return found >= HALF


def _around(inside):
    """The part of a photograph that is drawn: a slice of rows and one of columns."""
    return tuple(
        slice(max(0, places.min() - MARGIN), places.max() + 1 + MARGIN)
        for places in np.nonzero(inside)
    )


def _check_box(box, size):
    """A box as four integers."""
    box = tuple(int(value) for value in box)
    height, width = size
    x, y, across, down = box if len(box) == 4 else (0, 0, 0, 0)
    if min(x, y) < 0 or min(across, down) < 1 or x + across > width or y + down > height:
        raise ValueError(
            "Expected a box of four whole numbers, X,Y,WIDTH,HEIGHT, inside the photograph of "
            f"{width} x {height} pixels. Received: {','.join(map(str, box))}."
        )
    return box


def _large(found, garment_size):
    """The connected parts of a mask that are no specks beside a garment of so many pixels."""
    parts, count = ndimage.label(found)
    sizes = ndimage.sum_labels(found, parts, range(1, count + 1))
    return np.isin(parts, 1 + np.flatnonzero(sizes > SPECK * garment_size))
