"""What `speed.py` measures: a registry of named variants, and the worker that runs them.

A variant is a function of the picture size that prepares everything and returns a function
without arguments to be timed: it takes NumPy pictures and ends with its result in NumPy. If it
does several steps, its attribute `times` says how many, and seconds are those of one.
Register one with `@variant(section, name, framework)`; it imports its framework itself.

As a program it is the worker process of one framework: it reads `["section", "name", size]`
a line and answers with seconds a line; the first time, it prepares and warms up as well.
"""

import functools
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

ENVIRONMENTS = {
    "torch": {},
    "tensorflow": {"KERAS_BACKEND": "tensorflow"},
    "jax": {"KERAS_BACKEND": "jax", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"},
}
GPU = Path("/dev/nvidiactl").exists()


class Variant(NamedTuple):
    """One row of a table."""

    framework: str
    prepare: callable
    gpu: bool  # whether it is left out where there is no GPU


REGISTRY = {}  # section -> name -> Variant; the first of a section is its baseline


def variant(section, name, framework, gpu=False):
    """Registers the decorated function of a size under a section and a name."""

    def register(prepare):
        REGISTRY.setdefault(section, {})[name] = Variant(framework, prepare, gpu)
        return prepare

    return register


def pictures(batch, size):
    """Random pictures `(batch, size, size, 3)`, float32 in [0, 255]."""
    return np.random.default_rng(0).uniform(0, 255, (batch, size, size, 3)).astype("float32")


def torch_inference(network, size, compiled=False):
    """Runs a PyTorch network, NCHW; the change of layout counts."""
    import torch
    import torch_networks

    network = network().eval()
    network = torch.compile(network, dynamic=False) if compiled else network
    photograph = pictures(1, size)

    def run():
        with torch.inference_mode():
            x = torch.from_numpy(photograph).to(torch_networks.DEVICE)
            return network(x.permute(0, 3, 1, 2).contiguous()).cpu().numpy()

    return run


@variant("inference", "PyTorch example, eager", "torch")
def torch_example(size):
    import torch_networks

    return torch_inference(torch_networks.example_network, size)


@variant("inference", "PyTorch example, torch.compile", "torch")
def torch_example_compiled(size):
    import torch_networks

    return torch_inference(torch_networks.example_network, size, compiled=True)


@variant("inference", "course's network in PyTorch, eager", "torch")
def torch_course(size):
    import torch_networks

    return torch_inference(torch_networks.course_network, size)


@variant("inference", "course's network in PyTorch, torch.compile", "torch")
def torch_course_compiled(size):
    import torch_networks

    return torch_inference(torch_networks.course_network, size, compiled=True)


def stylenet_inference(size, fast, **options):
    """Runs a network of this package, as `stylize` does or through plain Keras."""
    from stylenet.feed_forward.network import transform_net
    from stylenet.speed.network import fast_network

    network = transform_net(**options)
    run = fast_network(network) if fast else network.predict_on_batch
    photograph = pictures(1, size)
    return lambda: np.asarray(run(photograph))


@variant("inference", "stylenet, zero/transposed", "tensorflow")
def stylenet_course(size):
    return stylenet_inference(size, fast=True)


@variant("inference", "stylenet, reflect/transposed", "tensorflow")
def stylenet_reflect(size):
    return stylenet_inference(size, fast=True, padding="reflect")


@variant("inference", "stylenet, reflect/nearest", "tensorflow")
def stylenet_nearest(size):
    return stylenet_inference(size, fast=True, padding="reflect", upsampling="nearest")


@variant("inference", "stylenet, zero/transposed, plain Keras", "tensorflow")
def stylenet_plain(size):
    return stylenet_inference(size, fast=False)


@variant("inference", "stylenet, zero/transposed, JAX", "jax")
def stylenet_jax(size):
    return stylenet_inference(size, fast=True)


BATCH = 4
STEPS = 100 if GPU else 1  # of training, timed together: the device is waited for after the last


def repeated(step):
    """A run of `STEPS` steps; each returns its loss, and the last one's is read."""

    def run():
        for _ in range(STEPS):
            loss = step()
        return float(loss)

    run.times = STEPS
    return run


def torch_training(network, size, **options):
    """A step of the PyTorch example's training."""
    import torch
    import torch_networks

    def to_torch(batch):
        return torch.from_numpy(batch).to(torch_networks.DEVICE).permute(0, 3, 1, 2).contiguous()

    step = torch_networks.train_step(network(), to_torch(pictures(1, size)), **options)
    batch = pictures(BATCH, size)
    return repeated(lambda: step(to_torch(batch)))


@variant("training", "PyTorch example, eager", "torch")
def torch_example_training(size):
    import torch_networks

    return torch_training(torch_networks.example_network, size)


@variant("training", "PyTorch example, torch.compile", "torch")
def torch_example_training_compiled(size):
    import torch_networks

    return torch_training(torch_networks.example_network, size, compiled=True)


@variant("training", "PyTorch example, bfloat16, eager", "torch", gpu=True)
def torch_example_training_half(size):
    import torch_networks

    return torch_training(torch_networks.example_network, size, half=True)


@variant("training", "PyTorch example, bfloat16, torch.compile", "torch", gpu=True)
def torch_example_training_half_compiled(size):
    import torch_networks

    return torch_training(torch_networks.example_network, size, half=True, compiled=True)


@variant("training", "course's network in PyTorch, eager", "torch")
def torch_course_training(size):
    import torch_networks

    return torch_training(torch_networks.course_network, size)


def stylenet_trainer(size, count=1, precision="float32", **options):
    """A trainer of this package with Johnson's losses on a random VGG16; `count` steps a call."""
    import keras

    from stylenet.feed_forward.network import transform_net
    from stylenet.feed_forward.training import StyleTrainer
    from stylenet.losses import PerceptualLoss
    from stylenet.speed.convolution import accelerate
    from stylenet.surroundings import plain

    with plain(precision):
        loss = PerceptualLoss(pictures(1, size)[0], "johnson", weights="random")
        network = transform_net(**options)
        for model in (network, loss.extractor):
            accelerate(model)
        trainer = StyleTrainer(network, loss)
    compile_it = "auto" if GPU or keras.backend.backend() == "jax" else False
    adam = keras.optimizers.Adam(1e-3)
    trainer.compile(adam, jit_compile=compile_it, steps_per_execution=count)
    return trainer


def stylenet_training(size, **options):
    """A step of this package's training, on crops that are there."""
    trainer, batch = stylenet_trainer(size, **options), pictures(BATCH, size)
    return repeated(lambda: trainer.train_on_batch(batch, batch)[0])


def fitting(trainer, size, album, steps):
    """A run of `fit()`, with crops of photographs and with a run's callbacks."""
    from PIL import Image

    from stylenet.training.callbacks import Progress, StopOnNonFinite
    from stylenet.training.photographs import Photographs
    from stylenet.training.run import lay_out

    folder = Path(tempfile.mkdtemp())
    for i, pixels in enumerate(np.random.default_rng(0).integers(0, 256, (16, 60, 80, 3), "uint8")):
        Image.fromarray(pixels).resize((640, 480)).save(folder / f"{i}.jpg")
    photographs = Photographs(sorted(folder.iterdir()), size, BATCH)
    if album:
        lay_out(photographs, trainer)
    options = {"steps_per_epoch": steps, "shuffle": False, "verbose": 0}

    def run():
        trainer.fit(photographs, callbacks=[StopOnNonFinite(), Progress(steps)], **options)

    run.times = steps
    return run


for _precision in ("float32", "mixed_bfloat16"):
    for _count in (1, 20):

        @variant(
            "training", f"stylenet, JAX, {_precision}, steps a call: {_count}", "jax", gpu=True
        )
        def stylenet_fit(size, count=_count, precision=_precision):
            """As `stylenet.train` does on a GPU."""
            options = {"padding": "reflect", "upsampling": "nearest"}
            trainer = stylenet_trainer(size, count, precision, **options)
            return fitting(trainer, size, True, STEPS)


def idle(size, count, album):
    """A run of a trainer that reads no pixel: what remains is the host's share of a step."""
    import keras

    from stylenet.training.trainer import Trainer

    class Idle(Trainer):
        def call(self, inputs):
            return self.network(keras.ops.zeros((1, 1)))

        def terms(self, outputs, photographs):
            return {"nothing": keras.ops.mean(outputs)}

        def total(self, terms):
            return terms["nothing"]

    trainer = Idle(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]), ["nothing"])
    trainer.compile(keras.optimizers.Adam(), steps_per_execution=count)
    return fitting(trainer, size, album, 400 if album else 40)


for _name, _framework, _count, _album in (
    ("crops cut on the host, TensorFlow", "tensorflow", 1, False),
    ("crops cut on the host, JAX", "jax", 1, False),
    ("crops cut on the device, JAX", "jax", 1, True),
    ("crops cut on the device, JAX, 20 steps a call", "jax", 20, True),
):
    _prepare = functools.partial(idle, count=_count, album=_album)
    variant("host", _name, _framework)(_prepare)


@variant("training", "stylenet, zero/transposed", "tensorflow")
def stylenet_course_training(size):
    return stylenet_training(size)


@variant("training", "stylenet, reflect/nearest", "tensorflow")
def stylenet_nearest_training(size):
    return stylenet_training(size, padding="reflect", upsampling="nearest")


@variant("training", "stylenet, zero/transposed, JAX", "jax")
def stylenet_jax_training(size):
    return stylenet_training(size)


def torch_gatys(size, **options):
    """A step of Gatys' optimization in PyTorch."""
    import torch
    import torch_networks

    def to_torch(batch):
        return torch.from_numpy(batch).to(torch_networks.DEVICE).permute(0, 3, 1, 2).contiguous()

    photograph = pictures(1, size)
    step = torch_networks.gatys_step(to_torch(photograph), to_torch(photograph), **options)
    return lambda: step(to_torch(photograph))


@variant("gatys", "PyTorch, eager", "torch")
def torch_gatys_eager(size):
    return torch_gatys(size)


@variant("gatys", "PyTorch, channels_last, torch.compile", "torch")
def torch_gatys_compiled(size):
    return torch_gatys(size, channels_last=True, compiled=True)


def stylenet_gatys(size):
    """The loss and its gradient, as `gatys.stylize` computes them."""
    from stylenet.losses import PRESETS
    from stylenet.optimization import value_and_gradient
    from stylenet.speed.gatys import StyleLoss

    photograph = pictures(1, size)
    evaluate = value_and_gradient(StyleLoss(photograph[0], [photograph[0]], PRESETS["gatys"]))
    return lambda: evaluate(photograph)


variant("gatys", "stylenet", "tensorflow")(stylenet_gatys)
variant("gatys", "stylenet, JAX", "jax")(stylenet_gatys)


@variant("universal", "PyTorch, VGG19, SVD", "torch")
def torch_universal(size):
    """Universal style transfer; the style is encoded at every level."""
    import torch
    from torch_networks import DEVICE
    from torch_universal import Stylizer

    stylizer, photograph = Stylizer().eval(), pictures(1, size)

    def run():
        with torch.inference_mode():
            x = torch.from_numpy(photograph).to(DEVICE).permute(0, 3, 1, 2).contiguous() / 255
            return stylizer(x, x).cpu().numpy()

    return run


def stylenet_universal(network, size):
    """Universal style transfer with the shipped weights; the style is encoded each time."""
    from stylenet.universal.stylizer import UniversalStylizer

    stylizer, photograph = UniversalStylizer(network), pictures(1, size)[0]
    run = lambda: stylizer.stylize(photograph, photograph)  # noqa: E731
    return run


for _network in ("vgg19", "slim"):
    _prepare = functools.partial(stylenet_universal, _network)
    variant("universal", f"stylenet, {_network}", "tensorflow")(_prepare)
    variant("universal memory", f"stylenet, {_network}", "tensorflow")(_prepare)


def stylenet_video(size, wrap):
    """A frame of a moving scene, shipped variant of the network."""
    import itertools

    import stylenet
    from stylenet.figures.drawing import photograph
    from stylenet.video.scenes import Motion, Scene

    network = stylenet.transform_net(padding="reflect", upsampling="nearest")
    scene = Scene(photograph("coffee.png"), (size, size), Motion(2.3, 1.1))
    frames = itertools.cycle([scene.frame(time) for time in range(16)])
    stylize = wrap(stylenet.stylizer(network).paint)
    for _ in range(3):  # the second picture of a size is compiled
        stylize(next(frames))
    return lambda: stylize(next(frames))


@variant("video", "stylenet, frames", "tensorflow")
def stylenet_frames(size):
    return stylenet_video(size, lambda draw: draw)


@variant("video", "stylenet, consistent", "tensorflow")
def stylenet_consistent(size):
    from stylenet.video.consistency import Consistency

    return stylenet_video(size, Consistency)


@variant("memory", "PyTorch example, eager", "torch")
def torch_memory(size):
    return torch_example(size)


def stylize(size, **options):
    """The public function, on a picture of this size."""
    import stylenet

    network, photograph = stylenet.transform_net(**options), pictures(1, size)[0]
    return lambda: stylenet.stylize(photograph, network)


@variant("memory", "stylenet.stylize, zero/transposed", "tensorflow")
def stylize_course(size):
    return stylize(size)


@variant("memory", "stylenet.stylize, reflect/nearest", "tensorflow")
def stylize_nearest(size):
    return stylize(size, padding="reflect", upsampling="nearest")


def peak_memory():
    """The most memory that this process ever had resident, in GB (1e9 bytes)."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def work(requests, answer):
    """Answers `["section", "name", size]` with seconds a time, or with peak GB for "memory"."""
    prepared = {}
    for line in requests:
        section, name, size = json.loads(line)
        run = prepared.get((section, name, size))
        if run is None:
            run = prepared[section, name, size] = REGISTRY[section][name].prepare(size)
            run()
        start = time.perf_counter()
        if not section.endswith("memory"):
            run()
        seconds = (time.perf_counter() - start) / getattr(run, "times", 1)
        print(peak_memory() if section.endswith("memory") else seconds, file=answer, flush=True)


if __name__ == "__main__":
    # Libraries print to standard output too; only answers may go to the driver.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    work(sys.stdin, answers)
