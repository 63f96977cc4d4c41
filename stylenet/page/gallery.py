"""The tab of the class's gallery: drawings that were hung up, in memory alone, the newest first."""

import collections
import functools

import gradio as gr

from stylenet import images
from stylenet.page import pictures, wishes
from stylenet.page.panels import Wall, warn
from stylenet.page.wishes import Wish

MOST = 24  # drawings; the oldest makes room
SIZE = 512  # pixels, of a drawing's longer side
HINT = (
    f"What somebody has hung up, seen by all who open this page: the last {MOST}, until the server "
    "ends."
)


class Drawings:
    """The drawings that hang, a packed picture and a caption each."""

    def __init__(self, most=MOST):
        self._hung = collections.deque(maxlen=most)

    def hang(self, picture, caption):
        """Hangs a drawing, reduced; whoever hung nothing keeps nothing here."""
        self._hung.appendleft(
            (pictures.pack(images.limit_size(picture, SIZE), "drawing.jpg"), caption)
        )

    def all(self):
        """A list, the newest first."""
        return list(self._hung)


def tab(hang, result, controls, max_size):
    """Puts the tab into the block that is open.

    Args:
        hang: the button that hangs up what is shown.
        result: the panel of a drawing, a `panels.Pair`.
        controls: the `styles.Controls`.
        max_size: of a drawing, in pixels.

    Returns:
        What shows the gallery as it is now: a function, and the panel that takes what it returns.
    """
    drawings = Drawings()
    gr.Markdown(HINT)
    wall = Wall(
        show_label=False,
        columns=4,
        fit_columns=False,
        object_fit="contain",
        elem_id="wall",
        interactive=False,
        buttons=["fullscreen"],
    )
    again = gr.Button("Look again", size="sm", elem_id="look")
    again.click(drawings.all, None, wall, api_name="look")
    put = functools.partial(hang_up, drawings, max_size=max_size)
    hang.click(put, [result, *controls.values], None, api_name="hang", concurrency_id="read")
    return drawings.all, wall


def hang_up(drawings, pair, *values, max_size):
    """Hangs up the drawing of a panel."""
    try:
        picture = pictures.unpack(pair[1] if pair else None, max_size)
        drawings.hang(picture, wishes.title(Wish(*values)))
    except pictures.ERRORS as error:
        warn(error)
        return
    gr.Info("It hangs in the gallery now.", duration=5, title="Done")
