"""The original method: the pixels of one picture are optimized.

Gatys, Ecker and Bethge, "A Neural Algorithm of Artistic Style", 2015,
https://arxiv.org/abs/1508.06576, and "Image Style Transfer Using Convolutional Neural Networks",
CVPR 2016; control of color, space and scale: Gatys et al. 2017,
https://arxiv.org/abs/1611.07865.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
