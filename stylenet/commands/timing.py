"""Measures, on this machine, the seconds a picture that each method takes.

Jing et al., "Neural Style Transfer: A Review", https://arxiv.org/abs/1705.04058, table 2, has
the same for the methods of 2018 on a GPU; `stylenet.figures.runtimes` draws both.
"""

import json
import os
import platform
import statistics
import time
from datetime import date
from pathlib import Path

import numpy as np

import stylenet
from stylenet import files, inputs, weights
from stylenet.errors import in_a_row
from stylenet.reports import progress_bar

GATYS_STEPS = 500


@in_a_row()
def measure(
    sizes=(256, 512, 1024),
    methods=None,
    rounds=3,
    weights="imagenet",
    progress=True,
    network="vgg19",
):
    """Times the methods on random square pictures, each of which is warm after two.

    Args:
        sizes: sides, in pixels.
        methods: of `METHODS`; by default all.
        rounds: how often; the median counts.
        weights: of the loss network, as in `features.feature_extractor`.
        progress: show the measurements done and the time left.
        network: the loss network of Gatys' method: "vgg19", "vgg16" or "slim".

    Returns:
        A dict, ready for JSON: "machine", "date", "sizes", and "seconds": a dict, method to a
        list of seconds, one a size.

    Raises:
        ValueError: an unknown method, or a size below 32.
        FileNotFoundError: the loss network's weights are nowhere to be found.
    """
    methods = list(methods or METHODS)
    for method in methods:
        inputs.choice("method", method, METHODS)
    if not sizes:
        raise ValueError("Expected at least one size, in pixels. Received none.")
    for size in sizes:
        inputs.number("size", size, 32, 16_384, whole=True)
    inputs.number("rounds", rounds, 1, 1000, whole=True)
    if "gatys" in methods:
        from stylenet.features import feature_extractor

        feature_extractor(network, ["block1_conv1"], weights)  # absent weights are told first
    loss_network = {"network": network, "weights": weights}
    seconds = {method: [] for method in methods}
    with progress_bar(total=len(methods) * len(sizes), disable=not progress) as bar:
        for size in sizes:
            for method in methods:
                bar.set_postfix_str(f"{method}, {size} px")
                seconds[method].append(METHODS[method](size, rounds, loss_network))
                bar.update()
    return {
        "machine": machine(),
        "date": date.today().isoformat(),
        "sizes": list(sizes),
        "seconds": seconds,
    }


def machine():
    """The processor, its cores, and the versions of what computes."""
    import keras

    backend = keras.backend.backend()
    version = __import__(backend).__version__
    return f"{_processor()}, {os.cpu_count()} cores, {backend} {version}, Keras {keras.__version__}"


def _processor():
    """The processor's name, which Linux keeps in a file."""
    if Path("/proc/cpuinfo").is_file():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        if names:
            return names[0]
    return platform.processor() or platform.machine()


def check_output(path):
    """Checks, before anything is measured, that results can be written, and over nobody's file.

    Args:
        path: NAME.json.

    Raises:
        ValueError, OSError: another suffix, a file that holds no results, or no place to write to.
    """
    files.check_writable(path, (".json",), "file of results")
    if not Path(path).exists():
        return
    try:
        own = {"machine", "sizes", "seconds"} <= json.loads(Path(path).read_text()).keys()
    except (ValueError, AttributeError):
        own = False
    if not own:
        raise ValueError(
            f"Expected {str(path)!r} to hold earlier results, or not to be there. It is something "
            "that this program did not write: rename it, or choose another output."
        )


def write(result, path):
    """Writes what `measure` returns as JSON; moved into place when it is complete."""
    weights.write_json(path, result)


def seconds(draw, size, rounds=3):
    """The seconds that a stylizer takes for a picture, the median of some after two to get warm.

    Args:
        draw: a stylizer, see `stylenet.stylizer`, or any function of a picture.
        size: the picture's side, in pixels.
        rounds: how often.
    """
    picture, times = _picture(size), []
    for _ in range(2 + rounds):
        start = time.perf_counter()
        draw(picture)
        times.append(time.perf_counter() - start)
    return statistics.median(times[2:])


def _feed_forward(size, rounds, loss_network):
    """The shipped network; its weights play no part, and no loss network."""
    network = stylenet.transform_net(padding="reflect", upsampling="nearest")
    return seconds(stylenet.stylizer(network).draw, size, rounds)


def _gatys(size, rounds, loss_network):
    """A step of L-BFGS, and from that 500, as many as `gatys.stylize` takes by default."""
    from stylenet import gatys

    times = []
    gatys.stylize(
        _picture(size),
        _picture(size, seed=1),
        **loss_network,
        callback=lambda *step: times.append(time.perf_counter()),
        num_steps=2 + rounds,
        progress=False,
    )
    return GATYS_STEPS * statistics.median(np.diff(times[1:]).tolist())


def _universal(size, rounds, loss_network):
    """The style's encoding included: another one with every picture."""
    style = _picture(size, seed=1)
    return seconds(lambda x: stylenet.stylizer(style, "universal").draw(x), size, rounds)


def _onepass(size, rounds, loss_network):
    """Another style with every picture, as with five levels."""
    style = _picture(size, seed=1)
    return seconds(lambda x: stylenet.stylizer(style, "onepass").draw(x), size, rounds)


def _picture(size, seed=0):
    return np.random.default_rng(seed).uniform(0, 255, (size, size, 3)).astype("float32")


METHODS = {
    "feed-forward": _feed_forward,
    "gatys": _gatys,
    "universal": _universal,
    "onepass": _onepass,
}
