"""What a training run is to do."""

from dataclasses import dataclass, fields
from typing import ClassVar

from stylenet.losses import PRESETS

OPTIMIZERS = ("adam", "muon")
PRECISIONS = ("float32", "mixed_bfloat16")


@dataclass(frozen=True)
class FitSettings:
    """What decides the result of any run, apart from the photographs.

    Args:
        steps, epoch_steps: optimizer steps in all, and between two checkpoints.
        batch_size: photographs a step.
        crop_size: pixels, the side of a square crop, a multiple of `crop_multiple`.
        optimizer: "adam", or "muon" (see `muon.Muon`), which learns more a step.
        learning_rate: at the first step; it falls along a cosine to a fiftieth.
        seed: decides initial weights, crops and their order.

    Raises:
        ValueError: an impossible number or an unknown optimizer.
    """

    crop_multiple: ClassVar[int] = 16  # four poolings

    steps: int = 2_000
    epoch_steps: int = 100
    batch_size: int = 4
    crop_size: int = 128
    optimizer: str = "muon"
    learning_rate: float = 1e-3
    seed: int = 0

    def __post_init__(self):
        if self.steps < 1 or self.steps % self.epoch_steps:
            raise ValueError(
                f"Expected steps to be a positive multiple of {self.epoch_steps}, the steps "
                f"between two checkpoints. Received: {self.steps}."
            )
        if self.crop_size < 32 or self.crop_size % self.crop_multiple:
            raise ValueError(
                "Expected a crop size of 32 pixels or more, a multiple of "
                f"{self.crop_multiple}. Received: {self.crop_size}."
            )
        if self.optimizer not in OPTIMIZERS:
            raise ValueError(
                f"Expected optimizer to be one of {OPTIMIZERS}. Received: {self.optimizer!r}."
            )

    @classmethod
    def pick(cls, options):
        """Settings from a dict that may hold other things too."""
        return cls(
            **{each.name: options[each.name] for each in fields(cls) if each.name in options}
        )


@dataclass(frozen=True)
class Settings(FitSettings):
    """What decides a feed-forward network, apart from the style and the photographs.

    Args:
        steps, epoch_steps, batch_size, crop_size, optimizer, learning_rate, seed: as in
            `FitSettings`; crops in multiples of four.
        style_size: pixels, the style's longer side; None for the file's own. A larger style
            gives larger strokes.
        preset: loss network, layers and weights, see `losses.PRESETS`; `loss_network`,
            `content_layer`, `style_layers` and the three weights replace the preset's if given.
        padding, upsampling, width: the network's, see `transform_net`.
        start: "identity" (see `identity.start_as_identity`), "random", or a shipped style or
            a weights file to start from; the network's options are then that file's.
        precision: "float32", or "mixed_bfloat16" where the hardware has it; VGG's responses
            pass the range of float16.

    Raises:
        ValueError: an impossible number, an unknown optimizer, preset or precision.
    """

    crop_multiple: ClassVar[int] = 4

    steps: int = 20_000
    crop_size: int = 256
    optimizer: str = "adam"
    style_size: int | None = None
    preset: str = "engstrom"
    loss_network: str | None = None
    content_layer: str | None = None
    style_layers: tuple | None = None
    content_weight: float | None = None
    style_weight: float | None = None
    tv_weight: float | None = None
    padding: str = "reflect"
    upsampling: str = "nearest"
    width: int = 32
    start: str = "identity"
    precision: str = "float32"

    def __post_init__(self):
        super().__post_init__()
        if self.precision not in PRECISIONS:
            raise ValueError(
                f"Expected precision to be one of {PRECISIONS}. Received: {self.precision!r}."
            )
        if self.preset not in PRESETS:
            raise ValueError(
                f"Expected preset to be one of {list(PRESETS)}. Received: {self.preset!r}."
            )

    def loss_preset(self):
        """The preset with what these settings replace."""
        changes = {
            "network": self.loss_network,
            "content_layer": self.content_layer,
            "style_layers": self.style_layers,
            "content_weight": self.content_weight,
            "style_weight": self.style_weight,
            "tv_weight": self.tv_weight,
        }
        given = {name: value for name, value in changes.items() if value is not None}
        return PRESETS[self.preset]._replace(**given)
