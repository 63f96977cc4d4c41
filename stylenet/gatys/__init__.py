"""The original method: the pixels of one picture are optimized.

Gatys, Ecker and Bethge, "A Neural Algorithm of Artistic Style", 2015,
https://arxiv.org/abs/1508.06576, and "Image Style Transfer Using Convolutional Neural Networks",
CVPR 2016; control of color, space and scale: Gatys et al. 2017,
https://arxiv.org/abs/1611.07865.

Differences from the papers:

| here                                              | papers                                |
|---------------------------------------------------|---------------------------------------|
| starts from the photograph                        | from noise; their code: photograph    |
| max pooling, average as an option                 | average                               |
| preset "gatys": the weights of their notebook     | other constants in each paper         |
| Keras' VGG19                                      | VGG19 with responses of mean one      |
| a margin of four pixels is drawn too, and cut off | -                                     |
| a mask weighs each response                       | the same ("guided Gram matrices")     |
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
