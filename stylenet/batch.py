"""Draws files: many of mixed sizes, bad ones reported; an input is never overwritten."""

import contextlib
import os
import time
from pathlib import Path

from stylenet import devices, errors, files, images, pipeline, reports, sheets, weights
from stylenet.stylizers import stylizer

ROW = 3  # pictures a row of the contact sheet


def draw_files(
    photos, output, draw, max_size=None, suffix=".png", inputs=(), recursive=False, ray=None
):
    """Draws photographs and writes the results under the photographs' names.

    Args:
        photos: paths, folders and patterns.
        output: a picture for one photograph; a folder, made if need be, for several.
        draw: a stylizer, see `stylenet.stylizer`, or any function of a picture.
        max_size: of the photographs' longer side, in pixels.
        suffix: of the pictures in a folder.
        inputs: paths of what else is read, and must not be replaced.
        recursive: whether folders inside folders are drawn too; results keep these folders.
        ray: the address of a Ray cluster, see `stylenet.cluster`; "local" starts one here. What an
            earlier run with Ray has finished in the same folder is then left as it is.

    Without `max_size`, a photograph for which memory is too small, by the stylizer's forecast, is
    drawn smaller, which is said on stderr.

    Returns:
        0, or 1 if some of several photographs could not be drawn; each is named on stderr. The
        first picture to be drawn is told there, what was written on stdout.

    Raises:
        ValueError, OSError: nothing could be done at all, or a single photograph failed.
    """
    paths, targets = plan(photos, output, suffix, inputs, recursive)
    others = files.left_out(photos, images.INPUT_SUFFIXES, recursive)
    if others:
        reports.warn(f"left out: {others}")
    start, tasks = time.monotonic(), list(zip(paths, targets, strict=True))
    if ray is None:
        _announce(draw, paths, max_size)
        outcomes = pipeline.draw_in_turn(tasks, draw, max_size)
    else:
        from stylenet import cluster

        finished = cluster.Finished(output, draw, max_size)
        tasks = finished.lacking(tasks)
        outcomes = cluster.draw_pictures(tasks, draw, ray, max_size, finished)
    with errors.in_a_row(len(paths) > 1):
        drawn, failed = _carry_out(outcomes, len(tasks), alone=len(paths) == 1)
    if drawn:
        reports.tell(_summary(drawn, Path(output), time.monotonic() - start))
    return 1 if failed else 0


def _carry_out(outcomes, count, alone):
    """The results that were written, and how many were not, each told; a single one's is raised."""
    drawn, failed = [], 0
    with reports.progress_bar(total=count, unit="file", disable=alone) as bar:
        for _, target, error in outcomes:
            bar.update()
            if error is None:
                drawn.append(target)
            elif alone:
                raise error
            else:
                failed += 1
                reports.warn(error)
    return drawn, failed


def _announce(draw, paths, max_size):
    """Says what is going to be drawn, as far as the file's head tells."""
    what, title = f"{len(paths)} photographs", getattr(draw, "title", "a function of your own")
    with contextlib.suppress(ValueError, OSError):
        if len(paths) == 1:
            height, width = images.picture_size(paths[0], max_size)
            what = f"{width} x {height}"
        announce(what, title)


def announce(what, title):
    """Says what is going to be drawn, and on what.

    Args:
        what: its size, or how many there are.
        title: what it is drawn with.
    """
    reports.tell(f"drawing {what} with {title} on {devices.describe()} ...")


def _summary(drawn, output, seconds):
    if len(drawn) == 1:
        return f"Wrote {drawn[0]} after {seconds:.1f} s."
    return f"Wrote {len(drawn)} pictures to {output} after {seconds:.1f} s."


def plan(photos, output, suffix=".png", inputs=(), recursive=False):
    """Which photographs become which pictures; checked before anything is made or drawn.

    Args:
        photos: as in `draw_files`, like all others.
        output: a picture, or a folder.
        suffix: of the pictures in a folder.
        inputs: paths that must not be replaced.
        recursive: whether folders inside folders are drawn too.

    Returns:
        Two lists of paths: the photographs, and where each result goes.

    Raises:
        ValueError, OSError: photographs that are not there, an output that can't be written, two
            results of one name, or one that would replace what is read.
    """
    if not str(output):
        raise ValueError("Expected the name of a picture or of a folder. Received: ''.")
    paths, output = images.find_images(photos, recursive), Path(output)
    photos = [photos] if isinstance(photos, str | Path) else photos
    # Several photographs, a folder of them or a pattern go to a folder.
    one = len(paths) == 1 and len(photos) == 1 and paths[0] == Path(photos[0])
    if one and (not output.is_dir() or output.suffix.lower() in images.OUTPUT_FORMATS):
        targets = [output]
        images.check_output_path(output)
    else:
        targets = _in_folder(photos, paths, output, suffix)
    _check_collisions(paths, targets, inputs)
    return paths, targets


def demo(photos, output):
    """Draws photographs in every shipped style and arranges a contact sheet.

    Args:
        photos: paths of the photographs.
        output: a folder, made if need be.

    Returns:
        The paths written, the contact sheet last.
    """
    photos, output, styles = [Path(photo) for photo in photos], Path(output), list(weights.styles())
    targets = [output / f"{photo.stem}_{name}.png" for photo in photos for name in styles]
    targets.append(output / "contact_sheet.png")
    _check_collisions(photos, targets, ())
    _check_targets(output, targets)
    contents = [images.load_image(photo) for photo in photos]
    announce(f"{len(photos)} photograph{'s' * (len(photos) > 1)}", ", ".join(styles))
    draws, rows = [stylizer(name).draw for name in styles], []
    with reports.progress_bar(total=len(targets) - 1, unit="picture") as bar:
        for content in contents:
            pictures = [content]
            for draw in draws:
                pictures.append(draw(content))
                images.save_image(targets[bar.n], pictures[-1])
                bar.update()
            rows += _rows(pictures)
    captions = _rows(["photograph", *styles]) * len(photos)
    images.save_image(targets[-1], sheets.contact_sheet(rows, captions))
    return targets


def _rows(items):
    return [items[i : i + ROW] for i in range(0, len(items), ROW)]


def _in_folder(photos, paths, output, suffix):
    if suffix.lower() not in images.OUTPUT_FORMATS:
        raise ValueError(
            f"Expected a suffix among {', '.join(images.OUTPUT_FORMATS)}. Received: {suffix!r}."
        )
    if output.suffix.lower() in images.OUTPUT_FORMATS or output.is_file():
        raise ValueError(
            f"Expected a folder as output for {len(paths)} photographs. Received: {output}"
        )
    folders = [Path(photo) for photo in photos if Path(photo).is_dir()]
    targets = []
    for path in paths:
        top = next((folder for folder in folders if path.is_relative_to(folder)), path.parent)
        targets.append(output / path.relative_to(top).with_name(f"{path.stem}{suffix}"))
    _check_targets(output, targets)
    return targets


def _check_targets(output, targets):
    """Checks that a folder can be made and written to, and that no result's name is a folder's."""
    for folder in {output, *(target.parent for target in targets)}:
        files.check_folder(folder)
    for target in targets:
        if target.exists():
            images.check_output_path(target)


def _check_collisions(paths, targets, inputs):
    twice = {target for target in targets if targets.count(target) > 1}
    if twice:
        raise ValueError(
            f"Expected photographs of different names, but several would become {twice.pop()}. "
            "Draw them in separate runs."
        )
    sources = {os.path.realpath(path) for path in (*paths, *inputs)}
    same = [target for target in targets if os.path.realpath(target) in sources]
    if same:
        raise ValueError(f"Expected an output that does not replace its input: {same[0]}")
