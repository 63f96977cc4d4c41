"""Gradio's panels of pictures and clips, with all that they show in the browser.

Gradio's own keep files on the server and decode what comes without a look at its size. These hand
over what was sent as a `pictures.Sent`, unread, and show what `pictures.pack` made.
"""

import abc
import html
import re

import gradio as gr
from gradio.components.gallery import GalleryData, GalleryImage
from gradio.components.imageslider import SliderData
from gradio.data_classes import FileData, ImageData

from stylenet.page import pictures
from stylenet.page.pictures import Sent

FILE = re.compile(r"""(['"])(?:/|[A-Za-z]:\\).*?\1""")  # a path from the root on


class Quiet(type(gr.Image)):
    """Makes panels without the stub that Gradio writes beside each file of a panel."""

    def __new__(mcs, name, bases, attributes):
        return abc.ABCMeta.__new__(mcs, name, bases, attributes)


class Page(gr.Blocks):
    """A page that reads no file and fetches nothing but what a browser has just uploaded.

    Gradio would do so for each of its controls, if a browser sends a path or an address for it.
    """

    async def preprocess_data(self, block_fn, inputs, state, explicit_call=False):
        check_paths(inputs)
        return await super().preprocess_data(block_fn, inputs, state, explicit_call)


def check_paths(inputs):
    """Raises a `gr.Error` if something that a browser sent is a path of no upload."""
    for path in _paths(inputs):
        if not pictures.is_upload(path):
            raise gr.Error(pictures.GONE, print_exception=False)


def _paths(value):
    """All that is called a path in what a browser sent."""
    if isinstance(value, dict):
        path = value.get("path")
        yield from () if path is None else (path,)
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _paths(each)


class Named:
    """A panel that browsers draw as Gradio draws its own of another name."""

    shown_as: str

    def get_block_name(self):
        return self.shown_as


class Photo(Named, gr.Image, metaclass=Quiet):
    """A picture that is dropped, pasted or taken, and shown."""

    shown_as = "image"

    def preprocess(self, payload):
        return _sent(payload)

    def postprocess(self, value):
        return _shown(value)


class Pair(Named, gr.ImageSlider, metaclass=Quiet):
    """A photograph and its drawing, with a line between them to move."""

    shown_as = "imageslider"

    def preprocess(self, payload):
        return None if payload is None else tuple(map(_sent, payload.root or (None, None)))

    def postprocess(self, value):
        return None if value is None else SliderData(root=tuple(map(_shown, value)))


class Clip(Named, gr.Video, metaclass=Quiet):
    """A clip that is dropped or filmed, or one that was drawn: a file on the server."""

    shown_as = "video"

    def preprocess(self, payload):
        return _sent(payload)

    def postprocess(self, value):
        return None if value is None else FileData(path=str(value), orig_name=value.name)


class Canvas(Named, gr.ImageEditor, metaclass=Quiet):
    """A canvas to draw on; what is drawn comes as a file that was uploaded."""

    shown_as = "imageeditor"

    def preprocess(self, payload):
        return _sent(payload.composite) if payload else None


class Wall(Named, gr.Gallery, metaclass=Quiet):
    """Pictures side by side, `(packed picture, caption)`, which are only shown."""

    shown_as = "gallery"

    def postprocess(self, value):
        found = [GalleryImage(image=_shown(image), caption=text) for image, text in value or ()]
        return GalleryData(root=found)


def _sent(payload):
    """What came from a browser; an address counts if it holds the data itself."""
    if payload is None:
        return None
    address = payload.url if (payload.url or "").startswith("data:") else None
    return Sent(address, payload.path, payload.orig_name)


def _shown(value):
    return None if value is None else ImageData(**value)


def warn(error):
    """Says in a corner of the page why nothing was done, without the server's names of files."""
    text = re.sub(r"cannot identify image file .*", "this is none", str(error))
    text = FILE.sub("the file", text).removeprefix("Cannot read the file: ")
    gr.Warning(html.escape(text[:1].upper() + text[1:]), duration=20, title="Error")
