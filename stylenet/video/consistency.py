"""Keeps a drawing on the scene from frame to frame: each pixel travels along the flow.

A network draws every frame anew, and two drawings of one thing differ: strokes flicker. Averaging
them (as Ruder et al. 2016 do between passes, https://arxiv.org/abs/1604.08610) keeps strokes in
place, but averaged strokes are pale, and each warping blurs them once more: style is lost. Here a
pixel is never mixed. It remembers in which frame it was drawn and how far it has moved since, and
is fetched straight from that drawing, interpolated once.

It is drawn anew

1. where the flow is not trusted: what comes into view, and what the flow cannot follow;
2. at a certain age, since flows add up their errors: not all pixels at once, but patch by patch.
"""

import numpy as np

from stylenet import extras
from stylenet.flow import occluded, optical_flow, positions

cv2 = extras.load("cv2")

LIFE = 8  # frames
PATCH = 64  # pixels a side
MARGIN = 4  # pixels around each drawing, mirrored: Lanczos looks so far
SPECK = 5  # pixels; smaller holes in what is trusted, or in what is not, are filled
HIGHEST = 32_000  # rows of a picture that OpenCV fetches from
CUT = 0.6  # of all pixels untrusted: another scene
STATE = ("number", "frame", "drawings", "due", "pixels")


class Consistency:
    """Drawings of a clip, frame by frame, of pixels that stay on the scene.

    Args:
        draw: a function, a frame `(height, width, 3)` in [0, 255] to its drawing.
        life: frames that a pixel lives at most.

    Memory: `life` drawings, 8 bits a value.
    """

    def __init__(self, draw, life=LIFE):
        self.draw, self.life = draw, life
        self.number, self.frame = 0, None

    def __call__(self, frame):
        """The consistent drawing of the next frame."""
        flow = None if self.frame is None else trusted_flow(frame, self.frame)
        drawing = np.rint(self.draw(frame)).astype("uint8")
        self.frame = frame
        return self._start(drawing) if flow is None else self._go_on(drawing, *flow)

    def state(self):
        """What is needed to go on, arrays by name."""
        return {} if self.frame is None else {name: getattr(self, name) for name in STATE}

    def restore(self, state):
        """Goes on from a `state`."""
        for name, value in state.items():
            setattr(self, name, value)
        self.number = int(self.number)

    def _start(self, drawing):
        height, width, _ = drawing.shape
        self.life = min(self.life, HIGHEST // (height + 2 * MARGIN))
        self.number = 0
        self.drawings = np.zeros((self.life, height + 2 * MARGIN, width + 2 * MARGIN, 3), "uint8")
        self._keep(drawing)
        self.due = patches(drawing.shape[:2], self.life)
        # Of each pixel: the frame that it was drawn in, the frame that it is due in, its way.
        self.pixels = np.zeros((height, width, 4), "float32")
        self.pixels[..., 1] = self.due
        return drawing.astype("float32")

    def _keep(self, drawing):
        place = self.drawings[self.number % self.life]
        cv2.copyMakeBorder(drawing, *[MARGIN] * 4, cv2.BORDER_REFLECT_101, dst=place)

    def _go_on(self, drawing, back, trusted):
        self.number += 1
        self._keep(drawing)
        places = back + positions(back.shape[:2])
        pixels = cv2.remap(
            self.pixels, places, None, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE
        )
        pixels[..., 2:] += back
        old_age = trusted & (pixels[..., 1] <= self.number)
        new = ~trusted | old_age
        pixels[new] = 0
        pixels[..., 0] += self.number * new
        # What comes into view becomes part of a patch of its place.
        pixels[..., 1] += new * (self.number + np.where(old_age, self.life, self.due))
        self.pixels = pixels
        return np.where(new[..., None], drawing, self._fetch()).astype("float32")

    def _fetch(self):
        """Each pixel from the drawing that it was born in; all drawings are one tall picture."""
        count, height, width, _ = self.drawings.shape
        places = self.pixels[..., 2:] + positions(self.pixels.shape[:2]) + MARGIN
        places[..., 1] = np.clip(places[..., 1], MARGIN, height - MARGIN - 1)
        places[..., 1] += self.pixels[..., 0] % count * height
        tall = self.drawings.reshape(count * height, width, 3)
        return cv2.remap(tall, places, None, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)


def trusted_flow(frame, before):
    """The flow from a frame to the one before, and where it is trusted.

    Args:
        frame: `(height, width, 3)` in [0, 255].
        before: the same.

    Returns:
        float32 `(height, width, 2)` and bool `(height, width)`; None where a shot begins.
    """
    back = optical_flow(frame, before)
    forth = optical_flow(before, frame)
    untrusted = cv2.medianBlur(np.uint8(occluded(back, forth)), SPECK) > 0
    return None if untrusted.mean() > CUT else (back, ~untrusted)


def patches(size, life):
    """For each pixel a number from 1 to `life`, the same all over a patch with wavy edges.

    Args:
        size: `(height, width)`.
        life: as many numbers, equally frequent.

    Returns:
        float32 `(height, width)`.
    """
    random = np.random.default_rng(0)
    coarse = [2 * side // PATCH + 3 for side in size]
    waves = random.uniform(0, PATCH / 2, (*coarse, 2)).astype("float32")
    places = positions(size) + cv2.resize(waves, size[::-1], interpolation=cv2.INTER_CUBIC)
    columns, rows = np.moveaxis(np.clip(places // PATCH, 0, None).astype(int), 2, 0)
    shape = rows.max() + 1, columns.max() + 1
    numbers = random.permutation(np.arange(shape[0] * shape[1]) % life).reshape(shape)
    return np.float32(1 + numbers[rows, columns])
