"""Trains one network for many styles, with sliders for strength and stroke.

Dumoulin, Shlens and Kudlur, "A Learned Representation For Artistic Style", 2016,
https://arxiv.org/abs/1610.07629; strength after Babaeizadeh and Ghiasi 2018,
https://arxiv.org/abs/1811.08560; stroke after Jing et al. 2018, https://arxiv.org/abs/1802.07101.

Every crop of a batch has a style, a strength s and a stroke of its own. Its loss is

    L = 2^(1 - 2s) (content_weight l_content + tv_weight l_TV) + 2^(2s - 1) style_weight l_style

so that the style weighs a quarter to four times what the preset says. What falls is the mean of
2 sqrt(L), whose gradient is that of L divided by sqrt(L): no style takes the convolutions over
because it costs more than another.

Differences from the papers:

| here                                              | paper                                        |
|---------------------------------------------------|----------------------------------------------|
| scales and shifts interpolated between four       | Babaeizadeh: a network from the loss weights |
| corners                                           | to scales and shifts                         |
| starts from a network of one style                | random weights                               |
| the root of each crop's loss                      | the loss                                     |
"""

from pathlib import Path

import keras
import numpy as np
from keras import ops

from stylenet import weights
from stylenet.feed_forward.conditional import (
    condition,
    joined,
    options_of,
    repeated,
    with_styles,
)
from stylenet.feed_forward.identity import start_as_identity
from stylenet.feed_forward.network import load_network, transform_net
from stylenet.feed_forward.settings import ManySettings, check_many
from stylenet.feed_forward.targets import SIZES, STROKES, ManyStylesLoss, fingerprint
from stylenet.losses import find_preset
from stylenet.speed.convolution import accelerate
from stylenet.training.callbacks import Preview
from stylenet.training.outputs import Run
from stylenet.training.photographs import Photographs
from stylenet.training.records import write_result
from stylenet.training.run import begun, fit, globals_kept, prepare
from stylenet.training.trainer import Trainer

TERMS = ("content", "style", "tv")
COLUMNS = 8  # of a preview


class StyledPhotographs(Photographs):
    """Crops, each with a style, a strength and a stroke: a function of seed and number alone.

    Each pass over the styles takes every one once, in an order of its own. The strength is uniform
    in [0, 1], the stroke one of `targets.STROKES`.

    Args:
        paths, crop_size, batch_size, seed, first_step: as in `Photographs`.
        styles: how many.

    A batch is a pair: photographs and conditions; and photographs, targets `(batch,)` and strengths
    `(batch,)`, see `ManyStylesLoss`.
    """

    def __init__(self, paths, crop_size, batch_size, seed, first_step, styles):
        super().__init__(paths, crop_size, batch_size, seed, first_step)
        self.styles = styles

    def batch(self, step):
        pictures, _ = super().batch(step)
        first = step * self.batch_size
        wishes = [self.wish(first + i) for i in range(self.batch_size)]
        styles, strengths, sizes = (np.array(column) for column in zip(*wishes, strict=True))
        names = [f"style {i}" for i in range(self.styles)]
        conditions = np.stack([condition(names, names[i], s, STROKES[k]) for i, s, k in wishes])
        targets = (styles * len(SIZES) + sizes).astype("int32")
        return (pictures, conditions), (pictures, targets, strengths.astype("float32"))

    def wish(self, number):
        """The style, the strength and the number of the size of sample `number`."""
        turn, position = divmod(number, self.styles)
        order = np.random.default_rng((self.seed, turn, 2)).permutation(self.styles)
        random = np.random.default_rng((self.seed, number, 3))
        return int(order[position]), random.uniform(), int(random.integers(len(SIZES)))


class ManyTrainer(Trainer):
    """Trains a network for many styles; the three terms are means over a batch, unweighted.

    Args:
        network: from `transform_net` with `styles`.
        loss: a `ManyStylesLoss` with its targets.
        names: of the styles; each has a metric of its own, its loss in the last epoch.
    """

    def __init__(self, network, loss, names, **kwargs):
        super().__init__(network, TERMS, **kwargs)
        self.loss_of_each = loss
        self.styles = [keras.metrics.Mean(name=name) for name in names]

    def call(self, inputs):
        return self.network(list(inputs))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        photographs, targets, strengths = y
        terms = self.loss_of_each(y_pred, photographs, targets)
        for name, tracker in self.trackers.items():
            tracker.update_state(terms[name])
        losses = self.weighted(terms, strengths)
        for i, tracker in enumerate(self.styles):
            own = ops.cast(ops.equal(targets // len(SIZES), i), "float32")
            tracker.update_state(losses, sample_weight=own)
        return ops.mean(2 * ops.sqrt(losses)) / self._replicas()

    def weighted(self, terms, strengths):
        """The loss L of each picture."""
        preset = self.loss_of_each.preset
        style = 2.0 ** (2.0 * strengths - 1.0)
        rest = preset.content_weight * terms["content"] + preset.tv_weight * terms["tv"]
        return rest / style + preset.style_weight * style * terms["style"]


class StylesPreview(Preview):
    """A sheet of all styles on one photograph, every so many epochs."""

    def picture(self):
        count = len(self.model.styles)
        names = [f"style {i}" for i in range(count)]
        rows = [condition(names, name) for name in names]
        drawn = [
            np.asarray(self.model.network.predict_on_batch([self.photograph[None], row[None]]))[0]
            for row in rows
        ]
        cells = [self.photograph, *drawn]
        blank = np.full_like(self.photograph, 255.0)
        cells += [blank] * (-len(cells) % COLUMNS)
        lines = [
            np.concatenate(cells[i : i + COLUMNS], axis=1) for i in range(0, len(cells), COLUMNS)
        ]
        return np.concatenate(lines)


@globals_kept()
def train_many(
    paintings,
    content,
    output,
    settings=None,
    *,
    resume=False,
    overwrite=False,
    preview=None,
    preview_epochs=5,
    vgg_weights="imagenet",
):
    """Trains one network for several styles.

    Args:
        paintings: a dict, name of the style to path of the painting.
        content: paths of photographs, folders with all that is inside them, or patterns.
        output: the weights to write, NAME.weights.h5; see `Run` for what lies beside it, and
            NAME.targets.npz, the paintings' Gram matrices.
        settings: `ManySettings`.
        resume: continue from the checkpoint, exactly as if the run had never stopped.
        overwrite: replace an earlier run.
        preview: a photograph to draw in all styles now and then.
        preview_epochs: epochs between two previews.
        vgg_weights: as `weights` in `features.feature_extractor`.

    Returns:
        The trained network; with frozen convolutions also with the other styles of `start`.

    Raises:
        FileNotFoundError, ValueError: bad input, or an earlier run without `resume` or
            `overwrite`, before the loss network is loaded.
        BlockingIOError: another process is writing the same output.
        NonFiniteLoss: a term is no longer finite; the last checkpoint is kept.

    Reference: Dumoulin et al. 2016, https://arxiv.org/abs/1610.07629

    Example:
        >>> paintings = {"mine": "painting.jpg", "yours": "another.jpg"}
        >>> train_many(paintings, "photographs/", "both.weights.h5")  # doctest: +SKIP
    """
    settings, run, names = settings or ManySettings(), Run(output), list(paintings)
    more = {"resume": resume, "overwrite": overwrite, "preview": preview}
    more |= {"preview_epochs": preview_epochs, "vgg_weights": vgg_weights}
    paths, photograph = check_many(paintings, content, output, settings, **more)
    seen = {name: fingerprint(path) for name, path in paintings.items()}
    with begun(run, settings, paths, resume, styles=seen) as (settings, start):
        trainer = _trainer(paintings, settings, run, start, vgg_weights)
        stream = StyledPhotographs(
            paths, settings.crop_size, settings.batch_size, settings.seed, start.step, len(names)
        )
        reports = _previews(photograph, run, settings, preview_epochs)
        fitted = fit(trainer, settings, paths, run, start, reports, stream)
        network, names, others = _with_kept(trainer.network, settings, names)
        told = {"loss": find_preset(settings.preset)._asdict()}
        own = {name: {"file": Path(path).name} for name, path in paintings.items()}
        styles = {name: (others | own).get(name, {}) for name in names}
        options = options_of(network) | {"styles": names}
        write_result(run, network, "styles", options, settings, fitted, told, styles=styles)
    return network


def _trainer(paintings, settings, run, start, vgg_weights):
    """The trainer, as a checkpoint left it."""
    network = build(settings, list(paintings))
    loss = ManyStylesLoss(settings.preset, vgg_weights)
    for model in (network, loss.extractor):  # first: large paintings would take minutes
        accelerate(model)
    loss.find_targets(paintings.values(), run.targets)
    trainer = ManyTrainer(network, loss, list(paintings))
    of_kernels = {"kernel_rate": settings.kernel_rate} if settings.optimizer == "muon" else {}
    prepare(trainer, settings, run, start, **of_kernels)
    return trainer


def _previews(photograph, run, settings, epochs):
    if photograph is None:
        return []
    return [StylesPreview(photograph, run.previews, settings.epoch_steps, epochs)]


def _with_kept(network, settings, names):
    """With frozen convolutions, the styles that the run began with and did not touch are kept.

    Returns:
        The network, the names of its styles, and what the record of the beginning tells of them.
    """
    known = _known(settings) if settings.convolutions == "frozen" else ()
    if not known:
        return network, names, {}
    before = weights.record_of(settings.start) or {}
    network, names = joined(load_network(settings.start), known, network, names)
    return network, names, before.get("styles", {})


def _known(settings):
    """The names of the styles of the network that a run begins with."""
    if settings.start in ("identity", "random"):
        return ()
    return tuple(weights.network_options(settings.start).get("styles", ()))


def build(settings, names):
    """The network that a run begins with; its convolutions frozen if the settings say so."""
    network = _started(settings, names)
    if settings.convolutions == "frozen":
        for layer in network.layers:
            layer.trainable = layer.name.endswith("_norm")
    return network


def _started(settings, names):
    if settings.start in ("identity", "random"):
        network = transform_net(settings.padding, settings.upsampling, settings.width)
        if settings.start == "identity":
            start_as_identity(network)
        return repeated(network, len(names))
    network = load_network(settings.start)
    known = _known(settings)
    return with_styles(network, known, names) if known else repeated(network, len(names))
