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
    gallery: Annotated[
        bool, Option("--gallery", help="Let visitors hang drawings up for all to see.")
    ] = False,
):
    """Serve a page to play with: drop a photograph, choose a style, move the sliders.

    Example: stylenet app
    """
    if importlib.util.find_spec("gradio") is None:
        raise ImportError("The page needs Gradio: pip install 'stylenet[app]'.")
    from stylenet import reports
    from stylenet.page import early, guard

    guard.check_address(host, port)  # before anything slow
    with guard.temporary_folder() as uploads:
        with early.answers(host, port):
            reports.tell(f"The page is at {guard.url(host, port)}. Ctrl-C ends it.")
            from stylenet.page import server

            page = server.page(max_size, gallery)
        server.serve(page, host, port, max_size, allow_host or (), uploads)
