"""What a training run is to do."""

from dataclasses import dataclass

from stylenet.losses import PRESETS

OPTIMIZERS = ("adam", "muon")
PRECISIONS = ("float32", "mixed_bfloat16")


@dataclass(frozen=True)
class Settings:
    """What decides a run's result, apart from the style and the photographs.

    Args:
        steps, epoch_steps: optimizer steps in all, and between two checkpoints.
        batch_size: photographs a step.
        crop_size: pixels, the side of a square crop.
        style_size: pixels, the style's longer side; None for the file's own. A larger style
            gives larger strokes.
        optimizer: "adam", or "muon" (see `muon.Muon`), which learns more a step.
        learning_rate: at the first step; it falls along a cosine to a fiftieth.
        preset: loss network, layers and weights, see `losses.PRESETS`; `loss_network`,
            `content_layer`, `style_layers` and the three weights replace the preset's if given.
        padding, upsampling, width: the network's, see `transform_net`.
        start: "identity" (see `identity.start_as_identity`), "random", or a shipped style or
            a weights file to start from; the network's options are then that file's.
        precision: "float32", or "mixed_bfloat16" where the hardware has it; VGG's responses
            pass the range of float16.
        seed: decides initial weights, crops and their order.

    Raises:
        ValueError: an impossible number, an unknown optimizer, preset or precision.
    """

    steps: int = 20_000
    epoch_steps: int = 100
    batch_size: int = 4
    crop_size: int = 256
    style_size: int | None = None
    optimizer: str = "adam"
    learning_rate: float = 1e-3
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
    seed: int = 0

    def __post_init__(self):
        if self.steps < 1 or self.steps % self.epoch_steps:
            raise ValueError(
                f"Expected steps to be a positive multiple of {self.epoch_steps}, the steps "
                f"between two checkpoints. Received: {self.steps}."
            )
        if self.crop_size < 32 or self.crop_size % 4:
            raise ValueError(
                "Expected a crop size of 32 pixels or more, a multiple of four. "
                f"Received: {self.crop_size}."
            )
        if self.optimizer not in OPTIMIZERS:
            raise ValueError(
                f"Expected optimizer to be one of {OPTIMIZERS}. Received: {self.optimizer!r}."
            )
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
