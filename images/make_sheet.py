"""Draws the sheet of README: a cat and a launch pad in every shipped style, as `make demo` does.

python images/make_sheet.py
"""

import tempfile
from pathlib import Path

from PIL import Image

from stylenet import batch

FOLDER = Path(__file__).parent
PHOTOGRAPHS = ("chelsea.png", "rocket.jpg")
MOST_BYTES = 400_000


def main():
    """Writes `figures/styles.jpg`, at the best quality that stays below 400 kB."""
    photographs = [FOLDER / "content" / name for name in PHOTOGRAPHS]
    target = FOLDER / "figures" / "styles.jpg"
    with tempfile.TemporaryDirectory() as folder:
        sheet = Image.open(batch.demo(photographs, folder)[-1]).convert("RGB")
    for quality in range(92, 40, -4):
        sheet.save(target, quality=quality, optimize=True)
        if target.stat().st_size < MOST_BYTES:
            return


if __name__ == "__main__":
    main()
