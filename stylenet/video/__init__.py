"""Clips whose style stays on the scene.

Ruder, Dosovitskiy and Brox, "Artistic Style Transfer for Videos", GCPR 2016,
https://arxiv.org/abs/1604.08610
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
