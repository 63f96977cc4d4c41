"""Draws a year's variant of an assignment: other numbers in text, functions and tests.

A source notebook is a variant itself, the one without a seed. Each of its choices is a number with
the places where it stands; a place is a text of the notebook with a form of the number between
« and ». The first option is what the source says, so a place that is not in the source is an error.
Beside these numbers the hidden tests get other data, and other shapes.
"""

import copy
import random
import re
from typing import NamedTuple


class Choice(NamedTuple):
    """A number that changes from year to year.

    `options` has a dict an option: each form's text, and as "given" the numbers themselves.
    """

    places: tuple
    options: tuple


def variant(notebook, assignment, seed=None):
    """A copy of a source notebook with the numbers of a seed; without a seed the source as it is.

    Args:
        notebook: a dict as nbformat has it, the text of a cell a string or a list of lines.
        assignment: its name.
        seed: a whole number.
    """
    notebook = copy.deepcopy(notebook)
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    if seed is None:
        return notebook
    texts = [cell["source"] for cell in notebook["cells"]]
    for choice, option in zip(CHOICES[assignment], drawn(assignment, seed), strict=True):
        for place in choice.places:
            old, new = (fill(place, forms) for forms in (choice.options[0], option))
            if not any(old in text for text in texts):
                raise ValueError(
                    f"Expected in {assignment} the text of a place. Received: {old!r}."
                )
            texts = [text.replace(old, new) for text in texts]
    for cell, text in zip(notebook["cells"], texts, strict=True):
        graded = cell["metadata"].get("nbgrader", {}).get("grade") and cell["cell_type"] == "code"
        cell["source"] = other_data(text, assignment, seed) if graded else text
    return notebook


def given(assignment, seed=None):
    """The numbers of a variant by their names."""
    options = drawn(assignment, seed)
    return {name: value for option in options for name, value in option["given"].items()}


def drawn(assignment, seed=None):
    """The option of each choice; that of the first is neither the source's nor last year's."""
    choices = CHOICES[assignment]
    if seed is None:
        return [choice.options[0] for choice in choices]
    dice = random.Random(f"{assignment} {seed}")
    first, *others = choices
    walked = first.options[1 + seed % (len(first.options) - 1)]
    return [walked, *(dice.choice(choice.options) for choice in others)]


def fill(place, forms):
    return re.sub("«(.*?)»", lambda form: str(forms[form[1]]), place)


def other_data(text, assignment, seed):
    """A cell of tests with other random numbers; squares stay squares, and thin pictures thin."""
    dice = random.Random(f"{assignment} {seed} data")
    text = re.sub(
        r"default_rng\((\d+)\)", lambda found: f"default_rng({seed * 10 + int(found[1])})", text
    )
    more = dice.choice((1, 2))
    visible, *hidden = text.split("### BEGIN HIDDEN TESTS")
    return "### BEGIN HIDDEN TESTS".join([visible, *(larger(part, more) for part in hidden)])


def larger(text, more):
    """Heights and widths of all shapes (batch, height, width, channels) grow by `more`."""

    def grown(shape):
        *front, height, width, channels = (int(side) for side in re.findall(r"\d+", shape[0]))
        if min(height, width) > 1:
            height, width = height + more, width + more
        return str((*front, height, width, channels))

    return re.sub(r"\((\d+, )?\d+, \d+, \d+, \d+\)", grown, text)


def divisors(name, numbers, **forms):
    """Options of a whole number that divides: each form is a function of the number."""
    return tuple(
        {"given": {name: number}, **{form: text(number) for form, text in forms.items()}}
        for number in numbers
    )


def times(number):
    """A factor before another, "" for 1."""
    return "" if number == 1 else f"{number:g} "


def over(number):
    """A division behind a Python expression, "" by 1."""
    return "" if number == 1 else f" / {number:g}"


def part(number):
    """A fraction in TeX, "" for 1."""
    return "" if number == 1 else rf"\frac{{1}}{{{number:g}}} "


LOSSES = (
    Choice(
        (
            r"\ell_{content} = \frac{1}{«factor»C H W}",
            "||phi(y) - phi(c)||^2 / («factor»C H W)",
            "return ops.mean(ops.square(features - content_features))«over»",
            "np.sum((x - y) ** 2) / x.size«over»",
            'np.isclose(loss, «one»), f"Features 1 everywhere against 0 have loss «one», not',
            'np.isclose(loss, «nine»), f"Three times the distance, 9 times the loss, not',
            'np.isclose(loss, «half»), f"One of two pictures differs: half the loss, not',
        ),
        divisors(
            "content",
            (1, 2, 4, 5),
            factor=times,
            over=over,
            one=lambda k: f"{1 / k:g}",
            nine=lambda k: f"{9 / k:g}",
            half=lambda k: f"{0.5 / k:g}",
        ),
    ),
    Choice(
        (
            r"\frac{\psi \psi^T}{«factor»C H W}",
            "psi psi^T / («factor»C H W)",
            "/ («python»channels * height * width)",
            "$«factor»C H W = «two»$",
            "[[«half», «one»], [«one», «double»]]",
            "divided by «factor»C H W = «two».",
        ),
        divisors(
            "gram",
            (1, 2, 4, 5),
            factor=times,
            python=lambda k: "" if k == 1 else f"{k} * ",
            two=lambda k: 2 * k,
            half=lambda k: f"{0.5 / k:g}",
            one=lambda k: f"{1 / k:g}",
            double=lambda k: f"{2 / k:g}",
        ),
    ),
    Choice(
        (
            r"\ell_{style} = «part»\lVert G(y)",
            "of «words»||G(y) - G(s)||_F^2",
            "return ops.mean(ops.sum(ops.square(gram - style_gram), axis=(1, 2)))«over»",
            "np.trace(matrix @ matrix.T)«over» for",
            'np.isclose(loss, «all»), f"«sum» = «all», not',
            'np.isclose(loss, «half»), f"Two pictures, of losses «all» and 0: «half», not',
        ),
        divisors(
            "style",
            (1, 2, 4, 5),
            part=part,
            words=lambda k: "" if k == 1 else f"1/{k} ",
            over=over,
            all=lambda k: f"{17 / k:g}",
            half=lambda k: f"{8.5 / k:g}",
            sum=lambda k: "0 + 4 + 4 + 9" if k == 1 else f"(0 + 4 + 4 + 9) / {k}",
        ),
    ),
    Choice(
        (
            r"\ell_{TV} = «part»\sum",
            "The mean over the batch of «words»the sum of |right",
            "return ops.mean(ops.sum(right, axis=(1, 2, 3)) + ops.sum(down, axis=(1, 2, 3)))«over»",
            "result.append(«open»right + down«close»)",
            'np.isclose(loss, «ten»), f"To the right 3 + 2, down 1 + 4, «together» «ten», not',
            'np.isclose(loss, «five»), f"Two pictures, with 0 and «ten»: the mean is «five», not',
            'np.isclose(loss, «ramp»), f"2 rows, 3 channels, 4 steps of 1«over»: «ramp», not',
        ),
        divisors(
            "variation",
            (1, 2, 4, 5),
            part=part,
            words=lambda k: "" if k == 1 else f"1/{k} of ",
            over=over,
            open=lambda k: "" if k == 1 else "(",
            close=lambda k: "" if k == 1 else f") / {k}",
            together=lambda k: "together" if k == 1 else f"1/{k} of that",
            ten=lambda k: f"{10 / k:g}",
            five=lambda k: f"{5 / k:g}",
            ramp=lambda k: f"{24 / k:g}",
        ),
    ),
)

PLAIN_LAYER = 'return {"kernel": kernel, "gamma": gamma, "beta": beta}'
SHARED_LAYER = """share = {} if name.endswith("conv2") else 1  # F is multiplied by it
    return {{"kernel": kernel, "gamma": gamma / share, "beta": beta / share}}"""

NETWORK = (
    Choice(
        ("gamma, beta, epsilon=«text»):",),
        tuple(
            {"given": {"epsilon": float(text)}, "text": text}
            for text in ("1e-3", "1e-5", "1e-4", "1e-2")
        ),
    ),
    Choice(
        (
            "$y = x + «tex»F(x)$",
            "x plus «words»two convolution blocks of it",
            "return x + «python»convolution_block(y, second, relu=False)",
            "x + «python»right_block(right_block(x, first), second, relu=False)",
            "assert_moments(«rest», ",
            "«layer»",
        ),
        tuple(
            {
                "given": {"residual": number},
                "tex": f"{text} " if text else "",
                "words": f"{text} times " if text else "",
                "python": f"{text} * " if text else "",
                "rest": f"(y - x) / {text}" if text else "y - x",
                "layer": SHARED_LAYER.format(text) if text else PLAIN_LAYER,
            }
            for number, text in ((1, ""), (0.5, "0.5"), (2, "2"), (0.25, "0.25"))
        ),
    ),
)


def means(blue, green, red):
    return {
        "given": {"mean": (blue, green, red)},
        **{"blue": f"{blue:g}", "green": f"{green:g}", "red": f"{red:g}", "left": f"{255 - red:g}"},
    }


def adam(first, second, epsilon):
    return {
        "given": {"betas": (first, second), "adam_epsilon": 10.0**epsilon},
        **{"first": f"{first:g}", "second": f"{second:g}"},
        **{"rest": f"{1 - first:g}", "small": f"{1 - second:g}"},
        **{"epsilon": f"1e{epsilon}", "power": epsilon},
    }


GATYS = (
    Choice(
        (
            "«blue», «green», «red»)",
            "[«blue», «green», «red»]",
            "blue - «blue», green - «green», red - «red»",
            "[-«blue», -«green», «left»]",
            "[«red», «green», «blue»]",
        ),
        (
            means(103.939, 116.779, 123.68),
            means(104.25, 117.5, 123.125),
            means(104.007, 116.669, 122.679),
            means(103.53, 116.28, 123.675),
        ),
    ),
    Choice(
        (
            r"+ «tex» \sum_{l \in style}",
            "style_grams, 1.0, «ten»)",
            "+ style_weight«over» sum_l",
            "+ style_weight«over» * style",
            "+ style_weight«over» * sum(style)",
            "np.isclose(loss, «nine»), f",
            "(4 - 1)^2«over» = «nine», not",
            'np.isclose(loss, «all»), f"10 x 4 + 100 x «nine» = «all», not',
            'np.isclose(loss, «more»), f"A second content layer adds 10 x 4: «more», not',
            "np.isclose(loss, «second»), f",
            "adds 100 x (9 - 7)^2«over»: «second», not",
            'np.isclose(loss, «pair»), f"Two pictures, of «all» and «style»: the mean is «pair»,',
        ),
        divisors(
            "layers",
            (1, 2, 4, 5),
            ten=lambda k: f"{10 * k:.1f}",
            tex=lambda k: "w_s" if k == 1 else rf"\frac{{w_s}}{{{k}}}",
            over=over,
            nine=lambda k: f"{9 / k:g}",
            all=lambda k: f"{40 + 900 / k:g}",
            more=lambda k: f"{80 + 900 / k:g}",
            second=lambda k: f"{40 + 1300 / k:g}",
            style=lambda k: f"{900 / k:g}",
            pair=lambda k: f"{20 + 900 / k:g}",
        ),
    ),
    Choice(
        (
            r"$\beta_1 = «first»$, $\beta_2 = «second»$, $\epsilon = 10^{«power»}$",
            "beta_1 = «first», beta_2 = «second» and epsilon = «epsilon»",
            "m = «first» * m + «rest» * slope",
            "v = «second» * v + «small» * slope**2",
            "(1 - «first»**step) / (np.sqrt(v / (1 - «second»**step)) + «epsilon»)",
            "m += (1 - «first») * (slope - m)",
            "v += (1 - «second») * (slope**2 - v)",
            "m / (1 - «first»**step), (v / (1 - «second»**step)) ** 0.5",
            "mean / (deviation + «epsilon»)",
            "assert_allclose(m, «rest» * slope",
            "assert_allclose(v, «small» * slope**2",
            "((2, 3, 3), «epsilon»)",
        ),
        (adam(0.9, 0.999, -7), adam(0.8, 0.99, -6), adam(0.95, 0.998, -8), adam(0.85, 0.995, -7)),
    ),
    Choice(
        ("num_steps, learning_rate=«text»):",),
        tuple(
            {"given": {"learning_rate": float(text)}, "text": text}
            for text in ("10.0", "8.0", "5.0", "4.0")
        ),
    ),
    Choice(
        ("content_layers, style_layers = «text»",),
        tuple(
            {"given": {}, "text": text}
            for text in (
                '("b", "d"), ("a", "c", "d")',
                '("a", "d"), ("b", "c", "d")',
                '("c", "a"), ("a", "b", "d")',
                '("b",), ("d", "b", "c")',
            )
        ),
    ),
)


def count(ddof):
    less = " - 1" if ddof else ""
    return {
        "given": {"ddof": ddof},
        "less": less,
        "tex": "N - 1" if ddof else "N",
        "fraction": "(N - 1)" if ddof else "N",
        "argument": "" if ddof else ", ddof=0",
        "products": "[[2, 4], [4, 8]]" if ddof else "[[1, 2], [2, 4]]",
        "positions": 3 if ddof else 4,
    }


WCT = (
    Choice(
        (
            "Below $«tex»$ of the largest",
            "eigenvalue is below «text» of",
            "values > «text» * values",
            "singular**2 > «text» * singular",
            '(«above», "is whitened"), («below», "becomes 0")',
        ),
        tuple(
            {
                "given": {"threshold": float(text)},
                **{"text": text, "tex": tex, "above": above, "below": below},
            }
            for text, tex, above, below in (
                ("1e-5", "10^{-5}", "3e-5", "2e-6"),
                ("1e-4", "10^{-4}", "3e-4", "2e-5"),
                ("4e-5", r"4 \cdot 10^{-5}", "1.2e-4", "8e-6"),
            )
        ),
    ),
    Choice(
        (
            r"{\bar f \bar f^T}{«tex»}",
            "(f - mean)^T / «fraction»",
            "/ (height * width«less»)",
            "np.sqrt(height * width«less»)",
            "np.cov(flat, rowvar=False«argument»)",
            "np.sqrt(len(centered)«less»)",
            "«products»",
            "Divided by 2«less».",
            "np.sqrt(«positions» / np.array([32, 2]))",
            "np.sqrt(32 / «positions»)",
            "np.sqrt(2 / «positions»)",
            "32 / «positions» and 2 / «positions»",
        ),
        (count(1), count(0)),
    ),
    Choice(
        ("(content, style, alpha=«text»):", "alpha[0] if alpha else «text»"),
        tuple(
            {"given": {"alpha": float(text)}, "text": text} for text in ("1.0", "0.8", "0.6", "0.7")
        ),
    ),
)


def limits(share, slack, back):
    """What occlusion allows; `back` is a way back from 20 that only both ways together excuse."""
    return {
        "given": {"share": share, "slack": slack},
        **{"share": f"{share:g}", "slack": f"{slack:g}", "back": back},
        "wide": f"{share * (4 + 1.4**2) + slack:.2f}",
        "narrow": f"{share * (4 + 1.2**2) + slack:.2f}",
    }


VIDEO = (
    Choice(
        (
            r"> «share» \, (|\tilde g|^2 + |f|^2) + «slack»",
            "> «share» (|g~|^2 + |f|^2) + «slack»",
            "= «share» * (np.sum(back**2, axis=2) + np.sum(flow**2, axis=2)) + «slack»",
            "0.6^2 = 0.36 off, and the limit is «wide».",
            "0.8^2 = 0.64 off, and the limit is «narrow».",
            "((20, -«back»), («back», -20), (-20, «back»))",
        ),
        (
            limits(0.01, 0.5, 17.5),
            limits(0.02, 0.4, 16.8),
            limits(0.03, 0.3, 16.1),
            limits(0.005, 0.55, 18.3),
        ),
    ),
    Choice(
        (
            r"\ell_{temporal} = \frac{1}{«factor»D}",
            "of «words» sum_k c_k",
            "return ops.mean(trust * ops.square(frames - warped))«over»",
            "(np.float64(frames) - np.float64(warped)) ** 2)«over»",
            'np.isclose(loss, «nine»), f"3 levels apart everywhere: «nine», not',
            'np.isclose(loss, «half»), f"Half of the pixels count, and all are in D: «half», not',
            'np.isclose(loss, «three»), f"Trust of a third everywhere: «three», not',
            'np.isclose(loss, «half»), f"One of two frames differs: the mean is «half», not',
            r"$x = (s + «weight»c \, \omega) / (1 + «weight»c)$",
        ),
        divisors(
            "temporal",
            (1, 2, 4),
            factor=times,
            words=lambda k: "1 / D" if k == 1 else f"1 / ({k} D)",
            over=over,
            nine=lambda k: f"{9 / k:g}",
            half=lambda k: f"{4.5 / k:g}",
            three=lambda k: f"{3 / k:g}",
            weight=lambda k: times(4 // k),
        ),
    ),
)

DOODLE = (
    Choice(
        (
            r"{«factor»C \sum_p m_p}",
            "sum_p m_p f_p f_p^T / («factor»C sum_p m_p)",
            "return products / («python»features.shape[-1] * ops.sum(weights))",
            "/ («python»maps.shape[-1] * weights.sum())",
            'np.isclose(gram[0, 0, 0], «half»), f"(1 + 16) / («words»1 x 2) = «half», not',
            'np.isclose(whole[0, 0, 0], «whole»), f"All four positions: «whole», not',
            "np.isclose(gram[0, 0, 0], «soft»), f",
            "(1 + 4 / 2) / («words»1 + 1 / 2) = «soft», not",
            "«half» / 2 * np.array([[1, 2], [2, 4]])",
            "both[:, 0, 0], [«half», 0]",
            "slope[0, ..., 0], [[«one», 0], [0, «four»]]",
            "np.array([[[«unit»]]]",
        ),
        divisors(
            "region",
            (1, 2, 4, 5),
            factor=times,
            python=lambda k: "" if k == 1 else f"{k} * ",
            words=lambda k: "" if k == 1 else f"{k} x ",
            half=lambda k: f"{8.5 / k:g}",
            whole=lambda k: f"{7.5 / k:g}",
            soft=lambda k: f"{2 / k:g}",
            one=lambda k: f"{1 / k:g}",
            four=lambda k: f"{4 / k:g}",
            unit=lambda k: f"{1 / k:.1f}" if k != 4 else "0.25",
        ),
    ),
    Choice(
        (
            "What lies outside of the picture counts as «word»: «why».",
            "What lies outside of the picture counts as «word».\n",
            "np.pad(mask, reach, constant_values=«value»)\n    side",
            "np.pad(mask, reach, constant_values=«value»)\n    kept",
            "edge == [«value»] * 3",
            '"Outside of the picture is «word»."',
        ),
        (
            {
                "given": {"outside": True},
                **{"word": "inside", "value": "True", "why": "there is no other region there"},
            },
            {
                "given": {"outside": False},
                **{"word": "outside", "value": "False", "why": "nobody knows what is there"},
            },
        ),
    ),
    Choice(
        (
            r"$$L = «part»\sum_l w_l",
            "L = «plain»sum_l w_l sum_r",
            "return loss«over»",
            "losses.append(sum(terms)«over»)",
            "np.isclose(loss, «low»), f",
            "a share of 0.25«over»: «low», not",
            "np.isclose(loss, «high»), f",
            "a share of 0.75«over»: «high», not",
            "np.isclose(loss, «both»), f",
            "100 x 3)«over» = «both», not",
            "np.isclose(loss, «whole»), f",
            "add up to 1: «whole», not",
            "error of 1: (2.25 + 0.75)«over», not",
            "np.isclose(loss, «pair»), f",
            "of «low» and «one»: «pair», not",
        ),
        divisors(
            "doodle",
            (1, 2, 4, 5),
            part=part,
            plain=lambda k: "" if k == 1 else f"1/{k} ",
            over=over,
            low=lambda k: f"{2.25 / k:g}",
            high=lambda k: f"{3 / k:g}",
            both=lambda k: f"{322.5 / k:g}",
            whole=lambda k: f"{13 / k:g}",
            one=lambda k: f"{1 / k:g}",
            pair=lambda k: f"{1.625 / k:g}",
        ),
    ),
)

CHOICES = {
    "1_losses": LOSSES,
    "2_network": NETWORK,
    "3_gatys": GATYS,
    "4_wct": WCT,
    "5_video": VIDEO,
    "6_doodle": DOODLE,
}
