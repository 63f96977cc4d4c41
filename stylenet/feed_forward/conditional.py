"""Several styles in one network: what its sliders do is one product of a vector and a matrix.

Dumoulin, Shlens and Kudlur, "A Learned Representation For Artistic Style", 2016,
https://arxiv.org/abs/1610.07629. The convolutions are shared; of its own a style has the scales and
the shifts of the normalizations alone. Here it has them four times, for the corners of a square:

    |        | small strokes | large strokes |
    |--------|---------------|---------------|
    | weak   | 0             | 1             |
    | strong | 2             | 3             |

A condition says how much of each corner of each style to take: a style's share times the corner's
share at the two sliders, so that between corners the scales and the shifts are interpolated
linearly, and so they are between styles.

Differences from the paper: the corners; Babaeizadeh and Ghiasi 2018,
https://arxiv.org/abs/1811.08560, compute the scales and the shifts from the loss weights with a
small network instead, and Jing et al. 2018, https://arxiv.org/abs/1802.07101, choose the stroke by
branches of the network.
"""

import numpy as np

from stylenet import inputs
from stylenet.catalog import MIDDLE
from stylenet.feed_forward.network import CORNERS, transform_net


def condition(styles, shares, strength=MIDDLE, stroke=MIDDLE):
    """The condition that draws one style, or a blend of several.

    Args:
        styles: the names of all styles of the network, in its order.
        shares: a name of these, or a dict, name to share; they are scaled to sum to one.
        strength: 0 to 1.
        stroke: 0, small strokes, to 1, large ones.

    Returns:
        float32 `(4 styles,)`, which sums to one.

    Raises:
        ValueError: an unknown name, shares that are negative or all zero, a slider beyond its ends.

    Example:
        >>> condition(["wave", "udnie"], "udnie", strength=1.0, stroke=0.25).tolist()
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.75, 0.25]
    """
    inputs.fraction("strength", strength)
    inputs.fraction("stroke", stroke)
    shares = {shares: 1.0} if isinstance(shares, str) else dict(shares)
    for name in shares:
        inputs.choice("style", name, tuple(styles))
    values = inputs.shares(list(shares.values()), len(shares))
    weights = dict(zip(shares, values, strict=True))
    row = [weights.get(name, 0.0) for name in styles]
    return np.outer(row, corners(strength, stroke)).ravel().astype("float32")


def corners(strength, stroke):
    """How much of each of a style's four corners the sliders take, `(4,)`: bilinear weights."""
    return np.outer([1 - strength, strength], [1 - stroke, stroke]).ravel()


def fixed(network, condition):
    """The network of one style, or one blend, that a condition makes of many.

    Args:
        network: from `transform_net` with `styles` or `conditions`.
        condition: `(4 styles,)`, from `condition`, or `(conditions,)`.

    Returns:
        A `keras.Model` from `transform_net` without `styles`, which draws the same.
    """
    plain, norms = transform_net(**options_of(network)), mixed_norms(network, condition)
    for layer in plain.layers:
        values = network.get_layer(layer.name).get_weights() if layer.weights else []
        layer.set_weights(norms.get(layer.name, values))
    return plain


def mixed_norms(network, condition):
    """The scales and the shifts that a condition mixes.

    Args:
        network: from `transform_net` with `styles`.
        condition: `(4 styles,)`, from `condition`.

    Returns:
        A dict, name of a normalization to its scale and its shift, `(channels,)`.
    """
    row = np.asarray(condition, "float32")
    norms = [layer for layer in network.layers if layer.name.endswith("_norm")]
    return {layer.name: [row @ rows for rows in layer.get_weights()] for layer in norms}


def repeated(network, styles):
    """The network of many styles each of which draws what one network draws, at all corners.

    Args:
        network: from `transform_net` without `styles`.
        styles: how many.

    Returns:
        A `keras.Model` from `transform_net` with `styles`.
    """
    many = transform_net(**options_of(network), styles=styles)
    for layer in many.layers:
        values = network.get_layer(layer.name).get_weights() if layer.weights else []
        if layer.name.endswith("_norm"):
            values = [np.tile(row, (CORNERS * styles, 1)) for row in values]
        layer.set_weights(values)
    return many


def with_styles(network, known, names):
    """A network of other styles with the same convolutions.

    Args:
        network: from `transform_net` with `styles`.
        known: the names of its styles.
        names: those of the new network; one that is not known begins with the mean of all.

    Returns:
        A `keras.Model` from `transform_net`.
    """
    known = list(known)

    def chosen(rows):
        squares = _squares(rows)
        mean = squares.mean(axis=0)
        return [squares[known.index(name)] if name in known else mean for name in names]

    return _rebuilt(network, len(names), chosen)


def joined(network, known, other, names):
    """The styles of two networks that have the same convolutions, in one.

    Args:
        network: from `transform_net` with `styles`.
        known: the names of its styles.
        other: the same; where both have a style, this one's is taken.
        names: of its styles.

    Returns:
        A `keras.Model` from `transform_net`, and the names of its styles.
    """
    kept = [name for name in known if name not in names]

    def chosen(rows):
        first, second = _squares(rows[0]), _squares(rows[1])
        return [first[list(known).index(name)] for name in kept] + list(second)

    return _rebuilt(network, len(kept) + len(names), chosen, other), [*kept, *names]


def _rebuilt(network, styles, chosen, other=None):
    """The network with other scales and shifts: squares of four rows, that `chosen` returns."""
    many = transform_net(**options_of(network), styles=styles)
    for layer in many.layers:
        values = network.get_layer(layer.name).get_weights() if layer.weights else []
        if layer.name.endswith("_norm"):
            if other:
                values = zip(values, other.get_layer(layer.name).get_weights(), strict=True)
            values = [np.concatenate(chosen(rows)) for rows in values]
        layer.set_weights(values)
    return many


def _squares(rows):
    """Scales or shifts `(4 styles, channels)` as `(styles, 4, channels)`."""
    return rows.reshape(-1, CORNERS, rows.shape[-1])


def options_of(network):
    """The options of `transform_net` that built a network, apart from `styles`."""
    names = {layer.name for layer in network.layers}
    return {
        "padding": "reflect" if "down1_pad" in names else "zero",
        "upsampling": "nearest" if "up1_repeat" in names else "transposed",
        "width": network.get_layer("down1").filters,
    }
