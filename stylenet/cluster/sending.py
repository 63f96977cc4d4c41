"""A stylizer on its way to another machine, where each process loads it once."""

import contextlib
import os
import pickle
import uuid
from pathlib import Path
from typing import NamedTuple

from stylenet.cluster import machines

_loaded = {}  # in a process that draws: by job, what draws


class Job(NamedTuple):
    """What all tasks of a run share: a name, the folder it runs in, and TensorFlow's threads."""

    name: str
    folder: str
    threads: int


def new_job():
    """A job that draws as this process would."""
    return Job(uuid.uuid4().hex, str(Path.cwd()), machines.threads())


def sent(draw):
    """A stylizer, or a function of a picture, as bytes, without the network."""
    import ray

    return ray.cloudpickle.dumps(draw)


def loaded(style, job):
    """What `sent` gave, loaded where it is to draw; the same one for all tasks of a job."""
    if job.name not in _loaded:
        os.environ[machines.THREADS] = str(job.threads)
        with contextlib.suppress(OSError):  # another machine may have no such folder
            os.chdir(job.folder)
        draw = pickle.loads(style)
        getattr(draw, "prepare", lambda: None)()
        _loaded.clear()
        _loaded[job.name] = draw
    return _loaded[job.name]
