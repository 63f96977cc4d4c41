"""Neural style transfer: taught, trained and ready to use.

    import stylenet
    content = stylenet.load_image("photo.jpg", max_size=1024)
    stylenet.save_image("out.png", stylenet.stylize(content, "wave"))

Rooms, each a method or what several share:

    gatys           the original method: the pixels of one picture are optimized
    feed_forward    a network a style: one pass turns a photograph into a picture
    universal       any painting as style: whitening and coloring, at five levels
    super_resolution  a picture four times as wide and high, by a perceptual loss
    video           clips whose style stays on the scene
    extensions      what else style transfer can do: sound, doodles, clothes
    cluster         photographs and clips drawn on many machines
    training        what every training run shares
    speed           the same numbers, sooner
    figures         the figures of the lectures

A name is imported when it is first used, since TensorFlow takes seconds to import.
"""

import os

import lazy_loader

from stylenet.devices import cores
from stylenet.quiet import silence_tensorflow

silence_tensorflow()
# XLA reads it when JAX begins: of only two threads, both can wait for each other in `eigh`.
if cores() < 4:
    os.environ.setdefault("NPROC", "4")
# TensorFlow reads it when it is imported: oneDNN's convolutions, on every kind of CPU.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
