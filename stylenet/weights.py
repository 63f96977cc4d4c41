"""Where weights are: found, downloaded, verified, and written so that they describe themselves.

First-party weights lie in the project's `weights/`, each `NAME.weights.h5` with a record
`NAME.json` (how it was trained, SHA-256, size, licence) and a model card `NAME.md`.
"""

import contextlib
import hashlib
import json
import math
import os
import shlex
import warnings
import zipfile
from pathlib import Path

from stylenet import compact, files, memory
from stylenet.images import INPUT_SUFFIXES
from stylenet.inputs import did_you_mean

VARIABLE = "STYLENET_WEIGHTS"
SUFFIX = ".weights.h5"
SPARE = 2**20  # bytes, of an HDF5 file beside its arrays
RECORD = {"name": str, "kind": str, "file": str, "sha256": str, "training": dict}


def weights_folder():
    """The folder of the shipped weights: inside an installed package, or the project's own."""
    return files.shipped("weights")


def local_file(filename):
    """Looks for a file in the folder that STYLENET_WEIGHTS names, then in the project's.

    Args:
        filename: a name without folders.

    Returns:
        Its `Path`, or None.
    """
    folders = [os.environ.get(VARIABLE), weights_folder()]
    candidates = [Path(folder).expanduser() / filename for folder in folders if folder]
    return next((path for path in candidates if path.is_file()), None)


def find_weights(filename, url, md5):
    """Finds a third-party weights file: see the order in `features.feature_extractor`.

    Args:
        filename: the file's name.
        url: where Keras publishes it.
        md5: its checksum there.

    Returns:
        The file's path, downloaded to Keras' cache (`~/.keras/models`) if need be.

    Raises:
        FileNotFoundError: it is nowhere, and can't be downloaded.
    """
    path = local_file(filename)
    if path:
        return str(path)
    import keras

    try:
        return keras.utils.get_file(filename, url, file_hash=md5, cache_subdir="models")
    except Exception as error:  # get_file raises a bare Exception for whatever went wrong
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FileNotFoundError(
            f"Expected the weights file {filename}, but found it neither locally nor online "
            f"({reason}). Pass its path as `weights`, or put it into the folder that the "
            f"environment variable {VARIABLE} names, or connect to the internet once, so that "
            "Keras downloads it; or take slim, which ships, as the network (--network slim)."
        ) from error


def check_source(weights):
    """The weights of a pretrained network, as users name them.

    Args:
        weights: "imagenet", "random", or the path of a file.

    Returns:
        The same.

    Raises:
        ValueError, FileNotFoundError: None, or no such file.
    """
    if weights is None:
        raise ValueError("Expected weights to be 'imagenet', 'random' or a path. Received: None.")
    if weights not in ("imagenet", "random") and not Path(weights).is_file():
        raise FileNotFoundError(
            f"Expected weights to be 'imagenet', 'random' or a file. There is no file {weights}."
        )
    return weights


def sha256(path):
    """The SHA-256 of a file, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def styles() -> dict[str, dict]:
    """The shipped networks of one style; `catalog.styles` lists those of many, too.

    Returns:
        A dict: name to training record (a dict with "file", "sha256", "bytes", "license",
        "style", "training" and more), in alphabetical order.

    Example:
        >>> list(styles())
        ['composition_vii', 'starry_night', 'the_scream', 'udnie', 'wave']
    """
    return records("style")


def records(kind):
    """The training records of the shipped networks of a kind, by name, in alphabetical order."""
    found = map(read_record, sorted(weights_folder().glob("*.json")))
    return {record["name"]: record for record in found if record["kind"] == kind}


def read_record(path):
    """The training record of a network, as a dict.

    Raises:
        ValueError: it is something else, or names a file that is not beside it.
    """
    try:
        record = json.loads(Path(path).read_text(encoding="utf-8"))
        missing = [field for field in RECORD if not isinstance(record[field], RECORD[field])]
    except (ValueError, TypeError, KeyError):
        record, missing = {}, ["all"]
    if missing or Path(record["file"]).name != record["file"]:
        raise ValueError(
            f"Expected {path} to be the record of a network: JSON with {', '.join(RECORD)}, and a "
            "file beside it. It is something else: restore it, or rename it."
        )
    return record


def style_file(name):
    """The verified weights file of a shipped style, or of your own.

    Args:
        name: a name that `styles` lists, that of a network of many, or the path of a weights file.

    Returns:
        The file's `Path`.

    Raises:
        FileNotFoundError: no such file.
        ValueError: no shipped style of that name, or a shipped file that was changed.
    """
    files.refuse_address(name)
    path = Path(name)
    if path.suffix.lower() in INPUT_SUFFIXES:
        raise ValueError(
            f"Expected a shipped style or a weights file. Received a picture: {str(name)!r}. For "
            f"any painting: stylenet universal PHOTO {shlex.quote(str(name))} -o OUT."
        )
    if path.suffix in (".h5", ".npz") or len(path.parts) > 1:
        if not path.is_file():
            raise FileNotFoundError(f"Expected a weights file, but there is none: {path}")
        return path
    known = {**styles(), **records("styles")}
    if str(name) not in known:
        raise ValueError(
            f"Expected a shipped style ({', '.join(known) or 'none is here'}) or the path of a "
            f"weights file ending in {SUFFIX}. Received: {str(name)!r}.{did_you_mean(name, known)}"
        )
    return shipped_file(str(name))


def shipped_file(name):
    """The verified weights file of a shipped network of any kind.

    Raises:
        ValueError: nothing of that name is shipped, or the file was changed.
    """
    record_path = weights_folder() / f"{name}.json"
    if not record_path.is_file():
        raise ValueError(f"Expected a shipped network. There is no {name} in {weights_folder()}.")
    record = read_record(record_path)
    path = weights_folder() / record["file"]
    if not path.is_file() or sha256(path) != record["sha256"]:
        raise ValueError(
            f"Expected {path} with SHA-256 {record['sha256'][:12]}..., but it is missing or was "
            "changed. Restore it, for instance with `git checkout weights`."
        )
    return path


def record_of(name):
    """The training record of a shipped style or beside a weights file of your own, or None."""
    shipped = {**styles(), **records("styles")}
    if name in shipped:
        return shipped[name]
    path = Path(name).with_name(Path(name).name.removesuffix(SUFFIX) + ".json")
    try:
        return read_record(path) if Path(name).is_file() else None
    except (OSError, ValueError):  # there is none, or it is somebody else's
        return None


def write_json(path, record):
    """Writes a record; it appears complete or not at all."""
    with files.written_whole(path) as part:
        part.write_text(json.dumps(record, indent=2) + "\n")


def save_network(network, path, options, dtype="float32"):
    """Writes a network's weights and how to build it, moved into place when complete.

    Args:
        network: a `keras.Model`.
        path: ends in .weights.h5.
        options: a dict, the keyword arguments of `transform_net`; kept in the file's
            attribute "stylenet" as JSON. `network.load_weights(path)` reads the file too.
        dtype: "float32"; "float16" for half the size; or "int8" for a quarter, see `compact`.
    """
    import h5py

    with files.written_whole(path) as part:
        # HDF5 brings Python down with signal 11 when the disk is full.
        files.check_room(path, file_size(network))
        network.save_weights(part)
        with h5py.File(part, "r+") as file:
            file.attrs["stylenet"] = json.dumps(options)
        if dtype != "float32":
            compact.pack(part, dtype)


def file_size(network):
    """The bytes that `save_network` writes of a network, at most."""
    return sum(4 * math.prod(each.shape) for each in network.variables) + SPARE


def network_options(name):
    """How `transform_net` builds the network of a weights file; {} for the course's network."""
    import h5py

    path = style_file(name)
    with reading(path), h5py.File(path, "r") as file:
        return dict(json.loads(file.attrs.get("stylenet", "{}")))


def fill(build, path):
    """Builds a network and fills it with a file's weights.

    Args:
        build: a function that returns the `keras.Model`.
        path: of a weights file.

    Raises:
        ValueError: the file does not fit.
    """
    with reading(path):
        network = build()
        with warnings.catch_warnings(), compact.unpacked(path) as whole:
            warnings.simplefilter("ignore")  # dozens, about what Keras then refuses in one error
            network.load_weights(whole)
        bad = [variable.path for variable in network.variables if not _finite(variable)]
        if bad:
            raise ValueError(f"{bad[0]} has values that are not finite")
    return network


@contextlib.contextmanager
def reading(path, kind="the weights of a stylenet network"):
    """Makes one sentence of all that a damaged file lets h5py, Keras and NumPy stumble over.

    Args:
        path: of the weights file.
        kind: what it should hold.

    Raises:
        ValueError: whatever else is raised inside, but that memory is exhausted.
    """
    try:
        yield
    except Exception as error:
        if memory.ended(error):
            raise
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(". ")
        older = " An older program wrote it: `stylenet convert` may read it." * _is_older(path)
        raise ValueError(f"Expected {path} to hold {kind}, but: {reason}.{older}") from error


def _is_older(path):
    """Whether Keras 2 wrote a file, or NumPy for the TensorFlow original."""
    import h5py

    try:
        if zipfile.is_zipfile(path):
            return "arr_47.npy" in zipfile.ZipFile(path).namelist()
        with h5py.File(path, "r") as file:
            return "layer_names" in file.get("model_weights", file).attrs
    except Exception:  # whatever its readers make of the damage
        return False


def _finite(variable):
    import keras
    import numpy as np

    return np.isfinite(keras.ops.convert_to_numpy(variable)).all()
