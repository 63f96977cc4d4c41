from .enlarger import Enlarger as Enlarger
from .enlarger import enlarge as enlarge
from .network import shrink as shrink
from .network import super_resolution_net as super_resolution_net
from .settings import SuperResolutionSettings as SuperResolutionSettings
from .training import SuperResolutionTrainer as SuperResolutionTrainer
from .training import train_super_resolution as train_super_resolution
