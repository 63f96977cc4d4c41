"""Finds what a class handed in, under whatever name, and reads it; drops nothing in silence."""

import io
import json
import os
import re
import time
import zipfile
from pathlib import Path
from typing import NamedTuple

import nbformat

LARGEST = 20_000_000  # bytes of a notebook that is read
ASIDE = re.compile(r"\.ipynb_checkpoints|__MACOSX|\..*")  # folders and files that systems add
NOTEBOOK = re.compile(r"\.ipynb|\.json$", re.IGNORECASE)
# What learning systems and browsers add to a student's name or behind that of a file.
ADDED = re.compile(r"(_assignsubmission_file|_late|[ _-]+\d{3,}$|[ ._-]+$|^[ ._-]+)", re.IGNORECASE)


class Submission(NamedTuple):
    """A notebook that was handed in, or why there is none.

    `assignment` is "" where neither the file's name nor its cells say which; `notebook` is None
    where `problem` says why. `when` is the time of the file, in seconds.
    """

    student: str
    assignment: str
    file: str
    notebook: dict | None = None
    problem: str = ""
    notes: tuple = ()
    when: float = 0.0


class File(NamedTuple):
    """A file, in a folder or an archive: `read()` gives its bytes."""

    student: str
    name: str
    when: float
    read: callable = None
    problem: str = ""


def collect(folder, tasks):
    """All submissions of a folder, one for each student and assignment, the newest of several.

    Args:
        folder: it has a folder, an archive or files for each student.
        tasks: the names of the functions of each assignment, a dict of sets.

    Returns:
        A sorted list of `Submission`.

    Raises:
        FileNotFoundError, ValueError: no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise FileNotFoundError(
            f"Expected a folder with a folder a student. Received: {folder}, which is none."
        )
    found = [recognize(file, tasks) for file in files(folder)]
    if not found:
        names = ", ".join(f"{name}.ipynb" for name in tasks)
        raise ValueError(f"No submission in {folder}: expected STUDENT/ with one of {names}.")
    return sorted(newest(found), key=lambda one: (one.student, one.assignment, one.file))


def newest(found):
    """Of what a student handed in for an assignment the newest that can be read."""
    groups = {}
    for one in found:
        key = (one.student, one.assignment) if one.assignment else (one.student, "", one.file)
        groups.setdefault(key, []).append(one)
    for group in groups.values():
        group.sort(key=lambda one: (one.notebook is not None, one.when, one.file))
        *others, last = group
        if others:
            names = ", ".join(one.file for one in others)
            last = last._replace(notes=(*last.notes, f"the newest of {len(group)}; not {names}"))
        yield last


def files(folder):
    """Every file of a class that may be a notebook; for a student without any, one that says so."""
    for path in sorted(folder.iterdir()):
        if ASIDE.fullmatch(path.name):
            continue
        if path.is_dir() and not NOTEBOOK.search(path.name):
            yield from of_a_student(path)
        elif path.suffix.lower() == ".zip":
            yield from members(path, path.name, student=None)
        else:
            yield loose(path.name, path)


def loose(name, path):
    """A file beside the folders, which should bear its student's name."""
    student = owner(Path(name).stem)
    if not NOTEBOOK.search(name):
        return File(student or name, name, 0.0, problem="not a notebook")
    if not student:
        text = "whose it is can't be told: put it into a folder with the student's name"
        return File("", name, 0.0, problem=text)
    return on_disk(student, name, path)


def of_a_student(folder):
    found, others = [], []
    for place, folders, names in os.walk(folder):
        for name in sorted(folders):
            if NOTEBOOK.search(name) and not ASIDE.fullmatch(name):
                names.append(name)
        folders[:] = [name for name in sorted(folders) if not ASIDE.fullmatch(name)]
        folders[:] = [name for name in folders if not NOTEBOOK.search(name)]
        for name in sorted(name for name in names if not ASIDE.fullmatch(name)):
            path = Path(place, name)
            label = path.relative_to(folder).as_posix()
            if path.suffix.lower() == ".zip":
                found += members(path, label, folder.name)
            elif NOTEBOOK.search(name):
                found.append(on_disk(folder.name, label, path))
            else:
                others.append(label)
    if not found:
        text = f"no notebook, but {', '.join(others[:5])}" if others else "an empty folder"
        found.append(File(folder.name, "", 0.0, problem=text))
    return found


def on_disk(student, name, path):
    if path.is_dir():
        return File(student, name, 0.0, problem="a folder, where a notebook should be")
    if not path.exists():
        return File(student, name, 0.0, problem="a link to nothing")
    status = path.stat()
    if status.st_size > LARGEST:
        return File(student, name, status.st_mtime, problem="larger than 20 MB")
    return File(student, name, status.st_mtime, path.read_bytes)


def members(path, label, student):
    """The notebooks of an archive: a student's own, or, without a student, perhaps a class's."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    except (OSError, zipfile.BadZipFile) as error:
        return [File(student or owner(path.stem), label, 0.0, problem=f"no archive: {error}")]
    parts = [
        one for one in archive.infolist() if not one.is_dir() and NOTEBOOK.search(one.filename)
    ]
    parts = [one for one in parts if not any(map(ASIDE.fullmatch, Path(one.filename).parts))]
    tops = {Path(one.filename).parts[0] for one in parts if len(Path(one.filename).parts) > 1}
    tops = {top for top in tops if not spot(top)}
    found = []
    for part in parts:
        whose = student or (owner(path.stem) if len(tops) < 2 else "")
        if not whose:  # a class's archive: a folder a student, or their names in the files'
            first = Path(part.filename).parts[0]
            whose = first if first != part.filename and not spot(first) else owner(Path(first).stem)
        when = time.mktime((*part.date_time, 0, 0, -1))
        problem = "larger than 20 MB" if part.file_size > LARGEST else ""
        reader = None if problem else lambda part=part: archive.read(part)
        found.append(File(whose, f"{label}/{part.filename}", when, reader, problem))
    return found or [File(student or owner(path.stem), label, 0.0, problem="no notebook inside")]


def spot(name):
    """Where in a name an assignment stands, say in "c_12345_1-Losses (2)"; None if it does not."""
    return re.search(r"(?<!\d)([1-9])[ _-]*(losses|network|gatys|wct|video)", name, re.IGNORECASE)


def owner(stem):
    """The student in the name of a file, without the assignment and what systems add."""
    stem = re.sub(r"\.ipynb$", "", stem, flags=re.IGNORECASE)
    place = spot(stem)
    rest = stem[: place.start()] or stem[place.end() :] if place else stem
    rest = re.sub(r"([ _-]*\(\d+\)|-copy\d*|-\d+)$", "", rest, flags=re.IGNORECASE)
    while rest != (shorter := ADDED.sub("", rest)):
        rest = shorter
    return rest


def recognize(file, tasks):
    """The submission that a file is: by its cells, or else by its name."""
    place = spot(Path(file.name).name)
    named = f"{place[1]}_{place[2].lower()}" if place else ""
    named = named if named in tasks else ""
    if file.problem:
        return Submission(file.student, named, file.name, problem=file.problem, when=file.when)
    try:
        notebook = parse(file.read())
    except Exception as error:  # whatever was handed in, it becomes a row
        problem = f"not a notebook: {' '.join(str(error).split())}"
        return Submission(file.student, named, file.name, problem=problem, when=file.when)
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    held = {name: len(functions.intersection(ids)) for name, functions in tasks.items()}
    assignment = max(held, key=held.get) if any(held.values()) else ""
    if not assignment:
        text = (
            f"none of the cells of {named}" if named else "neither name nor cells of an assignment"
        )
        return Submission(file.student, named, file.name, problem=text, when=file.when)
    notes = (f"named like {named}",) if named not in ("", assignment) else ()
    return Submission(file.student, assignment, file.name, notebook, "", notes, file.when)


def parse(data):
    """A notebook from a file's bytes, without its outputs."""
    text = data.decode("utf-8-sig")
    if not text.strip():
        raise ValueError("it is empty")
    content = json.loads(text)
    if not isinstance(content, dict) or not ({"cells", "worksheets"} & content.keys()):
        raise ValueError("it has no cells")
    if not isinstance(content.get("cells", []), list):
        raise ValueError("its cells are no list")
    notebook = nbformat.reads(json.dumps(content), as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source if isinstance(cell.source, str) else "".join(cell.source)
        if not isinstance(cell.metadata.get("nbgrader", {}), dict):
            del cell.metadata["nbgrader"]
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook
