from .convolution import accelerate as accelerate
from .network import fast_network as fast_network
