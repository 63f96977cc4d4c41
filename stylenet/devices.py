"""What computes: processor cores or a GPU, told without importing a backend."""

import os
from pathlib import Path

DRIVERS = ("/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg")  # the last in WSL
LIBRARIES = ("nvidia-cudnn-cu12", "nvidia-cudnn-cu13", "jax-cuda12-plugin", "jax-cuda13-plugin")


def cores():
    """How many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def describe():
    """In words: "2 CPU cores", "a GPU", or how a GPU that lies idle is put to work."""
    if not any(Path(path).exists() for path in DRIVERS):
        return f"{cores()} CPU core{'s' * (cores() > 1)}"
    if any(map(_installed, LIBRARIES)):
        return "a GPU"
    return (
        f"{cores()} CPU cores; a GPU is present but TensorFlow was installed without CUDA: "
        "pip install 'stylenet[gpu]'"
    )


def _installed(package):
    import importlib.metadata  # slow

    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
