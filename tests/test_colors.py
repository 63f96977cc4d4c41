import numpy as np
import pytest

from stylenet import colors

RGB_TO_YIQ = np.array(
    [[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]]
)


def test_keep_colors_takes_y_of_the_stylized_picture_and_iq_of_the_content():
    rng = np.random.default_rng(0)
    stylized, content = rng.uniform(100, 150, (2, 6, 5, 3))  # far enough from 0 and 255 to clip
    result = colors.keep_colors(stylized, content) @ RGB_TO_YIQ.T
    np.testing.assert_allclose(result[..., 0], (stylized @ RGB_TO_YIQ.T)[..., 0], rtol=1e-5)
    np.testing.assert_allclose(result[..., 1:], (content @ RGB_TO_YIQ.T)[..., 1:], atol=1e-3)


def test_keep_colors_of_a_picture_with_itself_is_the_picture(pixels):
    np.testing.assert_array_equal(colors.keep_colors(pixels, pixels), pixels)


def test_keep_colors_of_a_gray_content_is_the_stylized_luminance(smooth):
    result = colors.keep_colors(smooth, np.full_like(smooth, 99))
    expected = np.repeat((smooth @ RGB_TO_YIQ[0])[..., None], 3, axis=2)
    np.testing.assert_allclose(result, expected, atol=1e-3)


def test_keep_colors_stays_within_0_and_255():
    result = colors.keep_colors(np.full((2, 2, 3), 255), [[[255, 0, 0]] * 2] * 2)
    assert result.max() == 255
    assert colors.keep_colors(np.zeros((1, 1, 3)), [[[255, 0, 0]]]).min() == 0


def test_keep_colors_of_different_sizes_is_refused(pixels):
    with pytest.raises(ValueError, match="one size"):
        colors.keep_colors(pixels, pixels[:-1])


def sample(mean, spread, size=64):
    """A picture whose colors have about this mean and spread, correlated."""
    rng = np.random.default_rng(3)
    mixing = np.array([[1, 0.5, 0], [0, 1, 0.3], [0.2, 0, 1]]) * spread
    return (mean + rng.normal(size=(size, size, 3)) @ mixing).astype("float32")


def test_match_colors_gives_mean_and_covariance_of_the_photograph():
    style, content = sample([90, 130, 160], 12), sample([150, 120, 100], 9, 50)
    result = colors.match_colors(style, content)
    pixels, wanted = result.reshape(-1, 3), content.reshape(-1, 3)
    np.testing.assert_allclose(pixels.mean(0), wanted.mean(0), rtol=1e-4)
    np.testing.assert_allclose(np.cov(pixels.T), np.cov(wanted.T), rtol=1e-3)


def test_match_colors_of_a_picture_with_itself_is_the_picture():
    style = sample([120, 130, 140], 10)
    np.testing.assert_allclose(colors.match_colors(style, style), style, atol=1e-2)


def test_match_colors_of_a_gray_photograph_is_gray():
    gray = np.repeat(np.linspace(20, 230, 300).reshape(15, 20, 1), 3, axis=2)
    result = colors.match_colors(sample([120, 130, 140], 10), gray)
    assert np.ptp(result, axis=2).max() < 0.5


@pytest.mark.parametrize("value", [0.0, 99.0, 255.0])
def test_match_colors_with_a_flat_photograph_is_flat(value):
    result = colors.match_colors(sample([120, 130, 140], 10), np.full((5, 6, 3), value))
    np.testing.assert_allclose(result, value, atol=0.1)


def test_match_colors_stays_within_0_and_255():
    content = np.random.default_rng(0).choice([0.0, 255.0], (30, 30, 3))
    result = colors.match_colors(sample([90, 130, 160], 12), content)
    assert result.min() >= 0 and result.max() <= 255
