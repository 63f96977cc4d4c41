"""Figures of experiments: what the original method makes of pictures, and what layers see.

Each runs for a minute or a few; sizes and numbers of steps are keyword arguments. The experiments
are those of Gatys et al. 2016, figures 1 to 4, and of Zeiler and Fergus 2014, figure 2, on
pictures of our own; see `stylenet.gatys` and `stylenet.visualization`.
"""

import numpy as np

from stylenet import images
from stylenet.figures.drawing import PICTURES, Figure, grid, painting, photograph, show


def opening(
    photo="astronaut.png",
    style="strokes.jpg",
    size=256,
    num_steps=100,
    seed=0,
    weights="imagenet",
    **options,
):
    """Content, style, and the photograph drawn in the style."""
    from stylenet import gatys

    content, texture = photograph(photo, size), painting(style, size)
    result = gatys.stylize(
        content, texture, weights=weights, num_steps=num_steps, seed=seed, **options
    )
    drawing, axes = grid(1, 3, width=9)
    for axis, picture, title in zip(
        axes[0], (content, texture, result.image), ("content", "style", "result"), strict=True
    ):
        show(axis, picture, title)
    caption = (
        f"Neural style transfer: the content of {photo}, the style of {style} ({size} pixels), and "
        f"both in one picture. stylenet.gatys.stylize, preset 'gatys', VGG19, {num_steps} steps of "
        f"L-BFGS from the photograph, seed {seed}. After Gatys et al. 2016, figure 1."
    )
    return Figure(drawing, caption)


def content_reconstruction(
    photo="astronaut.png",
    layers=("block1_conv2", "block2_conv2", "block3_conv2", "block4_conv2", "block5_conv2"),
    size=256,
    num_steps=150,
    tv_weight=0.1,
    seed=0,
    weights="imagenet",
    **options,
):
    """What each layer keeps of a photograph: content alone, from grey with a little noise."""
    from stylenet import gatys

    content = photograph(photo, size)
    options |= {"start": _grey_noise(content.shape, seed), "tv_weight": tv_weight}
    panels = {"photograph": content}
    for layer in layers:
        panels[layer] = gatys.reconstruct(
            content, layer, weights=weights, num_steps=num_steps, **options
        ).image
    caption = (
        f"{photo} ({size} pixels), reconstructed from the responses of one layer of VGG19 at a "
        f"time: stylenet.gatys.reconstruct, {num_steps} steps of L-BFGS from grey with a little "
        f"noise, seed {seed}, total variation {tv_weight:g}. After Gatys et al. 2016, figure 1."
    )
    return Figure(_three_columns(panels), caption)


def style_reconstruction(
    style="seigaiha.jpg",
    size=256,
    num_steps=150,
    blocks=5,
    tv_weight=0.1,
    seed=0,
    weights="imagenet",
    **options,
):
    """What Gram matrices keep of a style, from one block to all: style alone."""
    from stylenet import gatys
    from stylenet.losses import PRESETS

    texture = painting(style, size)
    shape = (size, size)
    options |= {"weights": weights, "num_steps": num_steps, "start": _grey_noise(shape, seed)}
    panels = {"style": texture}
    for count in range(1, blocks + 1):
        preset = PRESETS["gatys"]._replace(style_layers=_up_to(count), tv_weight=tv_weight)
        title = "block 1" if count == 1 else f"blocks 1 to {count}"
        panels[title] = gatys.synthesize_texture(texture, shape, preset=preset, **options).image
    caption = (
        f"Textures with the Gram matrices of {style} ({size} pixels) at the first convolutions of "
        f"more and more blocks of VGG19: stylenet.gatys.synthesize_texture, {num_steps} steps of "
        f"L-BFGS from grey with a little noise, seed {seed}, total variation {tv_weight:g}. After "
        "Gatys et al. 2016, figure 1."
    )
    return Figure(_three_columns(panels), caption)


def _grey_noise(shape, seed):
    """Grey with a little noise: what a layer does not see stays as it was."""
    noise = np.random.default_rng(seed).normal(127.5, 10, (*shape[:2], 3))
    return noise.clip(0, 255).astype("float32")


def _three_columns(panels):
    """Pictures by their titles, three in a row."""
    drawing, axes = grid(-(-len(panels) // 3), 3, width=8)
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, (title, picture) in zip(axes.flat, panels.items(), strict=False):
        axis.set_axis_on()
        show(axis, picture, title)
    return drawing


def ratios(
    photo="astronaut.png",
    style="strokes.jpg",
    content_weights=(100.0, 1.0, 0.01),
    blocks=(1, 3, 5),
    size=160,
    num_steps=60,
    seed=0,
    weights="imagenet",
    **options,
):
    """Gatys' grid: more style from left to right, larger structures from top to bottom."""
    from stylenet import gatys
    from stylenet.losses import PRESETS

    content, texture = photograph(photo, size), painting(style, size)
    drawing, axes = grid(len(blocks), len(content_weights), width=5.5)
    for (row, column), axis in np.ndenumerate(axes):
        result = gatys.stylize(
            content,
            texture,
            preset=PRESETS["gatys"]._replace(style_layers=_up_to(blocks[row])),
            content_weight=content_weights[column],
            weights=weights,
            num_steps=num_steps,
            seed=seed,
            **options,
        )
        show(axis, result.image, f"content weight {content_weights[column]:g}" if not row else None)
        if not column:
            label = "block 1" if blocks[row] == 1 else f"blocks 1 to {blocks[row]}"
            axis.set_ylabel(label, fontsize=9)
    caption = (
        f"{photo} in the style of {style} ({size} pixels), by the weight of the content (columns; "
        "style weight 1000) and by the blocks of VGG19 whose first convolutions give the style "
        f"(rows). stylenet.gatys.stylize, {num_steps} steps of L-BFGS from the photograph, seed "
        f"{seed}. After Gatys et al. 2015, figure 3."
    )
    return Figure(drawing, caption)


def _up_to(blocks):
    """The style layers of the lowest blocks, all of the same weight."""
    return dict.fromkeys((f"block{number}_conv1" for number in range(1, blocks + 1)), 1.0)


def style_statistics(
    photo="astronaut.png",
    style="strokes.jpg",
    style_weights=(100.0, 75.0, 280.0),
    size=192,
    num_steps=80,
    seed=0,
    weights="imagenet",
    **options,
):
    """What style is, by three statistics, at content losses near each other."""
    from stylenet import gatys
    from stylenet.presets import STATISTICS

    content, texture = photograph(photo, size), painting(style, size)
    panels, left = {"content": content, "style": texture}, []
    for statistics, style_weight in zip(STATISTICS, style_weights, strict=True):
        result = gatys.stylize(
            content,
            texture,
            statistics=statistics,
            style_weight=style_weight,
            weights=weights,
            num_steps=num_steps,
            seed=seed,
            **options,
        )
        panels[f'"{statistics}"'] = result.image
        last = min(result.history, key=lambda step: step["loss"])
        own = sum(value for name, value in last.items() if name.startswith("content"))
        left.append(f"{statistics} {own:.3g} (style weight {style_weight:g})")
    caption = (
        f"{photo} in the style of {style} ({size} pixels) by three statistics of the same layers: "
        "Gram matrices, means and covariances, sorted projections. Content loss: "
        f"{', '.join(left)}. stylenet.gatys.stylize, VGG19, {num_steps} steps of L-BFGS from the "
        f"photograph, seed {seed}. After Gatys et al. 2015, Mroueh 2019 and Heitz et al. 2021."
    )
    return Figure(_three_columns(panels), caption)


def falling_loss(
    photo="astronaut.png",
    style="strokes.jpg",
    size=192,
    num_steps=100,
    seed=0,
    weights="imagenet",
    **options,
):
    """The loss, step by step, with both optimizers; and its terms."""
    from stylenet import gatys

    content, texture = photograph(photo, size), painting(style, size)
    drawing, axes = grid(1, 2, aspect=1.4)
    for optimizer, label in (("adam", "Adam"), ("lbfgs", "L-BFGS")):
        history = gatys.stylize(
            content,
            texture,
            optimizer=optimizer,
            weights=weights,
            num_steps=num_steps,
            seed=seed,
            **options,
        ).history
        axes[0, 0].semilogy([step["loss"] for step in history], label=label)
    for name in history[0]:
        if name != "loss":
            axes[0, 1].semilogy([step[name] for step in history], label=name)
    for axis, title in zip(axes[0], ("The sum", "The terms, L-BFGS"), strict=True):
        axis.set(xlabel="step", ylabel="loss")
        axis.set_title(title, fontsize=10)
        axis.legend(fontsize=7)
    caption = (
        f"The loss of stylenet.gatys.stylize on {photo} and {style} ({size} pixels), preset "
        f"'gatys', VGG19, {num_steps} steps from the photograph, with L-BFGS (SciPy) and Adam "
        f"(Keras, learning rate 10 falling along a cosine), and its terms with L-BFGS."
    )
    return Figure(drawing, caption)


def excitement(
    channels=(
        ("block1_conv2", 17),
        ("block2_conv2", 79),
        ("block3_conv3", 175),
        ("block3_conv3", 69),
        ("block4_conv2", 291),
        ("block4_conv2", 89),
    ),
    tile=128,
    size=96,
    num_steps=60,
    network="vgg19",
    seed=0,
    weights="imagenet",
    **options,
):
    """Channels, the parts of pictures that excite each most, and a picture made to excite it."""
    from stylenet.features import feature_extractor
    from stylenet.visualization import exciting_patches, exciting_picture

    tiles = _tiles(tile)
    drawing, axes = grid(2, len(channels), width=7)
    sizes = []
    for (layer, channel), (above, below) in zip(channels, axes.T, strict=True):
        extractor = feature_extractor(network, [layer], weights)
        patches = exciting_patches(extractor, tiles, layer, channel, count=9)
        show(above, _mosaic(patches), f"{layer},\nchannel {channel}")
        result = exciting_picture(
            layer,
            channel,
            size,
            network=network,
            weights=weights,
            num_steps=num_steps,
            seed=seed,
            **options,
        )
        show(below, result.image)
        sizes.append(patches[0].shape[0])
    axes[0, 0].set_ylabel("patches", fontsize=9)
    axes[1, 0].set_ylabel("optimized", fontsize=9)
    caption = (
        f"Above: of {len(tiles)} parts of the pictures in images/content and images/style ({tile} "
        f"pixels), the nine receptive fields ({', '.join(map(str, sizes))} pixels a side) that "
        f"excite a channel of {network} most. Below: a picture of {size} pixels that excites it, "
        f"by {num_steps} steps of Adam from noise, seed {seed}. stylenet.visualization, after "
        "Zeiler and Fergus 2014, and Erhan et al. 2009."
    )
    return Figure(drawing, caption)


def _tiles(side):
    """All pictures of `images/`, cut into squares."""
    tiles = []
    for folder in ("content", "style"):
        for path in sorted((PICTURES / folder).iterdir()):
            picture = images.load_image(path)
            rows, columns = (range(0, length - side + 1, side) for length in picture.shape[:2])
            tiles += [picture[i : i + side, j : j + side] for i in rows for j in columns]
    return tiles


def _mosaic(patches, columns=3):
    """Patches of one size in rows, with white lines between them."""
    gap = max(1, patches[0].shape[0] // 20)
    blank = np.full_like(patches[0], 255.0)
    patches = [*patches, *[blank] * (-len(patches) % columns)]
    framed = [np.pad(p, ((0, gap), (0, gap), (0, 0)), constant_values=255.0) for p in patches]
    rows = [framed[i : i + columns] for i in range(0, len(framed), columns)]
    return np.vstack([np.hstack(row) for row in rows])[:-gap, :-gap]
