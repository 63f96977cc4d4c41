"""Callbacks of a training run: checkpoints, a guard, previews, progress."""

import time
from pathlib import Path

import keras
import numpy as np
from keras import ops

from stylenet import files, images
from stylenet.reports import progress_bar
from stylenet.speed.allocation import reuse_memory


class NonFiniteLoss(ValueError):
    """A loss became infinite or not a number; the last checkpoint is from before."""


class StopOnNonFinite(keras.callbacks.Callback):
    """Stops when a term is infinite or not a number; `check` then says which.

    Where a device computes while Python goes on, this may be some steps later.
    """

    message = None
    async_safe = True  # losses are read in the background; Keras waits for it before an epoch ends

    def set_model(self, model):
        super().set_model(model)
        self.trainer = model  # on JAX, Keras' own `model` brings all variables back when it is read

    def on_train_batch_end(self, batch, logs=None):
        bad = [term for term in self.trainer.trackers if not np.isfinite(logs[term])]
        if bad:
            self.message = (
                f"Expected finite losses, but {' and '.join(bad)} became {logs[bad[0]]}. The last "
                "checkpoint is kept: start from it with a lower learning rate or smaller weights."
            )
            self.trainer.stop_training = True

    def check(self):
        """Raises a NonFiniteLoss that names the term, if the run was stopped."""
        if self.message:
            raise NonFiniteLoss(self.message)


class Checkpoint(keras.callbacks.Callback):
    """Keeps what a run needs to continue exactly, in one file replaced at once.

    Args:
        path: an .npz file: the network's and the optimizer's variables, the step, the seconds
            spent and `settings`.
        settings: a string that tells one run from another.
        first_step, seconds: where the run stands, at the beginning of an epoch.
    """

    def __init__(self, path, settings="", first_step=0, seconds=0.0):
        super().__init__()
        self.path, self.settings, self.step = Path(path), settings, first_step
        self.began = time.monotonic() - seconds

    @property
    def seconds(self):
        return time.monotonic() - self.began

    def on_epoch_end(self, epoch, logs=None):
        if not np.isfinite(list((logs or {}).values())).all():
            return  # the last checkpoint is from before
        self.step += self.params["steps"]
        arrays = {"step": self.step, "seconds": self.seconds, "settings": self.settings}
        for name, variables in _state(self.model).items():
            for i, variable in enumerate(variables):
                arrays[f"{name}/{i}"] = ops.convert_to_numpy(variable)
        with files.written_whole(self.path) as part:
            np.savez(part, **arrays)


def restore(trainer, path):
    """Puts the network and the optimizer of a checkpoint into a compiled trainer.

    Args:
        trainer: a compiled `Trainer`.
        path: of a file that `Checkpoint` wrote for the same network and optimizer.
    """
    trainer.optimizer.build(trainer.trainable_variables)
    with np.load(path, allow_pickle=False) as file:
        for name, variables in _state(trainer).items():
            for i, variable in enumerate(variables):
                variable.assign(file[f"{name}/{i}"])


def checkpoint_size(trainer):
    """The bytes of what a checkpoint keeps of a trainer whose optimizer is built."""
    kept = [each for variables in _state(trainer).values() for each in variables]
    return sum(4 * int(np.prod(each.shape)) for each in kept)


def _state(trainer):
    return {"network": trainer.network.variables, "optimizer": trainer.optimizer.variables}


class ReuseMemory(keras.callbacks.Callback):
    """Undoes what TensorFlow does to the memory when the stream of batches is opened."""

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 0:  # the stream is open now
            reuse_memory()


class Preview(keras.callbacks.Callback):
    """Styles one photograph every so many epochs, to see the network learn.

    Args:
        photograph: `(height, width, 3)`, sides a multiple of four.
        folder: gets `step-000500.png` and so on, photograph and result side by side.
        steps: an epoch's.
        every: epochs between two pictures.
        draw: a function of a batch of photographs; by default the model's network.
        writes: whether this machine writes it; of several that train together, all draw.
    """

    def __init__(self, photograph, folder, steps, every=5, draw=None, writes=True):
        super().__init__()
        self.writes = writes
        self.photograph, self.folder = photograph, Path(folder)
        self.steps, self.every, self.draw = steps, every, draw

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every:
            return
        picture = self.picture()
        if self.writes:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / f"step-{(epoch + 1) * self.steps:06d}.png"
            images.save_image(path, picture)

    def picture(self):
        """The photograph and the result, `(height, width, 3)`."""
        draw = self.draw or self.model.network
        result = ops.convert_to_numpy(draw(self.photograph[None]))[0]
        return np.concatenate([self.photograph, result], axis=1)


class FinishExactly(keras.callbacks.Callback):
    """The last steps of a run in half precision are computed in float32.

    Half precision rounds a gradient to 8 bits; small steps at the end then no longer add up.

    Args:
        first: the epoch that is the first in float32; a run that resumes later begins so.
    """

    def __init__(self, first):
        super().__init__()
        self.first, self.done = first, False

    def set_model(self, model):
        super().set_model(model)
        self.trainer = model

    def on_epoch_begin(self, epoch, logs=None):
        if epoch < self.first or self.done:
            return
        for layer in self.trainer._flatten_layers():
            layer.dtype_policy = keras.DTypePolicy("float32")
        self.trainer.make_train_function(force=True)  # the compiled one has the types of before
        self.done = True


class Progress(keras.callbacks.Callback):
    """Progress of a run, on one line: step, time left, and each term's mean over the last epoch."""

    async_safe = True

    def __init__(self, total_steps, first_step=0):
        super().__init__()
        self.total_steps, self.first_step = total_steps, first_step

    def on_train_begin(self, logs=None):
        self.bar = progress_bar(total=self.total_steps, initial=self.first_step, unit="step")

    def on_epoch_begin(self, epoch, logs=None):
        self.begun = epoch * self.params["steps"]

    def on_train_batch_end(self, batch, logs=None):
        self.bar.update(max(0, self.begun + batch + 1 - self.bar.n))  # a call is several steps

    def on_epoch_end(self, epoch, logs=None):
        self.bar.set_postfix({name: f"{logs[name]:.4g}" for name in ("loss", *self.model.trackers)})

    def on_train_end(self, logs=None):
        self.bar.close()
