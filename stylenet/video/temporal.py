"""Gatys' method for a moving camera: strokes stay on what they are painted on.

Each frame is optimized by the loss of `stylenet.gatys` plus a temporal loss, and starts from the
previous result, warped.
"""

import hashlib
from collections import deque
from typing import NamedTuple

import numpy as np
from keras import ops

from stylenet import flow, images, inputs
from stylenet.gatys.margin import framed, minimize_framed
from stylenet.gatys.stylizer import starting_image
from stylenet.presets import HEAVIEST, check, find_preset
from stylenet.speed.gatys import StyleLoss
from stylenet.surroundings import plain
from stylenet.video.consistency import CUT

FARTHEST = 1000  # frames to look back
BLEND = 0.5  # of the neighbor in the start of a further pass, delta in the paper


class Target(NamedTuple):
    """An earlier result, warped to the frame, and how far each of its pixels is trusted.

    `warped` is `(height, width, 3)`; `weights` is `(height, width)` in [0, 1].
    """

    warped: np.ndarray
    weights: np.ndarray


def temporal_loss(image, warped, weights):
    """How far a picture is from an earlier one, warped to it.

    l = 1/D sum_k c_k (x_k - w_k)^2,    D the number of values

    Args:
        image: x, `(batch, height, width, 3)`.
        warped: w, the same shape, or a batch of one.
        weights: c, `(height, width)` in [0, 1], from `flow.trusted` or `flow.long_term_weights`.

    Returns:
        A scalar, 0 where the weights are.

    Reference: Ruder et al. 2016, equation 7.
    """
    return ops.mean(ops.expand_dims(weights, -1) * ops.square(image - warped))


class TemporalStylizer:
    """Draws the frames of a clip one after the other, by optimization.

    Args:
        style_images: one picture `(height, width, 3)` or a list.
        offsets: how many frames back the temporal loss looks, nearest first: (1,) for the short
            term, (1, 2, 4) for the long term too, () for frames of their own.
        temporal_weight: of the temporal losses.
        strength, colors: of the finished clip, as for any stylizer; `stylize_video` sees to them,
            since the temporal loss compares drawings in full.
        start: of the first frame of a shot, as in `gatys.stylize`; and of all without offsets.
        preset: as in `gatys.stylize`.
        weights: of the loss network: "imagenet", "random" or a path.
        num_steps: evaluations of the loss, a frame.
        seed: of the noise to start from.
        progress: show the steps of each frame.
        **changes: fields of the preset to replace.

    `description` tells one from another, a dict for JSON.

    Raises:
        ValueError: unknown options, or offsets that are not counted from the nearest.

    Reference: Ruder et al. 2016, https://arxiv.org/abs/1604.08610
    """

    def __init__(
        self,
        style_images,
        offsets=(1,),
        temporal_weight=200.0,
        *,
        strength=1.0,
        colors="style",
        start="content",
        preset="gatys",
        weights="imagenet",
        num_steps=200,
        seed=0,
        progress=False,
        **changes,
    ):
        for offset in offsets:
            inputs.number("offset", offset, 1, FARTHEST, whole=True)
        if list(offsets) != sorted(set(offsets)):
            raise ValueError(f"Expected offsets, nearest first. Received: {offsets}.")
        inputs.number("temporal_weight", temporal_weight, 0, HEAVIEST)
        inputs.number("num_steps", num_steps, 1, 1_000_000, whole=True)
        inputs.fraction("strength", strength)
        inputs.choice("colors", colors, ("style", "keep"))
        self.styles = inputs.pictures(style_images)
        self.offsets, self.temporal_weight = offsets, temporal_weight
        self.strength, self.colors = strength, colors
        self.start, self.weights = start, weights
        self.num_steps, self.seed, self.progress = num_steps, seed, progress
        self.preset = check(find_preset(preset)._replace(**changes))
        self.past = deque(maxlen=max(offsets, default=1))  # (frame, result), the nearest first

    @property
    def description(self):
        """What the results depend on, by name; a style by a hash of its pixels."""
        names = ("strength", "colors", "offsets", "temporal_weight", "start", "weights")
        options = {name: getattr(self, name) for name in (*names, "num_steps", "seed")}
        hashes = [hashlib.sha256(style.tobytes()).hexdigest()[:16] for style in self.styles]
        return {"method": "temporal", "style": hashes, "preset": str(self.preset), **options}

    @plain()
    def __call__(self, frame):
        """The result of the next frame, `(height, width, 3)` in [0, 255]."""
        pairs = [self.past[offset - 1] for offset in self.offsets if offset <= len(self.past)]
        targets = [fetch(frame, *pair) for pair in pairs]
        if targets and targets[0].weights.mean() < 1 - CUT:  # another scene
            self.past.clear()
            targets = []
        start = starting_image(self.start, frame.shape, self.seed, frame)
        if targets:
            start = blend(frame, targets[0], 1.0)
        result = self.optimize(frame, start, targets)
        self.past.appendleft((frame, result))
        return result

    def optimize(self, frame, start, targets):
        """A frame by content, style and temporal losses.

        Args:
            frame: `(height, width, 3)` in [0, 255].
            start: the picture to begin with, the same shape.
            targets: a list of `Target`, nearest first.
        """
        loss = StyleLoss(framed(frame), self.styles, self.preset, weights=self.weights)
        targets = [Target(*map(framed, target)) for target in targets]
        terms = with_targets(loss, targets, self.temporal_weight)
        return minimize_framed(terms, start, self.num_steps, progress=self.progress).image

    def state(self):
        """What is needed to go on, arrays by name."""
        return {
            f"{name}{number}": picture
            for number, pair in enumerate(self.past)
            for name, picture in zip(("frame", "result"), pair, strict=True)
        }

    def restore(self, state):
        """Goes on from a `state`."""
        for number in range(len(state) // 2):
            self.past.append((state[f"frame{number}"], state[f"result{number}"]))


def with_targets(loss, targets, temporal_weight):
    """A loss with temporal terms, each pixel in that of the nearest target that shows it.

    Args:
        loss: a function, tensor `(1, height, width, 3)` to a dict of scalars.
        targets: a list of `Target`, nearest first.
        temporal_weight: of each.

    Returns:
        A function like `loss`; its further keys are "temporal 1", "temporal 2" and so on.
    """
    shares = flow.long_term_weights([target.weights for target in targets])
    warped = [ops.convert_to_tensor(target.warped[None]) for target in targets]
    shares = [ops.convert_to_tensor(share) for share in shares]

    def terms(image):
        values = dict(loss(image))
        for number, (picture, share) in enumerate(zip(warped, shares, strict=True), 1):
            term = temporal_loss(image, picture, share)
            values[f"temporal {number}"] = temporal_weight * term
        return values

    return terms


def fetch(frame, other_frame, other_result):
    """Another frame's result as this frame should show it, a `Target`."""
    there = flow.optical_flow(frame, other_frame, preset="fine")
    back = flow.optical_flow(other_frame, frame, preset="fine")
    return Target(flow.warp(other_result, there), flow.trusted(there, back))


def blend(image, target, share):
    """X + share c (w - x): a picture on its way to a target, where that is trusted."""
    return image + np.float32(share) * target.weights[..., None] * (target.warped - image)


def passes(stylizer, frames, folder, count):
    """Draws all frames several times, forward and backward in turn; neighbors approach each other.

    The first pass draws each frame by itself. A further one starts from the last result, blended
    with the neighbor's result of this pass, and has a temporal loss toward that.

    Args:
        stylizer: a `TemporalStylizer`.
        frames: paths of the frames, in order.
        folder: where the results go, as PNG; those that are there already are kept.
        count: of passes.

    Yields:
        After each frame: the path of its result. The last `len(frames)` are those of the last
        pass.

    Reference: Ruder et al. 2016, section 4.3.
    """
    for number in range(count):
        forward = number % 2 == 0
        order = list(enumerate(frames))[:: 1 if forward else -1]
        neighbor = None
        for index, path in order:
            result = folder / f"{number:02}_{index:06}.png"
            if not result.is_file():
                before = folder / f"{number - 1:02}_{index:06}.png"
                frame = images.load_image(path)
                images.save_image(result, _in_pass(stylizer, frame, before, neighbor))
            neighbor = (path, result)
            yield result


def _in_pass(stylizer, frame, before, neighbor):
    if not before.is_file():
        start = starting_image(stylizer.start, frame.shape, stylizer.seed, frame)
        return stylizer.optimize(frame, start, [])
    start, targets = images.load_image(before), []
    if neighbor:
        target = fetch(frame, *(images.load_image(path) for path in neighbor))
        if target.weights.mean() >= 1 - CUT:
            start, targets = blend(start, target, BLEND), [target]
    return stylizer.optimize(frame, start, targets)
