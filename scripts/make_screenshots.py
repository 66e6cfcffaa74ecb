"""Take the screenshots of ``docs/images``: the app on a free port with an empty data folder, the demo, its pages.

Usage, in the checkout: ``python -m scripts.make_screenshots``. Needs playwright and Chromium (see docs/development.md).
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
SIZE = {"width": 1440, "height": 900}
MOST_BYTES = 300_000
PATIENCE_MS = 300_000
PAGES = {
    "network": ("/network", ".grn-network .stage[data-drawn]"),
    "targets": ("/targets", "[data-testid=stDataFrame]"),
    "benchmark": ("/benchmark", "[data-testid=stPlotlyChart]"),
}
"""Picture -> address of the page, and what must be on it."""


@contextmanager
def running_app(home: Path) -> Iterator[str]:
    """Run the app with its data in `home`; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    command += ["--server.address=127.0.0.1", f"--server.port={port}"]
    ours = {name: value for name, value in os.environ.items() if not name.startswith("GRN_")}
    process = subprocess.Popen(command, cwd=ROOT, env=ours | {"GRN_HOME": str(home)}, stdout=subprocess.DEVNULL)
    try:
        wait_until_up(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_up(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers."""
    while process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    sys.exit("the app ended before it was up")


def take(page: Page, url: str) -> None:
    """Run the demo and take every picture."""
    page.goto(url)
    page.get_by_role("button", name="Infer the demo network").click()
    page.get_by_text("Finished. The network is ready.").wait_for()
    run = page.url.partition("?")[2]
    for name, (address, shown) in PAGES.items():
        page.goto(f"{url}{address}?{run}")
        page.locator(shown).first.wait_for()
        page.get_by_test_id("stStatusWidget").wait_for(state="detached")
        page.wait_for_timeout(3000)  # figures move into their places
        path = IMAGES / f"{name}.png"
        page.screenshot(path=path)
        flatten(path)
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")


def flatten(path: Path) -> None:
    """Write a picture again in as many colours as keep it below the limit."""
    from PIL import Image

    with Image.open(path) as picture:
        whole = picture.convert("RGB")
    for colours in (256, 128, 64):
        whole.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size < MOST_BYTES:
            return
    sys.exit(f"{path} is larger than {MOST_BYTES} bytes")


def main() -> int:
    """Take the pictures."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sys.exit("playwright is needed: .venv/bin/python -m pip install -r requirements.txt")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, running_app(Path(home)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.set_default_timeout(PATIENCE_MS)
        take(page, url)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
