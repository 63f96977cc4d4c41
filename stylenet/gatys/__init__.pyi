from .loss import StyleLoss as StyleLoss
from .loss import gatys_loss as gatys_loss
from .stylizer import memory as memory
from .stylizer import reconstruct as reconstruct
from .stylizer import starting_image as starting_image
from .stylizer import stylize as stylize
from .stylizer import synthesize_texture as synthesize_texture
