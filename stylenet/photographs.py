"""The photographs that networks train on: random crops, in an order that a seed decides."""

from pathlib import Path

import keras
import numpy as np

from stylenet import images


class Photographs(keras.utils.PyDataset):
    """Random crops of photographs, each batch a function of the seed and the step alone.

    A photograph is resized so that its shorter side is between one and two crops (never
    enlarged beyond that), cropped at random and mirrored half of the time; its aspect ratio
    stays. Each pass over the folder takes every picture once.

    Args:
        paths: of picture files.
        crop_size: pixels.
        batch_size: pictures a batch.
        steps: batches an epoch.
        seed: an integer.
        first_step: the step that the first batch belongs to, for resuming. Each epoch of
            `fit(..., shuffle=False)` continues where the last one ended.
        workers: threads that load ahead.

    A batch is a pair: the photographs, float32 `(batch_size, crop_size, crop_size, 3)` in
    [0, 255], and the same again, since the loss compares the result with the photograph. A
    file that can't be read is skipped, and its path kept in `unreadable`.

    Raises:
        ValueError: no paths, or none that can be read.
    """

    def __init__(self, paths, crop_size, batch_size, steps, seed=0, first_step=0, workers=2):
        super().__init__(workers=workers, max_queue_size=8)
        if not paths:
            raise ValueError("Expected at least one photograph to train on. Received none.")
        self.paths = [Path(path) for path in paths]
        self.crop_size, self.batch_size, self.steps = crop_size, batch_size, steps
        self.seed, self.first_step = seed, first_step
        self.unreadable = set()
        self._asked, self._begun = set(), False

    def __len__(self):
        return self.steps

    def on_epoch_begin(self):
        self._begun = True

    def on_epoch_end(self):
        # fit() also ends an "epoch" before the first one, in which it looked at a batch or two;
        # on JAX, batches that were loaded ahead then are trained on later, so all asked for count.
        if self._begun:
            self.first_step += len(self._asked)
        self._asked.clear()
        self._begun = False

    def __getitem__(self, index):
        self._asked.add(index)
        first = (self.first_step + index) * self.batch_size
        batch = np.stack([self._sample(first + i) for i in range(self.batch_size)])
        return batch, batch

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
