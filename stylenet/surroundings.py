"""Keras' global settings: inside as our networks need them, outside as they were found.

    with plain():
        network = keras.Sequential(...)  # float32, channels last, whatever the user has set

Keras takes precision and layout from settings of the whole process, when a layer is built and when
some operations are called. Another network of the same program may need others than ours.
"""

import contextlib
import threading

import keras

_lock = threading.Lock()
_inside = threading.local()  # of a thread: how deep it is inside
_shared = {"threads": 0, "before": None}  # what Keras keeps for all threads


@contextlib.contextmanager
def plain(policy="float32"):
    """A context, or a decorator: float32 and channels last inside, afterwards what was before.

    Inside another one nothing changes: a run in mixed precision decides for what it builds.

    Args:
        policy: of precision, for layers that are built inside.
    """
    if getattr(_inside, "depth", 0):
        yield
        return
    before = keras.config.dtype_policy()
    _enter()
    keras.config.set_dtype_policy(policy)
    _inside.depth = 1
    try:
        yield
    finally:
        _inside.depth = 0
        _leave()
        keras.config.set_dtype_policy(before)


def _enter():
    """Sets what Keras keeps for all threads; the first one remembers what was set before."""
    with _lock:
        if not _shared["threads"]:
            _shared["before"] = keras.config.floatx(), keras.config.image_data_format()
        _shared["threads"] += 1
        keras.config.set_floatx("float32")
        keras.config.set_image_data_format("channels_last")


def _leave():
    """The last thread sets back what was set before."""
    with _lock:
        _shared["threads"] -= 1
        if not _shared["threads"]:
            floatx, data_format = _shared["before"]
            keras.config.set_floatx(floatx)
            keras.config.set_image_data_format(data_format)
