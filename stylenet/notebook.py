"""What the lectures in `notebooks/` show: pictures side by side, curves, controls to play with.

Importing this module imports Keras and its backend, in silence (`stylenet.quiet`).
"""

import contextlib
import html
import io
import logging
import os

import keras
import numpy as np

from stylenet.figures.drawing import COLORS, SCREEN_DPI, Figure, encode, grid, show
from stylenet.quiet import quiet

WIDTH, ALONE = 10.0, 5.0  # inches of a row, and of a picture without neighbors
COLUMNS = 3  # pictures a row: each can be seen from the last row of a hall

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
        columns: pictures a row; by default three, or two where three would leave a gap.
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
    columns = columns or _columns(len(images))
    height, width = np.max([image.shape[:2] for image in images], axis=0)
    rows = -(-len(images) // columns)
    inches = WIDTH if columns > 1 else ALONE
    drawing, axes = grid(rows, columns, inches, aspect=width / (height + 0.12 * width))
    for place in axes.flat[len(images) :]:
        place.axis("off")
    for place, image, title in zip(axes.flat, images, titles, strict=False):
        show(place, image, title, **(options if image.ndim == 2 else {}))
    return Figure(drawing, "; ".join(str(title) for title in titles if title))


def _columns(count):
    """Pictures a row: three at most, and four in a square."""
    return 2 if count == 4 else min(count, COLUMNS)


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


def show_clouds(clouds, names, points=1500):
    """Clouds of points in two channels, side by side, each with its ellipse of two deviations.

    Args:
        clouds: a dict, name to features `(..., 2)`.
        names: of the two channels.
        points: at most as many are drawn; the ellipse is that of all.

    Returns:
        A `figures.Figure`; both channels of a cloud on one scale.
    """
    columns = _columns(len(clouds))
    rows = -(-len(clouds) // columns)
    drawing, axes = grid(rows, columns, WIDTH, aspect=1.3)
    circle = 2 * np.exp(2j * np.pi * np.linspace(0, 1, 100))
    for axis, (name, cloud) in zip(axes.flat, clouds.items(), strict=False):
        flat = np.asarray(cloud, "float64").reshape(-1, 2)
        values, vectors = np.linalg.eigh(np.cov(flat.T))
        ellipse = vectors * np.sqrt(values.clip(0)) @ [circle.real, circle.imag]
        axis.scatter(*flat[:: -(-len(flat) // points)].T, s=4, color=COLORS[0], alpha=0.4)
        axis.plot(*(ellipse + flat.mean(axis=0)[:, None]), color="k", linestyle="-", linewidth=2)
        axis.plot(*flat.mean(axis=0), "k+", markersize=12)
        axis.set(title=name, xlabel=names[0], ylabel=names[1])
        axis.set_aspect("equal", adjustable="datalim")
    return Figure(drawing, f"{names[1]} against {names[0]}: {', '.join(clouds)}")


def show_clip(clips, rate=10):
    """A player of clips side by side, which repeats; it needs PyAV.

    Args:
        clips: a list of clips of one length, each a list of `(height, width, 3)` in [0, 255].
        rate: frames a second.

    Returns:
        An `IPython.display.Video` that holds the film, an MP4.
    """
    from IPython.display import Video

    from stylenet import extras

    av = extras.load("av")
    rows = [np.concatenate(frames, axis=1) for frames in zip(*clips, strict=True)]
    rows = [np.clip(row, 0, 255).astype("uint8") for row in rows]
    height, width = (side // 2 * 2 for side in rows[0].shape[:2])  # what H.264 takes
    film = io.BytesIO()
    with av.open(film, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "20"})
        stream.height, stream.width, stream.pix_fmt = height, width, "yuv420p"
        for row in rows:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(row[:height, :width])))
        container.mux(stream.encode())
    page = {"width": round(SCREEN_DPI * WIDTH), "html_attributes": "controls loop muted autoplay"}
    return Video(film.getvalue(), embed=True, mimetype="video/mp4", **page)


def play(sounds):
    """Players of sounds, one below the other.

    Args:
        sounds: a dict, name to `extensions.Sound`.
    """
    from IPython.display import HTML, Audio, display

    for name, sound in sounds.items():
        display(HTML(f"{html.escape(name)}:"), Audio(sound.samples.T, rate=sound.rate))


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
        display(_controls(draw, choices))


def _controls(draw, choices):
    """Controls above a picture that follows them.

    The picture is a widget of its own: an output widget, as `ipywidgets.interact` has, makes a
    kernel wait for a browser that may not be there.
    """
    import ipywidgets

    controls = {name: _control(ipywidgets, name, values) for name, values in choices.items()}
    picture = ipywidgets.Image()

    def follow(change=None):
        figure = show_images([draw(**{name: one.value for name, one in controls.items()})])
        kind, picture.value = encode(figure)
        picture.format = kind.removeprefix("image/")

    follow()
    for control in controls.values():
        control.observe(follow, names="value")
    box = ipywidgets.VBox([*controls.values(), picture])
    box.add_class("widget-interact")
    return box


def _control(ipywidgets, name, values):
    """A slider over numbers, as fine as their closest two; else a menu."""
    if all(isinstance(value, int | float) for value in values) and len(values) > 1:
        kind = ipywidgets.IntSlider if all(isinstance(v, int) for v in values) else None
        kind = kind or ipywidgets.FloatSlider
        step = min(np.diff(sorted(values)))
        ends = {"min": min(values), "max": max(values), "step": step.item()}
        return kind(values[0], description=name, continuous_update=False, **ends)
    return ipywidgets.Dropdown(options=[(str(value), value) for value in values], description=name)


def loss_network():
    """Which loss network the lecture can use, said aloud.

    Returns:
        The `network` and the `weights` for `features.feature_extractor`: VGG19 as trained on
        ImageNet where its file is found or can be downloaded, else slim, which ships.
    """
    from stylenet import features
    from stylenet.weights import find_weights

    _, _, filename, md5 = features.NETWORKS["vgg19"]
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # Keras' progress bar
            find_weights(filename, f"{features.URL}vgg19/{filename}", md5)
    except FileNotFoundError:
        print("VGG19 is neither here nor online: slim, a narrow copy that ships, takes its place.")
        print("Pictures are alike, numbers differ. For VGG19, put this file, downloaded elsewhere,")
        print(f"into the folder that STYLENET_WEIGHTS names:\n{features.URL}vgg19/{filename}")
        return "slim", "imagenet"
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
