"""Several machines that train one network: each computes a part of every batch.

The backends' own engines do it, and are told by their own variables who takes part:

| backend    | engine                                      | variables                           |
|------------|---------------------------------------------|-------------------------------------|
| TensorFlow | `tf.distribute.MultiWorkerMirroredStrategy` | TF_CONFIG                           |
| JAX        | `keras.distribution.initialize`             | those of `keras.distribution`, below |

The same command is given on all machines; the first one writes the files of the run.
"""

import atexit
import contextlib
import functools
import json
import os
import sys
from typing import NamedTuple

from stylenet import memory

CONFIG = "TF_CONFIG"
ADDRESSES, COUNT, INDEX = (
    f"KERAS_DISTRIBUTION_{name}" for name in ("JOB_ADDRESSES", "NUM_PROCESSES", "PROCESS_ID")
)
FAILED = 2  # the exit status where JAX would wait for those that have ended
# What the engines raise when another process has ended; JAX may also raise a ValueError, with the
# words of the library that its CPUs speak through.
ENDED = ("UnavailableError", "AbortedError", "CancelledError", "JaxRuntimeError", "XlaRuntimeError")


class WorkerEnded(ConnectionError):
    """Another machine has ended; the last checkpoint is from before."""


class Workers(NamedTuple):
    """The machines that train: how many, and which of them this is, from 0."""

    count: int = 1
    index: int = 0

    @property
    def writes(self):
        """Whether this machine writes the files of the run."""
        return self.index == 0


def workers(backend=None):
    """Who takes part, by the environment.

    Args:
        backend: "tensorflow" or "jax"; by default what Keras is told to use.

    Returns:
        `Workers`; a single one unless told otherwise.

    Raises:
        ValueError: variables that can't be read.
    """
    if (backend or os.environ.get("KERAS_BACKEND")) == "jax":
        return _checked(_number(COUNT, 1), _number(INDEX, 0))
    try:
        config = json.loads(os.environ.get(CONFIG) or "{}")
        cluster, task = config.get("cluster", {}), config.get("task", {})
        chiefs, count = len(cluster.get("chief", ())), len(cluster.get("worker", ()))
        index = int(task.get("index", 0)) + chiefs * (task.get("type", "worker") == "worker")
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(
            f"Expected {CONFIG} as tf.distribute reads it, for instance "
            '{"cluster": {"worker": ["host:port", "host:port"]}, "task": {"type": "worker", '
            f'"index": 0}}}}. Received: {os.environ[CONFIG]!r}.'
        ) from error
    return _checked(max(1, chiefs + count), index)


def check_alone(what):
    """Raises a ValueError if several machines are to do what only one can; `what` is its name."""
    if workers().count > 1:
        raise ValueError(
            f"Expected one machine for {what}. Received: {workers().count}, by {CONFIG} or {COUNT}."
        )


def join(seed):
    """Connects with the other machines, and waits for them; before anything is computed.

    Args:
        seed: of what is random, the same on all machines.

    Returns:
        TensorFlow's strategy; None on JAX, whose distribution Keras keeps, and for a single one.
    """
    import keras

    if workers(keras.backend.backend()).count == 1:
        return None
    if keras.backend.backend() == "tensorflow":
        return _strategy()
    import jax

    if not jax.distributed.is_initialized():
        keras.utils.set_random_seed(seed)  # else they would agree on one, by a computation
        keras.distribution.initialize()
    return None


@functools.cache
def _strategy():
    """TensorFlow's, of which a process makes one."""
    import tensorflow as tf

    return tf.distribute.MultiWorkerMirroredStrategy()


@contextlib.contextmanager
def watched():
    """What the end of another machine makes the engines say becomes a sentence.

    Raises:
        WorkerEnded: another machine ended while the block was running.
    """
    try:
        yield
    except Exception as error:
        if workers().count == 1 or not _is_of_another(error) or memory.ended(error):
            raise
        if "jax" in sys.modules:  # it would wait for the others, and abort in the end
            atexit.register(_leave)
        raise WorkerEnded(
            "Expected all machines to train to the end, but one of them ended. The last checkpoint "
            "is kept: repeat the command with --resume on all."
        ) from error


def _is_of_another(error):
    return type(error).__name__ in ENDED or "Gloo" in str(error)


def _leave():
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(FAILED)


def _number(name, default):
    text = os.environ.get(name, "")
    if text and not text.isdigit():
        raise ValueError(f"Expected {name} to be a number. Received: {text!r}.")
    return int(text or default)


def _checked(count, index):
    if not index < max(count, 1):
        raise ValueError(f"Expected a number under {count}, the machines. Received: {index}.")
    return Workers(max(count, 1), index)
