"""Settings that every training run has."""

from dataclasses import asdict, dataclass
from typing import ClassVar

from stylenet import inputs

OPTIMIZERS = ("adam", "muon")
FASTEST = 1e38  # float32 ends at 3.4e38
RANGES = {
    "steps": (1, 100_000_000),
    "epoch_steps": (1, 1_000_000),
    "batch_size": (1, 1024),
    "crop_size": (32, 4096),
    "seed": (0, 2**32 - 1),
}


@dataclass(frozen=True)
class FitSettings:
    """Settings of a training run, as far as all kinds share them.

    Args:
        steps, epoch_steps: optimizer steps in all, and between two checkpoints.
        batch_size: photographs a step.
        crop_size: pixels, the side of a square crop, a multiple of `crop_multiple`.
        optimizer: "adam", or "muon" (see `muon.Muon`), which learns more a step.
        learning_rate: at the first step; it falls along a cosine to a fiftieth.
        seed: decides initial weights, crops and their order.
        steps_per_execution: steps in one call of the compiled program, which saves a GPU waiting
            for Python; None for 20 on a GPU and 1 elsewhere. It becomes the next smaller divisor
            of `epoch_steps`. The losses are the same.

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
    steps_per_execution: int | None = None

    def __post_init__(self):
        for name, (lowest, highest) in RANGES.items():
            inputs.number(name, getattr(self, name), lowest, highest, whole=True)
        if self.steps_per_execution is not None:
            inputs.number("steps_per_execution", self.steps_per_execution, 1, 1000, whole=True)
        inputs.number("learning_rate", self.learning_rate, 0, FASTEST)
        inputs.choice("optimizer", self.optimizer, OPTIMIZERS)
        if self.steps % self.epoch_steps:
            raise ValueError(
                f"Expected steps to be a positive multiple of {self.epoch_steps}, the steps "
                f"between two checkpoints. Received: {self.steps}."
            )
        if self.crop_size % self.crop_multiple:
            raise ValueError(
                f"Expected crop_size to be a multiple of {self.crop_multiple} pixels. "
                f"Received: {self.crop_size}."
            )

    def as_dict(self):
        """A dict that JSON can hold."""
        return asdict(self)
