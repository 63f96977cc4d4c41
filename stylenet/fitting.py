"""The middle of every training run: where it begins, its optimizer, `fit()`, its losses.

What comes before and after, each kind of run says itself: `stylenet.runs` for feed-forward
networks, `stylenet.reconstruction` for decoders, `stylenet.distillation` for slim.
"""

import json
from dataclasses import asdict
from typing import NamedTuple

import keras

from stylenet.muon import Muon
from stylenet.photographs import Photographs
from stylenet.training import Checkpoint, Progress, StopOnNonFinite, read_checkpoint, restore

OPTIMIZERS = {"adam": keras.optimizers.Adam, "muon": Muon}


class Begin(NamedTuple):
    """Where a run begins: what tells it from others, the steps done, and their seconds."""

    identity: str
    step: int
    seconds: float


class Fitted(NamedTuple):
    """The losses of the last epoch, a dict; the seconds of all steps; the photographs."""

    losses: dict
    seconds: float
    photographs: Photographs


def begin(settings, paths, run, resume=False, **more):
    """The beginning of a run, or where its checkpoint stands.

    Args:
        settings: `settings.FitSettings` or a kind of them.
        paths: of photographs.
        run: a `runs.Run`.
        resume: continue where the checkpoint was written; only `steps` may have grown.
        **more: what else the resumed run must share with the one that was cut, for JSON.

    Returns:
        `Begin`.

    Raises:
        FileNotFoundError: there is no checkpoint.
        ValueError: it is of another run, or has done all steps.
    """
    same = asdict(settings) | {"photographs": len(paths)} | more
    del same["steps"]
    identity = json.dumps(same, sort_keys=True)
    if not resume:
        return Begin(identity, 0, 0.0)
    step, seconds, found = read_checkpoint(run.checkpoint)
    if found != identity:
        old, new = json.loads(found), json.loads(identity)
        names = [name for name in new if old.get(name) != new[name]]
        raise ValueError(
            f"Expected the settings that {run.checkpoint} was begun with. Different: "
            + ", ".join(f"{name} (was {old.get(name)}, is {new[name]})" for name in names)
        )
    if step >= settings.steps:
        raise ValueError(
            f"Expected more steps than the {step} that {run.checkpoint} has done. "
            f"Received: {settings.steps}."
        )
    return Begin(identity, step, seconds)


def prepare(trainer, settings, run, start):
    """Gives a trainer its optimizer, with a falling learning rate, and what the checkpoint holds.

    Args:
        trainer: a `training.Trainer`.
        settings: as in `begin`.
        run: as in `begin`.
        start: from `begin`.
    """
    rate = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate, settings.steps, alpha=0.02
    )
    trainer.compile(OPTIMIZERS[settings.optimizer](rate), jit_compile=_jit_compile())
    if start.step:
        restore(trainer, run.checkpoint)


def fit(trainer, settings, paths, run, start, callbacks=()):
    """Trains, with a checkpoint an epoch.

    Args:
        trainer: after `prepare`.
        settings: as in `begin`.
        paths: as in `begin`.
        run: as in `begin`.
        start: from `begin`.
        callbacks: more of them.

    Returns:
        `Fitted`.

    Raises:
        NonFiniteLoss: a term is no longer finite; the last checkpoint is kept.
    """
    guard, checkpoint = StopOnNonFinite(), Checkpoint(run.checkpoint, *start)
    log = keras.callbacks.CSVLogger(run.log, append=start.step > 0)
    photographs = Photographs(
        paths, settings.crop_size, settings.batch_size, settings.seed, start.step
    )
    try:
        history = trainer.fit(
            photographs,
            steps_per_epoch=settings.epoch_steps,
            shuffle=False,
            epochs=settings.steps // settings.epoch_steps,
            initial_epoch=start.step // settings.epoch_steps,
            callbacks=[guard, checkpoint, Progress(settings.steps, start.step), log, *callbacks],
            verbose=0,
        )
    finally:
        if log.csv_file:  # Keras leaves it open when a run is cut
            log.csv_file.close()
    guard.check()
    losses = {name: values[-1] for name, values in history.history.items()}
    return Fitted(losses, checkpoint.seconds, photographs)


def _jit_compile():
    """XLA slows TensorFlow down on a CPU; elsewhere the backend decides."""
    if keras.backend.backend() != "tensorflow":
        return "auto"
    import tensorflow as tf

    return "auto" if tf.config.list_physical_devices("GPU") else False
