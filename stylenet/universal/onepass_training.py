"""How the network for any painting is trained: on photographs, each with a painting of its own.

Ghiasi et al. 2017, https://arxiv.org/abs/1705.06830

Every photograph x of a batch has a painting p and a strength s. With y = T(x, c(p, s)) its loss is

    2^(1 - 2s) (content_weight l_content + tv_weight l_TV) / K
      + 2^(2s - 1) (l_style(y, p) / mean_i l_style(x_i, p) + color_weight l_color, likewise)

so that the style weighs a quarter to four times what it weighs at 1/2. The style counts as a part
of what the photographs of the batch, as they are, lack of it: a loud painting would else take the
shared convolutions over, and a quiet one not be drawn at all.

Differences from the paper:

| here                                             | paper                                     |
|--------------------------------------------------|-------------------------------------------|
| 1,200 paintings, crops of them                   | 80,000 paintings, and 6,000 textures      |
| the style's loss is a part of the photographs'   | a weight for all                          |
| a loss of colors: their distributions along      | -                                         |
| eight directions, sorted (sliced Wasserstein)    |                                           |
| begins as a copy of the photograph; Muon         | random weights; Adam                      |
| strength random                                  | one                                       |
"""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import ops

from stylenet import images, inputs, presets, weights
from stylenet.features import feature_extractor
from stylenet.feed_forward.identity import start_as_identity
from stylenet.feed_forward.network import transform_net
from stylenet.feed_forward.settings import PRECISIONS, WIDEST
from stylenet.losses import gram_matrix
from stylenet.quality import unit_vectors
from stylenet.speed.convolution import accelerate
from stylenet.training.outputs import Run
from stylenet.training.photographs import Photographs
from stylenet.training.records import write_result
from stylenet.training.run import begun, fit, globals_kept, prepare
from stylenet.training.settings import FitSettings
from stylenet.training.trainer import Trainer
from stylenet.training.workers import check_alone
from stylenet.universal.onepass import CONDITIONS, WIDTH, onepass_net

TERMS = ("content", "style", "tv", "color")
TYPICAL = 3e7  # K: photographs as they are cost as much in a style, or twice if it is a loud one
DIRECTIONS, POOL = 8, 4  # in which colors are sorted, and pixels a side whose mean is one color


@dataclass(frozen=True)
class OnePassSettings(FitSettings):
    """Settings of a training run for any painting.

    Args:
        width: of the feed-forward network, 12 or more.
        conditions: the length of a condition.
        preset: loss network, layers and weights, see `losses.PRESETS`; one of mean squares. Its
            style weight is not used.
        color_weight: of the loss of colors beside that of the style.
        start: "identity", or a weights file of such a network, whose sizes are then taken.
        precision: as in `feed_forward.settings.StyleSettings`.
        **others: as in `FitSettings`.

    Raises:
        ValueError: an impossible number, an unknown optimizer, preset or precision.
    """

    steps: int = 20_000
    crop_size: int = 256
    width: int = WIDTH
    conditions: int = CONDITIONS
    preset: str | presets.Preset = "engstrom"
    color_weight: float = 0.1
    start: str = "identity"
    precision: str = "auto"

    def __post_init__(self):
        super().__post_init__()
        inputs.number("width", self.width, 12, WIDEST, whole=True)
        inputs.number("conditions", self.conditions, 2, WIDEST, whole=True)
        inputs.number("color_weight", self.color_weight, 0, presets.HEAVIEST)
        inputs.choice("precision", self.precision, PRECISIONS)
        if not presets.check_trained(self.preset).mean_squares:
            raise ValueError(
                "Expected a preset of mean squares, such as 'engstrom', since each picture has a "
                f"loss of its own. Received: {self.preset!r}."
            )

    def as_dict(self):
        """A dict that JSON can hold, the preset by its name or as a dict."""
        named = isinstance(self.preset, str)
        return super().as_dict() | {"preset": self.preset if named else self.preset._asdict()}


class PaintedPhotographs(Photographs):
    """Crops of photographs, each with a crop of a painting and a strength.

    Both are a function of seed and number alone. Paintings are cropped as photographs are, and each
    pass over them takes every one once. The strength is uniform in [0, 1].

    Args:
        paths, crop_size, batch_size, seed, first_step: as in `Photographs`.
        paintings: paths as well.

    A batch holds one thing, a triple: photographs, paintings and strengths `(batch,)`.
    """

    def __init__(self, paths, paintings, crop_size, batch_size, seed=0, first_step=0):
        super().__init__(paths, crop_size, batch_size, seed, first_step)
        self.paintings = Photographs(paintings, crop_size, batch_size, seed + 1, first_step)

    def batch(self, step):
        numbers = range(step * self.batch_size, (step + 1) * self.batch_size)
        strengths = [np.random.default_rng((self.seed, i, 3)).uniform() for i in numbers]
        photographs, _ = super().batch(step)
        self.paintings.album = self.album
        paintings, _ = self.paintings.batch(step)
        if self.album:  # where paintings come after photographs
            paintings = {"places": paintings["places"] + [len(self.paths), *[0] * 5]}
        return ((photographs, paintings, np.array(strengths, "float32")),)

    def decoded(self):
        both = super().decoded(), self.paintings.decoded()
        return None if None in both else both[0] + both[1]


class PaintingsLoss(keras.layers.Layer):
    """The terms of each picture of a batch, where each has a painting of its own.

    Args:
        preset: a `presets.Preset` of mean squares.
        weights: of the loss network, as in `features.feature_extractor`.

    Raises:
        FileNotFoundError: the loss network's weights are nowhere to be found.
    """

    def __init__(self, preset, weights="imagenet", **kwargs):
        super().__init__(trainable=False, dtype="float32", **kwargs)
        self.preset = preset = presets.balanced(preset)
        names = list(dict.fromkeys((*preset.style_layers, *preset.content_layers)))
        self.extractor = feature_extractor(preset.network, names, weights, preset.pooling)
        self.directions = unit_vectors(DIRECTIONS).astype("float32").T
        self.built = True

    def call(self, pictures, photographs, paintings):
        """The terms.

        Args:
            pictures: results, `(batch, height, width, 3)`, RGB in [0, 255].
            photographs: what they were drawn from, the same shape and range.
            paintings: in whose style, the same shape and range.

        Returns:
            A dict of `(batch,)`: "content" and "tv", unweighted; "style" and "color", as parts of
            what the photographs of the batch have on average.
        """
        given = self._features(ops.concatenate([photographs, paintings]))
        given = {name: ops.split(ops.stop_gradient(x), 2) for name, x in given.items()}
        drawn = self._features(pictures)
        style = [self._style(drawn[name], *given[name]) for name in self.preset.style_layers]
        shares = self.preset.style_layers.values()
        lacks, typical = (
            sum(w * x for w, x in zip(shares, values, strict=True))
            for values in zip(*style, strict=True)
        )
        content = self.preset.content_layers.items()
        own, far = apart(*map(self.colors, (pictures, photographs, paintings)))
        return {
            "content": sum(w * mean_square(drawn[name] - given[name][0]) for name, w in content),
            "style": lacks / typical,
            "tv": mean_square(pictures[:, 1:] - pictures[:, :-1])
            + mean_square(pictures[:, :, 1:] - pictures[:, :, :-1]),
            "color": own / far,
        }

    def colors(self, pictures):
        """Colors sorted along each direction, `(batch, colors, directions)`, in grey levels."""
        pooled = ops.average_pool(pictures, POOL, POOL, "valid")
        flat = ops.reshape(pooled, (-1, pooled.shape[1] * pooled.shape[2], 3))
        return ops.sort(ops.matmul(flat, self.directions), axis=1)

    def _style(self, drawn, photographs, paintings):
        """How far the results, and the photographs on average, are from each painting."""
        return apart(*map(gram_matrix, (drawn, photographs, paintings)))

    def _features(self, pictures):
        return {name: ops.cast(x, "float32") for name, x in self.extractor(pictures).items()}


def apart(drawn, photographs, paintings):
    """Mean squares between each result and its painting, and between that and all photographs.

    E_i (a_i - b)^2 = (E a - b)^2 + E a^2 - (E a)^2, so no pair has to be formed.

    Args:
        drawn: of the results, `(batch, ...)`.
        photographs: the same of these.
        paintings: the same of these.

    Returns:
        Two `(batch,)`.
    """
    mean = ops.mean(photographs, axis=0, keepdims=True)
    spread = ops.mean(ops.square(photographs - mean))
    return mean_square(drawn - paintings), mean_square(mean - paintings) + spread


def mean_square(x):
    """Of each entry of a batch."""
    return ops.mean(ops.square(x), axis=tuple(range(1, len(x.shape))))


class OnePassTrainer(Trainer):
    """Trains a network for any painting.

    Args:
        network: from `onepass_net`.
        loss: a `PaintingsLoss`.
        settings: `OnePassSettings`.

    The four terms are means over the batch: content and total variation in the preset's units, the
    style and the colors as parts of what photographs lack.
    """

    def __init__(self, network, loss, settings, **kwargs):
        super().__init__(network, TERMS, **kwargs)
        self.loss_of_each, self.settings = loss, settings

    def call(self, inputs):
        photographs, paintings, strengths = inputs
        return self.network([photographs, paintings, strengths[:, None]])

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        photographs, paintings, strengths = x
        terms = self.loss_of_each(y_pred, photographs, paintings)
        for name, tracker in self.trackers.items():
            tracker.update_state(terms[name])
        return ops.mean(self.weighted(terms, strengths)) / self._replicas()

    def weighted(self, terms, strengths):
        """The loss of each picture."""
        preset = self.loss_of_each.preset
        rest = preset.content_weight * terms["content"] + preset.tv_weight * terms["tv"]
        style = terms["style"] + self.settings.color_weight * terms["color"]
        factor = 2.0 ** (2.0 * strengths - 1.0)
        return rest / (TYPICAL * factor) + factor * style


@globals_kept()
def train_onepass(
    paintings,
    content,
    output,
    settings=None,
    *,
    resume=False,
    overwrite=False,
    vgg_weights="imagenet",
):
    """Trains a network for any painting.

    Args:
        paintings: paths of paintings, folders with all that is inside them, or patterns.
        content: the same of photographs.
        output: the weights to write, NAME.weights.h5; see `Run` for what lies beside it.
        settings: `OnePassSettings`.
        resume: continue from the checkpoint, exactly as if the run had never stopped.
        overwrite: replace an earlier run.
        vgg_weights: as `weights` in `features.feature_extractor`.

    Returns:
        The trained network.

    Raises:
        FileNotFoundError, ValueError: bad input, or an earlier run without `resume` or
            `overwrite`, before the loss network is loaded.
        BlockingIOError: another process is writing the same output.
        NonFiniteLoss: a term is no longer finite; the last checkpoint is kept.

    Reference: Ghiasi et al. 2017, https://arxiv.org/abs/1705.06830
    """
    settings, run = settings or OnePassSettings(), Run(output)
    check_alone("one pass")
    run.check(resume, overwrite)
    paths = images.find_images(content, recursive=True)
    painted = images.find_images(paintings, recursive=True)
    with begun(run, settings, paths, resume, paintings=len(painted)) as (settings, start):
        network, options = build(settings)
        loss = PaintingsLoss(presets.find_preset(settings.preset), vgg_weights)
        for model in (*map(network.get_layer, ("transform_net", "style")), loss.extractor):
            accelerate(model)
        trainer = OnePassTrainer(network, loss, settings)
        prepare(trainer, settings, run, start)
        sizes = settings.crop_size, settings.batch_size, settings.seed, start.step
        stream = PaintedPhotographs(paths, painted, *sizes)
        fitted = fit(trainer, settings, paths, run, start, (), stream)
        told = {"paintings": len(painted), "loss": loss.preset._asdict()}
        write_result(run, network, "onepass", options, settings, fitted, told)
    return network


def build(settings):
    """The network that a run begins with, and the options of `onepass_net` that build it."""
    if settings.start != "identity":
        options = weights.network_options(settings.start)
        return weights.fill(lambda: onepass_net(**options), Path(settings.start)), options
    options = {"width": settings.width, "conditions": settings.conditions}
    network = onepass_net(**options)
    copy_photographs(network.get_layer("transform_net"), settings.width)
    seen = network.get_layer("style").get_layer("seen")
    extractor = feature_extractor("slim", list(seen.output))
    for layer in seen.layers:
        layer.set_weights(extractor.get_layer(layer.name).get_weights() if layer.weights else [])
    return network, options


def copy_photographs(network, width):
    """Lets a network with conditions copy the photograph, whatever the condition is.

    Only the first entry, which is always 1, has a say: the other rows of scales and shifts are 0.

    Args:
        network: from `transform_net` with `conditions`.
        width: its width.
    """
    plain = transform_net("reflect", "nearest", width)
    start_as_identity(plain)
    for layer in network.layers:
        values = plain.get_layer(layer.name).get_weights() if layer.weights else []
        if layer.name.endswith("_norm"):
            more = layer.conditions - 1
            values = [np.pad(row[None], ((0, more), (0, 0))) for row in values]
        layer.set_weights(values)
