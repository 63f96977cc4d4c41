"""What a run leaves: weights, and a record that says how they were made."""

import os
import platform
import shlex
import sys
from pathlib import Path

import keras

from stylenet import weights


def write_result(run, network, kind, options, settings, fitted, training=None, **more):
    """Writes the weights, and the record beside them.

    Args:
        run: a `training.Run`.
        network: the trained `keras.Model`.
        kind: what the record calls it, such as "style".
        options: a dict, the arguments that build the network.
        settings: `training.FitSettings` or a kind of them.
        fitted: what `run.fit` returned.
        training: a dict, what else the record says of the training.
        **more: what else it says.
    """
    weights.save_network(network, run.output, options)
    record = run_record(run, kind, options, settings, fitted)
    record["training"] |= training or {}
    weights.write_json(run.record, record | more)


def run_record(run, kind, options, settings, fitted):
    """The record of a run; that of a run whose weights it began with is part of it."""
    start = getattr(settings, "start", None)
    training = {
        "command": _command(),
        "settings": settings.as_dict() | ({"start": Path(start).name} if start else {}),
        "photographs": len(fitted.photographs.paths),
        "seconds": round(fitted.seconds),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "backend": f"{keras.backend.backend()}, Keras {keras.version()}",
        "last_losses": fitted.losses,
    }
    before = weights.record_of(start) if start else None
    if before:
        training["before"] = before["training"]
    return {
        "name": run.output.name.removesuffix(weights.SUFFIX),
        "kind": kind,
        "file": run.output.name,
        "sha256": weights.sha256(run.output),
        "bytes": run.output.stat().st_size,
        "network": options,
        "training": training,
    }


def _command():
    """The command that asked for a run, or None where a program of one's own did."""
    program = Path(sys.argv[0])
    ours = program.stem == "stylenet" or program.parts[-2:] == ("stylenet", "__main__.py")
    return shlex.join(["stylenet", *sys.argv[1:]]) if ours else None
