"""Tells what a GPU does in a training step: how long it is busy, and with which kernels.

    KERAS_BACKEND=jax python benchmarks/profile_training.py --precision mixed_bfloat16

Prints steps a second, the share of the time in which the GPU is busy, and the longest kernels in
milliseconds a step, each with the operation that it comes from. Needs JAX and an NVIDIA GPU.
"""

import argparse
import collections
import pathlib
import sys
import tempfile
import time

import jax
from variants import fitting, stylenet_trainer


def kernels(folder):
    """A dict: kernel and operation to nanoseconds, of all that ran on the first GPU."""
    (path,) = pathlib.Path(folder).rglob("*.xplane.pb")
    found = collections.Counter()
    for plane in jax.profiler.ProfileData.from_file(str(path)).planes:
        if not plane.name.startswith("/device:GPU:0"):
            continue
        for line in plane.lines:
            if line.name.startswith("Stream"):
                for event in line.events:
                    stats = dict(event.stats)
                    operation = stats.get("tf_op") or stats.get("name") or stats.get("hlo_op", "")
                    found[f"{event.name[:60]} {str(operation)[-80:]}"] += event.duration_ns
    return found


def main():
    """Trains for some hundred steps, then once more while JAX writes down what it does."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--precision", default="mixed_bfloat16", help="or float32")
    parser.add_argument("--size", type=int, default=256, help="pixels of a crop")
    parser.add_argument("--steps", type=int, default=200, help="that are timed")
    parser.add_argument("--count", type=int, default=20, help="steps in one call")
    chosen = parser.parse_args()
    if jax.default_backend() != "gpu":
        sys.exit(f"Expected JAX to compute on a GPU. Received: {jax.default_backend()}.")
    options = {"padding": "reflect", "upsampling": "nearest"}
    trainer = stylenet_trainer(chosen.size, chosen.count, chosen.precision, **options)
    run = fitting(trainer, chosen.size, True, chosen.steps)
    run()
    start = time.perf_counter()
    run()
    milliseconds = 1e3 * (time.perf_counter() - start) / chosen.steps
    with tempfile.TemporaryDirectory() as folder:
        with jax.profiler.trace(folder):
            run()
        found = kernels(folder)
    busy = sum(found.values()) / 1e6 / chosen.steps
    print(
        f"{jax.devices()[0].device_kind}: {1e3 / milliseconds:.1f} steps/s, {milliseconds:.2f} ms"
    )
    print(f"kernels {busy:.2f} ms a step, {busy / milliseconds:.0%} of it")
    for name, nanoseconds in found.most_common(40):
        print(f"{nanoseconds / 1e6 / chosen.steps:8.3f} ms  {name}")


if __name__ == "__main__":
    main()
