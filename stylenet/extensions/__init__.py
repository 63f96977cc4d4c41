"""What else style transfer can do: sound, doodles, clothes.

| module       | what it does                                                           |
|--------------|------------------------------------------------------------------------|
| `sound.py`   | a sound with another one's texture: spectrograms (`spectrograms.py`)   |
|              | of recordings (`recordings.py`), some of them made (`synthesis.py`)    |
| `doodle.py`  | a doodle painted like the regions of a painting (`regions.py`)         |
| `clothes.py` | a garment in another pattern                                           |
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
