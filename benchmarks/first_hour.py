"""Seconds from a command to its first word and to its end, and those that a processor worked.

    python benchmarks/first_hour.py
    python benchmarks/first_hour.py --tree another/copy stylize stylize app

Each command runs in a new process and a terminal of its own, in an empty folder with a photograph
of 480 x 320 pixels and a painting.
"""

import argparse
import os
import pty
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
from PIL import Image

PROJECT = Path(__file__).resolve().parents[1]
COMMANDS = {
    "typing error": "stylise photo.jpg",
    "no such style": "stylize photo.jpg -s wavee",
    "no such file": "stylize nowhere.jpg -s wave",
    "styles": "styles",
    "stylize": "stylize photo.jpg -s wave -o wave.png",
    "many": "stylize photo.jpg -s klee_senecio -o many.png",
    "painting": "stylize photo.jpg -s painting.jpg -o painting.png",
    "universal": "universal photo.jpg -s painting.jpg -o universal.png",
    "enlarge": "enlarge photo.jpg -o large.png",
}
PORT = 7931


def timed(words, folder, environment):
    """Seconds to the first word and of a processor until then, or (); the same to the end."""
    terminal, other_end = pty.openpty()
    begun, first = time.perf_counter(), ()
    streams = {"stdin": subprocess.DEVNULL, "stdout": other_end, "stderr": other_end}
    process = subprocess.Popen(command(words), cwd=folder, env=environment, **streams)
    os.close(other_end)
    while _read(terminal):
        first = first or (time.perf_counter() - begun, _worked(process.pid))
    _, _, used = os.wait4(process.pid, 0)
    return first, time.perf_counter() - begun, used.ru_utime + used.ru_stime


def _worked(number):
    used = psutil.Process(number).cpu_times()
    return used.user + used.system


def command(words):
    """What runs stylenet."""
    return [sys.executable, "-m", "stylenet", *words.split()]


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # closed, on Linux
        return b""


def page(folder, environment):
    """Seconds until the page answers at all, and until it is there."""
    begun, first = time.perf_counter(), None
    process = subprocess.Popen(
        command(f"app --port {PORT}"), cwd=folder, env=environment, stdout=subprocess.DEVNULL
    )
    while process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/config").close()
            break
        except urllib.error.HTTPError:
            first = first or time.perf_counter() - begun
        except OSError:
            time.sleep(0.02)
    end = time.perf_counter() - begun
    process.send_signal(signal.SIGTERM)
    process.wait()
    return first or end, end


def main():
    """Prints a line a command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("which", nargs="*", default=[*COMMANDS, "app"])
    parser.add_argument("--tree", type=Path, default=PROJECT, help="a copy of this repository")
    options = parser.parse_args()
    environment = {**os.environ, "PYTHONPATH": str(options.tree.resolve())}
    images = PROJECT / "images"
    with tempfile.TemporaryDirectory() as folder:
        photo = Image.open(images / "content" / "coffee.png").convert("RGB").resize((480, 320))
        photo.save(Path(folder, "photo.jpg"))
        Image.open(images / "paintings" / "starry_night.jpg").save(Path(folder, "painting.jpg"))
        print(f"load {os.getloadavg()[0]:.1f}")
        for name in options.which:
            if name == "app":
                print("app: first answer {:.2f}, page {:.2f}".format(*page(folder, environment)))
            else:
                first, end, used = timed(COMMANDS[name], folder, environment)
                told = "{:.2f} (processor {:.2f})".format(*first) if first else "none"
                print(f"{name}: first word {told}, end {end:.2f}, processor {used:.2f}")


if __name__ == "__main__":
    main()
