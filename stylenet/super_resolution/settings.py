"""Settings of a training run for enlarging, and all that is checked before it begins.

Without Keras, so that a mistake is told before that is imported.
"""

from dataclasses import dataclass

from stylenet import images, inputs, presets, weights
from stylenet.training.outputs import Run
from stylenet.training.settings import FitSettings

LOSSES = ("perceptual", "pixels")


@dataclass(frozen=True)
class SuperResolutionSettings(FitSettings):
    """`FitSettings`, and what is learned by.

    Args:
        width, blocks: as in `super_resolution_net`.
        loss: "perceptual", what the loss network sees of the pictures; or "pixels", the mean square
            of their difference, without a loss network.
        network: the loss network: "vgg19", "vgg16" or "slim".
        layer: of the loss network, whose responses are compared.
        start: a weights file of such a network to begin with; then width and blocks are its own.

    Raises:
        ValueError: an impossible number, an unknown loss, network or optimizer.
    """

    steps: int = 1_000
    epoch_steps: int = 50
    width: int = 32
    blocks: int = 4
    loss: str = "perceptual"
    network: str = "vgg19"
    layer: str = "block2_conv2"
    start: str | None = None

    def __post_init__(self):
        super().__post_init__()
        inputs.number("width", self.width, 1, 512, whole=True)
        inputs.number("blocks", self.blocks, 1, 64, whole=True)
        inputs.choice("loss", self.loss, LOSSES)
        inputs.choice("network", self.network, presets.NETWORKS)


def check(content, output, settings, *, resume=False, overwrite=False, vgg_weights="imagenet"):
    """Checks what a run is given, and that its files can be written; nothing slow begins.

    The arguments are those of `training.train_super_resolution`.

    Returns:
        The photographs' paths.

    Raises:
        FileNotFoundError, ValueError: bad input, or an earlier run without `resume` or `overwrite`.
    """
    Run(output).check(resume, overwrite)
    weights.check_source(vgg_weights)
    if settings.start:
        weights.style_file(settings.start)
    return images.find_images(content, recursive=True)


def find(trained):
    """The file of a trained network.

    Args:
        trained: "perceptual" or "pixels", which ship, or the path of a weights file.

    Returns:
        Its `Path`.

    Raises:
        ValueError, FileNotFoundError: no such network, or no such file.
    """
    if trained in LOSSES:
        return weights.shipped_file(f"enlarge_{trained}")
    if not str(trained).endswith(weights.SUFFIX):
        inputs.choice("network", str(trained), (*LOSSES, f"NAME{weights.SUFFIX}"))
    return weights.style_file(trained)
