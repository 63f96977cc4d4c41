"""A photograph in the style of any painting: through five levels, from coarse to fine.

From the highest level to the lowest: encode, whiten and color or another transform
(`stylenet.wct`), decode (`stylenet.universal.decoders`); the next level takes that picture. What a
level does stands in `stylenet.universal.passages`.
"""

import functools
from collections.abc import Sequence
from typing import Literal

import numpy as np
from keras import ops

from stylenet import colors as color
from stylenet import encoders, inputs
from stylenet.encoders import level_name
from stylenet.images import Picture
from stylenet.moments import moments, statistics
from stylenet.speed import tiles
from stylenet.speed.autoencoder import frozen_decoder, frozen_encoder
from stylenet.speed.graphs import Graph
from stylenet.surroundings import plain
from stylenet.universal.arguments import (
    Style,
    StyleEncoding,
    alpha_of_each,
    check_encoding,
    guide,
    match,
    pad,
    shrink,
)
from stylenet.universal.decoders import level_encoder, load_decoder, shipped_levels
from stylenet.universal.passages import draw, find_passage, restyle, strengths
from stylenet.wct import mix

COLORS = ("style", "match", "keep")
# GB; see `memory`.
BASE_MEMORY, WORKING_MEMORY, PIXEL_MEMORY = 1.0, {"slim": 1.0e-6, "vgg19": 2.0e-6}, 0.06e-6


class UniversalStylizer:
    """Draws photographs in the style of any painting.

    Args:
        network: "slim", which ships with the project, or "vgg19".
        weights: of the encoder: "imagenet", which for slim stands for the shipped file, "random"
            or a path, see `features.feature_extractor`.
        recipe: how a picture goes through the levels. "detail": details that decoders do not draw
            are put back, and features are taken before their ReLU. "li": the paper to the letter,
            each level once, the decoder's output replaces the picture, after the ReLU.
        transform: how features get the style's statistics, see `wct.TRANSFORMS`: "wct", whitening
            and coloring; "adain", each channel's mean and deviation; "transport", mean and
            covariance by the shortest way.

    The encoder is loaded when a picture is first seen, a decoder when its level is first used.

    Raises:
        ValueError: an unknown network, recipe or transform.

    Reference: Li et al. 2017, https://arxiv.org/abs/1705.08086

    Example:
        >>> photograph, painting = np.full((40, 48, 3), 90.0), np.full((32, 32, 3), 200.0)
        >>> UniversalStylizer().stylize(photograph, painting, levels=(2, 1)).shape
        (40, 48, 3)
    """

    def __init__(
        self,
        network: Literal["slim", "vgg19"] = "slim",
        weights="imagenet",
        *,
        recipe: Literal["detail", "li"] = "detail",
        transform: Literal["wct", "adain", "transport"] = "wct",
    ):
        encoders.check(network, encoders.LEVELS)
        find_passage(1, recipe, transform)  # checks both
        self.network, self.weights = network, weights
        self.recipe, self.transform = recipe, transform
        self._summaries, self._steps, self._passages = {}, {}, {}

    @plain()
    def stylize(
        self,
        content_image: Picture,
        style_images: Style | Sequence[Style],
        alpha: float | Sequence[float] = 0.6,
        levels: Sequence[int] | None = None,
        *,
        shares: Sequence[float] | None = None,
        masks: Sequence[Picture] | None = None,
        colors: Literal["style", "match", "keep"] = "style",
    ) -> np.ndarray:
        """Draws a photograph in the style of one or several paintings.

        Args:
            content_image: `(height, width, 3)`, RGB in [0, 255], any size.
            style_images: one picture or a list, each of the size that its strokes are to have; or
                what `encode` made of them.
            alpha: 0, the photograph as the decoders draw it, to 1, the style in full; a number,
                or one for each of `levels`.
            levels: from 5, large structures, to 1, colors; in this order. By default all whose
                decoders ship: (5, 4, 3, 2, 1) for slim.
            shares: a number a style, by default equal; their sum does not matter.
            masks: `(height, width)` in [0, 1] a style: where in the photograph it applies.
            colors: "style"; "match", the style recolored like the photograph before
                (`colors.match_colors`); "keep", the photograph's own chroma
                (`colors.keep_colors`).

        Returns:
            float32 `(height, width, 3)` in [0, 255], exactly the photograph's size.

        Raises:
            ValueError: unknown options, or pictures, masks and shares that do not fit together.
            FileNotFoundError: weights that are nowhere to be found.

        Reference: Li et al. 2017, sections 3.2, 3.3 and 4.3
        """
        content, styles = inputs.picture(content_image), inputs.as_list(style_images)
        levels = shipped_levels(self.network) if levels is None else levels
        alphas = alpha_of_each(alpha, levels)
        inputs.choice("colors", colors, COLORS)
        shares = inputs.shares(shares, len(styles)).tolist()
        masks = inputs.masks(masks, len(styles))(content.shape[:2])
        if colors == "match":
            styles = [match(style, content) for style in styles]
        targets = [self.encode(style, levels).levels for style in styles]
        image, (height, width) = pad(content)
        guides = [guide(mask) for mask in masks or ()]
        image, step = image[None], self._tiled if tiles.large(image) else self._step
        for level, strength in zip(levels, alphas, strict=True):
            styles = [target[level] for target in targets]
            if not guides:
                styles = [mix(styles, shares)]
            regions, passage = shrink(guides, level), step(level, image)
            for part in strengths(strength, self.passage(level)):
                image = passage(image, np.float32(part), styles, regions)
        result = np.clip(ops.convert_to_numpy(image)[0, :height, :width], 0, 255)
        return color.keep_colors(result, content) if colors == "keep" else result

    @plain()
    def encode(
        self, style_image: Style, levels: Sequence[int] = encoders.LEVELS, *, mask=None
    ) -> StyleEncoding:
        """What coloring needs of a style: compute it once for many photographs.

        Args:
            style_image: `(height, width, 3)`, RGB in [0, 255]; what was encoded is returned as it
                is.
            levels: those that will be used.
            mask: `(height, width)` in [0, 1], the part of the picture that is the style; by default
                all of it.

        Returns:
            A `StyleEncoding`.

        Raises:
            ValueError: something that is no picture, or was encoded by another network, at other
                levels or for another recipe.
        """
        if isinstance(style_image, StyleEncoding):
            check_encoding(style_image, self.network, self.rectified, levels)
            return style_image
        if mask is not None:
            return self.encode_regions(style_image, [mask], levels)[0]
        encoders.check(self.network, levels)
        levels = tuple(sorted(set(levels)))
        image, _ = pad(inputs.picture(style_image, "style_image"))
        if tiles.large(image):
            found = [statistics(self._tiled(level).moments(image[None])) for level in levels]
        else:
            (found,) = self._summary(levels)(image[None])
        return self._encoding(levels, found)

    @plain()
    def encode_regions(
        self,
        style_image: Picture,
        masks: Sequence[Picture],
        levels: Sequence[int] = encoders.LEVELS,
    ) -> list[StyleEncoding]:
        """`encode` of several parts of a picture, which goes through the encoder once.

        Args:
            style_image: `(height, width, 3)`, RGB in [0, 255].
            masks: `(height, width)` in [0, 1], one a part.
            levels: as in `encode`.

        Returns:
            A list of `StyleEncoding`, one a mask.

        Raises:
            ValueError: as `encode`, or a mask of another size, out of range or empty.
        """
        encoders.check(self.network, levels)
        levels = tuple(sorted(set(levels)))
        picture = inputs.picture(style_image, "style_image")
        guides = [guide(mask) for mask in inputs.masks(masks, len(masks))(picture.shape[:2])]
        regions = [[shrink([mask], level)[0] for level in levels] for mask in guides]
        found = self._summary(levels)(pad(picture)[0][None], regions)
        return [self._encoding(levels, part) for part in found]

    @plain()
    def reconstruct(self, image: Picture, level: int) -> np.ndarray:
        """What a decoder makes of a picture that is not transformed.

        Args:
            image: `(height, width, 3)`, RGB in [0, 255].
            level: 1 to 5.

        Returns:
            float32 `(height, width, 3)` in [0, 255].
        """
        image, (height, width) = pad(inputs.picture(image, "image"))
        step = self._tiled if tiles.large(image) else self._step
        drawn = step(level, image[None])(image[None], np.float32(0), [], [])
        return np.array(ops.convert_to_numpy(drawn)[0, :height, :width])

    @plain()
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
        styles = [self.encode(style, levels) for style in inputs.as_list(style_images)]
        for _ in range(passes):
            image = self.stylize(image, styles, **{"alpha": 1.0, **options})
        return image

    def passage(self, level):
        """What a level does, a `passages.Passage`."""
        return find_passage(level, self.recipe, self.transform, self.network)

    @property
    def rectified(self):
        """Whether features are taken after their ReLU."""
        return self.recipe == "li"

    @functools.cached_property
    def _encoder(self):
        """All levels in one, loaded once."""
        model = level_encoder(self.network, encoders.LEVELS, self.weights)
        encode = frozen_encoder(model, self.network)
        if not self.rectified:
            return encode

        def rectify(picture, names):
            return {name: ops.relu(maps) for name, maps in encode(picture, names).items()}

        return rectify

    def _encoding(self, levels, found):
        """What was found at each level, for `stylize`."""
        return StyleEncoding(self.network, dict(zip(levels, found, strict=True)), self.rectified)

    def _summary(self, levels):
        """What coloring needs of a style, or of each region of one: a list with an entry a level.

        A region is a list of masks, one a level.
        """
        if levels not in self._summaries:
            encoder, names = self._encoder, [level_name(level) for level in levels]

            def summarize(picture, regions=None):
                responses = encoder(picture, names)
                features = [responses[name] for name in names]
                return [
                    [statistics(moments(*each)) for each in zip(features, masks, strict=True)]
                    for masks in regions or [[None] * len(names)]
                ]

            self._summaries[levels] = Graph(summarize)
        return self._summaries[levels]

    def _step(self, level, image):
        """Encode, transform and decode at a level: a function for a picture of a size."""
        if level not in self._steps:
            encoder, name = self._encoder, level_name(level)
            decoder, passage = (
                frozen_decoder(load_decoder(level, self.network)),
                self.passage(level),
            )

            def step(picture, alpha, styles, masks):
                features = encoder(picture, [name])[name]
                if not styles:
                    return ops.clip(decoder(features), 0.0, 255.0)
                return restyle(picture, features, decoder, passage, alpha, styles, masks)

            self._steps[level] = Graph(step)
        return self._steps[level].of(image)

    def _tiled(self, level, image=None):
        """The same tile by tile, for large pictures of all sizes."""
        if level not in self._passages:
            encoder, name = self._encoder, level_name(level)
            decoder, passage = (
                frozen_decoder(load_decoder(level, self.network)),
                self.passage(level),
            )

            def drawing(picture, features, alpha, changes, masks):
                return draw(picture, features, decoder, passage, alpha, changes, masks)

            encode = Graph(lambda picture: encoder(picture, [name])[name])
            self._passages[level] = tiles.Passage(passage, encode, Graph(drawing))
        return self._passages[level]


def memory(height, width, network="slim"):
    """A forecast of the memory that `UniversalStylizer.stylize` takes, the programs included.

    A base, so much a pixel that is worked on at a time, and a little for each pixel. Pictures of
    more than `tiles.WHOLE` pixels go in tiles. Measured on a CPU: squares of 1024 pixels 2.0 GB
    with slim and 3.1 with VGG19; 3000 x 4000 pixels 2.6 GB with slim.

    Args:
        height: of the photograph, in pixels.
        width: the same.
        network: "slim" or "vgg19".

    Returns:
        GB (10^9 bytes).
    """
    encoders.check(network, encoders.LEVELS)
    pixels = height * width
    at_once = pixels if pixels <= tiles.WHOLE else tiles.SIDE**2
    return BASE_MEMORY + WORKING_MEMORY[network] * at_once + PIXEL_MEMORY * pixels
