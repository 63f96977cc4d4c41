"""Regions of a picture: by the colors of a map, by k-means, and shrunk for a layer's sight.

Champandard 2016, "Semantic Style Transfer and Turning Two-Bit Doodles into Fine Artworks",
https://arxiv.org/abs/1603.01768; regions of a layer: Gatys et al. 2017,
https://arxiv.org/abs/1611.07865
"""

import numpy as np
from scipy import cluster, ndimage, optimize
from skimage.color import rgb2lab

from stylenet import images, inputs
from stylenet.levels import block_and_number

NEAR = 48.0  # grey levels, of the distance between two colors that count as one
COMMON, COVERED = 0.003, 0.9  # shares of a doodle: of a color of its own, and of all of these
MOST = 12  # regions
PLACES = (256**2, 256, 1)  # of red, green and blue in a number, which is found faster than three
BLUR = 0.01  # of the longer side: brush strokes are not regions
SKEWED = 0.05  # of proportions, as a logarithm
LEFT = 0.25  # of a region, that shrinking leaves at least
SEAM = 12  # pixels beside an edge; of these, block 3 says nothing at half the size
CONVOLUTIONS = (2, 2, 4, 4, 4)  # of VGG19, a block
SAMPLE = 20_000  # pixels that k-means sees


def colors_of(doodle):
    """The flat colors of a doodle, the most frequent first.

    What JPEG makes of a color, and blends of two along an edge, nowhere three pixels wide, are not
    colors of their own.

    Args:
        doodle: `(height, width, 3)`, RGB in [0, 255].

    Returns:
        float32 `(count, 3)`.

    Raises:
        ValueError: a picture without flat colors, or with too many.
    """
    pixels = images.to_uint8(doodle).reshape(-1, 3)
    numbers, counts = np.unique(pixels @ np.array(PLACES), return_counts=True)
    found = (numbers[:, None] // PLACES % 256).astype("uint8")
    colors = []
    for color in found[np.argsort(-counts)][: np.sum(counts > COMMON * len(pixels))]:
        if all(_distance(color, other) > NEAR for other in colors) and _wide(doodle, color):
            colors.append(color.astype("float32"))
    near = [_distance(pixels, color) <= NEAR for color in colors]
    share = np.any(near, axis=0).mean() if near else 0.0
    if share < COVERED or len(colors) > MOST:
        raise ValueError(
            f"Expected a doodle of at most {MOST} flat colors. Received a picture of which "
            f"{len(colors)} flat colors cover {100 * share:.0f} %: draw it with a pencil, not a "
            "brush, and save it as PNG."
        )
    return np.array(colors)


def label(picture, colors):
    """Which color each pixel has; one between two colors has that of the nearest clear pixel.

    Args:
        picture: `(height, width, 3)`, a doodle or a map.
        colors: `(count, 3)`, from `colors_of`.

    Returns:
        Integers `(height, width)`.

    Raises:
        ValueError: a color of the doodle that the picture lacks, or nothing but other colors.
    """
    distances = np.stack([_distance(picture, color) for color in colors])
    labels, clear = distances.argmin(axis=0), distances.min(axis=0) <= NEAR
    missing = [_name(c) for i, c in enumerate(colors) if not (clear & (labels == i)).any()]
    if missing:
        raise ValueError(
            f"Expected a map with each color of the doodle. Received one without "
            f"{' and '.join(missing)}."
        )
    nearest = ndimage.distance_transform_edt(~clear, return_distances=False, return_indices=True)
    return labels[tuple(nearest)]


def label_map(picture, colors, size):
    """The regions of a painting that a map names, at the painting's size.

    Args:
        picture: the map, what `inputs.picture` takes.
        colors: `(count, 3)` of the doodle.
        size: `(height, width)` of the painting.

    Returns:
        Integers `size`.

    Raises:
        ValueError: other proportions than the painting's, or a color of the doodle is missing.
    """
    picture = inputs.picture(picture, "painting_map")
    (height, width), (own_height, own_width) = size, picture.shape[:2]
    if abs(np.log(own_height * width / (own_width * height))) > SKEWED:
        raise ValueError(
            f"Expected a map of the painting's proportions, {width} x {height}. Received one of "
            f"{own_width} x {own_height}."
        )
    return sample(label(picture, colors), size)


def sample(labels, size):
    """Regions at another size: each pixel has the nearest one's."""
    rows, columns = (
        (np.arange(new) + 0.5) * old // new for new, old in zip(size, labels.shape, strict=True)
    )
    return labels[rows.astype(int)[:, None], columns.astype(int)]


def segment(painting, colors, seed=0):
    """Regions of a painting by k-means of its smoothed colors, each named by a doodle's color.

    Of all ways to name them, that with the smallest squared distances in L*a*b* is taken.

    Args:
        painting: `(height, width, 3)`, RGB in [0, 255].
        colors: `(count, 3)` of the doodle.
        seed: of where k-means begins.

    Returns:
        Integers `(height, width)`, a place in `colors` each.

    Reference: Lloyd 1982, https://doi.org/10.1109/TIT.1982.1056489; Kuhn 1955,
    https://doi.org/10.1002/nav.3800020109
    """
    height, width = painting.shape[:2]
    blur = BLUR * max(height, width)
    smooth = ndimage.gaussian_filter(_lab(painting), (blur, blur, 0))
    pixels, random = smooth.reshape(-1, 3).astype("float64"), np.random.default_rng(seed)
    some = pixels[random.choice(len(pixels), min(SAMPLE, len(pixels)), replace=False)]
    centers, _ = cluster.vq.kmeans2(some, len(colors), minit="++", rng=random)
    wanted = _lab(colors[None])[0]
    costs = np.square(centers[:, None] - wanted[None]).sum(axis=2)
    _, names = optimize.linear_sum_assignment(costs)
    labels, _ = cluster.vq.vq(pixels, centers)
    return names[labels].reshape(height, width)


def field(layer):
    """How many pixels a side a response sees, and how many lie between two of them.

    Args:
        layer: of VGG19 or slim, for instance "block3_conv1", which sees 24 pixels, 4 apart.
    """
    block, number = block_and_number(layer)
    side, step = 1, 1
    for count in (*CONVOLUTIONS[: block - 1], None):
        side += 2 * step * (number if count is None else count)
        if count is not None:  # pooling
            side, step = side + step, 2 * step
    return side, step


def shrink(mask, layer):
    """A mask at a layer's size: 1 where what a response sees is inside.

    Only the middle half of its receptive field counts, which has most of the weight (Luo et al.
    2016, https://arxiv.org/abs/1701.04128): shrunk by all of it, regions have blurred edges. Of
    small regions nothing would be left, so that still less counts until a quarter is.

    Args:
        mask: `(height, width)`, True inside.
        layer: as in `field`.

    Returns:
        float32 `(height', width')` in [0, 1].

    Reference: Gatys et al. 2017, section 4, guided Gram matrices
    """
    side, step = field(layer)
    rows, columns = (length // step for length in mask.shape)
    for seen in range(_half(side, step), 0, -2 * step):
        inside = ndimage.minimum_filter(mask, seen, mode="nearest")
        inside = inside[step // 2 :: step, step // 2 :: step][:rows, :columns]
        if step**2 * inside.sum() >= LEFT * mask.sum():
            return inside.astype("float32")
    cells = mask[: rows * step, : columns * step].reshape(rows, step, columns, step)
    return cells.mean(axis=(1, 3)).astype("float32")


def mirror(picture, labels, depth=SEAM):
    """A picture whose regions go on as far as their edges, mirrored.

    What lies beside an edge belongs to no region for higher layers, see `shrink`, so that nothing
    has told it what to be. It becomes what lies as far on the other side of a line inside of the
    region, `depth` pixels from its edge; in thin parts, half as deep as the part at most.

    Args:
        picture: `(height, width, 3)`.
        labels: its regions, integers `(height, width)`.
        depth: in pixels.

    Returns:
        An array like the picture.
    """
    result, places = picture.copy(), np.indices(labels.shape)
    last = np.reshape(labels.shape, (2, 1, 1)) - 1
    for number in np.unique(labels):
        inside = labels == number
        known = _core(inside, depth)
        near = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
        beyond = np.clip(2 * near - places, 0, last)
        found = np.where(known[tuple(beyond)], beyond, near)
        free = inside & ~known
        result[free] = picture[tuple(found[:, free])]
    return result


def _core(inside, depth):
    """A mask without its border; of a part that is thinner, half is left."""
    if inside.all():
        return inside
    distances = ndimage.distance_transform_edt(inside)
    parts, count = ndimage.label(inside)
    thickest = np.array(ndimage.maximum(distances, parts, range(count + 1)))
    return inside & (distances > np.minimum(depth, thickest[parts] / 2))


def _half(side, step):
    """Half of a side; even where the center lies between two pixels, else odd."""
    return 2 * round(side / 4) if step > 1 else side // 2 | 1


def _distance(pixels, color):
    difference = np.asarray(pixels, "float32") - np.asarray(color, "float32")
    return np.sqrt(np.square(difference).sum(axis=-1))


def _wide(doodle, color):
    """Whether a color is somewhere three pixels wide and high."""
    return ndimage.binary_erosion(_distance(doodle, color) <= NEAR, np.ones((3, 3))).any()


def _name(color):
    return "#" + "".join(f"{round(float(channel)):02x}" for channel in color)


def _lab(picture):
    return rgb2lab(np.asarray(picture, "float64") / 255)
