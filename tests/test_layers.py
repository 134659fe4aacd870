"""The layers: what may import what, and where each module of the study belongs."""

from __future__ import annotations

import contextlib
import io
import sys
import tomllib
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]


def test_no_import_goes_up() -> None:
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert code == 0, shown.getvalue()


def test_beside_the_folders_are_seven_modules_at_most() -> None:
    study = ROOT / "src/kzclusters"
    loose = {path.stem for path in study.glob("*.py")} - {"__init__", "__main__"}
    assert {"study", "pipeline"} <= loose
    assert len(loose) <= 7, sorted(loose)


def test_modules_do_not_shadow_the_standard_library() -> None:
    """``kzclusters.publish.site`` is imported by its full name only, as a folder of the study."""
    packages = [ROOT / "src/kzclusters", ROOT / "packages/hclustkit/src/hclustkit"]
    names = {
        path.relative_to(package.parent).with_suffix("").as_posix()
        for package in packages
        for path in [*package.rglob("*.py"), *(p.parent for p in package.rglob("__init__.py"))]
    }
    shadows = {name for name in names if name.rsplit("/", 1)[-1] in sys.stdlib_module_names}
    assert shadows - {"kzclusters/publish/site"} == set()
