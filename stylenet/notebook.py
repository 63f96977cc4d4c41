"""What the lectures in `notebooks/` show: pictures side by side, curves, controls to play with.

Importing this module imports Keras and its backend, in silence (`stylenet.quiet`).
"""

import contextlib
import io
import logging
import os

import keras
import numpy as np

from stylenet.figures.drawing import Figure, grid, show
from stylenet.quiet import quiet

COLUMN = 2.4  # inches a picture, and ...
WIDEST = 10.0  # ... a row

with quiet():
    keras.ops.zeros(1)  # the devices are found
# Each new size of picture is compiled anew, which TensorFlow advises against.
logging.getLogger("tensorflow").setLevel("ERROR")


def device():
    """Where Keras computes, in words, for instance "tensorflow on 2 CPU cores"."""
    backend = keras.backend.backend()
    names = [name for name in keras.distribution.list_devices() if "cpu" not in name.lower()]
    return f"{backend} on {', '.join(names) or f'{os.cpu_count()} CPU cores'}"


def show_images(images, titles=None, columns=None, **options):
    """Pictures side by side.

    Args:
        images: a list of `(height, width, 3)` in [0, 255], or of maps `(height, width)`, drawn
            in shades of grey from their own smallest to their largest value.
        titles: a text a picture.
        columns: pictures a row; by default as many as fit.
        **options: of matplotlib's `imshow`, for maps.

    Returns:
        A `figures.Figure`, which a notebook shows.

    Raises:
        ValueError: no pictures, or another number of titles.
    """
    images = [np.asarray(image) for image in images]
    titles = [None] * len(images) if titles is None else list(titles)
    if not images or len(titles) != len(images):
        raise ValueError(
            f"Expected pictures and a title for each. Received: {len(images)} and {len(titles)}."
        )
    columns = min(len(images), columns or int(WIDEST / COLUMN))
    height, width = np.max([image.shape[:2] for image in images], axis=0)
    rows = -(-len(images) // columns)
    inches = min(WIDEST, max(COLUMN * columns, 4.0))
    drawing, axes = grid(rows, columns, inches, aspect=width / (height + 0.12 * width))
    for place in axes.flat[len(images) :]:
        place.axis("off")
    for place, image, title in zip(axes.flat, images, titles, strict=False):
        show(place, image, title, **(options if image.ndim == 2 else {}))
    return Figure(drawing, "; ".join(str(title) for title in titles if title))


def show_curves(curves, xlabel, ylabel, *, log=False, bars=False):
    """Lines, or bars, with a legend.

    Args:
        curves: a dict, name to values, or name to a pair of x and y.
        xlabel: what the horizontal axis measures.
        ylabel: what the vertical axis measures.
        log: a logarithmic vertical axis.
        bars: the values stacked on each other, a bar a place.

    Returns:
        A `figures.Figure`.
    """
    drawing, axes = grid(1, 1, width=6.5, aspect=2.2)
    axis, below = axes[0, 0], 0.0
    for name, values in curves.items():
        x, y = values if isinstance(values, tuple) else (np.arange(len(values)), values)
        if bars:
            axis.bar([str(place) for place in x], y, bottom=below, label=name, width=0.6)
            below = below + np.asarray(y)
        else:
            axis.plot(x, y, "o-" if len(y) < 20 else "-", label=name)
    axis.set(xlabel=xlabel, ylabel=ylabel)
    if log:
        axis.set_yscale("log")
    axis.legend(fontsize=8, **({"loc": "center left", "bbox_to_anchor": (1, 0.5)} if bars else {}))
    return Figure(drawing, f"{ylabel} against {xlabel}: {', '.join(curves)}")


def explore(function, titles=None, columns=None, **choices):
    """Draws what a function makes of each value, and a control to try them one by one.

    The sheet stays on the page without a live kernel; the control needs one.

    Args:
        function: keyword arguments to a picture.
        titles: of the pictures of the sheet; by default names and values.
        columns: as in `show_images`.
        **choices: a name and its values. The sheet shows the first name's values, with the first
            value of every other name; numbers become a slider, all else a menu.
    """
    from IPython.display import display

    made = {}

    def draw(**values):
        key = tuple(str(value) for value in values.values())
        if key not in made:
            made[key] = function(**values)
        return made[key]

    name, *others = choices
    rest = {other: choices[other][0] for other in others}
    pictures = [draw(**{name: value, **rest}) for value in choices[name]]
    titles = titles or [f"{name} = {value}" for value in choices[name]]
    display(show_images(pictures, titles, columns))
    with contextlib.suppress(ImportError):
        import ipywidgets

        ipywidgets.interact(
            lambda **values: display(show_images([draw(**values)])),
            **{key: _control(ipywidgets, values) for key, values in choices.items()},
        )


def _control(ipywidgets, values):
    """A slider over numbers, as fine as their closest two; else a menu."""
    if all(isinstance(value, int | float) for value in values) and len(values) > 1:
        kind = ipywidgets.IntSlider if all(isinstance(v, int) for v in values) else None
        kind = kind or ipywidgets.FloatSlider
        step = min(np.diff(sorted(values)))
        return kind(
            values[0], min=min(values), max=max(values), step=step.item(), continuous_update=False
        )
    return ipywidgets.Dropdown(options=[(str(value), value) for value in values])


def loss_network():
    """Which loss network the lecture can use, said aloud.

    Returns:
        The `network` and the `weights` for `features.feature_extractor`: VGG19 as trained on
        ImageNet where its file is found or can be downloaded, else with random weights.
    """
    from stylenet import features
    from stylenet.weights import find_weights

    _, _, filename, md5 = features.NETWORKS["vgg19"]
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # Keras' progress bar
            find_weights(filename, f"{features.URL}vgg19/{filename}", md5)
    except FileNotFoundError:
        print(
            "VGG19 is neither here nor online. Put its file, downloaded elsewhere, into the folder"
        )
        print(
            "that STYLENET_WEIGHTS names. Meanwhile: RANDOM weights. Every step works; pictures and"
        )
        print(f"numbers mean little.\n{features.URL}vgg19/{filename}")
        return "vgg19", "random"
    print("VGG19, as trained on ImageNet")
    return "vgg19", "imagenet"


def probe(terms, image):
    """What each term of a loss has to say at a picture.

    Two terms of one size may pull with very different force: what moves pixels is the gradient.

    Args:
        terms: a loss, see `optimization.value_and_gradient`.
        image: `(height, width, 3)` in [0, 255].

    Returns:
        Two dicts, a share a term, each adding up to 1: of the loss, and of the sum of the lengths
        of the terms' gradients.
    """
    from stylenet.optimization import value_and_gradient

    batch = np.asarray(image, "float32")[None]
    values, pulls = {}, {}
    for name in terms(keras.ops.convert_to_tensor(batch)):
        one = value_and_gradient(lambda picture, name=name: {name: terms(picture)[name]})
        value, gradient = one(batch)
        values[name], pulls[name] = value[name], float(np.linalg.norm(gradient))
    return _shares(values), _shares(pulls)


def _shares(values):
    total = sum(values.values()) or 1.0
    return {name: value / total for name, value in values.items()}
