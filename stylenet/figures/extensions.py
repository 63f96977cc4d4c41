"""Figures of sounds: spectrograms with seconds and kHz."""

import numpy as np

from stylenet.figures.drawing import Figure, grid


def sound(seconds=6.0, num_steps=60, seed=0, **options):
    """A melody, rain, and the melody with the texture of rain, as spectrograms."""
    from stylenet.extensions import stylize_sound, synthesis

    content, style = synthesis.melody(seconds), synthesis.rain(seconds)
    result = stylize_sound(content, style, num_steps=num_steps, seed=seed, **options)
    figure = show_sounds({"content": content, "style": style, "result": result.sound})
    caption = (
        f"Spectrograms of a plucked melody, of rain (both synthesized, {seconds:g} seconds), and "
        f"of the melody with the texture of rain. {num_steps} steps of L-BFGS, seed {seed}: of the "
        f"style loss {result.style_left[1]:.1%} is left, and onsets correlate with the melody's by "
        f"{result.onsets[1]:.2f}. stylenet.extensions.stylize_sound, after Ulyanov and Lebedev "
        "2016."
    )
    return figure._replace(caption=caption)


def show_sounds(sounds, columns=3, width=9.0):
    """Spectrograms side by side, low tones below.

    Args:
        sounds: a dict, name to `extensions.Sound`; of two channels the first is shown.
        columns: spectrograms a row, at most.
        width: of the drawing, in inches.

    Returns:
        A `Figure`.
    """
    from stylenet.extensions import spectrograms

    columns = min(columns, len(sounds))
    drawing, axes = grid(-(-len(sounds) // columns), columns, width, aspect=1.2, sharey=True)
    for place in axes.flat[len(sounds) :]:
        place.axis("off")
    for axis, (name, sound) in zip(axes.flat, sounds.items(), strict=False):
        fourier = spectrograms.transform(sound.rate)
        levels = spectrograms.spectrogram(*sound)[0]
        start = fourier.p_min * fourier.delta_t
        extent = (start, start + len(levels) * fourier.delta_t, 0, sound.rate / 2000)
        axis.imshow(
            np.transpose(levels), origin="lower", aspect="auto", cmap="magma", extent=extent
        )
        axis.set_title(name, fontsize=11)
        axis.set_xlabel("seconds", fontsize=9)
    for axis in axes[:, 0]:
        axis.set_ylabel("frequency in kHz", fontsize=9)
    return Figure(drawing, "; ".join(sounds))
