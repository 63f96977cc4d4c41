"""One training run from settings to weights: checked before, resumable during, recorded after."""

import contextlib
import platform
import shlex
import sys
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np

from stylenet import fitting, images, weights
from stylenet.identity import start_as_identity
from stylenet.losses import PerceptualLoss
from stylenet.network import transform_net
from stylenet.settings import Settings
from stylenet.training import Preview, StyleTrainer


class Run:
    """The files of a run, named after its result.

    Args:
        output: `NAME.weights.h5`.

    Beside it: `NAME.json`, the record; `NAME.checkpoint.npz`; `NAME.csv`, the losses an epoch;
    `NAME.previews/`.
    """

    def __init__(self, output):
        self.output = Path(output)
        stem = self.output.name.removesuffix(weights.SUFFIX)
        self.record = self.output.with_name(f"{stem}.json")
        self.checkpoint = self.output.with_name(f"{stem}.checkpoint.npz")
        self.log = self.output.with_name(f"{stem}.csv")
        self.previews = self.output.with_name(f"{stem}.previews")

    def check(self):
        """Raises a ValueError or an OSError unless the output can be written."""
        if not self.output.name.endswith(weights.SUFFIX):
            raise ValueError(
                f"Expected an output ending in {weights.SUFFIX}. Received: {self.output}"
            )
        if not self.output.parent.is_dir():
            raise FileNotFoundError(f"Expected an existing folder for {self.output}.")
        weights.check_writable(self.output)


def train(
    style,
    content,
    output,
    settings=None,
    *,
    resume=False,
    devices=1,
    preview=None,
    preview_epochs=5,
    tensorboard=None,
    vgg_weights="imagenet",
):
    """Trains a network for one style.

    Args:
        style: path of the style picture.
        content: paths of photographs, folders or patterns.
        output: the weights to write, NAME.weights.h5; see `Run` for what lies beside it.
        settings: `Settings`.
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
    """
    settings, run = settings or Settings(), Run(output)
    style_image, paths, photograph = _check(style, content, run, settings, devices, preview)
    # Two styles of one size are told apart by the sum of their pixels.
    fingerprint = f"{style_image.shape} {float(np.sum(style_image, dtype='float64')):.1f}"
    start = fitting.begin(settings, paths, run, resume, style=fingerprint)
    keras.utils.set_random_seed(settings.seed)
    keras.config.set_dtype_policy(settings.precision)
    with _spread(devices):
        network, options = _build(settings)
        loss = PerceptualLoss(style_image, settings.loss_preset(), vgg_weights)
        trainer = StyleTrainer(network, loss)
        fitting.prepare(trainer, settings, run, start)
    reports = _reports(run, settings, photograph, preview_epochs, tensorboard)
    fitted = fitting.fit(trainer, settings, paths, run, start, reports)
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
    paths = images.find_images(content)
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
        # It stays set, since fit() needs it too.
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
        return weights.load_network(settings.start), weights.network_options(settings.start)
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
        "loss": settings.loss_preset()._asdict(),
        "unreadable": len(fitted.photographs.unreadable),
    }
    weights.write_json(run.record, record)


def run_record(run, kind, options, settings, fitted):
    """What every run's record holds; a run that began with another's weights holds its too."""
    start = getattr(settings, "start", None)
    training = {
        "command": shlex.join(["stylenet", *sys.argv[1:]]),
        "settings": asdict(settings) | ({"start": Path(start).name} if start else {}),
        "photographs": len(fitted.photographs.paths),
        "seconds": round(fitted.seconds),
        "machine": f"{platform.processor() or platform.machine()}, {platform.system()}",
        "backend": f"{keras.backend.backend()}, Keras {keras.version()}",
        "last_losses": fitted.losses,
    }
    before = weights.record_of(start) if start else None
    if before:
        training["before"] = before["training"]
    return {
        "name": run.output.name.removesuffix(weights.SUFFIX),
        "kind": kind,
        "file": run.output.name,
        "sha256": weights.sha256(run.output),
        "bytes": run.output.stat().st_size,
        "network": options,
        "training": training,
    }
