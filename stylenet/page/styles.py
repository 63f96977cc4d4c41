"""The controls of a style, beside all tabs: a shipped one, or paintings of one's own."""

import functools

import gradio as gr

from stylenet import catalog, files
from stylenet.page import pictures, wishes
from stylenet.page.panels import Photo, warn
from stylenet.page.wishes import FIRST, ONE_PASS, OWN, SHIPPED, Wish

PAINTINGS = {  # those that travel with stylenet
    "wave": "great_wave.jpg",
    "starry_night": "starry_night.jpg",
    "the_scream": "the_scream.jpg",
    "udnie": "udnie.jpg",
    "composition_vii": "composition_vii.jpg",
}
NO_SECOND = ("none", "")


class Controls:
    """The controls, in the block that is open.

    Args:
        max_size: of paintings, in pixels.

    `values` are the components in the order of a `Wish`.
    """

    def __init__(self, max_size):
        kind = gr.Radio(
            [SHIPPED, OWN], value=SHIPPED, label="Draw in the manner of", elem_id="kind"
        )
        with gr.Column(elem_classes="tight") as shipped:
            clicked, style, second = _shipped()
        with gr.Column(visible=False, elem_classes="tight") as own:
            painting, other, method = _own()
        balance = _slider(0.5, "How much of the second", "balance", visible=False)
        strength = _slider(wishes.FULL, "Strength", "strength")
        stroke = _slider(wishes.MIDDLE, "Size of strokes", "stroke", visible=False)
        keep = gr.Checkbox(label="Keep the photograph's colors", elem_id="keep")
        self.values = [kind, style, second, painting, other, method]
        self.sliders = [balance, strength, stroke, keep]
        self.values += self.sliders
        kind.input(_parts, kind, [shipped, own], show_progress="hidden")
        self._changes = self._wire(clicked, max_size)

    def _wire(self, clicked, max_size):
        """What happens after a choice, as far as the sliders are concerned; a list of events."""
        kind, style, second, painting, other, method = self.values[:6]
        fit = {"fn": _fit, "inputs": self.values, "outputs": self.sliders[:3]}
        fit |= {"show_progress": "hidden", "api_name": "fit", "trigger_mode": "always_last"}
        read = functools.partial(receive, max_size=max_size)
        last = {"trigger_mode": "always_last"}
        received = [each.input(read, each, each, **last) for each in (painting, other)]
        picked = clicked.click(_pick, clicked, style, show_progress="hidden", api_name="pick")
        direct = gr.on([each.input for each in (kind, style, second, method)], **fit)
        return [direct, *(event.then(**fit) for event in (*received, picked))]

    def draws(self, **event):
        """Wires what is to be done whenever the choice or a slider has changed."""
        for change in self._changes:
            change.then(**event)
        gr.on([each.input for each in self.sliders], **event)


def _shipped():
    """A style by its name, or by the painting it was learned from; and a second one."""
    names = [(_title(name), name) for name in catalog.styles()]
    folder = files.shipped("images") / "paintings"
    clicked = gr.Dataset(
        components=[gr.Image(render=False)],
        samples=[[str(folder / file)] for file in PAINTINGS.values()],
        type="index",
        label="Click a painting, or choose among all styles",
        elem_id="paintings",
        elem_classes="thumbnails",
    )
    style = gr.Dropdown(names, value=FIRST, label="Style", elem_id="style")
    plain = [NO_SECOND, *((text, name) for text, name in names if "/" not in name)]
    second = gr.Dropdown(plain, value="", label="Blended with", elem_id="second")
    return clicked, style, second


def _title(name):
    """A style as people read it: its name, and whose painting it was."""
    network, _, plain = name.rpartition("/")
    artist = catalog.styles()[name].get("artist", "").split(" ")[-1]
    more = ", ".join(each for each in (artist, f"of {network}" if network else "") if each)
    return plain.replace("_", " ") + (f" ({more})" if more else "")


def _own():
    """One painting, or two, and how they are drawn."""
    options = {"sources": ["upload", "clipboard"], "height": 190, "buttons": [], "min_width": 120}
    options["placeholder"] = "# Drop one here"
    with gr.Row():
        painting = Photo(label="A painting", elem_id="painting", **options)
        other = Photo(label="A second one", elem_id="other", **options)
    method = gr.Radio([*wishes.METHODS], value=ONE_PASS, label="Drawn", elem_id="method")
    return painting, other, method


def _slider(value, label, name, **options):
    return gr.Slider(0, 1, value, step=0.05, label=label, elem_id=name, **options)


def _parts(kind):
    return gr.update(visible=kind != OWN), gr.update(visible=kind == OWN)


def _pick(number):
    return [*PAINTINGS][number]


def _fit(*values):
    """The sliders of a choice: those that it has, where they begin."""
    wish = Wish(*values)
    two = wish.painting and wish.other if wish.kind == OWN else wish.second
    return (
        gr.update(visible=bool(two)),
        gr.update(value=wishes.strength_of(wish)),
        gr.update(visible=wishes.is_shared(wish)),
    )


def receive(sent, max_size, suffix=".jpg"):
    """A painting that was dropped, as it is shown; nothing if it can't be read."""
    try:
        painting = sent and pictures.receive(sent, max_size)
    except pictures.ERRORS as error:
        warn(error)
        return None
    return sent and pictures.pack(painting, f"{pictures.stem(sent)}{suffix}")
