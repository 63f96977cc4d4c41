"""A loss of textures: Gram matrices of all levels, each relative to a photograph's."""

from keras import ops

from stylenet.encoders import level_name
from stylenet.losses import gram_matrix, style_loss

SHARES = {1: 0.1, 2: 0.1, 3: 0.2, 4: 0.5, 5: 0.1}  # of a level
SMALLEST = 0.05  # norm of a Gram matrix that errors are relative to: some pictures are empty


def texture_loss(responses, photograph_responses):
    """How far Gram matrices are from a photograph's, all levels together.

    l = sum_k share_k ||G_k(y) - G_k(x)||^2 / ||G_k(x)||^2, see `SHARES`

    Args:
        responses: a dict, layer name to `(batch, height, width, channels)`, before the ReLU.
        photograph_responses: the same layers.

    Returns:
        A scalar, from 0 on.
    """
    return sum(
        share * gram_error(responses[level_name(level)], photograph_responses[level_name(level)])
        for level, share in SHARES.items()
    )


def gram_error(responses, photograph_responses):
    """The squared distance of Gram matrices of what the ReLU lets pass, relative to the second.

    Args:
        responses: `(batch, height, width, channels)`, before the ReLU.
        photograph_responses: the same shape. Where the norm of their Gram matrix is below
            `SMALLEST`, that takes its place.

    Returns:
        A scalar, from 0 on, averaged over the batch.
    """
    gram, target = (gram_matrix(ops.relu(maps)) for maps in (responses, photograph_responses))
    norm = ops.maximum(ops.norm(target, axis=(1, 2), keepdims=True), SMALLEST)
    return style_loss(gram / norm, target / norm)
