"""Files of weights in fewer bits: 16 a number, or 8 for kernels.

A kernel k of 8 bits is stored as integers n and a step a filter,

    k = n step,    step = max |k| / 127,    -127 <= n <= 127

so that no weight is off by more than half a step. A normalization that follows does not see a
filter's scale at all. Scales and shifts, which are few, and kernels of pictures, with three
channels or filters, keep 16 bits.
"""

import contextlib
import tempfile
from pathlib import Path

import numpy as np

from stylenet import files

LEVELS = 127
STEP = "step"  # the attribute of a kernel that is stored as integers


def pack(path, dtype):
    """Rewrites an HDF5 file of weights in fewer bits.

    A fresh file, since HDF5 does not give back the space of what is replaced.

    Args:
        path: of the file.
        dtype: "float16", or "int8" for large kernels in 8 bits, compressed, and the rest in 16.
    """
    with files.written_whole(path) as part:
        _copied(path, part, _as_integers if dtype == "int8" else _as_halves)


@contextlib.contextmanager
def unpacked(path):
    """A context: the path of a file with the same weights as floating-point numbers.

    Args:
        path: of a file of weights; one without integers is what comes out.
    """
    if not _has_integers(path):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, Path(path).name)
        _copied(path, whole, _as_floats)
        yield whole


def integers(kernel):
    """A kernel as int8 and its steps.

    Args:
        kernel: `(height, width, channels, filters)`.

    Returns:
        int8 of the same shape, and float32 `(filters,)`.
    """
    steps = np.abs(kernel).max(axis=(0, 1, 2)).astype("float32") / LEVELS
    steps = np.where(steps > 0, steps, np.float32(1))
    return np.rint(kernel / steps).astype("int8"), steps


def _as_integers(target, name, values, attributes):
    if values.ndim != 4 or min(values.shape[2:]) <= 3:
        return _as_halves(target, name, values, attributes)
    numbers, steps = integers(values)
    stored = target.create_dataset(name, data=numbers, chunks=numbers.shape, compression="gzip")
    stored.attrs[STEP] = steps
    return stored


def _as_halves(target, name, values, attributes):
    return target.create_dataset(name, data=values.astype("float16"))


def _as_floats(target, name, values, attributes):
    if STEP in attributes:
        values = values.astype("float32") * attributes[STEP]
    return target.create_dataset(name, data=values)


def _copied(path, target, store):
    """Copies an HDF5 file, each array as `store` makes it."""
    import h5py

    with h5py.File(path, "r") as old, h5py.File(target, "w", libver="latest") as new:
        new.attrs.update(old.attrs)

        def copy(name, item):
            if isinstance(item, h5py.Dataset):
                store(new, name, item[()], item.attrs)
            else:
                new.require_group(name)
            kept = {key: value for key, value in item.attrs.items() if key != STEP}
            new[name].attrs.update(kept)

        old.visititems(copy)


def _has_integers(path):
    """Whether a file has kernels of 8 bits; what is no HDF5 file has none."""
    import h5py

    found = []

    def look(name, item):
        found.append(STEP in item.attrs)
        return any(found) or None

    with contextlib.suppress(OSError), h5py.File(path, "r") as file:
        file.visititems(look)
    return any(found)
