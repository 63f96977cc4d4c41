"""The commands, in the order of the help: each parses, calls and reports.

TensorFlow takes seconds to import, so each command imports what it needs when it runs.
"""

from stylenet.commands.app import app
from stylenet.commands.benchmark import benchmark
from stylenet.commands.convert import convert
from stylenet.commands.enlarge import enlarge
from stylenet.commands.extensions import doodle, restyle, sound
from stylenet.commands.figures import figures
from stylenet.commands.gatys import gatys
from stylenet.commands.shipped import demo, styles
from stylenet.commands.stylize import stylize
from stylenet.commands.train import add_style, train
from stylenet.commands.train_decoder import train_decoder
from stylenet.commands.universal import universal
from stylenet.commands.video import video

COMMANDS = (
    stylize,
    demo,
    styles,
    train,
    add_style,
    gatys,
    universal,
    train_decoder,
    video,
    sound,
    doodle,
    restyle,
    enlarge,
    app,
    figures,
    benchmark,
    convert,
)
