"""Clips of one photograph, filmed by a moving camera: their flow and occlusion are known exactly.

The photograph is a flat background; a disc or a pole cut from another one may stand in front of it.
Each layer has a position and a zoom at any time, so that where a point goes is arithmetic.
"""

from typing import NamedTuple

import numpy as np

from stylenet import extras
from stylenet.flow import positions

cv2 = extras.load("cv2")


class Motion(NamedTuple):
    """What a layer does: pixels a frame to the right and down, and growth a frame."""

    right: float = 0.0
    down: float = 0.0
    zoom: float = 1.0


STILL = Motion()


class Scene:
    """A background and perhaps a disc in front of it, each in steady motion.

    A point x of a layer, in pixels from the center of the frame, is seen at time t at
    zoom^t x + t (right, down).

    Args:
        background: `(height, width, 3)`, RGB in [0, 255].
        size: `(height, width)` of the frames, up to the background's.
        motion: the background's `Motion`; before and behind its edges it is mirrored.
        disc: a picture at least as large as the disc, or None for nothing in front.
        radius: of the disc in pixels.
        disc_motion: its `Motion`.
        pole: from top to bottom, 2 radii wide, in place of the disc.
    """

    def __init__(
        self, background, size, motion, disc=None, radius=0.0, disc_motion=STILL, pole=False
    ):
        self.background, self.disc, self.pole = background, disc, pole
        self.size, self.radius = size, radius
        self.motion, self.disc_motion = motion, disc_motion

    def frame(self, time):
        """The picture at a time, `(height, width, 3)` in [0, 255]."""
        picture = _film(self.background, self._points(self.motion, time))
        if self.disc is None:
            return picture
        points = self._points(self.disc_motion, time)
        edge = np.clip(self.radius - self._distance(points) + 0.5, 0, 1)[..., None]
        return picture + edge * (_film(self.disc, points) - picture)

    def flow(self, time, other_time):
        """The flow from the frame at a time to the frame at another."""
        flows = [self._layer_flow(m, time, other_time) for m in (self.motion, self.disc_motion)]
        return np.where(self._in_front(time)[..., None], flows[1], flows[0]).astype("float32")

    def occluded(self, time, other_time):
        """Where the frame at a time shows what the other does not, bool `(height, width)`."""
        targets = self.flow(time, other_time) + positions(self.size)
        x, y = targets[..., 0], targets[..., 1]
        outside = (x < 0) | (y < 0) | (x > self.size[1] - 1) | (y > self.size[0] - 1)
        hidden = self._covers(targets, other_time) & ~self._in_front(time)
        return outside | hidden

    def _points(self, motion, time, places=None):
        """The points of a layer that are seen at places of the frame."""
        places = positions(self.size) if places is None else places
        return (places - self._center() - _shift(motion, time)) / motion.zoom**time

    def _layer_flow(self, motion, time, other_time):
        points = self._points(motion, time)
        seen = points * motion.zoom**other_time + _shift(motion, other_time) + self._center()
        return seen - positions(self.size)

    def _center(self):
        return np.array([self.size[1] - 1, self.size[0] - 1]) / 2

    def _covers(self, places, time):
        if self.disc is None:
            return np.zeros(self.size, bool)
        return self._distance(self._points(self.disc_motion, time, places)) < self.radius

    def _distance(self, points):
        """From the disc's center, or from the pole's axis."""
        return np.abs(points[..., 0]) if self.pole else np.linalg.norm(points, axis=2)

    def _in_front(self, time):
        return self._covers(positions(self.size), time)


def _shift(motion, time):
    return np.array([motion.right, motion.down]) * time


def _film(picture, points):
    """A picture at points given in pixels from its center, interpolated."""
    height, width = picture.shape[:2]
    places = (points + np.array([width - 1, height - 1]) / 2).astype("float32")
    seen = cv2.remap(
        np.asarray(picture, "float32"),
        places,
        None,
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return np.clip(seen, 0, 255)
