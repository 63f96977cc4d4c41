"""Photographs and clips drawn on several machines, by Ray.

Ray, https://www.ray.io, carries functions to other machines and their results back. What is here
says which functions: `draw_pictures` one a photograph, `draw_shots` one a shot of a clip, whose
frames need each the one before. Photographs, clips and paintings travel with them, results come
back and are written here, once each; a machine that ends in the middle is done without, and what it
had begun is drawn anew on another.

Expected of the machines: the same versions of Python, Ray and stylenet, and weights of your own
under the same path.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
