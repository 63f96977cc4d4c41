"""A page that is served, for all tests that ask it, and what it says and shows."""

import pytest
from serving import serve

from stylenet.page.pictures import pack


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The port of a page that `stylenet app` serves, and the folder of its temporary files."""
    folder = tmp_path_factory.mktemp("server")
    with serve(folder, "--max-size", "200", "--gallery") as (_, port):
        yield port, folder


@pytest.fixture
def told(monkeypatch):
    """The title and the text of what the page warns of."""
    panels = pytest.importorskip("stylenet.page.panels")
    said = []
    monkeypatch.setattr(
        panels.gr, "Warning", lambda text, title, **more: said.append((title, text))
    )
    return said


@pytest.fixture
def packed(pixels):
    """A picture as the page gives it to a browser."""
    return pack(pixels.astype("float32"), "cat.png")
