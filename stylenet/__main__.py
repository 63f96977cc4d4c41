"""`python -m stylenet` is the command line."""

from stylenet.cli import run

run()
