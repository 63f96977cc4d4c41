"""Photographs one after the other: while one is drawn, the next is read, and the last written."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

from stylenet import images, memory, reports

FAILURES = (ValueError, OSError, MemoryError)  # of a photograph; all others are the program's


def draw_in_turn(tasks, draw, max_size=None):
    """Draws photographs and writes the results: one thread reads, this one draws, one writes.

    No more than three pictures are in memory: one that was read ahead, one that is being drawn,
    and one that is being written.

    Args:
        tasks: a list of pairs of paths, a photograph and where its result goes.
        draw: a stylizer, or a function of a picture.
        max_size: of the photographs' longer side, in pixels; see `load`.

    Yields:
        In order, a photograph's path, its result's, and None or the exception that kept it from
        being written.
    """
    last = None
    with ThreadPoolExecutor(1) as writer:
        for task, content in _ahead(tasks, lambda path: load(path, draw, max_size)):
            saved = _drawn(writer, draw, task, content)
            if last:
                yield _outcome(*last)
            last = task, saved
        if last:
            yield _outcome(*last)


def load(path, draw, max_size=None):
    """A photograph as it is going to be drawn.

    Without `max_size` it is reduced where memory is too small, by the stylizer's forecast, for
    more; that is said on stderr.

    Args:
        path: of the photograph.
        draw: what will draw it.
        max_size: of the longer side, in pixels.

    Returns:
        float32 `(height, width, 3)` in [0, 255].

    Raises:
        ValueError, OSError, MemoryError: it can't be read.
    """
    size, needed = None, getattr(draw, "memory", None)
    with contextlib.suppress(ValueError, OSError):  # loading says better what is wrong
        size = images.picture_size(path, max_size)
    if max_size is None and size and needed:
        max_size = _that_fits(path, size, needed)
    with memory.told(size or (0, 0), needed, path):
        return images.load_image(path, max_size)


def paint(path, content, draw):
    """The drawing of a photograph that was loaded.

    Args:
        path: of the photograph, for the message if memory ends.
        content: from `load`.
        draw: what draws it.
    """
    with memory.told(content.shape[:2], getattr(draw, "memory", None), path):
        return getattr(draw, "draw", draw)(content)


def _ahead(tasks, read):
    """Each task, and what a thread read for it, as something that is waited for with `result()`."""
    with ThreadPoolExecutor(1) as reader:
        ahead = None
        for number, task in enumerate(tasks):
            content = ahead or reader.submit(read, task[0])
            following = tasks[number + 1 : number + 2]
            ahead = reader.submit(read, following[0][0]) if following else None
            yield task, content


def _drawn(writer, draw, task, content):
    """What is waited for until the drawing is written, or the failure that came before."""
    path, target = task
    try:
        content = content.result()
    except FAILURES as error:
        return error
    getattr(draw, "prepare", lambda: None)()  # its errors are no photograph's
    try:
        drawing = paint(path, content, draw)
    except FAILURES as error:
        return error
    return writer.submit(_save, path, target, drawing, getattr(draw, "memory", None))


def _save(path, target, drawing, needed):
    with memory.told(drawing.shape[:2], needed, path):
        images.save_image(target, drawing)


def _outcome(task, saved):
    error = saved if isinstance(saved, Exception) else saved.exception()
    if error and not isinstance(error, FAILURES):
        raise error
    return *task, error


def _that_fits(path, size, needed):
    """The longer side for which there is memory, or None for the photograph's own."""
    longest = memory.fitting(needed, *size)
    if longest == max(size):
        return None
    height, width = size
    reports.warn(
        f"{path}: {width} x {height} pixels take about {needed(*size):.1f} GB of memory, and "
        f"{memory.free():.1f} GB are there: drawn with --max-size {longest}."
    )
    return longest
