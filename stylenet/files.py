"""Files: found, written whole or not at all, and whether one can be written."""

import collections
import contextlib
import glob
import os
import re
import secrets
from pathlib import Path

from stylenet import errors

BLOCK = 2**20
ADDRESS = re.compile(r"(https?|ftp|data|s3|gs):/{0,2}(.*)")  # `Path` makes one slash of two


@contextlib.contextmanager
def written_whole(path):
    """Where to write a file: beside its place, and into it when the block ends without an error.

        with written_whole("record.json") as part:
            part.write_text("{}")

    A missing folder is made. A link stays a link: the file behind it is replaced. After an error
    nothing is left, and a file that was there before is as it was.

    Args:
        path: of the file that is to appear.

    Yields:
        The `Path` to write to, with the same suffixes.
    """
    target = Path(os.path.realpath(path))
    part = target.with_name(f".{secrets.token_hex(8)}{''.join(target.suffixes[-2:])}")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield part
        os.replace(part, target)
    except OSError as error:
        if error.errno not in errors.FULL:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        part.unlink(missing_ok=True)


def check_writable(path, suffixes=(), kind="file"):
    """Checks, before any work is done, that a file can be written; its folder may be missing.

    Args:
        path: of the file.
        suffixes: one of these it must end in, if there are any; upper and lower case are one.
        kind: what it is, for the message.

    Raises:
        ValueError: another suffix, or something that is no regular file.
        IsADirectoryError, NotADirectoryError, PermissionError: `path` is a folder, or its folder
            is a file, or can't be written to.
    """
    name, target = repr(str(path)), Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(f"Expected the name of a {kind}, but {name} is a folder.")
    suffix = next((each for each in suffixes if target.name.lower().endswith(each)), "")
    if suffixes and not len(target.name) > len(suffix) > 0:
        known = f"one of {', '.join(suffixes)}" if len(suffixes) > 1 else suffixes[0]
        raise ValueError(f"Expected a file name that ends in {known}. Received: {name}.")
    folder = next(each for each in target.parents if os.path.lexists(each))
    if not folder.is_dir():
        raise NotADirectoryError(f"Cannot write {name}: '{folder}' is not a folder.")
    if target.exists() and not target.is_file():
        raise ValueError(f"Cannot write {name}: it is not a regular file.")
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(f"Cannot write {name}: no permission.")
    _try(folder, name)


def refuse_address(path):
    """Raises a ValueError if a path is an address of the web."""
    found = ADDRESS.match(str(path))
    if found:
        raise ValueError(
            f"Expected a file. Received an address: {found[1]}://{found[2]} Download it first, for "
            "instance with a browser, then give the file's name."
        )


def check_room(path, *sizes):
    """Checks that the disk takes files of some sizes, by writing zeros and deleting them again.

    Args:
        path: of a file in the folder that is meant.
        sizes: in bytes.

    Raises:
        OSError: it does not.
    """
    folder, written = Path(os.path.realpath(path)).parent, []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for size in sizes:
            written.append(folder / f".{secrets.token_hex(8)}.probe")
            with written[-1].open("wb") as file:
                for start in range(0, size, BLOCK):
                    file.write(bytes(min(BLOCK, size - start)))
    except OSError as error:
        raise OSError(
            f"Expected room for {sum(sizes) / 1e6:.3g} MB beside {str(path)!r}. Received: "
            f"{error.strerror}. Make room there, or choose another folder."
        ) from error
    finally:
        for file in written:
            file.unlink(missing_ok=True)


def check_folder(path):
    """Checks, before any work is done, that a folder is there or can be made, and be written to.

    Args:
        path: of the folder; those above it may be missing too.

    Raises:
        ValueError, NotADirectoryError, PermissionError: it has no name, is below a file or is one,
            or can't be written to.
    """
    if not str(path):
        raise ValueError("Expected the name of a folder. Received: ''.")
    target = Path(path).absolute()
    existing = next(each for each in (target, *target.parents) if os.path.lexists(each))
    if not existing.is_dir():
        raise NotADirectoryError(
            f"Expected a folder as output, but {str(existing)!r} is a file. Received: {str(path)!r}"
        )
    _try(existing, repr(str(path)))


def shipped(name):
    """A folder that the project ships: inside an installed package, or beside `stylenet/`.

    Args:
        name: "weights" or "images".
    """
    package = Path(__file__).resolve().parent
    installed = package / f"_{name}"
    return installed if installed.is_dir() else package.parent / name


def find(paths, suffixes, kind="file", recursive=False):
    """Files, folders and glob patterns (`**` included) as a list of files.

    Of a folder or a pattern, files with a known suffix are taken, hidden ones skipped, numbers in
    their names sorted as numbers. A file that is named is kept whatever its suffix: loading it will
    show what it is.

    Args:
        paths: one path or pattern, or several of them.
        suffixes: those to look for, in lower case.
        kind: what is looked for, for the message.
        recursive: whether folders inside folders are searched.

    Returns:
        A list of `Path` in the order given, each file once.

    Raises:
        FileNotFoundError: a path that does not exist.
        ValueError: a folder or a pattern without such files; it says what is there instead.
    """
    paths = [paths] if isinstance(paths, str | os.PathLike) else paths
    found = {}
    for path in map(Path, paths):
        inside = _candidates(path, recursive)
        chosen = inside if inside == [path] else _known(inside, suffixes)
        if not chosen:
            seen = describe(inside, suffixes) or "nothing"
            raise ValueError(
                f"There is no {kind} ({', '.join(suffixes)}) in {str(path)!r}. It holds {seen}."
            )
        for file in chosen:
            found.setdefault(os.path.abspath(file), file)
    return list(found.values())


def left_out(paths, suffixes, recursive=False):
    """What `find` does not take of folders and patterns, in words: "2 .heic files, 1 folder"."""
    paths = [paths] if isinstance(paths, str | os.PathLike) else paths
    inside = [_candidates(path, recursive) for path in map(Path, paths) if not path.is_file()]
    return describe([file for group in inside for file in group], suffixes)


def describe(files, suffixes=()):
    """Files and folders counted by kind, in words; without those of some suffixes."""
    kinds = collections.Counter()
    for file in files:
        if file.is_dir():
            kinds["folder"] += 1
        elif file.suffix.lower() not in suffixes:
            kinds[f"{file.suffix.lower() or 'nameless'} file"] += 1
    return ", ".join(f"{count} {kind}{'s' * (count > 1)}" for kind, count in kinds.most_common())


def natural(path):
    """A key that sorts numbers inside names as numbers: 2 before 10."""
    parts = re.split(r"(\d+)", str(path))
    return [int(part) if part.isdigit() else part for part in parts], str(path)


def _candidates(path, recursive):
    """A file itself, what is in a folder, or what a pattern matches; hidden files skipped."""
    refuse_address(path)
    if path.is_dir():
        inside = path.rglob("*") if recursive else path.iterdir()
        return [
            file for file in inside if not any(p[0] == "." for p in file.relative_to(path).parts)
        ]
    if path.exists():
        return [path]
    if glob.has_magic(str(path)):
        return list(map(Path, glob.glob(str(path), recursive=True)))
    raise FileNotFoundError(f"There is no file or folder {str(path)!r}.")


def _known(files, suffixes):
    known = (file for file in files if file.suffix.lower() in suffixes)
    return sorted((file for file in known if file.is_file()), key=natural)


def _try(folder, name):
    """Makes a file in a folder, since rights alone tell of no read-only or full disk."""
    probe = folder / f".{secrets.token_hex(8)}.probe"
    try:
        probe.write_bytes(bytes(4096))
    except PermissionError as error:
        raise PermissionError(f"Cannot write {name}: no permission.") from error
    except OSError as error:
        raise OSError(f"Cannot write {name}: {error.strerror}.") from error
    finally:
        probe.unlink(missing_ok=True)
