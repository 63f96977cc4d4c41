"""A picture four times as wide and high, by the same perceptual loss without a style.

Johnson, Alahi and Fei-Fei, "Perceptual Losses for Real-Time Style Transfer and
Super-Resolution", ECCV 2016, section 4.2, https://arxiv.org/abs/1603.08155

Differences from the paper:

| here                                                   | paper                                  |
|--------------------------------------------------------|----------------------------------------|
| the network adds to the bicubic enlargement, and       | draws the whole picture; random        |
| begins as that                                         | weights                                |
| no normalization                                       | batch normalization                    |
| 32 filters                                             | 64                                     |
| nearest-neighbor upsampling, then a convolution        | convolutions of stride 1/2             |
| reduced with a bicubic kernel as wide as the factor    | blurred with sigma 1, then bicubic     |
| VGG19's second convolution of block 2, which VGG16 has | VGG16's                                |
| as well                                                |                                        |
| thousands of steps of crops of 128 pixels; Muon        | 200,000 steps of 288 pixels; Adam      |
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
