"""A page that is served, for all tests that ask it."""

import pytest
from serving import serve


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The port of a page that `stylenet app` serves, and the folder of its temporary files."""
    folder = tmp_path_factory.mktemp("server")
    with serve(folder, "--max-size", "200") as (_, port):
        yield port, folder
