"""The commands, in the order of the help: each parses, calls and reports.

TensorFlow takes seconds to import, so each command imports what it needs when it runs.
"""

from stylenet.commands.app import app
from stylenet.commands.fast import convert, demo, styles, stylize
from stylenet.commands.figures import figures
from stylenet.commands.gatys import gatys
from stylenet.commands.training import train

COMMANDS = (stylize, demo, styles, train, gatys, app, figures, convert)
