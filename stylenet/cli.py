"""The command line: it parses, calls and reports.

TensorFlow takes seconds to import, so each command imports what it needs when it runs.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

import stylenet

app = typer.Typer(
    help="Neural style transfer: draw a photograph in the manner of a painting.",
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=False,
    add_completion=False,
)
NAME_WIDTH = 16


def main():
    """Runs a command; every error is one line on stderr and exit status 2."""
    try:
        status = app(standalone_mode=False)
    except KeyboardInterrupt:
        status = _fail("interrupted", 130)
    except typer.Abort:
        status = _fail("aborted")
    except Exception as error:
        if hasattr(error, "format_message"):  # the parser's own
            status = _fail(f"{error.format_message()} Try 'stylenet --help'.")
        elif isinstance(error, ValueError | OSError | ImportError | MemoryError):
            status = _fail(_reason(error))
        else:
            raise
    sys.exit(status or 0)


def run():
    """The console script: `main`, without what native libraries write to stderr.

    TensorFlow greets before any setting can silence it. Python keeps the real stderr.
    """
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    main()


def _fail(message, status=2):
    print(f"stylenet: {' '.join(str(message).split())}", file=sys.stderr)
    return status


def _reason(error):
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.strerror}: {error.filename}"
    return str(error) or type(error).__name__


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: Annotated[bool, Option("--version", help="Show the version and exit.")] = False,
):
    if version:
        print(f"stylenet {stylenet.__version__}")
    elif context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def stylize(
    photos: Annotated[list[str], Argument(help="Photographs, folders of them, or patterns.")],
    style: Annotated[str, Option("-s", "--style", help="A shipped style or a weights file.")],
    output: Annotated[Path, Option("-o", "--output", help="A picture, or a folder for several.")],
    max_size: Annotated[int | None, Option(min=1, help="Longer side at most, in pixels.")] = None,
    strength: Annotated[float, Option(help="0, the photograph, to 1, the full style.")] = 1.0,
    colors: Annotated[str, Option(help="style, or keep: the photograph's own.")] = "style",
    suffix: Annotated[str, Option(help="Format of the pictures in a folder.")] = ".png",
):
    """Draw photographs in a style.

    Example: stylenet stylize photo.jpg -s wave -o out.png
    """
    from stylenet import batch

    return batch.stylize_files(photos, style, output, max_size, strength, colors, suffix)


@app.command()
def demo(
    photo: Annotated[Path, Argument(help="A photograph.")],
    output: Annotated[Path, Option("-o", "--output", help="A folder.")] = Path("out"),
):
    """Draw one photograph in every shipped style, and a contact sheet.

    Example: stylenet demo photo.jpg -o out
    """
    from stylenet import batch

    for path in batch.demo(photo, output):
        print(path)


@app.command()
def styles():
    """List the shipped styles and how they were trained."""
    from stylenet.weights import styles as shipped

    for name, record in shipped().items():
        print(f"{name:{NAME_WIDTH}}{record['title']}")
        print(f"{'':{NAME_WIDTH}}{record['summary']}")


@app.command()
def train(
    style: Annotated[Path, Argument(help="The style picture.")],
    content: Annotated[list[str], Option(help="Photographs: folders or patterns; repeatable.")],
    output: Annotated[Path, Option("-o", "--output", help="NAME.weights.h5.")],
    steps: Annotated[int, Option(min=1)] = 20_000,
    epoch_steps: Annotated[int, Option(min=1, help="Steps between two checkpoints.")] = 100,
    batch_size: Annotated[int, Option(min=1)] = 4,
    crop_size: Annotated[int, Option(min=32, help="Pixels, a multiple of four.")] = 256,
    style_size: Annotated[
        int | None, Option(min=1, help="The style's longer side: larger, larger strokes.")
    ] = None,
    optimizer: Annotated[str, Option(help="adam or muon.")] = "adam",
    learning_rate: Annotated[float, Option(min=0.0)] = 1e-3,
    preset: Annotated[str, Option(help="Losses: engstrom or johnson.")] = "engstrom",
    loss_network: Annotated[str | None, Option(help="vgg16 or vgg19.")] = None,
    content_layer: Annotated[str | None, Option(help="For instance block4_conv2.")] = None,
    style_layer: Annotated[list[str] | None, Option(help="Repeatable.")] = None,
    content_weight: Annotated[float | None, Option(min=0.0)] = None,
    style_weight: Annotated[float | None, Option(min=0.0)] = None,
    tv_weight: Annotated[float | None, Option(min=0.0)] = None,
    padding: Annotated[str, Option(help="zero or reflect.")] = "reflect",
    upsampling: Annotated[str, Option(help="nearest or transposed.")] = "nearest",
    width: Annotated[int, Option(min=1, help="Filters of the first convolution.")] = 32,
    start: Annotated[
        str, Option(help="identity, random, a shipped style or a weights file.")
    ] = "identity",
    precision: Annotated[str, Option(help="float32 or mixed_bfloat16.")] = "float32",
    seed: int = 0,
    devices: Annotated[int, Option(min=1, help="Share each batch among so many.")] = 1,
    preview: Annotated[str | None, Option(help="A photograph to style now and then.")] = None,
    preview_epochs: Annotated[int, Option(min=1, help="Checkpoints between previews.")] = 5,
    tensorboard: Annotated[str | None, Option(help="A folder for TensorBoard's logs.")] = None,
    vgg_weights: Annotated[str, Option(help="imagenet, or a file.")] = "imagenet",
    resume: Annotated[bool, Option("--resume", help="Continue exactly where it stopped.")] = False,
):
    """Train a network for one style; its weights, record and checkpoint go side by side.

    Example: stylenet train painting.jpg --content photographs -o my.weights.h5
    """
    from stylenet import runs
    from stylenet.settings import Settings

    settings = Settings(
        steps=steps,
        epoch_steps=epoch_steps,
        batch_size=batch_size,
        crop_size=crop_size,
        style_size=style_size,
        optimizer=optimizer,
        learning_rate=learning_rate,
        preset=preset,
        loss_network=loss_network,
        content_layer=content_layer,
        style_layers=tuple(style_layer) if style_layer else None,
        content_weight=content_weight,
        style_weight=style_weight,
        tv_weight=tv_weight,
        padding=padding,
        upsampling=upsampling,
        width=width,
        start=start,
        precision=precision,
        seed=seed,
    )
    runs.train(
        style,
        content,
        output,
        settings,
        resume=resume,
        devices=devices,
        preview=preview,
        preview_epochs=preview_epochs,
        tensorboard=tensorboard,
        vgg_weights=vgg_weights,
    )


@app.command()
def gatys(
    photo: Annotated[Path, Argument(help="A photograph.")],
    paintings: Annotated[list[Path], Argument(help="One or several styles.")],
    output: Annotated[Path, Option("-o", "--output", help="A picture.")],
    steps: Annotated[int, Option(min=1, help="At each level.")] = 500,
    max_size: Annotated[int, Option(min=16, help="Longer side at most, in pixels.")] = 512,
    style_size: Annotated[
        int | None, Option(min=16, help="The styles' longer side, by default the photograph's.")
    ] = None,
    levels: Annotated[int, Option(min=1, help="Sizes from coarse to fine, doubling.")] = 1,
    preset: Annotated[str, Option(help="Losses: gatys or course.")] = "gatys",
    share: Annotated[list[float] | None, Option(help="A style's share; repeatable.")] = None,
    mask: Annotated[
        list[Path] | None, Option(help="White where a style applies; a picture for each style.")
    ] = None,
    start: Annotated[str, Option(help="content, noise, or a picture.")] = "content",
    optimizer: Annotated[str, Option(help="lbfgs or adam.")] = "lbfgs",
    colors: Annotated[str, Option(help="style, match or keep.")] = "style",
    network: Annotated[str | None, Option(help="vgg19 or vgg16.")] = None,
    pooling: Annotated[str | None, Option(help="max or average.")] = None,
    content_weight: Annotated[float | None, Option(min=0.0)] = None,
    style_weight: Annotated[float | None, Option(min=0.0)] = None,
    tv_weight: Annotated[float | None, Option(min=0.0)] = None,
    seed: int = 0,
    vgg_weights: Annotated[str, Option(help="imagenet, or a file.")] = "imagenet",
):
    """Draw a photograph in the style of any painting, by optimizing its pixels.

    Minutes a picture; Ctrl-C keeps the best so far.

    Example: stylenet gatys photo.jpg painting.jpg -o out.png
    """
    from stylenet import batch

    changes = {
        "network": network,
        "pooling": pooling,
        "content_weight": content_weight,
        "style_weight": style_weight,
        "tv_weight": tv_weight,
    }
    batch.optimize_file(
        photo,
        paintings,
        output,
        max_size,
        style_size,
        mask,
        start,
        num_steps=steps,
        levels=levels,
        preset=preset,
        style_weights=share or None,
        optimizer=optimizer,
        colors=colors,
        seed=seed,
        weights=vgg_weights,
        **{name: value for name, value in changes.items() if value is not None},
    )


@app.command()
def figures(
    names: Annotated[list[str] | None, Argument(help="Of figures; by default all.")] = None,
    output: Annotated[
        Path | None, Option("-o", "--output", help="A folder, by default images/figures.")
    ] = None,
):
    """Draw the lectures' figures, each with a caption; print where they are.

    Example: stylenet figures gabor field -o slides
    """
    from stylenet import figures

    status = 0
    for name, result in figures.draw(names, output):
        if isinstance(result, Exception):
            status = _fail(f"{name} is left out: {result}", 1)
        else:
            print(result)
    return status


@app.command()
def convert(
    old: Annotated[Path, Argument(help="A .h5 of Keras 2, or a .npz of the TensorFlow original.")],
    new: Annotated[Path, Argument(help="NAME.weights.h5.")],
):
    """Convert weights that older programs saved for the course's network.

    Example: stylenet convert wave_weights.h5 old_wave.weights.h5
    """
    from stylenet import legacy

    legacy.convert(old, new)


if __name__ == "__main__":
    run()
