"""Packages that belong to an extra: found when they are used, named when they are absent."""

import importlib

EXTRAS = {
    "cv2": ("OpenCV", "video"),
    "av": ("PyAV", "video"),
    "gradio": ("Gradio", "app"),
    "pillow_heif": ("pillow-heif", "heic"),
    "ray": ("Ray", "cluster"),
}


def load(name):
    """A package, or what says how to install it as soon as it is used.

    Args:
        name: one of `EXTRAS`.

    Returns:
        The module, or a `Missing`.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        return Missing(name)


class Missing:
    """A package that is not installed; using it raises an ImportError that names its extra."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, attribute):
        title, extra = EXTRAS[self._name]
        raise ImportError(f"This needs {title}: pip install 'stylenet[{extra}]'.")
