"""The tab of short clips, drawn so that the style stays on the scene."""

import os
import shutil
import tempfile
import time
from pathlib import Path

import gradio as gr

from stylenet.page import guard, pictures, wishes
from stylenet.page.panels import Clip, warn
from stylenet.page.wishes import Wish

MOST_FRAMES = 300  # ten seconds of thirty
SIZE = 480  # pixels, of a clip's longer side
KEPT = 600  # seconds that clips stay: they are too large to come again with each drawing
# How files begin that ffmpeg takes for themselves: lists of other files are no clips.
BEGINNINGS = {0: (b"\x1aE\xdf\xa3", b"RIFF"), 4: (b"ftyp", b"moov", b"mdat", b"wide")}
WAITING = 64  # visitors who wait for a clip
HINT = (
    f"Up to {MOST_FRAMES} frames and {pictures.MAX_MEGABYTES} MB, drawn {SIZE} pixels wide or high."
)


class Stopped(Exception):
    """Nobody waits for the clip any more."""


class Waiting:
    """Who waits for a clip, a visitor each; who waits no longer has the drawing of it stopped.

    Args:
        most: visitors who wait at once; whoever has waited longest is given up for the next.
    """

    def __init__(self, most=WAITING):
        self.most, self._turns = most, {}

    def begin(self, visitor):
        """A visitor waits from now on."""
        self.stop(visitor)
        while len(self._turns) >= self.most:
            self.stop(next(iter(self._turns)))
        self._turns[visitor] = object()

    def stop(self, visitor):
        """A visitor waits no longer."""
        self._turns.pop(visitor, None)

    def turn(self, visitor):
        """A function that raises `Stopped` once the visitor no longer waits for this clip."""
        turn = self._turns.get(visitor)

        def check():
            if turn is None or self._turns.get(visitor) is not turn:
                raise Stopped

        return check


def tab(blocks, controls, max_size):
    """Puts the tab into the block that is open.

    Args:
        blocks: the page.
        controls: the `styles.Controls`, which stand elsewhere.
        max_size: longer side of frames and paintings at most, in pixels.
    """
    with gr.Row():
        with gr.Column(min_width=300):
            clip = Clip(
                label="A clip: drop or film one",
                sources=["upload", "webcam"],
                height=400,
                elem_id="clip",
                buttons=[],
            )
            button = gr.Button("Draw the clip", variant="primary", elem_id="draw-clip")
            stop = gr.Button("Stop", variant="stop", visible=False, elem_id="stop-clip")
            gr.Markdown(HINT)
        with gr.Column(min_width=300):
            result = Clip(label="The clip, drawn", interactive=False, height=400, elem_id="film")

    reading = {"concurrency_id": "read", "trigger_mode": "always_last"}
    clip.input(receive, clip, clip, api_name="receive_clip", **reading)
    _wire(blocks, button, stop, clip, controls, result, max_size)


def _wire(blocks, button, stop, clip, controls, result, max_size):
    """One button draws and the other stops, of which one is seen; who leaves the page stops too."""
    waiting = Waiting()

    def begin(request: gr.Request):
        waiting.begin(request.session_hash)
        return gr.update(visible=False), gr.update(visible=True)

    def end(request: gr.Request):
        waiting.stop(request.session_hash)
        return gr.update(visible=True), gr.update(visible=False)

    def leave(request: gr.Request):
        waiting.stop(request.session_hash)

    def draw(data, request: gr.Request, progress=gr.Progress()):  # noqa: B008
        wish = Wish(*(data[each] for each in controls.values))
        return stylize(data[clip], wish, max_size, progress, waiting.turn(request.session_hash))

    at_once = {"concurrency_id": "turn", "concurrency_limit": WAITING, "show_progress": "hidden"}
    begun = button.click(begin, None, [button, stop], api_name="begin_clip", **at_once)
    drawing = begun.then(
        draw,
        {clip, *controls.values},
        result,
        concurrency_id="clip",
        concurrency_limit=1,
        api_name="draw_clip",
    )
    drawing.then(end, None, [button, stop], api_name="end_clip", **at_once)
    stop.click(end, None, [button, stop], api_name="stop_clip", cancels=[drawing], **at_once)
    blocks.unload(leave)


def receive(sent):
    """A clip that was dropped; nothing if it can't be drawn."""
    if sent is None:
        return None
    try:
        path = pictures.upload(sent)
        check(path)
        _keep(path)
    except pictures.ERRORS as error:
        warn(error)
        return None
    return gr.skip()


def check(path):
    """Looks at a clip before it is decoded: how many frames it has, or 0 if it does not tell.

    Raises:
        ValueError: no clip, or one that is too long or too large.
    """
    from stylenet.video.reading import open_clip

    with open(path, "rb") as file:
        head = file.read(16)
    if not any(head[start:].startswith(known) for start, known in BEGINNINGS.items()):
        raise ValueError("Expected a clip: MP4, MOV, WebM, MKV or AVI.")
    count = open_clip(path, max_pixels=pictures.LARGE).count
    if count and count > MOST_FRAMES:
        raise ValueError(f"Expected a clip of at most {MOST_FRAMES} frames. Received: {count}.")
    return count or 0


def stylize(sent, wish, max_size, progress=None, check_wanted=None):
    """The clip, drawn: the name of a file, which is kept for some minutes.

    Args:
        sent: a `pictures.Sent`.
        wish: a `wishes.Wish`.
        max_size: of frames and paintings, in pixels.
        progress: called with (frames done, all frames or None); or None.
        check_wanted: called before each frame, it may raise `Stopped`; or None.
    """
    if sent is None:
        return gr.skip()
    try:
        path = pictures.upload(sent)
        count = check(path)
        draw = wishes.as_stylizer(wish, max_size)
        if draw is None:
            raise ValueError("Expected a painting. Drop one, or choose a style.")
        draw = _counted(draw, count, progress, check_wanted)
        return _drawn(path, draw, f"{pictures.stem(sent)}_{wish.name}.mp4", max_size)
    except Stopped:
        return gr.skip()
    except pictures.ERRORS as error:
        warn(error)
        return gr.skip()


def _drawn(path, draw, name, max_size):
    from stylenet.video.stylizer import stylize_video

    _keep(path)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, name)
        stylize_video(path, target, draw, max_size=min(SIZE, max_size), progress=False)
        kept = Path(tempfile.mkdtemp(dir=os.environ[guard.UPLOADS]), name)
        shutil.move(target, kept)
    _keep(kept)
    return kept


def _counted(draw, count, progress=None, check_wanted=None):
    """A stylizer that tells how many frames it has drawn, and stops at too many, or when told."""
    paint, done = draw.paint, 0

    def counted(frame):
        nonlocal done
        done += 1
        if check_wanted:
            check_wanted()
        if done > MOST_FRAMES:
            raise ValueError(f"Expected a clip of at most {MOST_FRAMES} frames. Received more.")
        if progress is not None:  # one of Gradio without bars is false
            progress((done, count or None), desc="drawing", unit="frames")
        return paint(frame)

    draw.paint = counted
    return draw


def _keep(path):
    """Lets a file seem newer than it is: `guard.clear` leaves it for some minutes."""
    later = time.time() + KEPT
    os.utime(path, (later, later))
