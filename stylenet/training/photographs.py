"""The photographs that networks train on: random crops, in an order that a seed decides."""

import functools
import itertools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

from stylenet import devices, images, memory

KEPT = 2e9  # bytes of decoded photographs, at most; and at most a quarter of the memory
LARGEST = 2  # crops that a photograph's shorter side is long, at most


class Place(NamedTuple):
    """Where a crop lies: in a picture resized to height x width, at top and left; mirrored or not.

    All are integers, of pixels.
    """

    height: int
    width: int
    top: int
    left: int
    mirrored: int


class Photographs(keras.utils.PyDataset):
    """Random crops of photographs without end, each batch a function of seed and step alone.

    A photograph is resized so that its shorter side is between one and two crops (never
    enlarged beyond that), cropped at random and mirrored half of the time; its aspect ratio
    stays. Each pass over the folder takes every picture once.

    Args:
        paths: of picture files.
        crop_size: pixels.
        batch_size: pictures a batch.
        seed: an integer.
        first_step: the step that batch 0 belongs to, for resuming.
        ahead: batches loaded in the background.
        kept: bytes of photographs that stay decoded in memory, as 8-bit pixels; the others are
            decoded for every crop. By default `KEPT`, or a quarter of the memory that there is.
        part: (number, count): of each batch only the photographs of part `number`, from 0, of
            `count` equal ones.

    A batch is a pair: the photographs, float32 `(batch_size, crop_size, crop_size, 3)` in
    [0, 255], and the same again, since the loss compares the result with the photograph. A
    file that can't be read is skipped, and its path kept in `unreadable`. Since there is no
    last batch, `fit()` needs `steps_per_epoch`.

    A kind of stream of its own overrides `batch`, and takes its crops from `super().batch`: where
    an `album` cuts them, they are a dict of numbers instead of pictures.

    Raises:
        ValueError: no paths, or none that can be read.
    """

    def __init__(
        self,
        paths,
        crop_size,
        batch_size,
        seed=0,
        first_step=0,
        ahead=4,
        kept=None,
        part=(0, 1),
    ):
        # Keras' own loading ahead starts anew at every epoch, and loses what it had loaded.
        super().__init__(workers=1)
        if not paths:
            raise ValueError("Expected at least one photograph to train on. Received none.")
        self.paths = [Path(path) for path in paths]
        self.crop_size, self.batch_size = crop_size, batch_size
        self.seed, self.first_step, self.ahead = seed, first_step, ahead
        self.kept = room() if kept is None else kept
        number, count = part
        self._rows = range(batch_size * number // count, batch_size * (number + 1) // count)
        self.unreadable, self.album = set(), None
        self._decoded, self._loading = {}, {}
        self._order = functools.lru_cache(2)(self._shuffled)
        self._pool = ThreadPoolExecutor(max(4, devices.cores()))

    @property
    def num_batches(self):
        return None

    def __getitem__(self, index):
        for i in range(index, index + 1 + self.ahead):
            if i not in self._loading:
                self._loading[i] = self._pool.submit(self.batch, self.first_step + i)
        return self._loading.pop(index).result()

    def batch(self, step):
        """The batch that belongs to a step."""
        first = step * self.batch_size
        samples = [self._sample(first + i) for i in self._rows]
        if self.album:
            crops = {"places": np.array([(i, *place) for i, _, place in samples], "int32")}
        else:
            crops = np.stack([cut(pixels, place, self.crop_size) for _, pixels, place in samples])
        return crops, crops

    def decoded(self):
        """All photographs, None for those that can't be read; None if they are not kept in memory.

        Returns:
            A list of uint8 `(height, width, 3)`, in the order of `paths`.
        """
        sizes = itertools.accumulate(map(self._size, self.paths))
        if any(size > self.kept for size in sizes):
            return None
        return list(self._pool.map(self._pixels, range(len(self.paths))))

    def _sample(self, number):
        """Sample `number` of the endless stream: a photograph's number, its pixels, a place."""
        random = np.random.default_rng((self.seed, number))
        epoch, position = divmod(number, len(self.paths))
        order = self._order(epoch)
        for i in range(len(order)):
            chosen = int(order[(position + i) % len(order)])
            pixels = self._pixels(chosen)
            if pixels is not None:
                return chosen, pixels, random_place(pixels.shape[:2], self.crop_size, random)
        raise ValueError(f"Expected photographs, but none of {len(self.paths)} files is one.")

    def _shuffled(self, epoch):
        return np.random.default_rng((self.seed, epoch, 1)).permutation(len(self.paths))

    def _pixels(self, number):
        """A photograph decoded, as far as crops need it, or None if it can't be."""
        if number in self._decoded:
            return self._decoded[number]
        path = self.paths[number]
        if path in self.unreadable:
            return None
        try:
            pixels = images.to_uint8(limited(images.load_image(path), LARGEST * self.crop_size))
        except (OSError, ValueError):
            self.unreadable.add(path)
            return None
        if pixels.nbytes <= self.kept:
            self.kept -= pixels.nbytes
            self._decoded[number] = pixels
        return pixels

    def _size(self, path):
        """Bytes of a photograph decoded, by its file's head."""
        try:
            height, width = images.picture_size(path)
        except (OSError, ValueError):
            return 0
        scale = min(1, LARGEST * self.crop_size / min(height, width))
        return 3 * height * width * scale**2


def room():
    """Bytes of decoded photographs that memory has room for."""
    try:
        return min(KEPT, 0.25e9 * memory.free())
    except ImportError:  # psutil, which a server set up for nothing but training may lack
        return KEPT


def limited(image, side):
    """A picture whose shorter side has at most so many pixels."""
    shorter = min(image.shape[:2])
    if shorter <= side:
        return image
    return images.resize(image, [round(length * side / shorter) for length in image.shape[:2]])


def random_place(shape, size, random):
    """Where to crop a square of `size` pixels from a picture resized at random.

    Args:
        shape: (height, width) of the picture.
        size: pixels.
        random: a `numpy.random.Generator`.

    Returns:
        `Place`.
    """
    shorter = min(shape)
    target = size * random.uniform(1.0, np.clip(shorter / size, 1.0, LARGEST))
    height, width = (max(size, round(side * target / shorter)) for side in shape)
    top, left = random.integers(height - size + 1), random.integers(width - size + 1)
    return Place(height, width, int(top), int(left), int(random.random() < 0.5))


def cut(image, place, size):
    """A crop at its place.

    Args:
        image: `(height, width, 3)`.
        place: a `Place`.
        size: pixels.

    Returns:
        float32 `(size, size, 3)`.
    """
    window = (place.top, place.left, size, size)
    crop = images.resize(image, (place.height, place.width), window)
    return crop[:, ::-1] if place.mirrored else crop


def random_crop(image, size, random):
    """A square of `size` pixels, from the picture resized at random, perhaps mirrored.

    Args:
        image: `(height, width, 3)`.
        size: pixels.
        random: a `numpy.random.Generator`.

    Returns:
        float32 `(size, size, 3)`.
    """
    return cut(image, random_place(image.shape[:2], size, random), size)
