"""Styles files: many of mixed sizes, bad ones reported; an input is never overwritten."""

import sys
from pathlib import Path

from tqdm.auto import tqdm

from stylenet import images, sheets


def stylize_files(
    photos, style, output, max_size=None, strength=1.0, colors="style", suffix=".png"
):
    """Styles photographs and writes the results under the photographs' names.

    Args:
        photos: paths, folders and patterns.
        style: as in `feed_forward.stylize`.
        output: a picture for one photograph; a folder, made if need be, for several.
        max_size: of the longer side, in pixels.
        strength: 0 to 1, as in `feed_forward.stylize`.
        colors: "style" or "keep", as in `feed_forward.stylize`.
        suffix: of the pictures in a folder.

    Returns:
        0, or 1 if some of several photographs could not be read; each is named on stderr.

    Raises:
        ValueError, OSError: nothing could be done at all, or a single photograph failed.
    """
    paths, targets = _plan(photos, output, suffix)
    from stylenet.feed_forward import stylizer as inference  # slow: only after the cheap checks

    inference.check_options(strength, colors)
    draw = inference.load_style(style)
    return _each(
        paths, targets, max_size, lambda image: inference.draw(image, draw, strength, colors)
    )


def universal_files(
    photos,
    paintings,
    output,
    max_size=None,
    style_size=512,
    masks=None,
    network="slim",
    suffix=".png",
    **options,
):
    """Draws photographs in the style of any painting, which is encoded once for all of them.

    Args:
        photos: paths, folders and patterns.
        paintings: paths of the styles.
        output: a picture for one photograph; a folder, made if need be, for several.
        max_size: of the photographs' longer side, in pixels.
        style_size: of the styles' longer side, in pixels.
        masks: paths of pictures of the photographs' proportions, white where a style applies.
        network: "slim" or "vgg19".
        suffix: of the pictures in a folder.
        **options: of `UniversalStylizer.stylize`.

    Returns:
        0, or 1 if some of several photographs could not be read; each is named on stderr.

    Raises:
        ValueError, OSError: nothing could be done at all, or a single photograph failed.
    """
    paths, targets = _plan(photos, output, suffix)
    _check_not_input(targets, (*paintings, *(masks or ())))
    styles = [images.load_image(path, style_size) for path in paintings]
    pictures = [images.load_image(path) for path in masks or ()]
    from stylenet.universal.decoders import shipped_levels
    from stylenet.universal.inputs import check_options
    from stylenet.universal.stylizer import UniversalStylizer  # slow

    options["levels"] = options.get("levels") or shipped_levels(network)
    check_options(options.get("alpha", 0.6), options["levels"], options["colors"])
    stylizer = UniversalStylizer(network)
    if options["colors"] != "match":
        styles = [stylizer.encode(style, options["levels"]) for style in styles]

    def draw(image):
        regions = [images.resize(mask, image.shape[:2]).mean(axis=2) / 255 for mask in pictures]
        return stylizer.stylize(image, styles, masks=regions or None, **options)

    return _each(paths, targets, max_size, draw)


def _each(paths, targets, max_size, draw):
    """Draws file after file; 1 if some of several failed, which are named on stderr."""
    failures = 0
    for path, target in tqdm(list(zip(paths, targets, strict=True)), disable=len(paths) < 2):
        try:
            images.save_image(target, draw(images.load_image(path, max_size)))
        except (ValueError, OSError) as error:
            if len(paths) == 1:
                raise
            failures += 1
            tqdm.write(f"stylenet: {error}", file=sys.stderr)
    return 1 if failures else 0


def demo(photo, output):
    """Styles one photograph with every shipped style and arranges a contact sheet.

    Args:
        photo: path of the photograph.
        output: a folder, made if need be.

    Returns:
        The paths written, the contact sheet last.
    """
    from stylenet import weights
    from stylenet.feed_forward import stylizer as inference

    content_image = images.load_image(photo)
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    pictures, written = [content_image], []
    for name in tqdm(weights.styles()):
        pictures.append(inference.stylize(content_image, name))
        written.append(output / f"{Path(photo).stem}_{name}.png")
        images.save_image(written[-1], pictures[-1])
    captions = ["photograph", *weights.styles()]
    rows = [pictures[i : i + 3] for i in range(0, len(pictures), 3)]
    sheet = sheets.contact_sheet(rows, [captions[i : i + 3] for i in range(0, len(captions), 3)])
    written.append(output / "contact_sheet.png")
    images.save_image(written[-1], sheet)
    return written


def optimize_file(
    photo, paintings, output, max_size=512, style_size=None, masks=None, start="content", **options
):
    """Draws a photograph by Gatys' method, from files to a file.

    Args:
        photo: path of the photograph.
        paintings: paths of the styles.
        output: the picture to write.
        max_size: the photograph's longer side at most, in pixels.
        style_size: the styles' longer side at most, by default the photograph's.
        masks: paths of pictures of the photograph's proportions, white where a style applies.
        start: as in `gatys.stylize`, or the path of a picture.
        **options: of `gatys.stylize`.

    Raises:
        ValueError, OSError: bad input, before the loss network is loaded.
    """
    images.check_output_path(output)
    starts = [start] if start not in ("content", "noise") else []
    _check_not_input([Path(output)], (photo, *paintings, *(masks or ()), *starts))
    content = images.load_image(photo, max_size)
    size = content.shape[:2]
    styles = [images.load_image(path, style_size or max(size)) for path in paintings]
    if masks:
        pictures = [images.resize(images.load_image(path), size) for path in masks]
        options["masks"] = [picture.mean(axis=2) / 255 for picture in pictures]
    if starts:
        start = images.resize(images.load_image(start), size)
    from stylenet import gatys  # slow: only after the cheap checks

    needed = gatys.memory(*size, options.get("levels", 1))
    print(f"{size[1]} x {size[0]} pixels take about {needed:.1f} GB of memory.")
    result = gatys.stylize(content, styles, start=start, **options)
    images.save_image(output, result.image)


def _plan(photos, output, suffix):
    """The photographs and where each result goes; a ValueError before anything is written."""
    paths, output = images.find_images(photos), Path(output)
    # Several photographs, a folder of them or a pattern go to a folder.
    one = len(paths) == 1 and len(photos) == 1 and Path(photos[0]).is_file()
    return paths, _targets(paths, output, suffix, folder=not one or output.is_dir())


def _targets(paths, output, suffix, folder):
    if not folder:
        images.check_output_path(output)
        targets = [output]
    else:
        if output.suffix.lower() in images.OUTPUT_FORMATS or output.is_file():
            raise ValueError(
                f"Expected a folder as output for {len(paths)} photographs. Received: {output}"
            )
        output.mkdir(parents=True, exist_ok=True)
        targets = [output / f"{path.stem}{suffix}" for path in paths]
        images.check_output_path(targets[0])
    _check_collisions(paths, targets)
    return targets


def _check_not_input(targets, inputs):
    resolved = {Path(path).resolve() for path in inputs}
    same = [target for target in targets if target.resolve() in resolved]
    if same:
        raise ValueError(f"Expected an output that is none of the inputs. Received: {same[0]}.")


def _check_collisions(paths, targets):
    twice = {target for target in targets if targets.count(target) > 1}
    if twice:
        raise ValueError(
            f"Expected photographs of different names, but several would become {twice.pop()}. "
            "Style them in separate runs."
        )
    sources = {path.resolve() for path in paths}
    same = [target for target in targets if target.resolve() in sources]
    if same:
        raise ValueError(f"Expected an output that does not replace its input: {same[0]}")
