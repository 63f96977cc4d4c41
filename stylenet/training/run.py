"""One training run: its files, where it begins, its optimizer, `fit()`, its losses.

What is particular to a kind of network stands in its room: `feed_forward.training` and
`universal.training`.
"""

import contextlib
import dataclasses
import json
import random
from typing import NamedTuple

import keras
import numpy as np

from stylenet import devices, files, reports, weights
from stylenet.locks import locked
from stylenet.surroundings import plain
from stylenet.training import hardware
from stylenet.training.album import Album
from stylenet.training.callbacks import (
    Checkpoint,
    FinishExactly,
    Progress,
    ReuseMemory,
    StopOnNonFinite,
    checkpoint_size,
    restore,
)
from stylenet.training.muon import Muon
from stylenet.training.outputs import read_checkpoint
from stylenet.training.photographs import Photographs
from stylenet.training.workers import watched, workers

OPTIMIZERS = {"adam": keras.optimizers.Adam, "muon": Muon}
EXACT = 10  # of a run in half precision, the last tenth is computed in float32


@contextlib.contextmanager
def globals_kept():
    """A context, or a decorator: what a run sets for the whole process is set back in the end.

    Those are Keras' settings (`surroundings.plain`), its distribution over devices, and the random
    states of Python, from which Keras draws initial weights, and of NumPy. TensorFlow does not tell
    its seed.
    """
    distribution = keras.distribution.distribution()
    states = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        with plain():
            yield
    finally:
        keras.distribution.set_distribution(distribution)
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002


class Begin(NamedTuple):
    """The beginning of a run: what tells it from others, the steps done, and their seconds."""

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
        settings: `training.FitSettings` or a kind of them.
        paths: of photographs.
        run: a `training.Run`.
        resume: continue where the checkpoint was written; only `steps` may have grown.
        **more: what else the resumed run must share with the one that was cut, for JSON.

    Returns:
        `Begin`.

    Raises:
        FileNotFoundError: there is no checkpoint.
        ValueError: it is of another run, or has done all steps and is written as weights.
    """
    same = settings.as_dict() | {"photographs": len(paths)} | more
    del same["steps"], same["steps_per_execution"]
    identity = json.dumps(same, sort_keys=True)
    if not resume:
        return Begin(identity, 0, 0.0)
    step, seconds, found = read_checkpoint(run.checkpoint)
    old, new = json.loads(found), json.loads(identity)
    # A setting that a checkpoint of another version lacks counts as None.
    names = [name for name in {**new, **old} if old.get(name) != new.get(name)]
    if names:
        raise ValueError(
            f"Expected the settings that {run.checkpoint} was begun with. Different: "
            + ", ".join(f"{name} (was {old.get(name)}, is {new.get(name)})" for name in names)
        )
    if step > settings.steps or (step == settings.steps and run.is_finished()):
        raise ValueError(
            f"Expected more steps than the {step} that {run.checkpoint} has done. "
            f"Received: {settings.steps}."
        )
    return Begin(identity, step, seconds)


@contextlib.contextmanager
def begun(run, settings, paths, resume=False, writes=True, **more):
    """A run that has its output to itself, with its seed and its precision set for the process.

    Args:
        run: as in `begin`.
        settings: as in `begin`.
        paths: as in `begin`.
        resume: as in `begin`.
        writes: whether this machine writes the files; of several, the first one.
        **more: as in `begin`.

    Yields:
        The settings, in which this hardware's precision stands for "auto", and `Begin`.

    Raises:
        BlockingIOError: another process is writing the same output.
        FileNotFoundError, ValueError: as `begin`.
    """
    with locked(run.output) if writes else contextlib.nullcontext():
        settings = _precise(settings)
        start = begin(settings, paths, run, resume, **more)
        keras.utils.set_random_seed(settings.seed)
        yield settings, start


def _precise(settings):
    """Settings whose precision, if they have one, is this hardware's, and is Keras' policy now."""
    if not hasattr(settings, "precision"):
        return settings
    settings = dataclasses.replace(settings, precision=hardware.precision(settings.precision))
    keras.config.set_dtype_policy(settings.precision)
    return settings


def prepare(trainer, settings, run, start, **options):
    """Gives a trainer its optimizer, with a falling learning rate, and what the checkpoint holds.

    Args:
        trainer: a `training.Trainer`.
        settings: as in `begin`.
        run: as in `begin`.
        start: from `begin`.
        **options: more of the optimizer's.
    """
    rate = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate, settings.steps, alpha=0.02
    )
    trainer.compile(
        OPTIMIZERS[settings.optimizer](rate, **options),
        jit_compile=_jit_compile(),
        steps_per_execution=hardware.steps_per_execution(settings),
    )
    trainer.optimizer.build(trainer.trainable_variables)
    if start.step:
        restore(trainer, run.checkpoint)


def fit(trainer, settings, paths, run, start, callbacks=(), photographs=None):
    """Trains, with a checkpoint an epoch.

    Args:
        trainer: after `prepare`.
        settings: as in `begin`.
        paths: as in `begin`.
        run: as in `begin`.
        start: from `begin`.
        callbacks: more of them.
        photographs: a `Photographs` of another kind than the plain one.

    Returns:
        `Fitted`.

    Raises:
        NonFiniteLoss: a term is no longer finite; the last checkpoint is kept.
        OSError: the disk has no room for checkpoints and weights.
        WorkerEnded: another machine that trains as well has ended; the last checkpoint is kept.
    """
    own = workers(keras.backend.backend())
    _tell(settings, paths, start, own)
    if photographs is None:
        part = (own.index, own.count) if keras.backend.backend() == "jax" else (0, 1)
        photographs = Photographs(
            paths, settings.crop_size, settings.batch_size, settings.seed, start.step, part=part
        )
    if start.step == settings.steps:  # it was cut when only the weights were missing
        return Fitted(run.last_losses(), start.seconds, photographs)
    if hardware.on_gpu() and keras.backend.backend() == "jax" and own.count == 1:
        lay_out(photographs, trainer)
    guard, epochs = StopOnNonFinite(), settings.steps // settings.epoch_steps
    if getattr(settings, "precision", None) == "mixed_bfloat16":
        callbacks = [FinishExactly(epochs - epochs // EXACT), *callbacks]
    writing = _files(run, settings, trainer, start) if own.writes else contextlib.nullcontext([])
    with writing as kept, watched():
        history = trainer.fit(
            photographs,
            steps_per_epoch=settings.epoch_steps,
            shuffle=False,
            epochs=epochs,
            initial_epoch=start.step // settings.epoch_steps,
            callbacks=[guard, ReuseMemory(), *kept, *callbacks],
            verbose=0,
        )
    guard.check()
    losses = {name: values[-1] for name, values in history.history.items()}
    return Fitted(losses, kept[1].seconds if kept else start.seconds, photographs)


@contextlib.contextmanager
def _files(run, settings, trainer, start):
    """The callbacks that write the files of a run, and show how it goes.

    The log comes first, since it is cut to what a checkpoint has.
    """
    run.output.parent.mkdir(parents=True, exist_ok=True)
    if start.step:
        run.cut_log(start.step // settings.epoch_steps)
    size = checkpoint_size(trainer)  # twice: the old one stays until the new one is complete
    files.check_room(run.checkpoint, size, size, weights.file_size(trainer.network))
    log = keras.callbacks.CSVLogger(run.log, append=start.step > 0)
    try:
        yield [log, Checkpoint(run.checkpoint, *start), Progress(settings.steps, start.step)]
    finally:
        if log.csv_file:  # Keras leaves it open when a run is cut
            log.csv_file.close()


def _tell(settings, paths, start, own):
    number = f", machine {own.index + 1} of {own.count}" if own.count > 1 else ""
    reports.tell(
        f"training on {devices.describe()}{number}: step {start.step} to {settings.steps}, "
        f"{len(paths)} photographs ..."
    )


def lay_out(photographs, trainer):
    """Puts all photographs onto the device, which cuts its crops itself, if memory has room."""
    decoded = photographs.decoded()
    if decoded:
        photographs.album = trainer.album = Album(decoded, photographs.crop_size)


def _jit_compile():
    """XLA slows TensorFlow down on a CPU; elsewhere the backend decides."""
    slow = keras.backend.backend() == "tensorflow" and not hardware.on_gpu()
    return False if slow else "auto"
