from . import (
    batch as batch,
)
from . import colors as colors
from . import encoders as encoders
from . import features as features
from . import feed_forward as feed_forward
from . import figures as figures
from . import filters as filters
from . import flow as flow
from . import gatys as gatys
from . import images as images
from . import inputs as inputs
from . import layers as layers
from . import losses as losses
from . import notebook as notebook
from . import optimization as optimization
from . import sheets as sheets
from . import speed as speed
from . import stylizers as stylizers
from . import training as training
from . import universal as universal
from . import video as video
from . import visualization as visualization
from . import wct as wct
from . import weights as weights
from .feed_forward import StyleSettings as StyleSettings
from .feed_forward import stylize as stylize
from .feed_forward import train as train
from .feed_forward import transform_net as transform_net
from .images import load_image as load_image
from .images import save_image as save_image
from .stylizers import stylizer as stylizer
from .universal import UniversalStylizer as UniversalStylizer
from .weights import styles as styles

__version__: str
