"""Settings of a decoder's training run, and all that is checked before it begins.

Without Keras, so that a mistake is told before that is imported.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from stylenet import images, inputs, levels, weights
from stylenet.presets import HEAVIEST
from stylenet.training.outputs import Run
from stylenet.training.settings import FitSettings
from stylenet.training.workers import check_alone

WEIGHTS = ("feature_weight", "texture_weight", "style_weight", "content_weight")


@dataclass(frozen=True)
class DecoderSettings(FitSettings):
    """`FitSettings`, and what the decoder reverses.

    Args:
        level: 1 to 5.
        network: "slim" or "vgg19".
        feature_weight, texture_weight: of these losses of the reconstruction, whose pixel loss
            weighs 1; if both are 0, pixels alone.
        style_weight, content_weight: of these losses of a photograph in another one's style; if
            both are 0, decoders see untransformed features alone.
        start: a weights file of a decoder of the same level; for slim, or of a lower one; for
            vgg19, or of slim's of the same level, which None stands for.
        after_higher: whether the photographs to be drawn in another one's style have gone through
            the higher levels before, by shipped decoders, as they do in `stylenet.universal`.

    Raises:
        ValueError: an impossible number, an unknown level, network or optimizer, or `after_higher`
            where no level is higher or nothing is drawn in another one's style.
    """

    level: int = 5
    network: str = "slim"
    feature_weight: float = 1.0
    texture_weight: float = 1.0
    style_weight: float = 1.0
    content_weight: float = 0.3
    start: str | None = None
    after_higher: bool = False

    def __post_init__(self):
        super().__post_init__()
        levels.check(self.network, [self.level])
        for name in WEIGHTS:
            inputs.number(name, getattr(self, name), 0, HEAVIEST)
        if self.after_higher and (self.level == 5 or not self.style_weight + self.content_weight):
            raise ValueError(
                "Expected after_higher with a level below 5 and a style or content weight above 0. "
                f"Received: level {self.level}, style weight {self.style_weight}, content weight "
                f"{self.content_weight}."
            )


class Data(NamedTuple):
    """What a run reads: the paths of photographs, and one to preview, or None."""

    photographs: list
    preview: np.ndarray | None


def check(
    content,
    output,
    settings,
    *,
    resume=False,
    overwrite=False,
    preview=None,
    encoder_weights="imagenet",
):
    """Checks what a run is given, and that its files can be written; nothing slow begins.

    The arguments are those of `training.train_decoder`.

    Returns:
        `Data`.

    Raises:
        FileNotFoundError, ValueError: bad input, or an earlier run without `resume` or `overwrite`.
    """
    check_alone("a decoder")
    Run(output).check(resume, overwrite)
    weights.check_source(encoder_weights)
    if settings.start:
        weights.style_file(settings.start)
    paths = images.find_images(content, recursive=True)
    photograph = images.pad_to_multiple(images.load_image(preview, 512), 16)[0] if preview else None
    return Data(paths, photograph)
