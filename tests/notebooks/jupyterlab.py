"""Reads lectures as a student does: JupyterLab in a browser, *Run All Cells*, screenshots.

    pip install 'stylenet[test]'      # and Chromium: apt install chromium
    python tests/notebooks/jupyterlab.py 00_first_picture 06_inference 07_universal -o out/screens

A copy of the lectures is run. What a student would stumble over is reported, with exit status 1:
an error, text in red, a picture that is not drawn or too small to read, a widget that does not
appear, a slider that changes nothing. Whether figures are legible is for eyes: see the
screenshots, one for each screen of the page.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import test_notebooks

PROJECT = Path(__file__).resolve().parents[2]
SCREEN = {"width": 1280, "height": 900}
LEGIBLE = 250  # pixels on the screen, the width of a figure at least
# Cells that are out of sight stay in the page, where they can be looked at.
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
# Widgets that did not appear; what a terminal obeys and a page shows; warnings.
GARBAGE = re.compile(r"Error displaying widget|Loading widget|[\x1b\x08\ufffd]|Warning")
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
OUTPUT = f"{PANEL} .jp-Notebook .jp-OutputArea-output"


def chromium():
    """The browser's path, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")


def copy_course(folder):
    """The lectures and what they read, in a folder where they may write."""
    shutil.copytree(
        PROJECT / "notebooks", folder / "notebooks", ignore=lambda *_: [".ipynb_checkpoints"]
    )
    (folder / "images").symlink_to(PROJECT / "images")


def set_parameters(path, parameters):
    """Appends assignments to the cell tagged `parameters`."""
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        if "parameters" in cell["metadata"].get("tags", []):
            cell["source"] += [f"\n{name} = {value!r}" for name, value in parameters.items()]
    path.write_text(json.dumps(notebook))


@contextlib.contextmanager
def jupyterlab(folder):
    """A server of its own settings and an address that nobody else knows; yields that."""
    port = _free_port()
    for name, values in SETTINGS.items():
        path = folder / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    environment = {
        **os.environ,
        "PYTHONPATH": str(PROJECT),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
    }
    for name in ("TF_CPP_MIN_LOG_LEVEL", "PYTHONWARNINGS"):  # as a student has it
        environment.pop(name, None)
    token = os.urandom(16).hex()
    command = [sys.executable, "-W", "ignore", "-m", "jupyter", "lab", "--no-browser"]
    command += ["--allow-root", f"--port={port}", f"--ServerApp.root_dir={folder}"]
    command += [f"--IdentityProvider.token={token}", "--LabApp.news_url=None"]
    with open(folder / "server.log", "w") as log:
        server = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/api?token={token}", server, folder / "server.log")
            yield address, token
        finally:
            server.terminate()
            server.wait(timeout=60)


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _wait_for(address, server, log, seconds=180):
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=5).close()
            return
        time.sleep(0.5)
    raise RuntimeError(f"Expected JupyterLab to start.\n{log.read_text()}")


def run_all(page, address, token, name, timeout):
    """Opens a lecture, chooses *Run All Cells*, waits for the last; returns the seconds."""
    page.goto(f"{address}/lab/tree/notebooks/{name}.ipynb?token={token}&reset")
    page.locator(f"{PANEL} .jp-CodeCell").first.wait_for(timeout=180_000)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=180_000)
    page.wait_for_timeout(3000)  # what is asked of a kernel in its first second may be lost
    began = time.monotonic()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    finished = """panel => {
        const prompts = [...document.querySelectorAll(panel + ' .jp-CodeCell')].map(
            cell => cell.querySelector('.jp-InputPrompt').textContent);
        const failed = document.querySelector(
            panel + ' [data-mime-type="application/vnd.jupyter.error"]');
        return failed || prompts.every(text => /\\[\\d+\\]/.test(text));
    }"""
    page.wait_for_function(finished, arg=PANEL, timeout=1000 * timeout, polling=500)
    page.wait_for_timeout(2000)  # pictures and widgets are drawn
    return time.monotonic() - began


def complaints(page):
    """What a student would stumble over, as sentences."""
    found = []
    for kind, words in (("error", "an error"), ("stderr", "text in red")):
        shown = page.locator(f'{OUTPUT}[data-mime-type="application/vnd.jupyter.{kind}"]')
        found += [f"{words}: {text.strip()[-500:]}" for text in shown.all_inner_texts()]
    text = "\n".join(page.locator(OUTPUT).all_inner_texts())
    found += [f"{match[0]!r} in {_around(text, match)!r}" for match in GARBAGE.finditer(text)]
    widths = page.locator(f"{OUTPUT} img").evaluate_all(
        "all => all.map(one => one.naturalWidth && one.clientWidth)"
    )
    found += [f"a figure only {width} pixels wide" for width in widths if width < LEGIBLE]
    if not widths:
        found.append("no figure at all")
    return found


def _around(text, match):
    return text[max(0, match.start() - 60) : match.end() + 60]


def play(page, timeout):
    """Moves each slider by a step: does the picture below change? Returns complaints."""
    found = []
    for number, slider in enumerate(page.locator(f"{PANEL} .widget-interact").all(), 1):
        handle, picture = slider.locator(".noUi-handle").first, slider.locator("img")
        if not handle.count():
            continue
        before = picture.get_attribute("src", timeout=1000 * timeout)
        handle.focus()
        handle.press("ArrowRight")
        try:
            page.wait_for_function(
                "([picture, before]) => picture.querySelector('img')?.src !== before"
                " && picture.querySelector('img')?.naturalWidth > 0",
                arg=[slider.element_handle(), before],
                timeout=1000 * timeout,
            )
        except Exception as error:
            found.append(f"slider {number} changes nothing: {type(error).__name__}")
    return found


def screenshots(page, folder, name):
    """A PNG for each screen of the page, from the top; returns how many."""
    page.locator(".jp-SideBar .lm-TabBar-tab.lm-mod-current").first.click()  # more room
    scroller = page.locator(f"{PANEL} .jp-WindowedPanel-outer")
    height, total = scroller.evaluate("one => [one.clientHeight, one.scrollHeight]")
    count = -(-total // height)
    for number in range(count):
        scroller.evaluate("(one, top) => one.scrollTo(0, top)", number * height)
        page.wait_for_timeout(300)
        page.screenshot(path=folder / f"{name}_{number:02d}.png")
    return count


def read_lectures(names, target, parameters=None, timeout=1800):
    """Runs lectures in a browser.

    Args:
        names: of notebooks, without `.ipynb`.
        target: a folder for the screenshots.
        parameters: a dict, a name to what replaces its parameters.
        timeout: seconds a lecture may take.

    Returns:
        A dict, a name to its complaints.
    """
    from playwright.sync_api import sync_playwright

    target = Path(target)
    target.mkdir(parents=True, exist_ok=True)
    found = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        folder = Path(folder)
        copy_course(folder)
        for name in names:
            set_parameters(folder / "notebooks" / f"{name}.ipynb", (parameters or {}).get(name, {}))
        options = ["--no-sandbox"] if os.geteuid() == 0 else []  # root has no sandbox
        browser = playwright.chromium.launch(executable_path=chromium(), args=options)
        with jupyterlab(folder) as (address, token):
            for name in names:
                page = browser.new_page(viewport=SCREEN)
                seconds = run_all(page, address, token, name, timeout)
                found[name] = complaints(page) + play(page, timeout)
                count = screenshots(page, target, name)
                print(
                    f"{name}: {seconds:.0f} s, {count} screens, {len(found[name])} complaints",
                    flush=True,
                )
                page.close()
        browser.close()
    return found


def main():
    """Runs the lectures that are named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", metavar="NAME", help="for instance 00_first_picture")
    parser.add_argument("-o", "--output", default="out/screens", help="folder for screenshots")
    parser.add_argument("--small", action="store_true", help="with the tests' small parameters")
    parser.add_argument("--timeout", type=int, default=1800, help="seconds a lecture may take")
    arguments = parser.parse_args()
    parameters = test_notebooks.SMALL if arguments.small else {}
    found = read_lectures(arguments.names, arguments.output, parameters, arguments.timeout)
    for name, texts in found.items():
        for text in texts:
            print(f"{name}: {text}", file=sys.stderr)
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
