"""Draws the clip of README: a camera moves over a photograph, in a style that stays on the scene.

python images/make_clip.py
"""

import tempfile
from pathlib import Path

from PIL import Image

from stylenet import images
from stylenet.video import stylize_video
from stylenet.video.scenes import Motion, Scene

FOLDER = Path(__file__).parent
FRAMES, RATE = 14, 10
COLORS, MOST_BYTES = (96, 64, 48, 32), 1_000_000


def main():
    """Writes `figures/clip.gif`: the clip and its drawing side by side, below 1 MB."""
    photograph = images.load_image(FOLDER / "content" / "coffee.png", 480)
    disc = images.load_image(FOLDER / "content" / "astronaut.png", 300)
    scene = Scene(photograph, (192, 256), Motion(-2.0, 0.3), disc, 40, Motion(1.6, -0.4))
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "frames"), Path(folder, "drawn")
        source.mkdir()
        for time in range(FRAMES):
            images.save_image(source / f"{time:02}.png", scene.frame(time))
        stylize_video(source, target, "wave", rate=RATE)
        pairs = zip(sorted(source.iterdir()), sorted(target.glob("*.png")), strict=True)
        frames = [_beside(*pair) for pair in pairs]
    path = FOLDER / "figures" / "clip.gif"
    for colors in COLORS:
        # Forward and back, so that the clip has no jump; no dithering, which would flicker.
        small = [frame.quantize(colors, dither=Image.Dither.NONE) for frame in frames]
        small += small[-2:0:-1]
        small[0].save(path, save_all=True, append_images=small[1:], duration=1000 // RATE, loop=0)
        if path.stat().st_size < MOST_BYTES:
            return


def _beside(left, right):
    """Two pictures as one."""
    left, right = Image.open(left).convert("RGB"), Image.open(right).convert("RGB")
    pair = Image.new("RGB", (left.width + right.width + 4, left.height), "white")
    pair.paste(left, (0, 0))
    pair.paste(right, (left.width + 4, 0))
    return pair


if __name__ == "__main__":
    main()
