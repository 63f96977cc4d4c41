"""The photographs that networks train on: random crops, in an order that a seed decides."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np

from stylenet import images


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

    A batch is a pair: the photographs, float32 `(batch_size, crop_size, crop_size, 3)` in
    [0, 255], and the same again, since the loss compares the result with the photograph. A
    file that can't be read is skipped, and its path kept in `unreadable`. Since there is no
    last batch, `fit()` needs `steps_per_epoch`.

    Raises:
        ValueError: no paths, or none that can be read.
    """

    def __init__(self, paths, crop_size, batch_size, seed=0, first_step=0, ahead=4):
        # Keras' own loading ahead starts anew at every epoch, and loses what it had loaded.
        super().__init__(workers=1)
        if not paths:
            raise ValueError("Expected at least one photograph to train on. Received none.")
        self.paths = [Path(path) for path in paths]
        self.crop_size, self.batch_size = crop_size, batch_size
        self.seed, self.first_step, self.ahead = seed, first_step, ahead
        self.unreadable = set()
        self._pool, self._loading = ThreadPoolExecutor(max_workers=4), {}

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
        pictures = np.stack([self._sample(first + i) for i in range(self.batch_size)])
        return pictures, pictures

    def _sample(self, number):
        """Sample `number` of the endless stream."""
        random = np.random.default_rng((self.seed, number))
        epoch, position = divmod(number, len(self.paths))
        order = np.random.default_rng((self.seed, epoch, 1)).permutation(len(self.paths))
        for candidate in np.roll(order, -position):
            path = self.paths[candidate]
            if path in self.unreadable:
                continue
            try:
                return random_crop(images.load_image(path), self.crop_size, random)
            except (OSError, ValueError):
                self.unreadable.add(path)
        raise ValueError(f"Expected photographs, but none of {len(self.paths)} files is one.")


def random_crop(image, size, random):
    """A square of `size` pixels, from the picture resized at random, perhaps mirrored.

    Args:
        image: `(height, width, 3)`.
        size: pixels.
        random: a `numpy.random.Generator`.

    Returns:
        float32 `(size, size, 3)`.
    """
    height, width = image.shape[:2]
    shorter = min(height, width)
    target = size * random.uniform(1.0, np.clip(shorter / size, 1.0, 2.0))
    height, width = (max(size, round(side * target / shorter)) for side in (height, width))
    image = images.resize(image, (height, width))
    top, left = random.integers(height - size + 1), random.integers(width - size + 1)
    crop = image[top : top + size, left : left + size]
    return crop[:, ::-1] if random.random() < 0.5 else crop
