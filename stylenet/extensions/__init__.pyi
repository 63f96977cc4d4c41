from .clothes import garment as garment
from .clothes import restyle as restyle
