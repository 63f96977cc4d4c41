"""Weights of older programs: read into the network, or converted to its own format.

|                     | the course's Keras 2 code, keras_contrib    | the TensorFlow original [1]  |
|---------------------|---------------------------------------------|------------------------------|
| file                | HDF5: weights alone, or a whole model with  | `.npz`: `arr_0` to `arr_47`  |
|                     | its weights in the group `model_weights`    |                              |
| order               | the attributes `layer_names` of that group, | as its variables were made   |
|                     | `weight_names` of each layer's              |                              |
| a convolution       | kernel; in the next layer gamma, beta       | kernel, beta, gamma (there   |
|                     |                                             | named shift and scale)       |
| kernel              | (height, width, in, out)                    | the same                     |
| transposed kernel   | (height, width, out, in)                    | the same                     |
| normalization       | (x - mean) / (std + 1e-3)                   | (x - mean) / sqrt(var + 1e-3)|

Both hold the same network: 16 convolutions, 48 arrays. The network here normalizes like the
original; with trained weights the other formula changes a picture by about 0.005 grey levels.

The original saved TensorFlow checkpoints, not `.npz`. Where TensorFlow is installed:

    reader = tensorflow.train.load_checkpoint("wave.ckpt")
    names = ["Variable"] + [f"Variable_{i}" for i in range(1, 48)]
    numpy.savez("wave.npz", *[reader.get_tensor(name) for name in names])

[1] Engstrom 2016, https://github.com/lengstrom/fast-style-transfer
"""

import re
import zipfile
from pathlib import Path

import h5py
import numpy as np

from stylenet import inputs
from stylenet.feed_forward.network import transform_net
from stylenet.files import check_writable
from stylenet.weights import SUFFIX, save_network

COURSE_NETWORK = {"padding": "zero", "upsampling": "transposed", "width": 32}
CONVOLUTIONS = 16
DTYPES = ("float32", "float16")
# A model saved while it trained has VGG behind the network, under Keras' names for it.
LOSS_NETWORK = ("block", "vgg")


def convert(old, new, dtype="float32"):
    """Converts a weights file of an older program; the new one appears complete or not at all.

    Args:
        old: path of the file in one of the two forms above, recognized by its content.
        new: path of the file to write, ending in .weights.h5; an existing one is replaced.
        dtype: "float32", or "float16" for half the size.

    Returns:
        The network, a `keras.Model`, with the float32 weights.

    Raises:
        FileNotFoundError: no file `old`, or no folder to write `new` to.
        IsADirectoryError: one of the two is a folder.
        ValueError: `new` has another suffix or is `old` itself, an unknown dtype, or `old` is
            damaged or holds anything but the course's network.

    Reference: Johnson et al. 2016, https://arxiv.org/abs/1603.08155
    """
    old, new = Path(old), Path(new)
    inputs.choice("dtype", dtype, DTYPES)
    _check_output(old, new)
    network = load_legacy(old)
    save_network(network, new, COURSE_NETWORK, dtype)
    return network


def load_legacy(path):
    """The course's network with the weights of an older program.

    Args:
        path: a file in one of the two forms above, recognized by its content.

    Returns:
        A `keras.Model` as `transform_net()` builds it: RGB pictures in [0, 255],
        `(batch, height, width, 3)`, to pictures in (-22.5, 277.5).

    Raises:
        FileNotFoundError, IsADirectoryError: there is no such file.
        ValueError: it is damaged or holds anything but the course's network.
    """
    path = Path(path)
    _check_input(path)
    try:
        arrays = _read(path)
        network = transform_net(**COURSE_NETWORK)
        _fill(network, arrays)
    except Exception as error:  # damaged files make the readers raise whatever they stumble over
        reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise ValueError(
            f"Expected {str(path)!r} to hold the course's network, as HDF5 from Keras 2 with "
            f"keras_contrib or as .npz from the TensorFlow original, but {reason}. If the file "
            "is damaged, copy it again; if it is of another network, train the style anew."
        ) from error
    return network


def _check_input(path):
    if path.is_dir():
        raise IsADirectoryError(f"Expected a weights file, but {str(path)!r} is a folder.")
    if not path.exists():
        raise FileNotFoundError(f"There is no file {str(path)!r}; check the name and the folder.")
    if not path.is_file():
        raise ValueError(f"Expected a weights file, but {str(path)!r} is not a regular file.")


def _check_output(old, new):
    """Checks, before any work is done, that `new` can be written."""
    check_writable(new, (SUFFIX,), "weights file")
    if old.exists() and new.exists() and new.samefile(old):
        raise ValueError(
            f"Expected another output file than the input {str(new)!r}; choose a new name."
        )


def _read(path):
    """The arrays of either form, a list of (kernel, gamma, beta), one a convolution."""
    if h5py.is_hdf5(path):
        return _read_hdf5(path)
    if zipfile.is_zipfile(path):
        return _read_npz(path)
    raise ValueError("it is neither, or it is cut short")


def _read_hdf5(path):
    arrays = {"kernel": [], "gamma": [], "beta": []}
    with h5py.File(path, "r") as file:
        model = file.get("model_weights", file)
        for layer_name in _names(model, "layer_names"):
            if layer_name.startswith(LOSS_NETWORK):
                continue
            layer = model[layer_name]
            for name in _names(layer, "weight_names"):
                arrays[_role(name)].append(layer[name][()])
    counts = {role: len(found) for role, found in arrays.items()}
    if set(counts.values()) != {CONVOLUTIONS}:
        raise ValueError(f"instead of {CONVOLUTIONS} arrays of each kind it has {counts}")
    return list(zip(*arrays.values(), strict=True))


def _names(group, attribute):
    """Names that Keras 2 stored in order; HDF5 by itself lists conv2d_10 before conv2d_2."""
    if attribute not in group.attrs:
        raise ValueError(
            f"its group {group.name!r} lacks Keras 2's attribute {attribute!r} (a file of Keras 3 "
            "needs no conversion)"
        )
    names = group.attrs[attribute]
    return [name.decode() if isinstance(name, bytes) else str(name) for name in names]


def _role(weight_name):
    """What an array is for: "gamma" of "instance_normalization_1/gamma:0"."""
    role = re.match("[a-z]*", weight_name.rsplit("/", 1)[-1]).group()
    if role not in ("kernel", "gamma", "beta"):
        raise ValueError(f"it has an array {weight_name!r}, neither kernel nor gamma nor beta")
    return role


def _read_npz(path):
    names = [f"arr_{i}" for i in range(3 * CONVOLUTIONS)]
    with np.load(path, allow_pickle=False) as file:
        if set(file.files) != set(names):
            found = ", ".join(file.files[:3]) or "none"
            raise ValueError(
                f"instead of {len(names)} arrays, {names[0]} to {names[-1]}, it has "
                f"{len(file.files)} ({found}{', ...' if len(file.files) > 3 else ''})"
            )
        arrays = [file[name] for name in names]
    kernels, shifts, scales = arrays[0::3], arrays[1::3], arrays[2::3]
    return list(zip(kernels, scales, shifts, strict=True))


def _fill(network, arrays):
    suffix = "_norm"
    norms = [layer for layer in network.layers if layer.name.endswith(suffix)]
    for norm, (kernel, gamma, beta) in zip(norms, arrays, strict=True):
        convolution = network.get_layer(norm.name.removesuffix(suffix))
        _assign(convolution.kernel, kernel)
        _assign(norm.gamma, gamma)
        _assign(norm.beta, beta)


def _assign(variable, array):
    if array.shape != variable.shape or array.dtype.kind != "f":
        raise ValueError(
            f"for {variable.path} it has {array.dtype} of shape {array.shape} instead of floats "
            f"of shape {tuple(variable.shape)}"
        )
    array = array.astype("float32")
    if not np.isfinite(array).all():
        raise ValueError(f"for {variable.path} it has NaN or infinite values")
    variable.assign(array)
