"""Trains a feed-forward network for one style.

Johnson, Alahi and Fei-Fei, "Perceptual Losses for Real-Time Style Transfer and
Super-Resolution", ECCV 2016, https://arxiv.org/abs/1603.08155

Differences from the paper:

| here                                           | paper                            |
|------------------------------------------------|----------------------------------|
| random crops after a random resize, and flips  | pictures squashed to 256 x 256   |
| starts as a copy of the photograph             | random weights                   |
| the learning rate falls along a cosine         | constant                         |
| Adam, or Muon, which learns more a step        | Adam                             |
| any folder of photographs                      | MS-COCO                          |
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import keras
import numpy as np

from stylenet import images, weights
from stylenet.feed_forward.identity import start_as_identity
from stylenet.feed_forward.network import load_network, transform_net
from stylenet.losses import PerceptualLoss, Preset, find_preset
from stylenet.speed.convolution import accelerate
from stylenet.training.callbacks import Preview
from stylenet.training.run import Run, begin, fit, globals_kept, prepare, run_record
from stylenet.training.settings import FitSettings
from stylenet.training.trainer import Trainer

PRECISIONS = ("float32", "mixed_bfloat16")
TERMS = ("content", "style", "tv")


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
        precision: "float32", or "mixed_bfloat16" where the hardware has it; VGG's responses
            pass the range of float16.

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
    preset: str | Preset = "engstrom"
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
        find_preset(self.preset)  # raises

    def as_dict(self):
        """A dict that JSON can hold, the preset by its name or as a dict."""
        named = isinstance(self.preset, str)
        return super().as_dict() | {"preset": self.preset if named else self.preset._asdict()}


class StyleTrainer(Trainer):
    """Trains a feed-forward network by a perceptual loss; its terms are unweighted.

    Args:
        network: pictures to pictures in [0, 255].
        perceptual_loss: a `losses.PerceptualLoss`.
    """

    def __init__(self, network, perceptual_loss, **kwargs):
        super().__init__(network, TERMS, **kwargs)
        self.perceptual_loss = perceptual_loss

    def terms(self, outputs, photographs):
        return self.perceptual_loss(outputs, photographs)

    def total(self, terms):
        return self.perceptual_loss.total(terms)


@globals_kept()
def train(
    style: str | Path,
    content: str | Path | list[str | Path],
    output: str | Path,
    settings: StyleSettings | None = None,
    *,
    resume: bool = False,
    devices: int = 1,
    preview: str | Path | None = None,
    preview_epochs: int = 5,
    tensorboard: str | Path | None = None,
    vgg_weights: str | Path = "imagenet",
) -> keras.Model:
    """Trains a network for one style.

    Args:
        style: path of the style picture.
        content: paths of photographs, folders with all that is inside them, or patterns.
        output: the weights to write, NAME.weights.h5; see `Run` for what lies beside it.
        settings: `StyleSettings`.
        resume: continue from the checkpoint, exactly as if the run had never stopped. Its
            settings must be the same, except for `steps`, which may grow.
        devices: how many to spread each batch over.
        preview: a photograph to style now and then.
        preview_epochs: epochs between two previews.
        tensorboard: a folder for TensorBoard's logs.
        vgg_weights: as `weights` in `features.feature_extractor`.

    Returns:
        The trained network.

    Raises:
        FileNotFoundError, ValueError: bad input, before the loss network is loaded.
        NonFiniteLoss: a term is no longer finite; the last checkpoint is kept.

    Reference: Johnson et al. 2016, https://arxiv.org/abs/1603.08155

    Example:
        >>> train("painting.jpg", "photographs/", "my.weights.h5")  # doctest: +SKIP
    """
    settings, run = settings or StyleSettings(), Run(output)
    style_image, paths, photograph = _check(style, content, run, settings, devices, preview)
    # Two styles of one size are told apart by the sum of their pixels.
    fingerprint = f"{style_image.shape} {float(np.sum(style_image, dtype='float64')):.1f}"
    start = begin(settings, paths, run, resume, style=fingerprint)
    keras.utils.set_random_seed(settings.seed)
    keras.config.set_dtype_policy(settings.precision)
    with _spread(devices):
        network, options = _build(settings)
        loss = PerceptualLoss(style_image, settings.preset, vgg_weights)
        for model in (network, loss.extractor):
            accelerate(model)
        trainer = StyleTrainer(network, loss)
        prepare(trainer, settings, run, start)
    reports = _reports(run, settings, photograph, preview_epochs, tensorboard)
    fitted = fit(trainer, settings, paths, run, start, reports)
    weights.save_network(network, run.output, options)
    _write_record(run, settings, options, style, style_image, fitted)
    return network


def _check(style, content, run, settings, devices, preview):
    """Refuses what can't work before anything slow begins."""
    run.check()
    if settings.start not in ("identity", "random"):
        weights.style_file(settings.start)
    if settings.batch_size % devices:
        raise ValueError(
            f"Expected a batch size that {devices} devices share evenly. "
            f"Received: {settings.batch_size}."
        )
    paths = images.find_images(content, recursive=True)
    style_image = images.load_image(style, settings.style_size)
    if min(style_image.shape[:2]) < settings.crop_size:
        height, width = style_image.shape[:2]
        raise ValueError(
            f"Expected a style of at least {settings.crop_size} pixels, the crop size, on each "
            f"side, since a smaller one has no strokes of that scale. {style} has "
            f"{width} x {height} pixels."
        )
    photograph = None
    if preview:
        photograph, _ = images.pad_to_multiple(images.load_image(preview, 512))
    return style_image, paths, photograph


@contextlib.contextmanager
def _spread(devices):
    """Data parallelism, by the backend's own means."""
    if devices == 1:
        yield
    elif keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
        names = [device.name for device in tf.config.list_logical_devices(kind)]
        _check_devices(names, devices)
        with tf.distribute.MirroredStrategy(names[:devices]).scope():
            yield
    else:
        names = keras.distribution.list_devices()
        _check_devices(names, devices)
        # It stays set, since fit() needs it too; `globals_kept` takes it back.
        keras.distribution.set_distribution(
            keras.distribution.DataParallel(devices=names[:devices])
        )
        yield


def _check_devices(names, devices):
    if len(names) < devices:
        raise ValueError(f"Expected at most {len(names)} devices ({names}). Received: {devices}.")


def _build(settings):
    """The network to train and the options that build it."""
    if settings.start not in ("identity", "random"):
        return load_network(settings.start), weights.network_options(settings.start)
    options = {
        "padding": settings.padding,
        "upsampling": settings.upsampling,
        "width": settings.width,
    }
    network = transform_net(**options)
    if settings.start == "identity":
        start_as_identity(network)
    return network, options


def _reports(run, settings, photograph, preview_epochs, tensorboard):
    """The callbacks that show how a run goes: previews and TensorBoard's logs."""
    callbacks = []
    if photograph is not None:
        callbacks.append(Preview(photograph, run.previews, settings.epoch_steps, preview_epochs))
    if tensorboard:
        callbacks.append(keras.callbacks.TensorBoard(tensorboard))
    return callbacks


def _write_record(run, settings, options, style, style_image, fitted):
    """How to train it again, as JSON beside the weights."""
    record = run_record(run, "style", options, settings, fitted)
    record["style"] = {"file": Path(style).name, "size": list(style_image.shape[1::-1])}
    record["training"] |= {
        "loss": find_preset(settings.preset)._asdict(),
        "unreadable": len(fitted.photographs.unreadable),
    }
    weights.write_json(run.record, record)
