"""The commands, in the order of the help: each parses, calls and reports.

TensorFlow takes seconds to import, so each command imports what it needs when it runs.
"""

from stylenet.commands.app import app
from stylenet.commands.benchmark import benchmark
from stylenet.commands.fast import convert, demo, styles, stylize
from stylenet.commands.figures import figures
from stylenet.commands.gatys import gatys
from stylenet.commands.training import train
from stylenet.commands.universal import train_decoder, universal
from stylenet.commands.video import video

COMMANDS = (
    stylize,
    demo,
    styles,
    train,
    gatys,
    universal,
    train_decoder,
    video,
    app,
    figures,
    benchmark,
    convert,
)
