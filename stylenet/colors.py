"""Whose colors a stylized picture has: the style's or the photograph's.

Gatys, Bethge, Hertzmann and Shechtman, "Preserving Color in Neural Artistic Style Transfer", 2016,
https://arxiv.org/abs/1606.05897
"""

import numpy as np

from stylenet.images import as_image

LUMA = np.array([0.299, 0.587, 0.114], "float32")


def keep_colors(stylized, content):
    """Gives a stylized picture the colors of its content: new luminance, old chroma.

    In YIQ, `(Y, I, Q) = (Y(stylized), I(content), Q(content))`. Grey has I = Q = 0, so a change of
    Y alone adds the same amount to R, G and B, and no conversion is needed:

        result = content + Y(stylized) - Y(content),    Y = 0.299 R + 0.587 G + 0.114 B

    Args:
        stylized: array (height, width, 3) in [0, 255].
        content: array of the same shape and range.

    Returns:
        float32 array of the same shape, clipped to [0, 255].

    Raises:
        ValueError: if the pictures differ in size.

    Reference:
        Gatys et al. 2016, Preserving Color in Neural Artistic Style Transfer, luminance-only
        transfer, https://arxiv.org/abs/1606.05897
    """
    stylized, content = as_image(stylized), as_image(content)
    if stylized.shape != content.shape:
        raise ValueError(
            f"Expected pictures of one size. Received: {stylized.shape} and {content.shape}."
        )
    luminance_change = (stylized - content) @ LUMA
    return np.clip(content + luminance_change[..., None], 0, 255)


def finish(stylized, content, strength=1.0, colors="style"):
    """What remains to be done when a picture is drawn: the photograph's colors, less of the style.

    y = (1 - strength) x + strength f(x): the strength fades between photograph x and drawing f(x)
    pixel by pixel. It needs nothing from the method, so that it works with every one; 0 gives
    exactly the photograph, and the distance from it grows in proportion.

    Args:
        stylized: f(x), array (height, width, 3) in [0, 255].
        content: x, of the same shape and range.
        strength: 0 to 1.
        colors: "keep" for the photograph's own chroma, see `keep_colors`; with any other text the
            drawing's colors stay.

    Returns:
        float32 array of the same shape, in [0, 255].
    """
    if colors == "keep":
        stylized = keep_colors(stylized, content)
    if strength == 1:  # a large picture need not be in memory three times more
        return stylized
    return content + np.float32(strength) * (stylized - content)


def match_colors(style_image, content_image):
    """Gives a style the colors of a photograph before it is transferred.

    The linear map A p + b of the pixels for which mean and covariance become the photograph's:

        A = cov(content)^(1/2) cov(style)^(-1/2),    b = mean(content) - A mean(style)

    Args:
        style_image: array (height, width, 3) in [0, 255].
        content_image: the same, of any size.

    Returns:
        float32 array shaped like `style_image`, clipped to [0, 255].

    Reference:
        Gatys et al. 2016, https://arxiv.org/abs/1606.05897; the square roots
        are the symmetric ones, which move colors least.
    """
    style_image, content_image = as_image(style_image), as_image(content_image)
    (style_mean, style_root, _), (mean, _, root) = _moments(style_image), _moments(content_image)
    pixels = (style_image - style_mean) @ (root @ style_root).T + mean
    return np.clip(pixels, 0, 255).astype("float32")


def _moments(image):
    """The mean of the pixels, and the roots cov^(-1/2) and cov^(1/2)."""
    pixels = image.reshape(-1, 3).astype("float64")
    values, vectors = np.linalg.eigh(np.cov(pixels.T) if len(pixels) > 1 else np.eye(3))
    values = np.maximum(values, 1e-5)  # grey pictures have no variance in two directions
    inverse_root, root = ((vectors * values**power) @ vectors.T for power in (-0.5, 0.5))
    return pixels.mean(axis=0), inverse_root, root
