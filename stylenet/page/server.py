"""The page as a whole: its tabs, served until it is interrupted."""

import threading
import time
from pathlib import Path

import gradio as gr
from starlette.middleware import Middleware

from stylenet import files
from stylenet.page import clips, doodles, guard, photographs, styles, wishes
from stylenet.page.gallery import tab as gallery_tab
from stylenet.page.panels import Page
from stylenet.page.pictures import MAX_MEGABYTES

WAITING = 20  # requests at once; more are asked to come again
SESSIONS = 64  # of which Gradio remembers what they show, in memory; it would 10,000
HERE = Path(__file__).parent
TITLE = "# stylenet\nA photograph, drawn in the manner of a painting."


def serve(blocks, host, port, max_size, allowed, uploads):
    """Serves the page until it is interrupted.

    Args:
        blocks: from `page`.
        host: the address to listen at; 127.0.0.1 is this computer alone, 0.0.0.0 all networks.
        port: 1 to 65535.
        max_size: longer side of the example in pixels.
        allowed: names that the page has beside `host`, for instance those of a proxy.
        uploads: the folder of uploads, which are deleted there: `guard.temporary_folder`.
    """
    host = guard.bracketed(host)
    try:
        blocks.launch(
            server_name=host,
            server_port=port,
            max_file_size=f"{MAX_MEGABYTES}mb",
            theme=gr.themes.Default(font="sans-serif", font_mono="monospace"),
            css_paths=HERE / "page.css",
            head_paths=HERE / "page.html",
            share=False,
            footer_links=[],
            quiet=True,
            prevent_thread_lock=True,
            state_session_capacity=SESSIONS,
            app_kwargs={"middleware": [Middleware(guard.Guard, host, allowed)]},
        )
        threading.Thread(target=wishes.example, args=(max_size,), daemon=True).start()
        while True:
            time.sleep(guard.DELETE_EVERY)
            guard.clear(uploads, guard.DELETE_AFTER)
    finally:
        blocks.close(verbose=False)


def page(max_size, gallery=False):
    """The page, a `panels.Page`, to be served.

    Args:
        max_size: longer side of the pictures in pixels; larger ones are reduced.
        gallery: whether drawings can be hung up for all visitors to see.
    """
    gr.set_static_paths(
        [files.shipped("images") / part for part in ("content", "paintings", "doodles")]
    )
    with Page(title="stylenet", fill_width=True) as blocks:
        gr.Markdown(TITLE, elem_id="title")
        with gr.Row():
            with gr.Column(scale=3, min_width=320):
                tabs = gr.Tabs()
            with gr.Column(scale=1, min_width=320, elem_id="controls"):
                controls = styles.Controls(max_size)
        with tabs:
            with gr.Tab("Photograph"):
                drawn = photographs.tab(blocks, controls, max_size, gallery)
            with gr.Tab("Clip"):
                clips.tab(blocks, controls, max_size)
            with gr.Tab("Doodle"):
                doodles.tab(controls, max_size)
            if gallery:
                with gr.Tab("Gallery") as shown:
                    look, wall = gallery_tab(*drawn[::-1], controls, max_size)
                shown.select(look, None, wall, api_name="look")
    return blocks.queue(max_size=WAITING, api_open=False)
