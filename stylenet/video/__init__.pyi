from .consistency import Consistency as Consistency
from .reading import open_clip as open_clip
from .scenes import Motion as Motion
from .scenes import Scene as Scene
from .stylizer import frame_stylizer as frame_stylizer
from .stylizer import stylize_video as stylize_video
from .temporal import TemporalStylizer as TemporalStylizer
from .temporal import temporal_loss as temporal_loss
