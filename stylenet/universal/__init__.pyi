from .decoders import decoder as decoder
from .decoders import level_encoder as level_encoder
from .decoders import load_decoder as load_decoder
from .stylizer import StyleEncoding as StyleEncoding
from .stylizer import UniversalStylizer as UniversalStylizer
from .training import DecoderSettings as DecoderSettings
from .training import DecoderTrainer as DecoderTrainer
from .training import train_decoder as train_decoder
