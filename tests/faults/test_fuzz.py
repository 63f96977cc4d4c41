"""Damaged files: 200 mutants a format are read, or refused in one line; nothing else happens."""

import io
import json
import warnings

import h5py
import numpy as np
import pytest
from helpers import smooth
from PIL import Image

from stylenet import images, weights
from stylenet.feed_forward.network import load_network, transform_net
from stylenet.universal.decoders import decoder

MUTANTS, SEED = 200, 20
OPTIONS = {"padding": "reflect", "upsampling": "nearest", "width": 1}


def mutants(data):
    """Copies of a file with a damage each: cut, bits turned, a part zeroed, lost or doubled."""
    for number in range(MUTANTS):
        random = np.random.default_rng((SEED, number))
        start, length = random.integers(len(data)), random.integers(1, 100)
        end = start + length
        kind = number % 5
        if kind == 0:
            yield data[:start]
        elif kind == 1:
            turned = bytearray(data)
            for place in random.integers(len(data), size=random.integers(1, 9)):
                turned[place] ^= 1 << random.integers(8)
            yield bytes(turned)
        elif kind == 2:
            yield data[:start] + bytes(len(data[start:end])) + data[end:]
        elif kind == 3:
            yield data[:start] + data[end:]
        else:
            yield data[:end] + data[start:]


def survives(read, path, data):
    """Reads all mutants; gives how many were read. An error is one line that names the file."""
    count = 0
    for mutant in mutants(data):
        path.write_bytes(mutant)
        try:
            read(path)
            count += 1
        except (ValueError, OSError) as error:
            assert str(path) in str(error) and "\n" not in str(error), repr(error)
    return count


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".gif", ".webp"])
def test_pictures(suffix, tmp_path):
    file = io.BytesIO()
    Image.fromarray(smooth(24, 32).astype("uint8")).save(
        file, Image.registered_extensions()[suffix]
    )

    def read(path):
        picture = images.load_image(path)
        assert picture.dtype == "float32" and picture.ndim == 3 and np.isfinite(picture).all()

    assert 0 < survives(read, tmp_path / f"a{suffix}", file.getvalue()) < MUTANTS


def test_weights(tmp_path):
    path, network = tmp_path / "a.weights.h5", decoder(1)  # of one layer: quick to read
    weights.save_network(network, path, {"level": 1, "network": "slim"})

    def read(path):
        weights.network_options(path)
        weights.fill(lambda: network, path)  # not built anew for each
        assert all(np.isfinite(values).all() for values in network.get_weights())

    assert 0 < survives(read, path, path.read_bytes()) < MUTANTS


def test_descriptions_in_weights(tmp_path):
    """What a file says of its network decides how that is built."""
    path = tmp_path / "a.weights.h5"
    weights.save_network(transform_net(**OPTIONS), path, OPTIONS)
    wide = {"width": 10**8}
    for wrong in (wide, {"width": "4"}, {"depth": 3}, {"padding": None}, [1], "text", 7):
        with h5py.File(path, "r+") as file:
            file.attrs["stylenet"] = json.dumps(wrong)
        with pytest.raises(ValueError, match="to hold the weights of a stylenet network"):
            load_network(path)


def test_clips(tmp_path):
    av = pytest.importorskip("av", reason="PyAV is not installed: pip install 'stylenet[video]'")
    from stylenet.video.reading import open_clip

    path = tmp_path / "a.mp4"
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
        for number in range(6):
            picture = np.roll(smooth(32, 48), number, axis=1).astype("uint8")
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode())

    def read(path):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is missing is said as a warning
            for frame in open_clip(path).frames():
                assert frame.image.ndim == 3 and np.isfinite(frame.image).all()

    assert 0 < survives(read, path, path.read_bytes()) < MUTANTS


def test_records(tmp_path):
    """A JSON that is cut, has other fields, or points out of its folder."""
    path = tmp_path / "a.json"
    good = '{"name": "a", "kind": "style", "file": "a.h5", "sha256": "0", "training": {}}'
    path.write_text(good)
    assert weights.read_record(path)["file"] == "a.h5"
    bad = ["", "{", "[]", "7", "null", "{}", good.replace("a.h5", "../a.h5"), "\x00\xff"]
    bad += [good.replace(f'"{field}"', '"other"') for field in weights.RECORD]
    for text in [*bad, good.replace("{}", "[]"), good.replace('"a.h5"', "3")]:
        path.write_text(text)
        with pytest.raises(ValueError, match="to be the record of a network"):
            weights.read_record(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="to be the record of a network"):
        weights.read_record(path)
