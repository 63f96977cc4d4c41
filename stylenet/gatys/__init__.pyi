from .loss import PRESETS as PRESETS
from .loss import Preset as Preset
from .loss import StyleLoss as StyleLoss
from .stylizer import memory as memory
from .stylizer import reconstruct as reconstruct
from .stylizer import stylize as stylize
from .stylizer import synthesize_texture as synthesize_texture
