"""Settings of a feed-forward network's training run, and all that is checked before it begins.

Without Keras, so that a mistake is told before that is imported.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from stylenet import files, images, inputs, presets, weights
from stylenet.training.outputs import Run
from stylenet.training.settings import FitSettings
from stylenet.training.workers import check_alone, workers

PADDINGS = ("zero", "reflect")
UPSAMPLINGS = ("transposed", "nearest")
PRECISIONS = ("auto", "float32", "mixed_bfloat16")
WIDEST = 512  # filters; a file that asks for more is damaged
LARGEST = 65_536  # pixels


@dataclass(frozen=True)
class StyleSettings(FitSettings):
    """Settings of a feed-forward network's training run.

    Args:
        steps, epoch_steps, batch_size, crop_size, optimizer, learning_rate, seed: as in
            `FitSettings`; crops in multiples of four.
        style_size: pixels, the style's longer side; None for the file's own. A larger style
            gives larger strokes.
        preset: loss network, layers and weights: the name of one of `losses.PRESETS`, or a
            `losses.Preset`, for instance `PRESETS["engstrom"]._replace(content_weight=15.0)`.
        padding, upsampling, width: the network's, see `transform_net`.
        start: "identity" (see `identity.start_as_identity`), "random", or a shipped style or
            a weights file to start from; the network's options are then that file's.
        precision: "float32", "mixed_bfloat16", or "auto": the latter on GPUs and TPUs made for it
            (see `training.hardware`). VGG's responses pass the range of float16. Losses and Gram
            matrices are in float32, and so is the last tenth of the steps.

    Raises:
        ValueError: an impossible number, an unknown optimizer, preset or precision.

    Example:
        >>> settings = StyleSettings(steps=400, epoch_steps=100, start="wave", optimizer="muon")
        >>> settings.crop_size
        256
    """

    crop_multiple: ClassVar[int] = 4

    steps: int = 20_000
    crop_size: int = 256
    optimizer: str = "adam"
    style_size: int | None = None
    preset: str | presets.Preset = "engstrom"
    padding: str = "reflect"
    upsampling: str = "nearest"
    width: int = 32
    start: str = "identity"
    precision: str = "auto"

    def __post_init__(self):
        super().__post_init__()
        presets.check_trained(self.preset)
        inputs.choice("padding", self.padding, PADDINGS)
        inputs.choice("upsampling", self.upsampling, UPSAMPLINGS)
        inputs.number("width", self.width, 1, WIDEST, whole=True)
        inputs.choice("precision", self.precision, PRECISIONS)
        if self.style_size is not None:
            inputs.number("style_size", self.style_size, 1, LARGEST, whole=True)

    def as_dict(self):
        """A dict that JSON can hold, the preset by its name or as a dict."""
        named = isinstance(self.preset, str)
        return super().as_dict() | {"preset": self.preset if named else self.preset._asdict()}


@dataclass(frozen=True)
class ManySettings(StyleSettings):
    """Settings of a training run for many styles.

    Args:
        convolutions: "learned", or "frozen": scales and shifts alone learn, and the other styles of
            the network that the run began with are kept.
        kernel_rate: of "muon", the learning rate of kernels, as a part of that of scales and
            shifts: these learn only when their style's turn comes.
        start: "identity", "random", a shipped style or a weights file: of one style, which every
            style then begins with, or of many, whose styles go on and whose new ones begin with
            their mean.
        **others: as in `StyleSettings`; `style_size` is not used, since paintings are seen at all
            of `targets.SIZES`.

    Raises:
        ValueError: as `StyleSettings`, or another word for the convolutions.
    """

    convolutions: str = "learned"
    kernel_rate: float = 0.5
    learning_rate: float = 2e-3
    batch_size: int = 8
    optimizer: str = "muon"
    start: str = "wave"

    def __post_init__(self):
        super().__post_init__()
        inputs.choice("convolutions", self.convolutions, ("learned", "frozen"))
        inputs.number("kernel_rate", self.kernel_rate, 0, 1000)


class Data(NamedTuple):
    """What a run reads: the style's picture, the paths of photographs, one to preview, or None."""

    style: np.ndarray
    photographs: list
    preview: np.ndarray | None


def check(
    style,
    content,
    output,
    settings,
    *,
    resume=False,
    overwrite=False,
    devices=1,
    preview=None,
    preview_epochs=5,
    tensorboard=None,
    vgg_weights="imagenet",
):
    """Checks what a run is given, and that its files can be written; nothing slow begins.

    The arguments are those of `training.train`.

    Returns:
        `Data`.

    Raises:
        FileNotFoundError, ValueError: bad input, or an earlier run without `resume` or `overwrite`.
    """
    own = workers()
    if own.writes:
        Run(output).check(resume, overwrite)
    weights.check_source(vgg_weights)
    _check_devices(devices, own.count, settings.batch_size)
    inputs.number("preview_epochs", preview_epochs, 1, 1_000_000, whole=True)
    if tensorboard:
        files.check_folder(tensorboard)
    if settings.start not in ("identity", "random"):
        _check_start(settings.start)
    paths = images.find_images(content, recursive=True)
    picture = _load_style(style, settings)
    photograph = images.pad_to_multiple(images.load_image(preview, 512))[0] if preview else None
    return Data(picture, paths, photograph)


def _check_devices(devices, machines, batch_size):
    inputs.number("devices", devices, 1, 1024, whole=True)
    if machines > 1 and devices > 1:
        raise ValueError(
            f"Expected devices to be left out on {machines} machines, since each gives all that "
            f"it has. Received: {devices}."
        )
    if batch_size % devices:
        raise ValueError(
            f"Expected a batch size that {devices} devices share evenly. Received: {batch_size}."
        )


def _load_style(style, settings):
    """The style's picture, which is large enough for strokes of a crop's scale."""
    picture = images.load_image(style, settings.style_size)
    height, width = picture.shape[:2]
    if min(height, width) < settings.crop_size:
        raise ValueError(
            f"Expected a style of at least {settings.crop_size} pixels, the crop size, on each "
            f"side, since a smaller one has no strokes of that scale. {style} has "
            f"{width} x {height} pixels."
        )
    return picture


def _check_start(start):
    if "styles" in weights.network_options(start):
        raise ValueError(
            f"Expected a network of one style to start with. Received: {start!r}, which has many: "
            "stylenet add-style adds one to it."
        )


def check_many(
    paintings,
    content,
    output,
    settings,
    *,
    resume=False,
    overwrite=False,
    preview=None,
    preview_epochs=5,
    vgg_weights="imagenet",
):
    """Checks what a run of many styles is given, as `check` does that of one.

    The arguments are those of `many.train_many`.

    Returns:
        The paths of photographs, and the one to preview or None.

    Raises:
        FileNotFoundError, ValueError: bad input, or an earlier run without `resume` or `overwrite`.
    """
    check_alone("several paintings")
    Run(output).check(resume, overwrite)
    weights.check_source(vgg_weights)
    inputs.number("preview_epochs", preview_epochs, 1, 1_000_000, whole=True)
    if not paintings:
        raise ValueError("Expected at least one painting. Received none.")
    for name, path in paintings.items():
        if "/" in name or not name:
            raise ValueError(f"Expected styles' names without slashes. Received: {name!r}.")
        images.load_image(path)
    if not presets.find_preset(settings.preset).mean_squares:
        raise ValueError(
            "Expected a preset of mean squares, such as 'engstrom', since pictures of one batch "
            f"are compared. Received: {settings.preset!r}."
        )
    if settings.start not in ("identity", "random"):
        weights.style_file(settings.start)
    paths = images.find_images(content, recursive=True)
    photograph = images.pad_to_multiple(images.load_image(preview, 256))[0] if preview else None
    return paths, photograph
