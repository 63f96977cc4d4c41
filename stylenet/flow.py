"""Optical flow: where each pixel goes from one frame to another, and where that can be trusted.

Ruder, Dosovitskiy and Brox, "Artistic Style Transfer for Videos", GCPR 2016,
https://arxiv.org/abs/1604.08610; the checks are those of Sundaram, Brox and Keutzer 2010,
https://doi.org/10.1007/978-3-642-15549-9_32

A flow is `(height, width, 2)`, float32, in pixels: what is at (x, y) in its own frame is at
(x + u, y + v) in the other, u = flow[..., 0] to the right, v = flow[..., 1] down.

Differences from the paper:

| here                                            | paper                                 |
|-------------------------------------------------|---------------------------------------|
| DIS flow (Kroeger et al. 2016), 30 ms a picture | DeepFlow or EpicFlow, 30 s to 3 min   |
| the way back of a pixel is interpolated         | the same                              |
| targets outside the picture have weight 0       | the same, in their code               |
"""

from pathlib import Path

import numpy as np

from stylenet import extras, inputs

cv2 = extras.load("cv2")

# How fine the finest scale is (pixels halved so often), how smooth flow is, and how often refined.
PRESETS = {"medium": (1, 60.0, 10), "fine": (0, 60.0, 20)}
INTERPOLATIONS = {"bilinear": "INTER_LINEAR", "bicubic": "INTER_CUBIC"}
SMALLEST = 16  # pixels: DIS compares patches of 8 pixels, at half the resolution
FLO_MAGIC = np.float32(202021.25)


def optical_flow(image, other_image, scale=1.0, preset="medium"):
    """The flow from one picture to another, by dense inverse search (DIS).

    Args:
        image: `(height, width, 3)`, RGB in [0, 255].
        other_image: the same shape.
        scale: estimate it on pictures reduced by this factor, at most 1: faster, coarser.
        preset: "medium", OpenCV's settings of that name, or "fine", down to single pixels and
            smoother: half the error, six times as slow.

    Returns:
        `(height, width, 2)`: `warp(other_image, flow)` looks like `image`. Pictures of less
        than 16 pixels a side, in which nothing can be followed, have no motion.

    Raises:
        ValueError: pictures of different sizes, or an unknown preset.

    Reference: Kroeger, Timofte, Dai and Van Gool 2016, https://arxiv.org/abs/1603.03590
    """
    if np.shape(image) != np.shape(other_image) or np.ndim(image) != 3:
        raise ValueError(
            "Expected two pictures of one shape (height, width, 3). "
            f"Received: {np.shape(image)} and {np.shape(other_image)}."
        )
    inputs.choice("preset", preset, PRESETS)
    size = image.shape[:2]
    small = tuple(max(1, round(side * scale)) for side in size)
    if min(small) < SMALLEST:
        return np.zeros((*size, 2), "float32")
    grey = [_grey(picture, small) for picture in (image, other_image)]
    search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    finest, smoothness, iterations = PRESETS[preset]
    search.setFinestScale(finest)
    search.setVariationalRefinementAlpha(smoothness)
    search.setVariationalRefinementIterations(iterations)
    return resize_flow(search.calc(*grey, None), size)


def _grey(image, size):
    grey = cv2.cvtColor(np.asarray(image, "float32"), cv2.COLOR_RGB2GRAY)
    if size != grey.shape:
        grey = cv2.resize(grey, size[::-1], interpolation=cv2.INTER_AREA)
    return np.rint(np.clip(grey, 0, 255)).astype("uint8")


def resize_flow(flow, size):
    """A flow for pictures of another size: interpolated, and its vectors as much longer.

    Args:
        flow: `(height, width, 2)`.
        size: `(height, width)` of the result.
    """
    if flow.shape[:2] == tuple(size):
        return flow
    factors = np.array([size[1] / flow.shape[1], size[0] / flow.shape[0]], "float32")
    return cv2.resize(flow, size[::-1], interpolation=cv2.INTER_LINEAR) * factors


def warp(image, flow, interpolation="bilinear"):
    """Fetches each pixel from where its flow points.

    y(x) = image(x + flow(x)); beyond the border the border is repeated.

    Args:
        image: `(height, width)` or `(height, width, channels)`, at most 4 channels.
        flow: `(height, width, 2)`, from the frame wanted to the frame of `image`.
        interpolation: "bilinear", or "bicubic": sharper, and may leave the range of values.

    Returns:
        float32, the shape of `image`.

    Raises:
        ValueError: a flow of another size, or an unknown interpolation.

    Example:
        >>> image = np.arange(12.0).reshape(3, 4)
        >>> flow = np.zeros((3, 4, 2)) + (1, 0)  # each pixel comes from its right neighbor
        >>> warp(image, flow)[0].tolist()
        [1.0, 2.0, 3.0, 3.0]
    """
    if np.shape(flow) != (*np.shape(image)[:2], 2):
        raise ValueError(
            f"Expected a flow for a picture of shape {np.shape(image)}, (height, width, 2). "
            f"Received shape {np.shape(flow)}."
        )
    inputs.choice("interpolation", interpolation, INTERPOLATIONS)
    targets = np.float32(flow) + positions(np.shape(flow)[:2])
    image = np.asarray(image, "float32")
    how = getattr(cv2, INTERPOLATIONS[interpolation])
    return cv2.remap(image, targets, None, how, borderMode=cv2.BORDER_REPLICATE)


def positions(size):
    """The coordinates (x, y) of each pixel, `(height, width, 2)`."""
    height, width = size
    grid = np.empty((height, width, 2), "float32")
    grid[..., 0] = np.arange(width)
    grid[..., 1] = np.arange(height)[:, None]
    return grid


def leaves_picture(flow):
    """Where the flow points outside the picture.

    Args:
        flow: `(height, width, 2)`.

    Returns:
        bool `(height, width)`.
    """
    height, width = flow.shape[:2]
    x, y = np.moveaxis(flow + positions((height, width)), 2, 0)
    return (x < 0) | (y < 0) | (x > width - 1) | (y > height - 1)


def occluded(flow, flow_back):
    """Where a frame shows what the other one hides: forth and back does not lead home.

    |w~ + v|^2 > 0.01 (|w~|^2 + |v|^2) + 0.5, v the flow and w~ the way back, read where v points;
    and where v points outside the picture.

    Args:
        flow: from this frame to the other, `(height, width, 2)`.
        flow_back: from the other frame to this one, the same shape.

    Returns:
        bool `(height, width)`.

    Reference: Ruder et al. 2016, equation 5.
    """
    back = warp(flow_back, flow)
    limit = 0.01 * (_squares(back) + _squares(flow)) + 0.5
    return (_squares(back + flow) > limit) | leaves_picture(flow)


def motion_boundaries(flow):
    """Where the flow itself changes so fast that it is imprecise.

    |grad u|^2 + |grad v|^2 > 0.01 |flow|^2 + 0.002

    Args:
        flow: `(height, width, 2)`.

    Returns:
        bool `(height, width)`.

    Reference: Ruder et al. 2016, equation 6.
    """
    down = cv2.Sobel(flow, -1, 0, 1, ksize=1, scale=0.5)  # central differences
    right = cv2.Sobel(flow, -1, 1, 0, ksize=1, scale=0.5)
    return _squares(down) + _squares(right) > 0.01 * _squares(flow) + 0.002


def trusted(flow, flow_back):
    """The weights c of the temporal loss: 0 where occluded or at a motion boundary, else 1.

    Args:
        flow: from this frame to the other, `(height, width, 2)`.
        flow_back: from the other frame to this one, the same shape.

    Returns:
        float32 `(height, width)`, 0 or 1.

    Reference: Ruder et al. 2016, section 5.2.
    """
    return np.float32(~(occluded(flow, flow_back) | motion_boundaries(flow)))


def long_term_weights(weights):
    """Shares pixels out among earlier frames: each belongs to the nearest that shows it.

    c_long,j = max(c_j - sum_{k nearer than j} c_k, 0)

    Args:
        weights: from `trusted`, a `(height, width)` an earlier frame, the nearest first.

    Returns:
        A list of float32 `(height, width)`, whose sum is at most 1 where the weights are.

    Reference: Ruder et al. 2016, equation 9.
    """
    nearer, shares = 0.0, []
    for weight in weights:
        shares.append(np.maximum(weight - nearer, np.float32(0)))
        nearer = nearer + weight
    return shares


def _squares(vectors):
    return vectors[..., 0] ** 2 + vectors[..., 1] ** 2


def read_flow(path):
    """Reads a `.flo` file.

    Args:
        path: the file: float32 202021.25, int32 width and height, float32 u and v row by row.

    Returns:
        `(height, width, 2)`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no flow, or cut short.

    Reference: https://vision.middlebury.edu/flow/code/flow-code/README.txt
    """
    data = Path(path).read_bytes()
    if len(data) < 12 or np.frombuffer(data, "<f4", 1)[0] != FLO_MAGIC:
        raise ValueError(f"Expected a .flo file. {str(path)!r} does not begin like one.")
    width, height = (int(side) for side in np.frombuffer(data, "<i4", 2, 4))
    if min(width, height) < 1 or len(data) != 12 + 8 * width * height:
        raise ValueError(
            f"Expected {12 + 8 * width * height} bytes for {width} x {height} vectors. "
            f"{str(path)!r} has {len(data)}."
        )
    return np.frombuffer(data, "<f4", offset=12).reshape(height, width, 2).astype("float32")


def write_flow(path, flow):
    """Writes a `.flo` file, see `read_flow`.

    Args:
        path: the file.
        flow: `(height, width, 2)`.
    """
    height, width, _ = flow.shape
    header = FLO_MAGIC.astype("<f4").tobytes() + np.array([width, height], "<i4").tobytes()
    Path(path).write_bytes(header + np.asarray(flow, "<f4").tobytes())
