"""Bring the browser of the tests that look at pages, unless there is one.

Debian's Chromium where apt-get can be used, without its window where there is such a package,
which takes two thirds of the time; else the one that Playwright downloads.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def found() -> str | None:
    """Return the browser that the tests would take, or None."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if os.path.isfile(own) else None


def ways() -> list[list[list[str]]]:
    """List the ways to bring it, each as the commands to run one after the other."""
    by_playwright = [[sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]]
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        update, install = ["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq"]
        return [[update, [*install, name]] for name in NAMES[:2]] + [by_playwright]
    return [by_playwright]


def main() -> int:
    """Bring the browser; the exit code says whether there is one."""
    for commands in [] if found() else ways():
        quiet = {"stdout": subprocess.DEVNULL}
        if all(
            subprocess.run(command, check=False, **quiet).returncode == 0 for command in commands
        ):
            break
    if not (path := found()):
        print("error: no browser could be brought; install Chromium by hand", file=sys.stderr)
        return 1
    print(f"the browser of the tests: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
