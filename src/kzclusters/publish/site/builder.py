"""Stage, run Sphinx, add what is carried, check, and only then replace the site."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from hclustkit.errors import InputError
from hclustkit.files import write_bytes, write_text

from kzclusters import paths
from kzclusters.publish import portable
from kzclusters.publish.by_hand import build as by_hand
from kzclusters.publish.exercises import build as exercises
from kzclusters.publish.explorer import build as explorer
from kzclusters.publish.site import check, manuscript, stage, translated

OUT = "site"
ARROW = '<summary><span class="toctree-toggle"'
LONE = {"explorer.html", "by_hand.html", "exercises.html"}
EPOCH = "1420070400"
"""Stands for the time of the build where SOURCE_DATE_EPOCH is not set: 1 January 2015."""

SHOWN = 40
"""Faults named in one message."""


def build(out: str | Path = OUT) -> Path:
    """Write the whole site to ``out`` (seen from the root of the project) and return its path.

    Raises
    ------
    InputError
        A source is missing, Sphinx warns, or the built pages have a fault (see
        `kzclusters.publish.site.check.problems`). ``out`` then keeps what it had.
    """
    out = paths.resolve(out)
    if out.exists() and any(out.iterdir()) and not _ours(out):
        raise InputError(f"{paths.from_root(out)}: the folder holds something that is not a site")
    with tempfile.TemporaryDirectory(prefix="kzclusters-site-") as name:
        work = Path(name).resolve()
        source, built = work / "source", work / "html"
        source.mkdir()
        carried = stage.stage(source)
        _sphinx(source, built, work / "doctrees")
        for file in sorted(carried):
            target = built / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(paths.ROOT / file, target)
        _link_paper(built)
        explorer.build(built / "explorer.html")
        by_hand.build(built / "by_hand.html")
        exercises.build(built / "exercises.html")
        portable.build(built / "portable")
        translated.build(built / "figures")
        _tidy(built)
        found = check.problems(built)
        if found:
            more = f"\n  and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            listed = "".join(f"\n  {line}" for line in found[:SHOWN])
            raise InputError(f"the site has {len(found)} faults:{listed}{more}")
        _replace(out, built)
    return out


def _ours(out: Path) -> bool:
    """Tell whether the folder is an earlier site, or holds only pages that can be built alone."""
    names = {path.name for path in out.iterdir()}
    return names <= LONE or "searchindex.js" in names


def _sphinx(source: Path, built: Path, doctrees: Path) -> None:
    """Run Sphinx; a warning is an error."""
    color = "--color" if sys.stderr.isatty() else "--no-color"
    options = ["--fail-on-warning", "--keep-going", "--fresh-env", "--quiet", color]
    command = [sys.executable, "-m", "sphinx", "--builder", "html", *options]
    command += ["--doctree-dir", str(doctrees), str(source), str(built)]
    environment = {
        **os.environ,
        "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH", EPOCH),
        "PYTHONHASHSEED": "0",
        "KZCLUSTERS_ROOT": str(paths.ROOT),
    }
    done = subprocess.run(
        command, env=environment, stderr=subprocess.PIPE, text=True, encoding="utf-8", check=False
    )
    if done.returncode or done.stderr.strip():
        said = done.stderr.replace(f"{source}{os.sep}", "").strip()
        raise InputError(f"Sphinx does not accept the pages:\n{said}")


def _link_paper(built: Path) -> None:
    """Give the site's copy of the paper its links to the site."""
    figures = [path.stem for path in (built / "figures").glob("*.svg")]
    forms = [name for name in manuscript.FORMS if (built / "paper" / name).is_file()]
    for page in (built / "paper").glob("*.html"):
        text = manuscript.in_site(page.read_text(encoding="utf-8"), figures, forms)
        page.write_text(text, encoding="utf-8")


def _tidy(built: Path) -> None:
    """Take out what only Sphinx itself or a developer of the theme needs."""
    for name in (".buildinfo", "_static/webpack-macros.html"):
        (built / name).unlink(missing_ok=True)
    for path in built.rglob("*.map"):
        path.unlink()
    for path in built.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        # the theme gives the arrow that opens a part of the contents no name
        tidy = text.replace(ARROW, ARROW.replace("<summary", '<summary aria-label="Pages below"'))
        # Sphinx ends an entry of the list of modules before the list that belongs to it
        tidy = tidy.replace("</li>\n<ul>", "\n<ul>")
        # the reference prints the values of constants, the folder of the checkout among them
        tidy = tidy.replace(str(paths.ROOT), "checkout")
        if tidy != text:
            write_text(path, tidy)


def _replace(out: Path, built: Path) -> None:
    """Make ``out`` equal to ``built``; unchanged files keep their time, others go."""
    wanted = {path.relative_to(built) for path in built.rglob("*") if path.is_file()}
    if out.is_dir():
        for path in sorted(out.rglob("*"), reverse=True):
            if path.is_file() and path.relative_to(out) not in wanted:
                path.unlink()
            elif path.is_dir() and not any(path.iterdir()):
                path.rmdir()
    for path in sorted(wanted):
        write_bytes(out / path, (built / path).read_bytes())
