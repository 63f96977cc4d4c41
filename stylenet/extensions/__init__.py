"""What else style transfer can do: clothes.

| module       | what it does                      |
|--------------|-----------------------------------|
| `clothes.py` | a garment in another pattern      |
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
