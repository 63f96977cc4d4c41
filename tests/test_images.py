import io
import os
import stat
import subprocess
import sys
import zlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from stylenet import decoding, images, weights

pytestmark = pytest.mark.filterwarnings("error")

CONTENT = Path(__file__).parent.parent / "images" / "content"
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")
LOSSLESS = (".png", ".tif", ".tiff", ".bmp")
LOSSY = (".jpg", ".jpeg", ".webp")


@contextmanager
def ordinary_user(folder):
    """Only the rights that the permission bits give: root would be let through everywhere."""
    if os.geteuid() != 0:
        yield
        return
    for parent in folder.parents:
        if parent.name.startswith(("pytest-", "popen-")):
            parent.chmod(0o755)
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def save(path, picture, format_name=None, **options):
    picture = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    picture.save(path, format_name, **options)
    return path


def encoded(array, format_name, **options):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, format_name, **options)
    return buffer.getvalue()


def assert_one_line_naming(error, path):
    message = str(error.value)
    assert "\n" not in message
    assert Path(path).name in message


# ---------------------------------------------------------------- loading: formats and modes


def test_importing_images_loads_no_deep_learning_framework():
    code = (
        "import importlib.util, sys;"
        f"spec = importlib.util.spec_from_file_location('images', {images.__file__!r});"
        "spec.loader.exec_module(importlib.util.module_from_spec(spec));"
        "sys.exit(bool({'keras', 'tensorflow', 'jax', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize("format_name", ["PNG", "TIFF", "BMP"])
def test_lossless_formats_load_exactly(tmp_path, pixels, format_name):
    image = images.load_image(save(tmp_path / "picture", pixels, format_name))
    assert image.dtype == "float32"
    np.testing.assert_array_equal(image, pixels)


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_loads_whatever_the_suffix(tmp_path, smooth, format_name):
    path = save(tmp_path / "picture.txt", smooth.astype("uint8"), format_name)
    image = images.load_image(path)
    assert image.shape == smooth.shape
    assert abs(image - smooth).mean() < 10


def test_first_frame_of_an_animation_is_loaded(tmp_path):
    red, blue = (Image.new("RGB", (8, 6), color) for color in ("red", "blue"))
    path = save(tmp_path / "a.gif", red, save_all=True, append_images=[blue])
    np.testing.assert_array_equal(images.load_image(path)[0, 0], [255, 0, 0])


def test_phone_picture_with_a_second_frame_is_loaded(tmp_path, smooth):
    picture = Image.fromarray(smooth.astype("uint8"))
    path = save(tmp_path / "a.jpg", picture, "MPO", save_all=True, append_images=[picture])
    assert abs(images.load_image(path) - smooth).mean() < 4


def test_gray_becomes_three_equal_channels(tmp_path, pixels):
    image = images.load_image(save(tmp_path / "gray.png", pixels[..., 0]))
    np.testing.assert_array_equal(image, np.repeat(pixels[..., :1], 3, axis=2))


def test_black_and_white_becomes_0_and_255(tmp_path):
    bits = np.array([[True, False], [False, True]])
    image = images.load_image(save(tmp_path / "bits.png", bits))
    np.testing.assert_array_equal(image[..., 0], bits * 255)


def test_palette_becomes_its_colors(tmp_path):
    picture = Image.new("P", (5, 4), 1)
    picture.putpalette([0, 0, 0, 10, 20, 30])
    image = images.load_image(save(tmp_path / "palette.png", picture))
    np.testing.assert_array_equal(image, np.broadcast_to([10, 20, 30], (4, 5, 3)))


def test_alpha_is_composited_over_white(tmp_path, pixels):
    alpha = np.arange(13 * 17, dtype="uint8").reshape(13, 17, 1)
    image = images.load_image(save(tmp_path / "a.png", np.concatenate([pixels, alpha], axis=2)))
    expected = pixels * (alpha / 255) + 255 * (1 - alpha / 255)
    np.testing.assert_allclose(image, expected, atol=1e-3)


def test_gray_with_alpha_is_composited_over_white(tmp_path):
    path = save(tmp_path / "la.png", Image.new("LA", (3, 2), (100, 51)))
    np.testing.assert_allclose(images.load_image(path), 100 * 0.2 + 255 * 0.8, atol=1e-3)


def test_transparent_palette_color_is_white(tmp_path):
    picture = Image.new("P", (5, 4), 1)
    picture.putpalette([0, 0, 0, 10, 20, 30])
    picture.putpixel((0, 0), 0)
    for options in ({"transparency": 0}, {"transparency": bytes([0, 255])}):
        image = images.load_image(save(tmp_path / "p.png", picture, **options))
        np.testing.assert_array_equal(image[0, 0], 255)
        np.testing.assert_array_equal(image[1, 1], [10, 20, 30])


def test_transparent_color_of_an_rgb_picture_is_white(tmp_path):
    path = save(tmp_path / "t.png", Image.new("RGB", (3, 2), (9, 8, 7)), transparency=(9, 8, 7))
    np.testing.assert_array_equal(images.load_image(path), 255)


def test_cmyk_becomes_rgb(tmp_path):
    for suffix in ("jpg", "tif"):
        path = save(tmp_path / f"cmyk.{suffix}", Image.new("CMYK", (8, 8), (0, 255, 255, 0)))
        np.testing.assert_allclose(images.load_image(path)[4, 4], [255, 0, 0], atol=3)


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("dtype", ["<u2", ">u2"])
def test_16_bit_gray_is_divided_by_257(tmp_path, suffix, dtype):
    gray = np.array([[0, 257, 25700], [64250, 40000, 65535]], dtype)
    image = images.load_image(save(tmp_path / f"gray.{suffix}", gray))
    np.testing.assert_array_equal(image[..., 1], np.rint(gray / 257))


@pytest.mark.parametrize(
    ("largest", "dtype", "scale"),
    [
        (200, "int32", 1),
        (60_000, "int32", 1 / 257),
        (0.75, "float32", 255),
        (1.0, "float32", 255),
        (200.5, "float32", 1),
    ],
)
def test_the_range_of_32_bit_gray_says_what_is_white(tmp_path, largest, dtype, scale):
    gray = (np.linspace(0, 1, 12).reshape(3, 4) * largest).astype(dtype)
    image = images.load_image(save(tmp_path / "gray.tif", gray))
    np.testing.assert_allclose(image[..., 1], gray * scale, atol=0.51)


def test_a_tiffs_own_word_on_what_is_white_counts(tmp_path):
    gray = np.linspace(0, 500, 12).reshape(3, 4).astype("float32")
    tags = {decoding.LARGEST_VALUE: 1000.0}
    image = images.load_image(save(tmp_path / "gray.tif", gray, tiffinfo=tags))
    np.testing.assert_allclose(image[..., 0], gray * 0.255, atol=0.51)


@pytest.mark.parametrize(
    ("values", "dtype"), [((-5, 100), "int32"), ((0, 70_000), "int32"), ((-1, 1), "float32")]
)
def test_gray_of_an_unknown_range_is_refused(tmp_path, values, dtype):
    path = save(tmp_path / "gray.tif", np.array([values], dtype))
    with pytest.raises(ValueError, match="nothing says what is white") as error:
        images.load_image(path)
    assert_one_line_naming(error, path)


@pytest.mark.parametrize("name", ["photo.avif", "photo.jp2", "photo.jfif"])
def test_newer_formats_are_read_and_found(tmp_path, name, smooth):
    format_name = {".jfif": "JPEG"}.get(Path(name).suffix)
    path = save(tmp_path / name, smooth.astype("uint8"), format_name)
    assert images.find_images(tmp_path) == [path]
    assert np.abs(images.load_image(path) - smooth).mean() < 4


def test_heic_names_the_extra_that_reads_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    (tmp_path / "phone.heic").write_bytes(b"anything")
    with pytest.raises(ImportError, match=r"pip install 'stylenet\[heic\]'"):
        images.load_image(tmp_path / "phone.heic")


def test_float_gray_with_nan_is_refused(tmp_path):
    path = save(tmp_path / "gray.tif", np.full((3, 3), np.nan, "float32"))
    with pytest.raises(ValueError, match="NaN") as error:
        images.load_image(path)
    assert_one_line_naming(error, path)


def test_16_bit_rgb_png_keeps_its_high_bytes(tmp_path):
    path, rgb = tmp_path / "rgb16.png", np.array([[[0x1234, 0xABCD, 0xFFFF]]], ">u2")
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        header = (1).to_bytes(4) * 2 + bytes([16, 2, 0, 0, 0])
        PngImagePlugin.putchunk(file, b"IHDR", header)
        PngImagePlugin.putchunk(file, b"IDAT", zlib.compress(b"\0" + rgb.tobytes()))
        PngImagePlugin.putchunk(file, b"IEND", b"")
    np.testing.assert_allclose(images.load_image(path)[0, 0], [0x12, 0xAB, 0xFF], atol=1)


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path, smooth, orientation, format_name):
    upright = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: np.rot90(a, 2),
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
        8: lambda a: np.rot90(a),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / "picture", smooth.astype("uint8"), format_name, exif=exif)
    image = images.load_image(path)
    assert image.shape == upright(smooth).shape
    assert abs(image - upright(smooth)).mean() < 4


@pytest.mark.parametrize("exif", [b"Exif\0\0junk", b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01"])
def test_broken_exif_is_ignored(tmp_path, pixels, exif):
    path = save(tmp_path / "exif.png", pixels, exif=exif)
    np.testing.assert_array_equal(images.load_image(path), pixels)


# ---------------------------------------------------------------- loading: color profiles


def srgb_profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped_profile():
    """SRGB with the primaries of red and green exchanged in the table of tags."""
    profile = srgb_profile().replace(b"rXYZ", b"----")
    return profile.replace(b"gXYZ", b"rXYZ").replace(b"----", b"gXYZ")


def icc_profile(color_space, connection_space, **tags):
    """A smallest ICC 2 profile: header, table of tags, tags (whose lengths are multiples of 4)."""
    header = bytearray(128)
    header[8:12], header[36:40] = bytes([2, 64, 0, 0]), b"acsp"
    header[12:24] = b"prtr" + color_space + connection_space
    header[68:80] = D50
    table, data = len(tags).to_bytes(4), b""
    for name, tag in tags.items():
        offset = 128 + 4 + 12 * len(tags) + len(data)
        table += name.encode() + offset.to_bytes(4) + len(tag).to_bytes(4)
        data += tag
    header[0:4] = (128 + len(table) + len(data)).to_bytes(4)
    return bytes(header) + table + data


D50 = b"".join(round(value * 65536).to_bytes(4) for value in (0.9642, 1, 0.8249))


def gray_profile(gamma):
    curve = b"curv" + bytes(4) + (1).to_bytes(4) + int(gamma * 256).to_bytes(2) + bytes(2)
    return icc_profile(b"GRAY", b"XYZ ", wtpt=b"XYZ " + bytes(4) + D50, kTRC=curve)


def cmyk_profile(lab):
    """One color for every mixture of inks without black: 2^4 nodes between straight curves."""
    identity = b"".join(int(v * 65536).to_bytes(4) for v in np.eye(3).ravel())
    straight = bytes(range(256))
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + identity
    table += straight * 4 + (bytes(lab) + bytes([0, 128, 128])) * 2**3 + straight * 3
    return icc_profile(b"CMYK", b"Lab ", A2B0=table)


def test_srgb_profile_changes_nothing(tmp_path, pixels):
    path = save(tmp_path / "srgb.png", pixels, icc_profile=srgb_profile())
    np.testing.assert_array_equal(images.load_image(path), pixels)


def test_color_profile_is_converted_to_srgb(tmp_path, pixels):
    path = save(tmp_path / "swapped.png", pixels, icc_profile=swapped_profile())
    np.testing.assert_array_equal(images.load_image(path), pixels[..., [1, 0, 2]])


def test_color_profile_leaves_alpha_alone(tmp_path):
    picture = Image.new("RGBA", (4, 4), (255, 0, 0, 51))
    path = save(tmp_path / "alpha.png", picture, icc_profile=swapped_profile())
    np.testing.assert_allclose(images.load_image(path)[0, 0], [204, 255, 204], atol=1e-3)


def test_color_profile_of_a_palette_is_converted(tmp_path):
    picture = Image.new("P", (5, 4), 0)
    picture.putpalette([200, 0, 0])
    path = save(tmp_path / "palette.png", picture, icc_profile=swapped_profile())
    np.testing.assert_array_equal(images.load_image(path)[0, 0], [0, 200, 0])


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("L", (3, 3), 51),
        Image.new("LA", (3, 3), (51, 255)),
        Image.fromarray(np.full((3, 3), 51 * 257, "uint16")),
    ],
    ids=["L", "LA", "I;16"],
)
def test_gray_profile_is_converted_to_srgb(tmp_path, picture):
    path = save(tmp_path / "linear.png", picture, icc_profile=gray_profile(gamma=1))
    linear_light = 51 / 255
    expected = 255 * (1.055 * linear_light ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(images.load_image(path), expected, atol=1)


@pytest.mark.parametrize("suffix", ["jpg", "tif"])
def test_cmyk_profile_is_converted_to_srgb(tmp_path, suffix):
    profile = cmyk_profile(lab=(127, 128, 128))  # L* = 49.8, a* = b* = 0
    picture = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    path = save(tmp_path / f"inks.{suffix}", picture, icc_profile=profile)
    relative_luminance = ((49.8 + 16) / 116) ** 3
    expected = 255 * (1.055 * relative_luminance ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(images.load_image(path), expected, atol=1.5)


def test_adobe_rgb_photograph_is_converted_to_srgb():
    """The equations of both color spaces, in linear light; the profile's white points agree."""
    path = CONTENT / "rocket.jpg"
    adobe = (np.asarray(Image.open(path), "float64") / 255) ** (563 / 256)
    adobe_to_xyz = [
        [0.57667, 0.18556, 0.18823],
        [0.29734, 0.62736, 0.07529],
        [0.02703, 0.07069, 0.99134],
    ]
    srgb_to_xyz = [
        [0.41239, 0.35758, 0.18048],
        [0.21264, 0.71517, 0.07219],
        [0.01933, 0.11919, 0.95053],
    ]
    linear = np.clip(adobe @ np.transpose(np.linalg.inv(srgb_to_xyz) @ adobe_to_xyz), 0, 1)
    curve = np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)
    np.testing.assert_allclose(images.load_image(path), 255 * curve, atol=3)


@pytest.mark.parametrize("profile", [b"junk", srgb_profile()[:200], bytes(600)])
def test_broken_profile_is_ignored(tmp_path, pixels, profile):
    path = save(tmp_path / "broken.png", pixels, icc_profile=profile)
    np.testing.assert_array_equal(images.load_image(path), pixels)


def test_profile_of_another_color_space_is_ignored(tmp_path, pixels):
    path = save(tmp_path / "cmyk.tif", Image.new("CMYK", (3, 3)), icc_profile=srgb_profile())
    np.testing.assert_array_equal(images.load_image(path), 255)
    path = save(tmp_path / "rgb.png", pixels, icc_profile=gray_profile(gamma=1))
    np.testing.assert_array_equal(images.load_image(path), pixels)


# ---------------------------------------------------------------- loading: sizes and failures


@pytest.mark.parametrize("max_size, size", [(32, (24, 32)), (64, (48, 64)), (999, (48, 64))])
def test_max_size_limits_the_longer_side_and_never_enlarges(tmp_path, smooth, max_size, size):
    path = save(tmp_path / "picture.png", smooth.astype("uint8"))
    assert images.load_image(path, max_size=max_size).shape == (*size, 3)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        images.load_image(tmp_path / "nowhere.png")
    assert_one_line_naming(error, "nowhere.png")


def test_folder_instead_of_a_file_is_named(tmp_path):
    with pytest.raises(IsADirectoryError) as error:
        images.load_image(tmp_path)
    assert_one_line_naming(error, tmp_path)


def test_device_is_refused_instead_of_waited_for():
    with pytest.raises(ValueError, match="not a regular file") as error:
        images.load_image(os.devnull)
    assert_one_line_naming(error, os.devnull)


def test_reason_of_several_lines_becomes_one(tmp_path, pixels, monkeypatch):
    def fail(*args, **options):
        raise OSError("first\n  second")

    path = save(tmp_path / "picture.png", pixels)
    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(ValueError, match="first second"):
        images.load_image(path)


@pytest.mark.parametrize("data", [b"", b"hello", b"P6 1 1 255\nRGB", bytes(5000)])
def test_file_of_no_known_format_is_refused(tmp_path, data):
    path = tmp_path / "no\npicture.png"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="expected an intact picture") as error:
        images.load_image(path)
    assert "\n" not in str(error.value)
    assert r"no\npicture.png" in str(error.value)


@pytest.mark.parametrize("compression", ["", "tiff_deflate", "tiff_lzw", "jpeg"])
def test_truncated_tiff_is_refused(tmp_path, pixels, compression):
    options = {"compression": compression} if compression else {}
    assert_truncation_is_noticed(tmp_path, encoded(pixels, "TIFF", **options))


@pytest.mark.parametrize("format_name", FORMATS)
def test_truncated_file_is_refused(tmp_path, pixels, format_name):
    assert_truncation_is_noticed(tmp_path, encoded(pixels, format_name))


def assert_truncation_is_noticed(folder, data):
    """A file cut behind its last pixel (a missing end mark) may load, but only complete."""
    path = folder / "cut"
    path.write_bytes(data)
    complete = images.load_image(path)
    refused = 0
    for length in range(0, len(data), 11):
        path.write_bytes(data[:length])
        try:
            np.testing.assert_array_equal(images.load_image(path), complete)
        except ValueError as error:
            assert "'cut'" in str(error).replace(str(folder) + "/", "")
            assert "\n" not in str(error)
            refused += 1
    assert refused > 0.9 * len(data) / 11


def test_decompression_bomb_is_refused(tmp_path, pixels, monkeypatch):
    path = save(tmp_path / "bomb.png", pixels)
    monkeypatch.setattr(images, "MAX_PIXELS", 13 * 17)
    images.load_image(path)
    monkeypatch.setattr(images, "MAX_PIXELS", 13 * 17 - 1)
    with pytest.raises(ValueError, match="limit of 220") as error:
        images.load_image(path)
    assert_one_line_naming(error, path)


def test_own_pixel_limit_comes_before_the_one_of_pillow():
    assert Image.MAX_IMAGE_PIXELS < images.MAX_PIXELS < 2 * Image.MAX_IMAGE_PIXELS


def test_warning_and_error_of_pillow_do_not_get_through(tmp_path, pixels, monkeypatch):
    path = save(tmp_path / "large.png", pixels)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 150)  # 221 pixels: a warning
    np.testing.assert_array_equal(images.load_image(path), pixels)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)  # more than double: an error
    with pytest.raises(ValueError, match="decompression bomb") as error:
        images.load_image(path)
    assert_one_line_naming(error, path)


def test_unreadable_file_is_named(tmp_path, pixels):
    path = save(tmp_path / "secret.png", pixels)
    tmp_path.chmod(0o555)
    path.chmod(0)
    with ordinary_user(tmp_path), pytest.raises(PermissionError) as error:
        images.load_image(path)
    assert str(error.value) == f"No permission to read {str(path)!r}."


# ---------------------------------------------------------------- saving


@pytest.mark.parametrize("suffix", [*LOSSLESS, ".PNG"])
def test_saving_and_loading_is_exact(tmp_path, pixels, suffix):
    images.save_image(tmp_path / f"out{suffix}", pixels)
    np.testing.assert_array_equal(images.load_image(tmp_path / f"out{suffix}"), pixels)


@pytest.mark.parametrize("suffix", LOSSY)
def test_lossy_formats_stay_close(tmp_path, smooth, suffix):
    images.save_image(tmp_path / f"out{suffix}", smooth)
    assert abs(images.load_image(tmp_path / f"out{suffix}") - smooth).mean() < 2


def test_suffix_decides_the_format(tmp_path, pixels):
    for suffix, (format_name, _) in images.OUTPUT_FORMATS.items():
        images.save_image(tmp_path / f"out{suffix}", pixels)
        with Image.open(tmp_path / f"out{suffix}") as picture:
            assert picture.format == format_name


def test_jpeg_is_saved_at_quality_95_without_chroma_subsampling(tmp_path, pixels):
    images.save_image(tmp_path / "out.jpg", pixels)
    expected = Image.open(io.BytesIO(encoded(pixels, "JPEG", quality=95)))
    with Image.open(tmp_path / "out.jpg") as picture:
        assert [layer[1:3] for layer in picture.layer] == [(1, 1)] * 3
        assert picture.quantization == expected.quantization


def test_values_are_clipped_and_rounded(tmp_path):
    images.save_image(tmp_path / "out.png", [[[-7.0, 99.6, 300.0]]])
    np.testing.assert_array_equal(images.load_image(tmp_path / "out.png"), [[[0, 100, 255]]])


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 1), (4, 4, 4), (1, 4, 4, 3), (0, 4, 3)])
def test_other_shapes_are_refused(tmp_path, shape):
    with pytest.raises(ValueError, match="Expected a picture"):
        images.save_image(tmp_path / "out.png", np.zeros(shape))
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_non_finite_values_are_refused(tmp_path, smooth, value):
    smooth[3, 4, 1] = value
    with pytest.raises(ValueError, match="finite"):
        images.save_image(tmp_path / "out.png", smooth)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("failure", [OSError("disk\nfull"), ValueError("x"), KeyboardInterrupt()])
def test_interrupted_save_leaves_the_old_file_and_no_other(tmp_path, pixels, monkeypatch, failure):
    def save_half(picture, file, *args, **options):
        file.write(b"half a picture")
        raise failure

    path = save(tmp_path / "out.png", pixels)
    monkeypatch.setattr(Image.Image, "save", save_half)
    with pytest.raises((OSError, KeyboardInterrupt)) as error:
        images.save_image(path, 255 - pixels)
    assert isinstance(error.value, KeyboardInterrupt) or "out.png" in str(error.value)
    monkeypatch.undo()
    np.testing.assert_array_equal(images.load_image(path), pixels)
    assert list(tmp_path.iterdir()) == [path]


def test_saving_checks_the_path_first(tmp_path, pixels):
    with pytest.raises(ValueError, match="ends in one of"):
        images.save_image(tmp_path / "out.gif", pixels)
    assert not any(tmp_path.iterdir())


def test_unencodable_size_names_the_file(tmp_path):
    with pytest.raises(OSError) as error:
        images.save_image(tmp_path / "long.webp", np.zeros((1, 16384, 3)))
    assert_one_line_naming(error, "long.webp")
    assert not any(tmp_path.iterdir())


def test_old_file_is_replaced(tmp_path, pixels):
    path = save(tmp_path / "out.png", 255 - pixels)
    images.save_image(path, pixels)
    np.testing.assert_array_equal(images.load_image(path), pixels)
    assert list(tmp_path.iterdir()) == [path]


def test_saved_file_has_the_usual_permissions(tmp_path, pixels):
    images.save_image(tmp_path / "out.png", pixels)
    (tmp_path / "usual").touch()
    modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert len(modes) == 1


def test_link_stays_a_link(tmp_path, pixels):
    target, link = save(tmp_path / "target.png", 255 - pixels), tmp_path / "link.png"
    link.symlink_to(target)
    images.save_image(link, pixels)
    assert link.is_symlink()
    np.testing.assert_array_equal(images.load_image(target), pixels)


def test_good_output_paths_pass_and_nothing_is_written(tmp_path):
    for suffix in images.OUTPUT_FORMATS:
        images.check_output_path(str(tmp_path / f"out{suffix.upper()}"))
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["out", "out.gif", "out.txt", ".png", "out.png.bak"])
def test_unknown_suffix_is_refused_and_the_known_ones_listed(tmp_path, name):
    with pytest.raises(ValueError) as error:
        images.check_output_path(tmp_path / name)
    assert_one_line_naming(error, name)
    assert all(suffix in str(error.value) for suffix in images.OUTPUT_FORMATS)


def test_a_missing_output_folder_is_made_when_the_picture_is_written(tmp_path, pixels):
    path = tmp_path / "missing" / "below" / "out.png"
    images.check_output_path(path)
    assert not (tmp_path / "missing").exists()
    images.save_image(path, pixels)
    np.testing.assert_array_equal(images.load_image(path), pixels)


def test_output_folder_must_be_a_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError) as error:
        images.check_output_path(tmp_path / "file" / "out.png")
    assert_one_line_naming(error, "out.png")


def test_output_must_not_be_a_folder(tmp_path):
    (tmp_path / "out.png").mkdir()
    with pytest.raises(IsADirectoryError) as error:
        images.check_output_path(tmp_path / "out.png")
    assert_one_line_naming(error, "out.png")


def test_output_must_not_be_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ValueError) as error:
        images.check_output_path(tmp_path / "pipe.png")
    assert_one_line_naming(error, "pipe.png")


def test_output_folder_must_be_writable(tmp_path):
    tmp_path.chmod(0o555)
    with ordinary_user(tmp_path), pytest.raises(PermissionError) as error:
        images.check_output_path(tmp_path / "out.png")
    assert_one_line_naming(error, "out.png")


def test_existing_output_must_be_writable(tmp_path, pixels):
    path = save(tmp_path / "out.png", pixels)
    tmp_path.chmod(0o777)
    path.chmod(0o444)
    with ordinary_user(tmp_path), pytest.raises(PermissionError) as error:
        images.check_output_path(path)
    assert_one_line_naming(error, "out.png")


# ---------------------------------------------------------------- sizes


def test_resize_to_the_same_size_is_exact(pixels):
    np.testing.assert_array_equal(images.resize(pixels, (13, 17)), pixels)


def test_resize_is_not_rounded_to_8_bits():
    ramp = np.linspace(100, 101, 64)[None, :, None] * np.ones((4, 1, 3))
    resized = images.resize(ramp, (4, 32))
    assert resized.dtype == "float32"
    np.testing.assert_allclose(
        resized[1, 4:-4, 0], ramp[0, :, 0].reshape(32, 2).mean(1)[4:-4], 1e-5
    )


def test_resize_of_a_flat_picture_is_flat():
    image = np.broadcast_to([1.25, 100.5, 254.75], (20, 30, 3))
    for size in ((7, 9), (1, 1), (61, 45)):
        resized = images.resize(image, size)
        assert resized.shape == (*size, 3)
        np.testing.assert_allclose(resized, np.broadcast_to(image[0, 0], resized.shape), rtol=1e-5)


def test_reducing_is_antialiased():
    checkerboard = np.indices((64, 64)).sum(axis=0)[..., None] % 2 * 255 * np.ones(3)
    np.testing.assert_allclose(images.resize(checkerboard, (8, 8)), 127.5, atol=4)


def test_enlarging_an_edge_stays_within_0_and_255():
    edge = np.zeros((8, 8, 3))
    edge[:, 4:] = 255
    resized = images.resize(edge, (64, 64))
    assert resized.min() == 0
    assert resized.max() == 255


def test_a_window_of_a_resized_picture_is_that_part_of_all_of_it(pixels):
    for size in ((9, 20), (30, 11)):
        whole = images.resize(pixels, size)
        part = images.resize(pixels, size, window=(3, 4, 5, 6))
        np.testing.assert_allclose(part, whole[3:8, 4:10], atol=1e-3)


def test_resize_to_nothing_is_refused(pixels):
    with pytest.raises(ValueError, match="size"):
        images.resize(pixels, (0, 5))


@pytest.mark.parametrize("shape", [(300, 400), (400, 300), (1, 400), (400, 1)])
def test_limit_size_keeps_the_aspect_ratio(shape):
    limited = images.limit_size(np.zeros((*shape, 3)), 40)
    assert limited.shape == (max(1, shape[0] // 10), max(1, shape[1] // 10), 3)


def test_limit_size_leaves_small_pictures_alone(pixels):
    for max_size in (None, 17, 1000):
        np.testing.assert_array_equal(images.limit_size(pixels, max_size), pixels)


def test_limit_size_under_one_pixel_is_refused(pixels):
    with pytest.raises(ValueError, match="max_size"):
        images.limit_size(pixels, 0)


@pytest.mark.parametrize("height", [1, 2, 3, 4, 5, 13])
@pytest.mark.parametrize("width", [1, 2, 7, 8])
@pytest.mark.parametrize("multiple", [4, 32])
def test_padding_is_cut_off_by_slicing(height, width, multiple):
    image = np.random.default_rng(0).uniform(0, 255, (height, width, 3)).astype("float32")
    padded, size = images.pad_to_multiple(image, multiple)
    assert size == (height, width)
    assert padded.shape[0] % multiple == padded.shape[1] % multiple == 0
    assert 0 <= padded.shape[0] - height < multiple
    assert 0 <= padded.shape[1] - width < multiple
    np.testing.assert_array_equal(padded[:height, :width], image)


def test_padding_mirrors_the_picture_at_its_last_pixel(pixels):
    padded, (height, width) = images.pad_to_multiple(pixels)
    np.testing.assert_array_equal(padded[height:, :width], pixels[[-2, -3, -4]])
    np.testing.assert_array_equal(padded[:height, width:], pixels[:, [-2, -3, -4]])


def test_one_pixel_is_repeated():
    padded, _ = images.pad_to_multiple([[[1, 2, 3]]])
    np.testing.assert_array_equal(padded, np.broadcast_to([1, 2, 3], (4, 4, 3)))


def test_divisible_picture_is_not_padded(smooth):
    padded, size = images.pad_to_multiple(smooth, 4)
    assert size == smooth.shape[:2]
    np.testing.assert_array_equal(padded, smooth.astype("float32"))


@pytest.mark.parametrize("function", [images.limit_size, images.resize])
def test_arguments_are_not_changed(smooth, function):
    before = smooth.copy()
    second = {images.limit_size: 9, images.resize: (5, 5)}
    function(smooth, second[function])
    np.testing.assert_array_equal(smooth, before)


# ---------------------------------------------------------------- finding files


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "looks_like.jpg").mkdir()
    for name in ("b.jpg", "a.PNG", "c.txt", ".hidden.png", "sub/d.webp", "e[1].tif"):
        (tmp_path / name).touch()
    return tmp_path


def names(files, folder):
    return [file.relative_to(folder).as_posix() for file in files]


def test_folder_gives_its_pictures_sorted(folder):
    assert names(images.find_images([folder]), folder) == ["a.PNG", "b.jpg", "e[1].tif"]


def test_pattern_gives_its_pictures_sorted(folder):
    found = images.find_images(f"{folder}/**")
    assert names(found, folder) == ["a.PNG", "b.jpg", "e[1].tif", "sub/d.webp"]
    assert names(images.find_images([f"{folder}/*.jpg"]), folder) == ["b.jpg"]


def test_named_file_is_kept_whatever_its_suffix(folder):
    assert names(images.find_images([folder / "c.txt"]), folder) == ["c.txt"]


def test_named_file_with_brackets_is_no_pattern(folder):
    assert names(images.find_images([folder / "e[1].tif"]), folder) == ["e[1].tif"]


def test_order_given_is_kept_and_no_file_appears_twice(folder):
    given = [folder / "sub" / "d.webp", folder / "sub" / ".." / "b.jpg", folder, f"{folder}/**"]
    found = [file.resolve() for file in images.find_images(given)]
    assert names(found, folder) == ["sub/d.webp", "b.jpg", "a.PNG", "e[1].tif"]


def test_single_path_is_taken_as_one(folder):
    assert images.find_images(str(folder / "b.jpg")) == [folder / "b.jpg"]


@pytest.mark.parametrize("pattern", ["empty", "*.gif", "c.*"])
def test_folder_or_pattern_without_pictures_is_refused(folder, pattern):
    (folder / "empty").mkdir()
    with pytest.raises(ValueError) as error:
        images.find_images([folder / pattern])
    assert_one_line_naming(error, pattern)


def test_missing_path_is_named(folder):
    with pytest.raises(FileNotFoundError) as error:
        images.find_images([folder, folder / "missing.jpg"])
    assert_one_line_naming(error, "missing.jpg")


# ---------------------------------------------------------------- pictures that come along


@pytest.mark.parametrize("path", sorted(CONTENT.iterdir()), ids=lambda path: path.name)
def test_content_pictures_load_and_are_credited(path):
    image = images.load_image(path)
    assert min(image.shape[:2]) >= 300
    assert f"`content/{path.name}`" in (CONTENT.parent / "CREDITS.md").read_text()


def test_a_picture_and_its_path_may_come_in_either_order(tmp_path, pixels):
    images.save_image(pixels, tmp_path / "a.png")
    images.save_image(str(tmp_path / "b.png"), Image.fromarray(pixels))
    for name in ("a.png", "b.png"):
        np.testing.assert_array_equal(images.load_image(tmp_path / name), pixels)


@pytest.mark.parametrize("pair", [("a.png", "b.png"), (np.ones((4, 5, 3)), np.ones((4, 5, 3)))])
def test_two_paths_or_two_pictures_can_not_be_saved(pair):
    with pytest.raises(ValueError, match=r"path and a picture, .*Received: (str|ndarray) and \1"):
        images.save_image(*pair)


@pytest.mark.parametrize("read", [images.load_image, images.find_images, weights.style_file])
def test_addresses_of_the_web_are_refused_with_a_sentence(read):
    address = "https://example.org/photo.jpg"
    with pytest.raises(ValueError, match=rf"Received an address: {address} Download it first"):
        read(address)
