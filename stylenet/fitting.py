"""One training run of any network on photographs alone: fitted, resumable, guarded."""

import json
from dataclasses import asdict, dataclass

import keras

from stylenet.convolution import accelerate
from stylenet.muon import Muon
from stylenet.photographs import Photographs
from stylenet.runs import jit_compile, resume_point
from stylenet.training import Checkpoint, Progress, StopOnNonFinite, restore

OPTIMIZERS = {"adam": keras.optimizers.Adam, "muon": Muon}


@dataclass(frozen=True)
class FitSettings:
    """What decides a run's result, apart from the photographs.

    Args:
        steps, epoch_steps: optimizer steps in all, and between two checkpoints.
        batch_size: photographs a step.
        crop_size: pixels, the side of a square crop, a multiple of 16.
        optimizer: "adam" or "muon".
        learning_rate: at the first step; it falls along a cosine to a fiftieth.
        seed: decides initial weights, crops and their order.

    Raises:
        ValueError: an impossible number or an unknown optimizer.
    """

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
        if self.crop_size < 32 or self.crop_size % 16:
            raise ValueError(
                "Expected a crop size of 32 pixels or more, a multiple of 16. "
                f"Received: {self.crop_size}."
            )
        if self.optimizer not in OPTIMIZERS:
            raise ValueError(
                f"Expected optimizer to be one of {tuple(OPTIMIZERS)}. "
                f"Received: {self.optimizer!r}."
            )


class Trainer(keras.Model):
    """A network and a loss of several terms; `fit()` does the rest.

    Args:
        network: the `keras.Model` to train.
        names: of the terms.

    A kind of trainer says in `terms(outputs, photographs)` what they are, a dict of scalars, and in
    `total(terms)` how they become the loss. Each term is a metric of its own.
    """

    def __init__(self, network, names, **kwargs):
        super().__init__(**kwargs)
        self.network = network
        accelerate(network)
        self.trackers = {name: keras.metrics.Mean(name=name) for name in names}
        self.built = True  # the network comes with its variables

    def call(self, inputs):
        return self.network(inputs)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        terms = self.terms(y_pred, y)
        for name, tracker in self.trackers.items():
            tracker.update_state(terms[name])
        return self.total(terms)


def fit(trainer, settings, paths, run, resume=False, callbacks=()):
    """Trains, from the beginning or from the run's checkpoint.

    Args:
        trainer: a `Trainer`, not compiled.
        settings: `FitSettings` or a kind of them.
        paths: of photographs.
        run: a `runs.Run`.
        resume: continue exactly where the checkpoint was written; only `steps` may have grown.
        callbacks: more of them.

    Returns:
        The losses of the last epoch, a dict, and the seconds that all steps took.

    Raises:
        ValueError: the checkpoint is of another run.
        NonFiniteLoss: a term is no longer finite; the last checkpoint is kept.
    """
    identity = identify(settings, paths)
    first_step, seconds = resume_point(run, identity, settings) if resume else (0, 0.0)
    rate = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate, settings.steps, alpha=0.02
    )
    trainer.compile(OPTIMIZERS[settings.optimizer](rate), jit_compile=jit_compile())
    if first_step:
        restore(trainer, run.checkpoint)
    checkpoint, guard = Checkpoint(run.checkpoint, identity, first_step, seconds), StopOnNonFinite()
    log = keras.callbacks.CSVLogger(run.log, append=resume)
    dataset = Photographs(paths, settings.crop_size, settings.batch_size, settings.seed, first_step)
    try:
        history = trainer.fit(
            dataset,
            steps_per_epoch=settings.epoch_steps,
            shuffle=False,
            epochs=settings.steps // settings.epoch_steps,
            initial_epoch=first_step // settings.epoch_steps,
            callbacks=[guard, checkpoint, Progress(settings.steps, first_step), log, *callbacks],
            verbose=0,
        )
    finally:
        if log.csv_file:  # Keras leaves it open when a run is cut
            log.csv_file.close()
    guard.check()
    return {name: values[-1] for name, values in history.history.items()}, checkpoint.seconds


def identify(settings, paths):
    """What a resumed run must share with the one that was cut, as JSON."""
    same = asdict(settings) | {"photographs": len(paths)}
    del same["steps"]
    return json.dumps(same, sort_keys=True)
