"""Trains a feed-forward network for one style, on photographs alone.

Johnson, Alahi and Fei-Fei, "Perceptual Losses for Real-Time Style Transfer and
Super-Resolution", ECCV 2016, https://arxiv.org/abs/1603.08155

Differences from the paper:

| here                                           | paper                            |
|------------------------------------------------|----------------------------------|
| random crops after a random resize, and flips  | pictures squashed to 256 x 256   |
| starts with a few steps of plain reconstruction| random weights                   |
| the learning rate falls along a cosine         | constant                         |
| any folder of photographs                      | MS-COCO                          |
"""

import os
from pathlib import Path

import keras
import numpy as np
from keras import ops

from stylenet import images

TERMS = ("content", "style", "tv")


class StyleTrainer(keras.Model):
    """A network and the loss that trains it; `fit()` does the rest.

    Args:
        network: the `keras.Model` to train, pictures to pictures in [0, 255].
        perceptual_loss: a `losses.PerceptualLoss`.

    It reports each unweighted term as a metric of its own beside the weighted `loss`.
    """

    def __init__(self, network, perceptual_loss, **kwargs):
        super().__init__(**kwargs)
        self.network = network
        self.perceptual_loss = perceptual_loss
        self.trackers = {term: keras.metrics.Mean(name=term) for term in TERMS}

    def call(self, inputs):
        return self.network(inputs)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        terms = self.perceptual_loss(y_pred, x)
        for term, tracker in self.trackers.items():
            tracker.update_state(terms[term])
        return self.perceptual_loss.total(terms)


class NonFiniteLoss(RuntimeError):
    """A loss became infinite or not a number; the last checkpoint is from before."""


class StopOnNonFinite(keras.callbacks.Callback):
    """Stops at once when a term is infinite or not a number, and says which."""

    def on_train_batch_end(self, batch, logs=None):
        bad = [term for term in TERMS if not np.isfinite((logs or {}).get(term, 0.0))]
        if bad:
            raise NonFiniteLoss(
                f"Expected finite losses, but {' and '.join(bad)} became "
                f"{logs[bad[0]]} at step {batch + 1} of this epoch. The last checkpoint is kept: "
                "resume from it with a lower learning rate."
            )


class Checkpoint(keras.callbacks.Callback):
    """Keeps what a run needs to continue exactly, in one file replaced at once.

    Args:
        path: an .npz file: the network's and the optimizer's variables, the step, and
            `settings`.
        settings: a JSON string that a resumed run must repeat.
    """

    def __init__(self, path, settings, first_step=0):
        super().__init__()
        self.path, self.settings, self.step = Path(path), settings, first_step

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1

    def on_epoch_end(self, epoch, logs=None):
        arrays = {"step": self.step, "settings": self.settings}
        for name, variables in _state(self.model).items():
            for i, variable in enumerate(variables):
                arrays[f"{name}/{i}"] = ops.convert_to_numpy(variable)
        temporary = self.path.with_name(f".{self.path.stem}.{os.getpid()}.npz")
        try:
            np.savez(temporary, **arrays)
            os.replace(temporary, self.path)
        finally:
            temporary.unlink(missing_ok=True)


def read_checkpoint(path):
    """The step and the settings of a checkpoint.

    Raises:
        ValueError: the file is not a checkpoint.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return int(file["step"]), str(file["settings"])
    except (OSError, KeyError, ValueError) as error:
        raise ValueError(f"Expected {path} to be a checkpoint of a training run.") from error


def restore(trainer, path):
    """Puts a checkpoint's network and optimizer into a compiled trainer.

    Args:
        trainer: a compiled `StyleTrainer`.
        path: of the checkpoint.
    """
    trainer.optimizer.build(trainer.trainable_variables)
    with np.load(path, allow_pickle=False) as file:
        for name, variables in _state(trainer).items():
            for i, variable in enumerate(variables):
                variable.assign(file[f"{name}/{i}"])


def _state(trainer):
    return {"network": trainer.network.variables, "optimizer": trainer.optimizer.variables}
