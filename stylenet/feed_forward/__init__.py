"""A network a style: one pass turns a photograph into a picture.

Johnson, Alahi and Fei-Fei, "Perceptual Losses for Real-Time Style Transfer and
Super-Resolution", ECCV 2016, https://arxiv.org/abs/1603.08155

Differences from the paper:

| here                                                         | paper                             |
|--------------------------------------------------------------|-----------------------------------|
| the network (`network.py`)                                   |                                   |
| instance normalization [1]                                   | batch normalization               |
| 'same' padding                                               | 40 pixels of reflection padding   |
|                                                              | at the input, no padding in       |
|                                                              | residual blocks                   |
| output 150 tanh(x) + 127.5                                   | scaled tanh                       |
| optional reflection padding                                  | -                                 |
| optional nearest-neighbor upsampling [2]                     | transposed convolution            |
| its training (`training.py`)                                 |                                   |
| random crops after a random resize, and flips                | pictures squashed to 256 x 256    |
| starts as a copy of the photograph                           | random weights                    |
| the learning rate falls along a cosine                       | constant                          |
| Adam, or Muon, which learns more a step                      | Adam                              |
| any folder of photographs                                    | MS-COCO                           |
| styling with it (`stylizer.py`)                              |                                   |
| any size: mirrored to a multiple of four, then cut back      | multiples of four                 |
| strength and the photograph's own colors chosen at test time | -                                 |

[1] Ulyanov, Vedaldi and Lempitsky 2016, https://arxiv.org/abs/1607.08022
[2] Odena, Dumoulin and Olah 2016, https://distill.pub/2016/deconv-checkerboard
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
