"""Memory: what there is, which size fits, and one sentence where it ends."""

import re

import numpy as np
import psutil
import pytest
from helpers import run, smooth

from stylenet import batch, feed_forward, gatys, images, memory, universal
from stylenet.stylizers import Stylizer, stylizer

free = memory.free  # the real one: the tests' own says that there is enough


class ResourceExhaustedError(Exception):
    """As TensorFlow calls its own."""


ENDS = {
    "python": MemoryError(),
    "numpy": np._core._exceptions._ArrayMemoryError((9000, 9000, 3), np.dtype("float32")),
    "tensorflow": ResourceExhaustedError("{{node conv}} failed to allocate"),
    "jax": RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 40000000000 bytes."),
    "oneDNN": RuntimeError("Operation received an exception: could not create a memory object"),
}
SENTENCE = "Expected memory for 48 x 32 pixels, about 2.0 GB. Received: too little"


def needed(height, width):
    return 2.0


def fails_above(error, width):
    """A stylizer for which pictures of more columns are too large."""

    def paint(content):
        if content.shape[1] > width:
            raise error
        return content

    return Stylizer(lambda: paint, memory=needed)


@pytest.mark.parametrize("error", ENDS.values(), ids=ENDS)
def test_however_memory_ends_a_stylizer_says_what_to_do(error):
    draw = fails_above(error, 40)
    with pytest.raises(MemoryError, match=SENTENCE) as raised:
        draw(smooth(32, 48))
    assert str(raised.value).endswith("for instance with --max-size 24.")
    np.testing.assert_array_equal(draw(smooth(32, 40)), smooth(32, 40))


def test_what_is_no_want_of_memory_stays_what_it_is():
    with pytest.raises(RuntimeError, match="a reason"):
        fails_above(RuntimeError("a reason"), 40)(smooth(32, 48))


@pytest.fixture
def photos(tmp_path):
    for name, width in (("a", 40), ("b", 48), ("c", 36)):
        images.save_image(tmp_path / f"{name}.png", smooth(32, width))
    return tmp_path


@pytest.mark.parametrize("error", ENDS.values(), ids=ENDS)
def test_a_folder_goes_on_and_names_the_picture(photos, tmp_path, capsys, error):
    assert batch.draw_files([photos], tmp_path / "out", fails_above(error, 40), max_size=99) == 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png", "c.png"]
    said = re.findall("stylenet: .*", capsys.readouterr().err)
    assert len(said) == 1 and said[0].startswith(f"stylenet: {photos / 'b.png'}: {SENTENCE}")


def test_a_picture_that_memory_does_not_even_hold_is_not_called_damaged(
    photos, capsys, monkeypatch
):
    def no_room(self, *arguments, **options):
        raise MemoryError

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", no_room)
    with pytest.raises(MemoryError, match=r"b\.png: Expected memory for 48 x 32 pixels"):
        batch.draw_files([photos / "b.png"], photos / "out.png", lambda picture: picture)
    with pytest.raises(MemoryError):
        images.load_image(photos / "b.png")


def test_the_command_says_one_line(photos, capsys, monkeypatch):
    def no_room(*arguments, **options):
        raise ResourceExhaustedError("OOM when allocating tensor with shape[1,9000,9000,32]")

    monkeypatch.setattr("stylenet.speed.network.FastNetwork.__call__", no_room)
    arguments = ("stylize", photos / "b.png", "-s", "wave", "-o", photos / "out.png")
    status, _, err = run(capsys, *arguments)
    assert status == 2 and err.count("\n") == 1
    assert err.startswith(f"stylenet: {photos / 'b.png'}: Expected memory for 48 x 32 pixels, abou")
    assert "--max-size 24" in err and not (photos / "out.png").exists()


# ---------------------------------------------------------------- forecasts


@pytest.mark.parametrize("room", [feed_forward, gatys, universal])
def test_forecasts_grow_with_the_picture(room):
    sizes = [(64, 64), (1000, 1000), (1500, 1000), (3000, 4000), (6000, 8000)]
    forecasts = [room.memory(*size) for size in sizes]
    assert forecasts == sorted(forecasts) and 0.9 < forecasts[0] < 1.5


def test_a_stylizer_forecasts_by_its_method_and_options():
    painting = smooth(32, 32)
    draws = [stylizer(painting, "gatys", scales=scales) for scales in (1, 2)]
    assert [draw.memory(512, 512) for draw in draws] == [
        gatys.memory(512, 512),
        gatys.memory(512, 512, scales=2),
    ]
    assert stylizer("wave").memory(100, 200) == feed_forward.memory(100, 200)


def test_the_largest_size_that_fits_is_taken():
    def needed(height, width):
        return 1 + height * width * 1e-6

    assert memory.fitting(needed, 3000, 4000, available=14) == 4000
    side = memory.fitting(needed, 3000, 4000, available=4)
    assert needed(side * 3 // 4, side) <= 4 < needed(side * 3 // 4 + 94, side + 125)
    assert memory.fitting(needed, 3000, 4000, available=0.5) == 4000  # nothing fits: try


def test_without_a_size_a_picture_is_drawn_as_large_as_memory_allows(photos, capsys, monkeypatch):
    monkeypatch.setattr(memory, "free", lambda: 2.0)
    draw = Stylizer(lambda: lambda content: content, memory=lambda height, width: width / 20)
    for options, width in (({}, 36), ({"max_size": 44}, 44)):
        batch.draw_files([photos / "b.png"], photos / "out.png", draw, **options)
        assert images.load_image(photos / "out.png").shape[1] == width
        said = capsys.readouterr().err
        if not options:
            assert said == (
                f"stylenet: {photos / 'b.png'}: 48 x 32 pixels take about 2.4 GB of memory, and "
                "2.0 GB are there: drawn with --max-size 36.\n"
            )
    assert said == ""


def test_free_memory_is_what_the_tightest_limit_leaves(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "GROUPS", tmp_path)
    (tmp_path / "memory.max").write_text("max\n")
    available = psutil.virtual_memory()._replace(available=int(5e9))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: available)
    assert 5 < free() < 5 + psutil.Process().memory_info().vms / 1e9
    (tmp_path / "memory.max").write_text("12000000\n")
    assert free() == 0.012
