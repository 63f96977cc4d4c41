"""Trains a network to enlarge: photographs are reduced, and drawn again as they were.

Johnson, Alahi and Fei-Fei 2016, section 4.2, https://arxiv.org/abs/1603.08155. What differs from
the paper stands in the room's `__init__.py`.
"""

from pathlib import Path

from keras import ops

from stylenet import weights
from stylenet.features import feature_extractor
from stylenet.losses import content_loss
from stylenet.speed.convolution import accelerate
from stylenet.super_resolution.network import shrink, super_resolution_net
from stylenet.super_resolution.settings import SuperResolutionSettings, check
from stylenet.training.outputs import Run
from stylenet.training.records import write_result
from stylenet.training.run import begun, fit, globals_kept, prepare
from stylenet.training.trainer import Trainer
from stylenet.training.workers import check_alone


class SuperResolutionTrainer(Trainer):
    """Trains a network to draw photographs again that were reduced to a quarter of their sides.

    Args:
        network: from `super_resolution_net`.
        extractor: from `feature_extractor`, with one layer; None for the loss of pixels.

    The terms are "pixels", the mean square of the differences, and with an extractor "features",
    the content loss, which then is the loss.
    """

    def __init__(self, network, extractor=None, **kwargs):
        names = ("pixels",) if extractor is None else ("features", "pixels")
        super().__init__(network, names, **kwargs)
        self.extractor = extractor

    def call(self, photographs):
        return self.network(shrink(photographs))

    def terms(self, outputs, photographs):
        terms = {"pixels": ops.mean(ops.square(outputs - photographs))}
        if self.extractor is not None:
            [drawn], [seen] = (self.extractor(x).values() for x in (outputs, photographs))
            terms["features"] = content_loss(drawn, seen)
        return terms

    def total(self, terms):
        return terms["pixels" if self.extractor is None else "features"]


@globals_kept()
def train_super_resolution(
    content,
    output,
    settings=None,
    *,
    resume=False,
    overwrite=False,
    vgg_weights="imagenet",
):
    """Trains a network to enlarge pictures, on photographs alone.

    Args:
        content: paths of photographs, folders with all that is inside them, or patterns.
        output: the weights to write, NAME.weights.h5; see `Run` for what lies beside it.
        settings: `SuperResolutionSettings`.
        resume: continue exactly where the checkpoint was written; only `steps` may have grown.
        overwrite: replace an earlier run.
        vgg_weights: as `weights` in `features.feature_extractor`.

    Returns:
        The trained network.

    Raises:
        FileNotFoundError, ValueError: bad input, or an earlier run without `resume` or
            `overwrite`, before anything slow begins.
        BlockingIOError: another process is writing the same output.
        NonFiniteLoss: a term is no longer finite; the last checkpoint is kept.

    Reference: Johnson et al. 2016, section 4.2, https://arxiv.org/abs/1603.08155

    Example:
        >>> train_super_resolution("photographs/", "mine.weights.h5")  # doctest: +SKIP
    """
    settings, run = settings or SuperResolutionSettings(), Run(output)
    check_alone("enlarging")
    checked = {"resume": resume, "overwrite": overwrite, "vgg_weights": vgg_weights}
    paths = check(content, output, settings, **checked)
    with begun(run, settings, paths, resume) as (settings, start):
        network, options = build(settings)
        trainer = SuperResolutionTrainer(network, critic(settings, vgg_weights))
        prepare(trainer, settings, run, start)
        fitted = fit(trainer, settings, paths, run, start)
        write_result(run, network, "super_resolution", options, settings, fitted)
    return network


def build(settings):
    """The network that a run begins with, ready to train, and the options that build it."""
    if settings.start:
        options = weights.network_options(settings.start)
        network = weights.fill(lambda: super_resolution_net(**options), Path(settings.start))
    else:
        options = {"width": settings.width, "blocks": settings.blocks}
        network = super_resolution_net(**options)
    accelerate(network)
    return network, options


def critic(settings, vgg_weights):
    """The loss network, up to the layer that is compared; None for the loss of pixels."""
    if settings.loss == "pixels":
        return None
    extractor = feature_extractor(settings.network, [settings.layer], vgg_weights)
    accelerate(extractor)
    return extractor
