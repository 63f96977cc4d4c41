"""What native libraries write to the standard error stream: dropped, unless the user asked for it.

TensorFlow writes lines about processor and GPU when it is imported, before any setting of its own
can stop it. `import stylenet` arranges that it does so in silence, whoever imports it, unless the
environment variable TF_CPP_MIN_LOG_LEVEL was set to less before. Nor does it warn then that
functions are compiled often: each network is, and each new size of picture.
"""

import contextlib
import importlib.util
import logging
import os
import sys

VARIABLE, LEVEL = "TF_CPP_MIN_LOG_LEVEL", "3"  # errors are exceptions


@contextlib.contextmanager
def quiet():
    """Drops what libraries write to the standard error stream, C++ included; not exceptions."""
    sys.stderr.flush()
    stream, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(stream, 2)
        os.close(stream)
        os.close(nowhere)


class QuietTensorFlow:
    """Finds TensorFlow as others do, and lets it be imported in silence, its devices included."""

    def find_spec(self, name, path=None, target=None):
        """The specification of TensorFlow, None for all else; see `sys.meta_path`."""
        if name != "tensorflow" or os.environ.get(VARIABLE) != LEVEL:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def execute_quietly(module):
            with quiet():
                execute(module)
                module.config.list_physical_devices()
            logging.getLogger("tensorflow").setLevel(logging.ERROR)

        spec.loader.exec_module = execute_quietly
        return spec


def silence_tensorflow():
    """From now on TensorFlow is imported in silence, unless the user has set how much it says."""
    # A process that this one starts finds the variable set.
    if "tensorflow" not in sys.modules and os.environ.setdefault(VARIABLE, LEVEL) == LEVEL:
        sys.meta_path.insert(0, QuietTensorFlow())
