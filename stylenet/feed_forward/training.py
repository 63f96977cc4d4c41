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
from pathlib import Path

import keras
import numpy as np

from stylenet import weights
from stylenet.feed_forward.identity import start_as_identity
from stylenet.feed_forward.network import load_network, transform_net
from stylenet.feed_forward.settings import StyleSettings, check
from stylenet.losses import PerceptualLoss, find_preset
from stylenet.speed.convolution import accelerate
from stylenet.training.callbacks import Preview
from stylenet.training.outputs import Run
from stylenet.training.records import write_result
from stylenet.training.run import begun, fit, globals_kept, prepare
from stylenet.training.trainer import Trainer
from stylenet.training.workers import join, workers

TERMS = ("content", "style", "tv")


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
    overwrite: bool = False,
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
        overwrite: replace an earlier run.
        devices: how many to spread each batch over.
        preview: a photograph to style now and then.
        preview_epochs: epochs between two previews.
        tensorboard: a folder for TensorBoard's logs.
        vgg_weights: as `weights` in `features.feature_extractor`.

    Returns:
        The trained network.

    Raises:
        FileNotFoundError, ValueError: bad input, or an earlier run without `resume` or
            `overwrite`, before the loss network is loaded.
        BlockingIOError: another process is writing the same output.
        NonFiniteLoss: a term is no longer finite; the last checkpoint is kept.
        WorkerEnded: another machine that trains as well has ended; the last checkpoint is kept.

    Several machines train together where `training.workers` finds them; the first writes the files.

    Reference: Johnson et al. 2016, https://arxiv.org/abs/1603.08155

    Example:
        >>> train("painting.jpg", "photographs/", "my.weights.h5")  # doctest: +SKIP
    """
    settings, run = settings or StyleSettings(), Run(output)
    options = {
        "resume": resume,
        "overwrite": overwrite,
        "devices": devices,
        "preview": preview,
        "preview_epochs": preview_epochs,
        "tensorboard": tensorboard,
        "vgg_weights": vgg_weights,
    }
    data = check(style, content, output, settings, **options)
    own, strategy = workers(keras.backend.backend()), join(settings.seed)
    more = {"writes": own.writes, "style": _fingerprint(data.style)}
    with begun(run, settings, data.photographs, resume, **more) as (settings, start):
        spread = _spread(devices, strategy, own.count, settings.batch_size)
        network, trainer, options = _trainer(data.style, settings, run, start, spread, vgg_weights)
        reports = _reports(run, settings, data.preview, preview_epochs, tensorboard, own.writes)
        fitted = fit(trainer, settings, data.photographs, run, start, reports)
        if own.writes:
            _write(run, network, options, settings, fitted, style, data.style)
    return network


def _fingerprint(picture):
    """Two styles of one size are told apart by the sum of their pixels."""
    return f"{picture.shape} {float(np.sum(picture, dtype='float64')):.1f}"


def _trainer(style_image, settings, run, start, spread, vgg_weights):
    """The network, its trainer as a checkpoint left it, and the options that build the network."""
    with spread:
        network, options = _build(settings)
        loss = PerceptualLoss(style_image, settings.preset, vgg_weights, accelerate)
        accelerate(network)
        trainer = StyleTrainer(network, loss)
        prepare(trainer, settings, run, start)
    return network, trainer, options


@contextlib.contextmanager
def _spread(devices, strategy, machines, batch_size):
    """Data parallelism, by the backend's own means."""
    if devices == machines == 1:
        yield
    elif keras.backend.backend() == "tensorflow":
        strategy = strategy or _mirrored(devices)
        _check_shares(batch_size, strategy.num_replicas_in_sync)
        with strategy.scope():
            yield
    else:
        names = keras.distribution.list_devices()  # of all machines
        _check_devices(names, devices)
        names = names if machines > 1 else names[:devices]
        _check_shares(batch_size, len(names))
        # It stays set, since fit() needs it too; `globals_kept` takes it back.
        keras.distribution.set_distribution(
            keras.distribution.DataParallel(devices=names, auto_shard_dataset=False)
        )
        yield


def _mirrored(devices):
    """TensorFlow's strategy for several devices of this machine."""
    import tensorflow as tf

    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    names = [device.name for device in tf.config.list_logical_devices(kind)]
    _check_devices(names, devices)
    return tf.distribute.MirroredStrategy(names[:devices])


def _check_shares(batch_size, count):
    if batch_size % count:
        raise ValueError(
            f"Expected a batch size that {count} devices share evenly. Received: {batch_size}."
        )


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


def _reports(run, settings, photograph, preview_epochs, tensorboard, writes):
    """The callbacks that show how a run goes: previews and TensorBoard's logs."""
    callbacks = []
    if photograph is not None:
        steps = settings.epoch_steps
        callbacks.append(Preview(photograph, run.previews, steps, preview_epochs, writes=writes))
    if tensorboard and writes:
        callbacks.append(keras.callbacks.TensorBoard(tensorboard))
    return callbacks


def _write(run, network, options, settings, fitted, style, style_image):
    """The weights, and how to train them again."""
    told = {
        "loss": find_preset(settings.preset)._asdict(),
        "unreadable": len(fitted.photographs.unreadable),
    }
    seen = {"file": Path(style).name, "size": list(style_image.shape[1::-1])}
    write_result(run, network, "style", options, settings, fitted, told, style=seen)
