"""A large picture tile by tile: the same drawing in less memory, for `stylenet.universal`.

A response depends on the pixels nearby, see `reach`. Only whitening joins the whole picture: its
mean and covariance, which those of the tiles give exactly (`joint_moments`). So each passage
through a level goes over the picture twice: for these, and to draw with them. The responses of the
lower levels, which are cheap to compute and fill the memory, are computed in both; those of the
others are kept.
"""

import itertools
import math
from typing import NamedTuple

import numpy as np
from keras import ops

from stylenet.encoders import CONVOLUTIONS
from stylenet.moments import Moments, moments
from stylenet.universal import passages

WHOLE = 1_500_000  # pixels; larger pictures go in tiles
SIDE = 1024  # pixels of a tile, the neighborhood included
LARGEST = 16  # pixels that a response of the highest level stands for
KEPT = 3  # the lowest level whose responses are kept


class Span(NamedTuple):
    """Rows, or columns: from `start` to before `end`."""

    start: int
    end: int

    def within(self, other):
        """The slice of `other` that is this."""
        return slice(self.start - other.start, self.end - other.start)

    def shrunk(self, size):
        """The same among responses that stand for `size` pixels."""
        return Span(self.start // size, self.end // size)


class Area(NamedTuple):
    """A rectangle of a picture."""

    rows: Span
    columns: Span

    def within(self, other):
        """The part of a batch of maps of `other` that is this."""
        return (slice(None), *map(Span.within, self, other))

    def of(self, maps):
        """This part of the maps of a whole picture."""
        return maps[:, slice(*self.rows), slice(*self.columns)]

    def shrunk(self, size):
        """See `Span.shrunk`."""
        return Area(*(span.shrunk(size) for span in self))


def large(picture):
    """Whether a picture `(height, width, 3)` is to go in tiles."""
    return picture.shape[0] * picture.shape[1] > WHOLE


def reach(level):
    """How far from its own pixels a response of a level sees, and its decoder draws, in pixels.

    Each convolution sees one of its own pixels further, and those of a block stand for twice as
    many. Rounded up, so that poolings divide it.
    """
    size = 2 ** (level - 1)
    pixels = size + sum(count << block for block, count in enumerate(CONVOLUTIONS[: level - 1]))
    return size * math.ceil(pixels / size)


def cut(side, most):
    """A side in equal spans of at most so many pixels, multiples of what the poolings need."""
    count = math.ceil(side / most)
    length = LARGEST * math.ceil(side / count / LARGEST)
    return [Span(start, min(start + length, side)) for start in range(0, side, length)]


def grown(spans, margin, side):
    """Spans with their neighborhoods, all equally long, so that one graph fits them all.

    At the picture's border more of the other side is taken.
    """
    length = max(end - start for start, end in spans) + 2 * margin
    starts = [max(min(start - margin, side - length), 0) for start, _ in spans]
    return [Span(start, min(start + length, side)) for start in starts]


class Tile(NamedTuple):
    """An area of a picture; what is decoded to draw it; and what is encoded for that."""

    own: Area
    decoded: Area
    encoded: Area


def tiles(height, width, margin):
    """The tiles of a picture, a list of `Tile`."""
    sides = []
    for side in (height, width):
        own = cut(side, SIDE - 2 * margin)
        decoded = grown(own, margin, side)
        sides.append(zip(own, decoded, grown(decoded, margin, side), strict=True))
    return [Tile(*map(Area, *pair)) for pair in itertools.product(*map(list, sides))]


class Passage:
    """A passage through a level, tile by tile.

    Args:
        passage: a `passages.Passage`.
        encode: pictures `(1, height, width, 3)` to the level's responses.
        draw: as `passages.draw`, without decoder and passage.
    """

    def __init__(self, passage, encode, draw):
        self.passage, self.level = passage, passage.level
        self.encode, self.draw = encode, draw
        self.size, self.margin = 2 ** (self.level - 1), reach(self.level)

    def __call__(self, picture, alpha, styles, masks):
        """See `passages.restyle`. Without styles, responses are decoded as they are."""
        responses, changes = self.responses(picture), []
        if styles:
            moments = [self.moments(picture, mask, responses) for mask in masks or [None]]
            changes = passages.changes(moments, self.passage, alpha, styles)
        result = np.empty_like(picture)
        for tile in self.tiles(picture):
            regions = [tile.decoded.shrunk(self.size).of(mask) for mask in masks]
            seen = tile.decoded.of(picture), responses(tile)
            drawn = ops.convert_to_numpy(self.draw(*seen, alpha, changes, regions))
            tile.own.of(result)[...] = drawn[tile.own.within(tile.decoded)]
        return result

    def moments(self, picture, mask=None, responses=None):
        """The moments of the level's responses to a picture, weighted by a mask."""
        responses, parts = responses or self.responses(picture), []
        for tile in self.tiles(picture):
            own, decoded, _ = (area.shrunk(self.size) for area in tile)
            weights = None if mask is None else own.of(mask)
            parts.append(moments(responses(tile)[own.within(decoded)], weights))
        return joint_moments(parts)

    def tiles(self, picture):
        """See `tiles`."""
        return tiles(*picture.shape[1:3], self.margin)

    def responses(self, picture):
        """A function: a tile to the responses that are decoded to draw it."""
        if self.level < KEPT:
            return lambda tile: self.see(picture, tile.decoded, tile.encoded)
        whole = None
        for tile in self.tiles(picture):
            found = self.see(picture, tile.own, tile.decoded)
            if whole is None:
                sides = [side // self.size for side in picture.shape[1:3]]
                whole = np.empty((1, *sides, found.shape[-1]), "float32")
            tile.own.shrunk(self.size).of(whole)[...] = found
        return lambda tile: tile.decoded.shrunk(self.size).of(whole)

    def see(self, picture, area, neighborhood):
        """The responses in an area, computed from its neighborhood."""
        found = ops.convert_to_numpy(self.encode(neighborhood.of(picture)))
        return found[area.shrunk(self.size).within(neighborhood.shrunk(self.size))]


def joint_moments(parts):
    """The moments of features from those of their parts, exactly.

    N mean = sum_i N_i mean_i,
    (N - 1) cov = sum_i (N_i - 1) cov_i + N_i d_i d_i^T,    d_i = mean_i - mean

    Args:
        parts: a list of `moments.Moments`.

    Returns:
        `moments.Moments`, of NumPy arrays.

    Reference: Chan, Golub and LeVeque 1979,
    http://i.stanford.edu/pub/cstr/reports/cs/tr/79/773/CS-TR-79-773.pdf
    """
    parts = [[ops.convert_to_numpy(value).astype("float64") for value in part] for part in parts]
    total = sum(count for count, *_ in parts)
    mean = sum(count * mean for count, mean, _ in parts) / max(total, 1e-6)
    products = 0.0
    for count, part, covariance in parts:
        apart = (part - mean)[:, 0]
        products += max(count - 1, 1.0) * covariance + count * apart.transpose(0, 2, 1) * apart
    covariance = products / max(total - 1, 1.0)
    return Moments(*(np.float32(value) for value in (total, mean, covariance)))
