from .identity import start_as_identity as start_as_identity
from .legacy import convert as convert
from .network import load_network as load_network
from .network import transform_net as transform_net
from .stylizer import stylize as stylize
from .training import StyleSettings as StyleSettings
from .training import StyleTrainer as StyleTrainer
from .training import train as train
