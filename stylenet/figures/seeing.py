"""Figures of lectures 1 to 3: what filters and layers see, Gram matrices, total variation."""

import numpy as np

from stylenet import filters, images
from stylenet.figures.drawing import COLORS, PICTURES, Figure, grid, painting, photograph, show


def gabor(photo="astronaut.png", frequencies=(0.08, 0.16), orientations=4):
    """Gabor filters, and where a photograph and a texture answer to them."""
    bank = filters.gabor_bank(frequencies, orientations)
    matched = bank[1]
    picture = photograph(photo, 320)
    texture = filters.grating(320, matched.frequency, matched.orientation)
    drawing, axes = grid(3 * len(frequencies), orientations + 1, width=8.5)
    for group in range(len(frequencies)):
        chosen = bank[orientations * group : orientations * (group + 1)]
        above, *below = axes[3 * group : 3 * group + 3]
        above[0].axis("off")
        for axis, found in zip(above[1:], chosen, strict=True):
            angle = np.degrees(found.orientation)
            show(axis, found.kernel.real, f"{found.frequency:g} / pixel, {angle:.0f}°")
        for line, shown, name in zip(
            below, (picture, texture), ("photograph", "texture"), strict=True
        ):
            show(line[0], shown, name)
            responses = [np.abs(filters.respond(shown, each.kernel)) for each in chosen]
            everywhere = np.concatenate([response.ravel() for response in responses])
            brightest = np.quantile(everywhere, 0.99) if name == "photograph" else 800
            for axis, response in zip(line[1:], responses, strict=True):
                show(axis, response, vmin=0, vmax=brightest)
    caption = (
        f"Gabor filters of {len(frequencies)} frequencies and {orientations} orientations, one "
        f"octave wide, and the modulus of their responses on {photo} (320 pixels) and on a "
        f"grating of {matched.frequency:g} cycles a pixel at "
        f"{np.degrees(matched.orientation):.0f} degrees, which one filter matches. "
        "stylenet.filters.gabor_bank, scikit-image's gabor_kernel."
    )
    return Figure(drawing, caption)


def daisy(photo="coffee.png", step=64):
    """DAISY descriptors on a photograph."""
    picture = photograph(photo)
    descriptors, drawn = filters.daisy_descriptors(picture, step=step)
    drawing, axes = grid(1, 2, aspect=1.5)
    show(axes[0, 0], picture, "photograph")
    show(axes[0, 1], drawn, f"{descriptors.shape[0]} x {descriptors.shape[1]} descriptors")
    caption = (
        f"DAISY descriptors of {descriptors.shape[2]} numbers on {photo}, {step} pixels apart: "
        "histograms of the directions of edges around a point. scikit-image's daisy, after Tola, "
        "Lepetit and Fua 2010."
    )
    return Figure(drawing, caption)


def natural_pictures(max_size=512):
    """The photographs of `images/` by name, and two surfaces that come with scikit-image."""
    from skimage import data

    paths = [*sorted((PICTURES / "content").iterdir()), PICTURES / "course" / "raccoon.jpg"]
    pictures = {path.name: images.load_image(path, max_size) for path in paths}
    for name in ("grass", "gravel"):
        grey = np.repeat(getattr(data, name)()[..., None], 3, axis=2).astype("float32")
        pictures[name] = images.limit_size(grey, max_size)
    return pictures


def field(max_size=512, frequency=0.1, bandwidths=(0.4, 0.7, 1.0, 1.5, 2.0, 3.0)):
    """Field 1987: spectra of photographs, and how sparsely filters describe them."""
    pictures = natural_pictures(max_size)
    drawing, axes = grid(1, 2, aspect=1.2)
    left, right = axes[0]
    for name, picture in pictures.items():
        left.loglog(*filters.amplitude_spectrum(picture), label=name)
    slope = filters.spectral_slope(list(pictures.values()))
    ends = np.array([0.005, 0.25])
    left.loglog(ends, 3e3 / ends**slope.slope, "k--", label=f"1 / f^{slope.slope:.2f}")
    left.set(xlabel="frequency, cycles a pixel", ylabel="mean amplitude")
    left.set_title("Amplitude spectra", fontsize=10)
    left.legend(fontsize=8)
    values = [filters.sparseness(list(pictures.values()), b, frequency) for b in bandwidths]
    pixels = filters.sparseness(list(pictures.values()))
    right.plot(bandwidths, values, "o-", label="Gabor filters")
    right.axhline(pixels, color="k", linestyle="--", label="pixels")
    right.set(xlabel="bandwidth, octaves", ylabel="kurtosis of the responses", ylim=(0, None))
    right.set_title("Sparseness", fontsize=10)
    right.legend(fontsize=8)
    best = bandwidths[int(np.argmax(values))]
    caption = (
        f"Left: amplitude spectra of {len(pictures)} photographs (images/, and grass and gravel of "
        f"scikit-image, CC0; at most {max_size} pixels), averaged over orientations; mean slope "
        f"{slope.slope:.2f} (95 % confidence {slope.low:.2f} to {slope.high:.2f}). Right: kurtosis "
        f"of Gabor filters' responses at {frequency:g} cycles a pixel, largest at {best:g} "
        f"octave{'s' * (best != 1)}, and of pixels. After Field 1987."
    )
    return Figure(drawing, caption)


def first_layer(network="vgg19", weights="imagenet", count=32):
    """The first filters of a network beside Gabor filters with their waves."""
    from stylenet.features import feature_extractor

    model = feature_extractor(network, ["block1_conv1"], weights)
    kernels = model.get_layer("block1_conv1").kernel.numpy()[:, :, ::-1]  # BGR to RGB
    order = np.argsort(-np.abs(kernels - kernels.mean(axis=(0, 1, 2))).sum(axis=(0, 1, 2)))[:count]
    drawing, axes = grid(-(-len(order) // 8) * 2, 8, aspect=0.85)
    for place, number in enumerate(order):
        kernel = kernels[..., number]
        upper = axes[2 * (place // 8), place % 8]
        show(upper, 127.5 * (1 + kernel / np.abs(kernel).max()), f"{number}")
        lower = axes[2 * (place // 8) + 1, place % 8]
        frequency, angle = filters.fit_wave(kernel)
        if 0.05 < frequency < 0.5:
            wave = filters.gabor_filter(frequency, angle).kernel.real
            show(lower, wave, f"{frequency:.2f}, {np.degrees(angle):.0f}°")
        else:
            lower.axis("off")
            lower.set_title(
                "flat: a color" if frequency <= 0.05 else f"{frequency:.2f}", fontsize=8
            )
    caption = (
        f"{len(order)} filters of {network}'s first layer (3 x 3 pixels, RGB), the largest first, "
        "and below each a Gabor filter with the frequency (cycles a pixel) and the orientation at "
        "which the filter's Fourier transform is largest; filters of flat areas have none."
    )
    return Figure(drawing, caption)


def receptive_fields(network="vgg19", photo="astronaut.png", center=(224, 118)):
    """How much of a photograph one response of each block sees, around a place (x, y)."""
    from stylenet.features import feature_extractor
    from stylenet.visualization import receptive_field

    layers = [f"block{i}_conv1" for i in range(1, 6)]
    model = feature_extractor(network, layers, weights="random")
    picture = photograph(photo)
    drawing, axes = grid(1, 2, width=9)
    show(axes[0, 0], picture)
    sizes = []
    for number, layer in enumerate(layers):
        size = receptive_field(model, layer).size
        sizes.append(size)
        columns = np.array([-0.5, 0.5, 0.5, -0.5, -0.5]) * size + center[0]
        rows = np.array([-0.5, -0.5, 0.5, 0.5, -0.5]) * size + center[1]
        line = {"color": COLORS[number], "linestyle": "-", "linewidth": 3}
        axes[0, 0].plot(columns, rows, label=f"{layer}: {size} px", **line)
    axes[0, 0].legend(fontsize=9, loc="lower left")
    every = [layer.name for layer in model.layers if "conv" in layer.name]
    axes[0, 1].plot([receptive_field(model, name).size for name in every], "o-")
    axes[0, 1].set_xticks(range(len(every)), every, rotation=90, fontsize=9)
    axes[0, 1].set(ylabel="pixels a side", title="Receptive field")
    caption = (
        f"What one response of {network} sees of {photo} (512 pixels), computed from the kernels "
        f"and strides of the model: {', '.join(map(str, sizes))} pixels in blocks 1 to 5."
    )
    return Figure(drawing, caption)


def gram_matrices(
    styles=("seigaiha.jpg", "strokes.jpg"),
    layer="block2_conv1",
    network="vgg19",
    weights="imagenet",
):
    """The Gram matrices of two styles."""
    from stylenet.features import feature_extractor
    from stylenet.losses import gram_matrix

    extractor = feature_extractor(network, [layer], weights)
    drawing, axes = grid(1, 2 * len(styles))
    for number, name in enumerate(styles):
        picture = painting(name, 400)
        maps = extractor.predict_on_batch(picture[None])[layer]
        gram = np.asarray(gram_matrix(maps))[0]
        show(axes[0, 2 * number], picture, name)
        show(
            axes[0, 2 * number + 1], np.log10(gram + 1e-3 * gram.max()), "Gram matrix", cmap="magma"
        )
    caption = (
        f"Two styles (400 pixels) and their Gram matrices at {layer} of {network}, "
        f"{gram.shape[0]} x {gram.shape[0]}, on a logarithmic scale."
    )
    return Figure(drawing, caption)


def total_variation(photo="chelsea.png", noise=20.0, seed=0):
    """The total variation of a picture, clean and noisy."""
    from stylenet.losses import total_variation_loss

    clean = photograph(photo)
    noisy = clean + np.random.default_rng(seed).normal(0, noise, clean.shape)
    drawing, axes = grid(2, 2, width=6, aspect=1.4)
    values = []
    for column, picture in enumerate((clean, np.clip(noisy, 0, 255).astype("float32"))):
        values.append(float(total_variation_loss(picture[None], squared=True)))
        show(axes[0, column], picture, f"total variation {values[-1]:,.0f}")
        steps = np.abs(np.diff(picture, axis=1))[:-1] + np.abs(np.diff(picture, axis=0))[:, :-1]
        show(axes[1, column], steps.mean(axis=2), "differences of neighbors", vmin=0, vmax=80)
    caption = (
        f"{photo} and the same with Gaussian noise of {noise:g} grey levels (seed {seed}): the "
        f"mean squared difference of neighbors, both directions added, is {values[0]:,.0f} and "
        f"{values[1]:,.0f}."
    )
    return Figure(drawing, caption)
