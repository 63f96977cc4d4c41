"""The command of the page to play with."""

import importlib.util
from typing import Annotated

from typer import Option


def app(
    host: Annotated[
        str, Option(metavar="ADDRESS", help="127.0.0.1: this computer alone. 0.0.0.0: all.")
    ] = "127.0.0.1",
    port: Annotated[
        int, Option(min=1, max=65535, metavar="NUMBER", help="Where the page is served.")
    ] = 7860,
    max_size: Annotated[
        int, Option(min=64, max=16384, metavar="PIXELS", help="Longer side of pictures, in pixels.")
    ] = 1024,
    allow_host: Annotated[
        list[str] | None,
        Option(metavar="NAME", help="Another name of the page, as of a proxy; repeatable."),
    ] = None,
):
    """Serve a page to play with: drop a photograph, choose a style, move the sliders.

    Example: stylenet app
    """
    if importlib.util.find_spec("gradio") is None:
        raise ImportError("The page needs Gradio: pip install 'stylenet[app]'.")
    from stylenet.commands import serving

    serving.check_address(host, port)  # before anything slow
    with serving.ended_by_sigterm(), serving.temporary_folder() as folder:
        from stylenet.commands.page import serve

        serve(host, port, max_size, allow_host or (), folder)
