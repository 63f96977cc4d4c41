import os

import pytest

from stylenet import files


def test_a_file_appears_when_it_is_complete(tmp_path):
    target = tmp_path / "notes.txt"
    with files.written_whole(target) as part:
        part.write_text("half")
        assert not target.exists()
        assert part.parent == tmp_path and part.suffix == ".txt"
    assert target.read_text() == "half"
    assert list(tmp_path.iterdir()) == [target]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "notes.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError, match="cut"), files.written_whole(target) as part:
        part.write_text("new")
        raise RuntimeError("cut")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "real" / "file.txt")
    with files.written_whole(link) as part:
        part.write_text("through")
    assert link.is_symlink()
    assert (tmp_path / "real" / "file.txt").read_text() == "through"


def test_both_suffixes_of_a_weights_file_stay(tmp_path):
    with files.written_whole(tmp_path / "a.b.weights.h5") as part:
        part.touch()
        assert part.name.endswith(".weights.h5")


def test_a_missing_folder_is_made(tmp_path):
    files.check_writable(tmp_path / "a" / "b" / "c.txt")
    assert not list(tmp_path.iterdir())
    with files.written_whole(tmp_path / "a" / "b" / "c.txt") as part:
        part.touch()
    assert (tmp_path / "a" / "b" / "c.txt").is_file()


def test_what_can_be_written_leaves_no_trace(tmp_path):
    files.check_writable(tmp_path / "new.PNG", (".png", ".jpg"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("folder", IsADirectoryError, "is a folder"),
        ("a.txt", ValueError, r"ends in one of \.png, \.jpg"),
        ("file/a.png", NotADirectoryError, "is not a folder"),
        ("file/none/a.png", NotADirectoryError, "is not a folder"),
        ("pipe.png", ValueError, "no.* regular file"),
    ],
)
def test_what_can_not_be_written_is_told_before(tmp_path, name, error, message):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(error, match=message):
        files.check_writable(tmp_path / name, (".png", ".jpg"), "picture")


def test_a_disk_that_takes_nothing_is_told_before(tmp_path, monkeypatch):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(OSError, match=r"Cannot write .*No space left on device"):
        files.check_writable(tmp_path / "a.png")


def test_numbers_in_names_are_sorted_as_numbers(tmp_path):
    for number in (1, 10, 2, 12, 3):
        (tmp_path / f"frame{number}.png").touch()
    found = [path.stem for path in files.find(tmp_path, (".png",))]
    assert found == ["frame1", "frame2", "frame3", "frame10", "frame12"]


def test_folders_inside_folders_are_searched_if_asked(tmp_path):
    for name in ("a/b/c.png", "a/.hidden/d.png", ".e/f.png", "g.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [path.name for path in files.find(tmp_path, (".png",))] == ["g.png"]
    found = files.find(tmp_path, (".png",), recursive=True)
    assert [path.name for path in found] == ["c.png", "g.png"]


def test_what_is_not_taken_is_named_with_counts(tmp_path):
    for name in ("a.heic", "b.HEIC", "c.txt", "d.png", "README", ".hidden"):
        (tmp_path / name).touch()
    (tmp_path / "sub").mkdir()
    told = files.left_out(tmp_path, (".png",))
    assert told.startswith("2 .heic files, ")
    assert {"1 .txt file", "1 nameless file", "1 folder"} < set(told.split(", "))
    assert files.left_out(tmp_path / "d.png", (".png",)) == ""
    with pytest.raises(ValueError, match=r"no picture \(.jpg\) in .*It holds 2 .heic files"):
        files.find(tmp_path, (".jpg",), "picture")
    (tmp_path / "sub" / "empty").mkdir()
    with pytest.raises(ValueError, match="It holds nothing"):
        files.find(tmp_path / "sub" / "empty", (".jpg",))
