"""Neural style transfer: taught, trained and ready to use.

    import stylenet
    content = stylenet.load_image("photo.jpg", max_size=1024)
    stylenet.save_image("out.png", stylenet.stylize(content, "wave"))

A name is imported when it is first used, since TensorFlow takes seconds to import.
"""

import importlib
import os

# TensorFlow reads it when it is imported: oneDNN's convolutions, on every kind of CPU.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

__version__ = "0.1.0"

_MODULES = (
    "autoencoders",
    "batch",
    "collaboration",
    "colors",
    "distillation",
    "encoders",
    "fast",
    "features",
    "figures",
    "filters",
    "fitting",
    "gatys",
    "identity",
    "images",
    "inference",
    "inversion",
    "least_squares",
    "legacy",
    "losses",
    "network",
    "optimization",
    "photographs",
    "pruning",
    "reconstruction",
    "runs",
    "settings",
    "sheets",
    "strips",
    "timing",
    "training",
    "universal",
    "universal_inputs",
    "visualization",
    "wct",
    "weights",
)
_FUNCTIONS = {
    "load_image": "images",
    "save_image": "images",
    "stylize": "inference",
    "styles": "weights",
    "transform_net": "network",
    "train": "runs",
    "UniversalStylizer": "universal",
}
__all__ = ["__version__", *_MODULES, *_FUNCTIONS]


def __getattr__(name):
    if name in _FUNCTIONS:
        return getattr(importlib.import_module(f"stylenet.{_FUNCTIONS[name]}"), name)
    if name in _MODULES:
        return importlib.import_module(f"stylenet.{name}")
    raise AttributeError(f"module 'stylenet' has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
