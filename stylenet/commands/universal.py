"""The commands of universal style transfer."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option


def universal(
    photo: Annotated[str, Argument(help="A photograph, a folder of them, or a pattern.")],
    paintings: Annotated[list[Path], Argument(help="One or several styles.")],
    output: Annotated[Path, Option("-o", "--output", help="A picture, or a folder for several.")],
    alpha: Annotated[
        list[float] | None,
        Option(help="0 to 1, the full style; 0.6 unless given. Repeat it for each level."),
    ] = None,
    levels: Annotated[
        str | None, Option(help="In this order; 5,4,3,2,1 unless given, as far as they ship.")
    ] = None,
    network: Annotated[str, Option(help="slim, or vgg19.")] = "slim",
    max_size: Annotated[int | None, Option(min=1, help="Longer side at most, in pixels.")] = None,
    style_size: Annotated[
        int, Option(min=1, help="The styles' longer side: larger, larger strokes.")
    ] = 512,
    share: Annotated[list[float] | None, Option(help="A style's share; repeatable.")] = None,
    mask: Annotated[
        list[Path] | None, Option(help="White where a style applies; a picture for each style.")
    ] = None,
    colors: Annotated[str, Option(help="style, match or keep.")] = "style",
    suffix: Annotated[str, Option(help="Format of the pictures in a folder.")] = ".png",
):
    """Draw photographs in the style of any painting, without training for it.

    Example: stylenet universal photo.jpg painting.jpg -o out.png --alpha 0.6
    """
    from stylenet import batch

    return batch.universal_files(
        [photo],
        paintings,
        output,
        max_size,
        style_size,
        mask,
        network,
        suffix,
        alpha=_alpha(alpha),
        levels=_levels(levels),
        style_weights=share or None,
        colors=colors,
    )


def _alpha(values):
    return values if values and len(values) > 1 else (values or [0.6])[0]


def _levels(text):
    if text is None:
        return None
    try:
        return tuple(int(level) for level in text.split(","))
    except ValueError as error:
        raise ValueError(
            f"Expected levels as numbers with commas, for instance 3,2,1. Received: {text!r}."
        ) from error


def train_decoder(
    level: Annotated[int, Argument(help="1 to 5.")],
    content: Annotated[list[str], Option(help="Photographs: folders or patterns; repeatable.")],
    output: Annotated[Path, Option("-o", "--output", help="NAME.weights.h5.")],
    network: Annotated[str, Option(help="slim or vgg19.")] = "slim",
    steps: Annotated[int, Option(min=1)] = 2_000,
    epoch_steps: Annotated[int, Option(min=1, help="Steps between two checkpoints.")] = 100,
    batch_size: Annotated[int, Option(min=1)] = 4,
    crop_size: Annotated[int, Option(min=32, help="Pixels, a multiple of 16.")] = 128,
    optimizer: Annotated[str, Option(help="adam or muon.")] = "muon",
    learning_rate: Annotated[float, Option(min=0.0)] = 1e-3,
    feature_weight: Annotated[float, Option(min=0.0, help="The pixel loss weighs 1.")] = 1.0,
    texture_weight: Annotated[float, Option(min=0.0, help="Of the Gram matrices' errors.")] = 1.0,
    style_weight: Annotated[float, Option(min=0.0, help="In another photograph's style.")] = 1.0,
    content_weight: Annotated[float, Option(min=0.0, help="In another photograph's style.")] = 0.3,
    start: Annotated[
        str | None, Option(help="Weights of the same or of a lower level to begin with.")
    ] = None,
    after_higher: Annotated[
        bool, Option("--after-higher", help="Style what the shipped higher levels have drawn.")
    ] = False,
    seed: int = 0,
    preview: Annotated[str | None, Option(help="A photograph to reconstruct now and then.")] = None,
    encoder_weights: Annotated[
        str | None, Option(help="The encoder's file, if not the shipped or ImageNet's.")
    ] = None,
    resume: Annotated[bool, Option("--resume", help="Continue exactly where it stopped.")] = False,
):
    """Train a decoder for universal style transfer, on photographs alone.

    Example: stylenet train-decoder 3 --content photographs -o mine.weights.h5
    """
    given = locals()
    from stylenet import reconstruction

    reconstruction.train_decoder(
        content,
        output,
        reconstruction.DecoderSettings.pick(given),
        resume=resume,
        preview=preview,
        encoder_weights=encoder_weights,
    )
