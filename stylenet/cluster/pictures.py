"""Photographs, drawn each on whichever machine is free."""

import contextlib
import io
import tempfile
from pathlib import Path
from typing import NamedTuple

from stylenet import errors, files, images, pipeline, reports
from stylenet.cluster.machines import connected, machines, spread
from stylenet.cluster.sending import loaded, new_job, sent
from stylenet.memory import OutOfMemory

NOTE = "stylenet: "  # how a line begins that `reports.warn` has written


class Order(NamedTuple):
    """What is drawn: the bytes of the photograph `path`, into the format of a suffix."""

    path: str
    data: bytes
    suffix: str
    max_size: int | None


class Answer(NamedTuple):
    """The bytes of a result, or None; why it is missing; and what was noted on the way."""

    data: bytes | None
    error: Exception | None
    notes: list


def draw_pictures(tasks, draw, address, max_size=None, finished=None):
    """Draws photographs on a Ray cluster and writes the results.

    Only this process reads photographs and writes results, each whole or not at all; other machines
    need not see their folders. The drawings are those of `pipeline.draw_in_turn`, to the bit on one
    kind of processor.

    Args:
        tasks: a list of pairs of paths, a photograph and where its result goes.
        draw: a stylizer, or a function of a picture, that pickle or cloudpickle can send.
        address: see `connected`.
        max_size: as in `pipeline.load`; without it, the memory of the machine that draws counts.
        finished: a `Finished` that notes what is written.

    Yields:
        As `pipeline.draw_in_turn`, in the order in which pictures are done.

    Raises:
        ImportError: Ray is not installed.
        ConnectionError: there is no such cluster.
        ValueError, OSError: the style can't be loaded on a machine.
    """
    if not tasks:
        return
    with connected(address):
        import ray

        found = machines()
        title = getattr(draw, "title", "a function of your own")
        reports.tell(f"drawing {len(tasks)} photographs with {title} on {found.describe()} ...")
        style, job = ray.put(sent(draw)), new_job()
        answers = spread(draw_one, tasks, lambda task: (style, job, _order(*task, max_size)))
        for (path, target), answer in answers:
            error = _write(path, target, answer)
            if finished and not error:
                finished.add(path, target)
            yield path, target, error


def draw_one(style, job, order):
    """Draws a photograph, on the machine that has been chosen for it.

    Args:
        style: a stylizer, pickled.
        job: a `sending.Job`.
        order: an `Order`.

    Returns:
        `Answer`.
    """
    draw = loaded(style, job)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()) as said:
        path = Path(folder) / Path(order.path).name
        target = Path(folder) / "result" / f"result{order.suffix}"
        path.write_bytes(order.data)
        data = error = None
        try:
            content = pipeline.load(path, draw, order.max_size)
            images.save_image(target, pipeline.paint(path, content, draw))
            data = target.read_bytes()
        except pipeline.FAILURES as failure:
            kind = OutOfMemory if isinstance(failure, MemoryError) else ValueError
            error = kind(errors.reason(failure).replace(str(path), order.path))
    notes = [line for line in said.getvalue().splitlines() if line.startswith(NOTE)]
    return Answer(data, error, [note.replace(str(path), order.path) for note in notes])


def _order(path, target, max_size):
    images.picture_size(path)  # says better than what follows why a file is no picture
    return Order(str(path), Path(path).read_bytes(), Path(target).suffix, max_size)


def _write(path, target, answer):
    """Writes a result; why that failed, or None."""
    if isinstance(answer, ConnectionError):
        return ConnectionError(f"{path}: {answer}")
    if isinstance(answer, Exception):
        return answer
    for note in answer.notes:
        reports.warn(note.removeprefix(NOTE))
    if answer.error:
        return answer.error
    try:
        with files.written_whole(target) as part:
            part.write_bytes(answer.data)
    except OSError as error:
        return error
    return None
