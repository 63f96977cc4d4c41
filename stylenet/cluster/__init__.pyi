from .finished import Finished as Finished
from .machines import connected as connected
from .pictures import draw_pictures as draw_pictures
from .shots import draw_shots as draw_shots
from .shots import find_shots as find_shots
