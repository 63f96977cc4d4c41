"""A decoded picture as a player would show it: upright, square pixels, BT.709, over white."""

import numpy as np

from stylenet import extras, images

av = extras.load("av")

# Numbers of ITU-T H.273, https://www.itu.int/rec/T-REC-H.273
BT709 = 1
HIGH_DYNAMIC_RANGE = (16, 18)  # transfer: PQ, HLG
WIDE = (9, 11, 12)  # primaries: BT.2020, DCI-P3, Display P3


class Screen:
    """Shows decoded pictures as a player does.

    Transparency is put over white. HDR (PQ, HLG) and wide colors become BT.709: white is at
    203 cd/m2 (ITU-R BT.2408), and what is brighter is white. A pixel that is wider than high makes
    the picture wider, and the display matrix mirrors or turns it.

    Args:
        aspect: width of a pixel by its height.
    """

    def __init__(self, aspect=1):
        self.aspect = aspect
        # One for all pictures: what it works out about HDR takes seconds.
        self.reformatter = av.video.reformatter.VideoReformatter()

    def __call__(self, picture):
        """An `av.VideoFrame` as float32 `(height, width, 3)`, RGB in [0, 255]."""
        pixels = self._over_white(picture)
        height, width = display_size(picture.height, picture.width, self.aspect)
        if width != picture.width:
            pixels = images.resize(pixels, (height, width))
        return _placed(pixels, display_matrix(picture))

    def _over_white(self, picture):
        wide = picture.color_trc in HIGH_DYNAMIC_RANGE or picture.color_primaries in WIDE
        colors = {"dst_color_trc": BT709, "dst_color_primaries": BT709} if wide else {}
        name = "rgba" if _transparent(picture) else "rgb24"
        pixels = self.reformatter.reformat(picture, format=name, **colors).to_ndarray()
        if name == "rgb24":
            return pixels.astype("float32")
        alpha = pixels[..., 3:] / np.float32(255)
        return pixels[..., :3] * alpha + 255 * (1 - alpha)


def display_size(height, width, aspect):
    """`(height, width)` of a picture whose pixels are made square; its height stays."""
    return height, max(1, round(width * aspect))


def display_matrix(picture):
    """Where pixels go: ((a, b), (c, d)) takes (x, y) to (a x + c y, b x + d y)."""
    data = picture.side_data.get("DISPLAYMATRIX")
    if data is None:
        return (1, 0), (0, 1)
    numbers = np.frombuffer(bytes(data), "int32")
    return tuple(numbers[:2]), tuple(numbers[3:5])


def _placed(pixels, matrix):
    """The pixels moved by the nearest multiple of 90 degrees, and mirrored."""
    (a, b), (c, d) = np.array(matrix, "float64")
    if abs(b) > abs(a):
        pixels, a, d = pixels.swapaxes(0, 1), c, b
    return np.ascontiguousarray(pixels[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1])


def _transparent(picture):
    parts = picture.format.components
    return picture.format.name == "pal8" or any(part.is_alpha for part in parts)
