"""The figures of the lectures: one function a figure.

Each function takes what it shows as keyword arguments and returns a `Figure`: a drawing of
matplotlib and its caption. `draw` writes them, a PNG and a text file each.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
