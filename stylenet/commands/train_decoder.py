"""The command that trains a decoder of universal style transfer."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option


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
        str, Option(help="Of the encoder: imagenet (for slim, the shipped file) or a file.")
    ] = "imagenet",
    resume: Annotated[bool, Option("--resume", help="Continue exactly where it stopped.")] = False,
):
    """Train a decoder for universal style transfer, on photographs alone.

    Example: stylenet train-decoder 3 --content photographs -o mine.weights.h5
    """
    from stylenet.universal import training as reconstruction

    settings = reconstruction.DecoderSettings(
        steps=steps,
        epoch_steps=epoch_steps,
        batch_size=batch_size,
        crop_size=crop_size,
        optimizer=optimizer,
        learning_rate=learning_rate,
        seed=seed,
        level=level,
        network=network,
        feature_weight=feature_weight,
        texture_weight=texture_weight,
        style_weight=style_weight,
        content_weight=content_weight,
        start=start,
        after_higher=after_higher,
    )

    reconstruction.train_decoder(
        content,
        output,
        settings,
        resume=resume,
        preview=preview,
        encoder_weights=encoder_weights,
    )
