from .clothes import garment as garment
from .clothes import restyle as restyle
from .doodle import Painted as Painted
from .doodle import paint as paint
from .recordings import Sound as Sound
from .recordings import load_sound as load_sound
from .recordings import save_sound as save_sound
from .sound import stylize_sound as stylize_sound
