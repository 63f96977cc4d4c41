"""Keeps a drawing on the scene from frame to frame: each pixel travels along the flow.

A network draws every frame anew, and two drawings of one thing differ: strokes flicker. Averaging
them (Ruder et al. 2016 do so between passes, https://arxiv.org/abs/1604.08610) keeps strokes in
place, but averaged strokes are pale, and each warping blurs them once more: style is lost. Here a
pixel is never mixed. It remembers in which frame it was drawn and how far it has moved since, and
is fetched straight from that drawing, interpolated once.

It is drawn anew

1. where the flow is not trusted: what comes into view, and the edges of moving things;
2. where the new drawing says the same, so that nobody sees the change;
3. at a certain age, since flows add up their errors: not all pixels at once, but in patches.
"""

import cv2
import numpy as np

from stylenet.flow import motion_boundaries, occluded, optical_flow, positions

MARGIN = 4  # pixels around each drawing, mirrored: Lanczos looks so far
PATCH = 32  # pixels, about the size of what is drawn anew at once
STATE = ("number", "frame", "drawings", "due", "pixels")
CUT = 0.6  # of all pixels untrusted: another scene


class Consistency:
    """Drawings of a clip, frame by frame, each of its pixels as old as it can be.

    Args:
        draw: a function, a frame `(height, width, 3)` in [0, 255] to its drawing.
        life: frames after which a pixel is drawn anew at the latest.
        same: grey levels, see 2 above; 0 for never.

    Memory: `life` drawings, 8 bits a value.
    """

    def __init__(self, draw, life=16, same=8.0):
        self.draw, self.life, self.same = draw, life, same
        self.number, self.frame = 0, None

    def __call__(self, frame):
        """The consistent drawing of the next frame."""
        flow = None if self.frame is None else self._trusted_flow(frame)
        drawing = np.rint(self.draw(frame)).astype("uint8")
        self.frame = frame
        if flow is None:
            return self._start(drawing)
        return self._go_on(drawing, *flow)

    def state(self):
        """What is needed to go on, arrays by name."""
        if self.frame is None:
            return {}
        return {name: getattr(self, name) for name in STATE}

    def restore(self, state):
        """Goes on from a `state`."""
        for name, value in state.items():
            setattr(self, name, value)
        self.number = int(self.number)

    def _trusted_flow(self, frame):
        back = optical_flow(frame, self.frame)
        forth = optical_flow(self.frame, frame)
        untrusted = occluded(back, forth) | motion_boundaries(back)
        return None if untrusted.mean() > CUT else (back, ~untrusted)

    def _start(self, drawing):
        """The first frame of a shot."""
        height, width, _ = drawing.shape
        self.number = 0
        self.drawings = np.zeros((self.life, height + 2 * MARGIN, width + 2 * MARGIN, 3), "uint8")
        self._keep(drawing)
        self.due = _patches(drawing.shape[:2], self.life)
        # Of each pixel: the frame that it was drawn in, that in which it is due, its way.
        self.pixels = np.zeros((height, width, 4), "float32")
        self.pixels[..., 1] = self.due
        return drawing.astype("float32")

    def _keep(self, drawing):
        edges = [MARGIN] * 4
        self.drawings[self.number % self.life] = cv2.copyMakeBorder(
            drawing, *edges, cv2.BORDER_REFLECT_101
        )

    def _go_on(self, drawing, back, trusted):
        self.number += 1
        self._keep(drawing)
        places = back + positions(back.shape[:2])
        old = cv2.remap(
            self.pixels, places, None, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE
        )
        old[..., 2:] += back
        new = ~trusted | (old[..., 1] <= self.number)
        picture = self._fetch(old)
        if self.same:
            change = np.abs(picture.astype("float32") - drawing).mean(axis=2)
            new |= cv2.GaussianBlur(change, (0, 0), 3.0) < self.same
        old[new] = 0
        old[..., 0] += self.number * new
        renewed = trusted[new]
        old[new, 1] = self.number + np.where(renewed, self.life, self.due[new])
        self.pixels = old
        return np.where(new[..., None], drawing, picture).astype("float32")

    def _fetch(self, pixels):
        height = self.drawings.shape[1]
        places = pixels[..., 2:] + positions(pixels.shape[:2]) + MARGIN
        places[..., 1] = np.clip(places[..., 1], 0, height - 1)
        places[..., 1] += pixels[..., 0] % self.life * height
        return cv2.remap(
            self.drawings.reshape(-1, *self.drawings.shape[2:]), places, None, cv2.INTER_LANCZOS4
        )


def _patches(size, life):
    """Ages from 1 to `life`, equally frequent, smooth in space."""
    shape = [side // PATCH + 2 for side in size]
    noise = np.random.default_rng(0).uniform(size=shape).astype("float32")
    smooth = cv2.resize(noise, size[::-1], interpolation=cv2.INTER_CUBIC)
    rank = np.argsort(np.argsort(smooth, axis=None)).reshape(size)
    return np.float32(1 + rank * life // smooth.size)
