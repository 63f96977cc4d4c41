"""Universal style transfer: any painting as style, without training for it.

Li, Fang, Yang, Wang, Lu and Yang, "Universal Style Transfer via Feature Transforms", NIPS 2017,
https://arxiv.org/abs/1705.08086

From the highest level to the lowest: encode, whiten and color (`stylenet.wct`), decode
(`stylenet.universal.decoders`); the next level takes that picture.

Differences from the paper:

| here                                              | paper                                    |
|---------------------------------------------------|------------------------------------------|
| slim, a narrow encoder that ships with us; VGG19  | VGG19                                    |
| the style encoded once, for all levels            | at every level                           |
| pictures clipped to [0, 255] between the levels   | not clipped                              |
| responses before their ReLU are transformed       | after it                                 |
| level 5 drops eigenvalues below 1e-2 of the first | below 1e-5                               |
| level 4 twice                                     | once                                     |
| of what the decoder D does not draw, x - D(f_c),  | D(f) replaces the picture                |
| levels 5 and 3 keep all, level 4 a share 1 - alpha|                                          |
| a mask weighs each position                       | a region's positions alone               |
"""

import numpy as np
from keras import layers, ops

from stylenet import colors as color
from stylenet import encoders
from stylenet.images import as_image
from stylenet.speed.autoencoder import fast
from stylenet.speed.graphs import Graph
from stylenet.universal.decoders import level_encoder, load_decoder, shipped_levels
from stylenet.universal.inputs import (
    StyleEncoding,
    as_list,
    check_options,
    check_styles,
    guide,
    pad,
    shrink,
)
from stylenet.wct import THRESHOLD, mix, statistics, transform_regions
from stylenet.wct import whitening_coloring_transform as transform

THRESHOLDS = {5: 1e-2}  # of eigenvalues; level 5 has hardly more positions than channels
PASSES = {4: 2}  # through a level; after one, what level 4 draws still lacks some of the style
DETAILED = (3, 4, 5)  # levels that add what their decoders do not draw of the photograph


class UniversalStylizer:
    """Draws photographs in the style of any painting.

    Args:
        network: "slim", which ships with the project, or "vgg19", whose encoder is looked for as
            `features.feature_extractor` says.
        weights: of the encoder, as in `decoders.level_encoder`.

    Encoders and decoders are loaded when a level is first used.

    Raises:
        ValueError: an unknown network.

    Reference: Li et al. 2017, https://arxiv.org/abs/1705.08086
    """

    def __init__(self, network="slim", weights=None):
        encoders.check(network, encoders.LEVELS)
        self.network, self.weights = network, weights
        self._encoders, self._steps = {}, {}

    def stylize(
        self,
        content_image,
        style_images,
        alpha=0.6,
        levels=None,
        *,
        style_weights=None,
        masks=None,
        colors="style",
    ):
        """Draws a photograph in the style of one or several paintings.

        Args:
            content_image: `(height, width, 3)`, RGB in [0, 255], any size.
            style_images: one picture or a list, each of the size that its strokes are to have; or
                what `encode` made of them.
            alpha: 0, the photograph as the decoders draw it, to 1, the style in full; a number,
                or one for each of `levels`.
            levels: from 5, large structures, to 1, colors; in this order. By default all whose
                decoders ship: (5, 4, 3, 2, 1) for slim.
            style_weights: a number a style, by default equal; their sum does not matter.
            masks: `(height, width)` in [0, 1] a style: where in the photograph it applies.
            colors: "style"; "match", the style recolored like the photograph before
                (`colors.match_colors`); "keep", the photograph's own chroma
                (`colors.keep_colors`).

        Returns:
            float32 `(height, width, 3)` in [0, 255], exactly the photograph's size.

        Raises:
            ValueError: unknown options, or pictures, masks and weights that do not fit together.
            FileNotFoundError: weights that are nowhere to be found.

        Reference: Li et al. 2017, sections 3.2, 3.3 and 4.3
        """
        content, styles = as_image(content_image), as_list(style_images)
        levels = shipped_levels(self.network) if levels is None else levels
        alphas = check_options(alpha, levels, colors)
        check_styles(content, styles, style_weights, masks, colors)
        if colors == "match":
            styles = [color.match_colors(style, content) for style in styles]
        targets = [self.encode(style, levels).levels for style in styles]
        shares = np.ones(len(styles)) if style_weights is None else np.array(style_weights)
        shares = (shares / shares.sum()).tolist()
        image, (height, width) = pad(content)
        guides = [guide(mask) for mask in masks or ()]
        image = image[None]
        for level, strength in zip(levels, alphas, strict=True):
            styles = [target[level] for target in targets]
            if not guides:
                styles = [mix(styles, shares)]
            regions = shrink(guides, level)
            for share in strengths(strength, level):
                image = self._step(level)(image, np.float32(share), styles, regions)
        result = np.array(ops.convert_to_numpy(image)[0, :height, :width])
        return color.keep_colors(result, content) if colors == "keep" else result

    def encode(self, style_image, levels=encoders.LEVELS):
        """What coloring needs of a style: compute it once for many photographs.

        Args:
            style_image: `(height, width, 3)`, RGB in [0, 255]; what was encoded is returned as it
                is.
            levels: those that will be used.

        Returns:
            A `StyleEncoding`.

        Raises:
            ValueError: something that is no picture, or was encoded by another network or at
                other levels.
        """
        if isinstance(style_image, StyleEncoding):
            self._check_encoding(style_image, levels)
            return style_image
        encoders.check(self.network, levels)
        key = tuple(sorted(set(levels)))
        if key not in self._encoders:
            encoder = self._encoder(key)
            names = [encoders.level_name(level) for level in key]

            def summarize(picture):
                responses = encoder(picture)
                return [statistics(responses[name]) for name in names]

            self._encoders[key] = Graph(summarize)
        image, _ = pad(as_image(style_image))
        return StyleEncoding(
            self.network, dict(zip(key, self._encoders[key](image[None]), strict=True))
        )

    def reconstruct(self, image, level):
        """What a decoder makes of a picture that is not transformed.

        Args:
            image: `(height, width, 3)`, RGB in [0, 255].
            level: 1 to 5.

        Returns:
            float32 `(height, width, 3)` in [0, 255].
        """
        image, (height, width) = pad(as_image(image))
        drawn = self._step(level)(image[None], np.float32(0), [], [])
        return np.array(ops.convert_to_numpy(drawn)[0, :height, :width])

    def synthesize_texture(self, style_images, size=(256, 256), passes=3, *, seed=0, **options):
        """A new picture with the style alone: from noise, no content.

        Args:
            style_images: as in `stylize`.
            size: `(height, width)` of the result.
            passes: through all levels; each brings the noise nearer to the style.
            seed: of the noise.
            **options: of `stylize`; alpha is 1 unless given.

        Returns:
            float32 `(*size, 3)` in [0, 255].

        Reference: Li et al. 2017, section 4.4
        """
        image = np.random.default_rng(seed).uniform(0, 255, (*size, 3)).astype("float32")
        levels = options.get("levels") or shipped_levels(self.network)
        styles = [self.encode(style, levels) for style in as_list(style_images)]
        for _ in range(passes):
            image = self.stylize(image, styles, **{"alpha": 1.0, **options})
        return image

    def _encoder(self, levels):
        return fast(level_encoder(self.network, levels, self.weights), self.network)

    def _step(self, level):
        """Encode, transform and decode at a level."""
        if level not in self._steps:
            encoder = self._encoder([level])
            decoder = fast(load_decoder(level, self.network))
            name = encoders.level_name(level)

            def step(picture, alpha, styles, masks):
                features = encoder(picture)[name]
                if not styles:
                    return ops.clip(decoder(features), 0.0, 255.0)
                return restyle(picture, features, decoder, level, alpha, styles, masks)

            self._steps[level] = Graph(step)
        return self._steps[level]

    def _check_encoding(self, encoding, levels):
        missing = [level for level in levels if level not in encoding.levels]
        if encoding.network != self.network or missing:
            raise ValueError(
                f"Expected a style encoded by {self.network} at levels {tuple(levels)}. Received: "
                f"{encoding.network} at levels {tuple(encoding.levels)}."
            )


def strengths(alpha, level):
    """The style's strength in each pass through a level, so that all leave a share 1 - alpha."""
    passes = PASSES.get(level, 1)
    return [1 - (1 - alpha) ** (1 / passes)] * passes


def restyle(picture, features, decoder, level, alpha, styles, masks=()):
    """One pass through a level: whitens, colors and decodes.

    Args:
        picture: `(batch, height, width, 3)`, RGB in [0, 255].
        features: what the level's encoder saw of it.
        decoder: the level's.
        level: 1 to 5.
        alpha: the style's strength.
        styles: a list of `wct.Statistics`: one, or one for each mask.
        masks: a list of `(1, height, width, 1)` in [0, 1], of the features' size.

    Returns:
        Pictures like `picture`.
    """
    threshold = THRESHOLDS.get(level, THRESHOLD)
    if masks:
        changed = transform_regions(features, styles, masks, alpha, threshold)
    else:
        changed = transform(features, styles[0], alpha, threshold=threshold)
    drawn = decoder(changed)
    if level in DETAILED:
        drawn += unstyled(alpha, masks, level) * (picture - decoder(features))
    return ops.clip(drawn, 0.0, 255.0)


def unstyled(alpha, masks, level):
    """How much of what a decoder does not draw stays in the picture.

    Level 5's draws little more than shadows: all else stays. Level 4's draws the style. Level 3
    keeps what that has drawn, and its own decoder would not.

    Args:
        alpha: the style's strength.
        masks: a list of `(1, height, width, 1)` in [0, 1], of a level's size.
        level: 1 to 5.

    Returns:
        A number in [0, 1], or `(1, height, width, 1)` if there are masks.
    """
    if level != 4:
        return 1.0
    if not masks:
        return 1.0 - alpha
    covered = ops.minimum(sum(masks), 1.0)
    enlarge = layers.UpSampling2D(2 ** (level - 1), interpolation="bilinear")
    return 1.0 - alpha * enlarge(covered)
