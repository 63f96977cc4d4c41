"""Clips whose style stays on the scene.

Ruder, Dosovitskiy and Brox, "Artistic Style Transfer for Videos", GCPR 2016,
https://arxiv.org/abs/1604.08610

Differences from the paper:

| here                                                     | paper                              |
|----------------------------------------------------------|------------------------------------|
| any stylizer, whose pixels travel with the scene; or the | the optimization alone             |
| paper's optimization                                     |                                    |
| temporal weight 200, for a content weight of 1           | the same ratio; all in other units |
| L-BFGS for a number of steps                             | L-BFGS until the loss stands still |
| starts from the frame where the flow is not trusted      | from the previous result or noise  |
| DIS flow                                                 | DeepFlow, EpicFlow                 |
| passes: results in between are rounded to 8 bits         | not rounded                        |

Pixels that travel, which the paper does not have, stand in `stylenet.video.consistency`; the other
rows are about `stylenet.video.temporal`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
