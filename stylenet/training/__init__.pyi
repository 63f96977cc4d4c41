from .callbacks import NonFiniteLoss as NonFiniteLoss
from .callbacks import Preview as Preview
from .callbacks import Progress as Progress
from .muon import Muon as Muon
from .outputs import Run as Run
from .photographs import Photographs as Photographs
from .settings import FitSettings as FitSettings
from .trainer import Trainer as Trainer
