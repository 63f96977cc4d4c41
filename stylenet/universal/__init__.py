"""Universal style transfer: any painting as style, without training for it.

Li, Fang, Yang, Wang, Lu and Yang, "Universal Style Transfer via Feature Transforms", NIPS 2017,
https://arxiv.org/abs/1705.08086

Differences from the paper:

| here                                                | paper                               |
|-----------------------------------------------------|-------------------------------------|
| slim, a narrow encoder that ships with us and has   | VGG19 alone                         |
| learned to see what VGG19 sees; or VGG19            |                                     |
| decoders have slim's widths                         | VGG19's                             |
| pictures in [0, 255], clipped between the levels    | not clipped                         |
| responses before their ReLU are transformed, since  | after it                            |
| whitening makes them negative                       |                                     |
| the style encoded once, for all levels              | at every level                      |
| level 5 drops eigenvalues below 1e-2 of the first   | below 1e-5                          |
| a tenth of the style's covariance is added to the   | -                                   |
| photograph's (wct), so that its noise does not grow |                                     |
| level 4 twice                                       | once                                |
| of what the decoder D does not draw, x - D(f_c),    | D(f) replaces the picture           |
| levels 5 and 3 keep all, level 4 a share 1 - alpha  |                                     |
| a mask weighs each position                         | a region's positions alone          |
| `transform="adain"` and "transport" as well         | whitening and coloring              |

`UniversalStylizer(recipe="li")` follows the paper in these: each level once, after the ReLU, not
clipped between the levels, eigenvalues above 1e-5, nothing added to the covariance, the decoder's
output in the picture's place.

How the decoders are trained, which also differs, stands in `stylenet.universal.training`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
