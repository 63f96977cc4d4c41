"""The losses of many styles at once: each picture of a batch has its own painting and its own size.

A painting is seen at five sizes. A painting at a large size has large strokes, and a network that
matches its statistics draws them large: Jing et al. 2018, https://arxiv.org/abs/1802.07101.
"""

import keras
import numpy as np
from keras import ops

from stylenet import files, images
from stylenet.features import feature_extractor
from stylenet.losses import find_preset, gram_matrix
from stylenet.weights import reading

SIZES = (400, 526, 693, 912, 1200)  # pixels, a painting's longer side: equal steps of a factor 1.32
STROKES = tuple(np.linspace(0.0, 1.0, len(SIZES)))  # the slider at each


class ManyStylesLoss(keras.layers.Layer):
    """Content, style and total variation a picture, in the preset's means and without its weights.

    Args:
        preset: as in `losses.PerceptualLoss`; one that takes mean squares.
        weights: of the loss network, as in `features.feature_extractor`.

    Before a call, `set_targets` or `load_targets`. Targets are numbered painting by painting, five
    sizes each.

    Raises:
        ValueError: an unknown preset, or one of sums.
        FileNotFoundError: the loss network's weights are nowhere to be found.
    """

    def __init__(self, preset="engstrom", weights="imagenet", **kwargs):
        super().__init__(trainable=False, dtype="float32", **kwargs)
        self.preset = find_preset(preset)
        if not self.preset.mean_squares:
            raise ValueError(
                "Expected a preset of mean squares, such as 'engstrom', since pictures of one "
                f"batch are compared. Received: {preset!r}."
            )
        layers = list(dict.fromkeys((*self.preset.style_layers, *self.preset.content_layers)))
        network, pooling = self.preset.network, self.preset.pooling
        self.extractor = feature_extractor(network, layers, weights, pooling)
        self.grams, self.typical = {}, None
        self.built = True

    def set_targets(self, paintings, photographs):
        """Sees the paintings at all sizes, and what the photographs cost as they are.

        Args:
            paintings: paths.
            photographs: `(batch, height, width, 3)`.
        """
        grams = {layer: [] for layer in self.preset.style_layers}
        for path in paintings:
            for size in SIZES:
                for layer, gram in self._grams(resized(path, size)[None]).items():
                    grams[layer].append(gram[0])
        found = {layer: np.stack(rows) for layer, rows in grams.items()}
        seen = [self._grams(photograph[None]) for photograph in photographs]
        typical = sum(
            weight * np.mean([_distances(gram[layer], found[layer]) for gram in seen], axis=0)
            for layer, weight in self.preset.style_layers.items()
        )
        self._keep(found, self.preset.style_weight * typical)

    def save_targets(self, path, identity):
        """Writes the targets, so that a resumed run need not see the paintings again.

        Args:
            path: an .npz file.
            identity: a string that tells these targets from others.
        """
        arrays = {layer: ops.convert_to_numpy(gram) for layer, gram in self.grams.items()}
        with files.written_whole(path) as part:
            typical = ops.convert_to_numpy(self.typical)
            np.savez(part, **arrays, typical=typical, identity=identity)

    def load_targets(self, path, identity):
        """Reads them; returns False if there are none, or others."""
        if not path.is_file():
            return False
        with reading(path, "the targets of a training run"), np.load(path) as file:
            if str(file["identity"]) != identity:
                return False
            self._keep({layer: file[layer] for layer in self.preset.style_layers}, file["typical"])
        return True

    def call(self, pictures, photographs, targets):
        """The three unweighted terms of each picture.

        Args:
            pictures: results, `(batch, height, width, 3)`, RGB in [0, 255].
            photographs: what they were drawn from, the same shape and range.
            targets: integers `(batch,)`.

        Returns:
            A dict of `(batch,)`: "content", "style" and "tv".
        """
        features, content = self._features(pictures), self._features(photographs)
        return {
            "content": sum(
                weight * _mean_square(features[layer] - content[layer])
                for layer, weight in self.preset.content_layers.items()
            ),
            "style": sum(
                weight
                * _mean_square(
                    gram_matrix(features[layer]) - ops.take(self.grams[layer], targets, axis=0)
                )
                for layer, weight in self.preset.style_layers.items()
            ),
            "tv": _mean_square(pictures[:, 1:] - pictures[:, :-1])
            + _mean_square(pictures[:, :, 1:] - pictures[:, :, :-1]),
        }

    def _features(self, pictures):
        return {name: ops.cast(x, "float32") for name, x in self.extractor(pictures).items()}

    def _grams(self, pictures):
        features = self._features(ops.convert_to_tensor(pictures, "float32"))
        return {
            layer: ops.convert_to_numpy(gram_matrix(features[layer]))
            for layer in self.preset.style_layers
        }

    def _keep(self, grams, typical):
        """As variables: constants of this size would be compiled into the step."""
        for layer, values in grams.items():
            variable = self.add_weight(shape=values.shape, name=f"{layer}_grams", trainable=False)
            variable.assign(values)
            self.grams[layer] = variable
        self.typical = self.add_weight(shape=typical.shape, name="typical", trainable=False)
        self.typical.assign(typical)


def resized(painting, size):
    """A painting whose longer side has `size` pixels, enlarged if need be."""
    image = images.load_image(painting)
    height, width = image.shape[:2]
    scale = size / max(height, width)
    return images.resize(image, (round(height * scale), round(width * scale)))


def _mean_square(x):
    """Of each entry of a batch."""
    return ops.mean(ops.square(x), axis=tuple(range(1, len(x.shape))))


def _distances(gram, targets):
    """The mean square between one matrix and each of several."""
    return np.mean(np.square(targets - gram), axis=(1, 2))
