"""Pages of the reference: one for every public module of both packages, found by walking them."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
from functools import cache
from pathlib import Path

from hclustkit.errors import InputError

from kzclusters import paths

PACKAGES = {
    "hclustkit": "The method: it knows tables, not Kazakhstan",
    "kzclusters": "The study: evidence, analysis, lesson, figures, paper and site",
}
"""The packages, and what each is."""


OWN = ("own_table", "own_map", "own_article")
ABOUT = ("disagree", "null_for_k", "architecture", "checks", "moved", *OWN)
"""Pages of ``docs`` that belong to the reference, where they exist."""


@cache
def modules(package: str) -> tuple[str, ...]:
    """List the package and all its public modules, parents before children."""
    root = importlib.import_module(package)
    found = [info.name for info in pkgutil.walk_packages(root.__path__, f"{package}.")]
    public = [name for name in found if not any(p.startswith("_") for p in name.split("."))]
    return (package, *sorted(public))


def all_modules() -> list[str]:
    """List the public modules of all packages."""
    return [name for package in PACKAGES for name in modules(package)]


def _children(name: str) -> list[str]:
    """List the modules directly below a module."""
    package = name.split(".")[0]
    return [one for one in modules(package) if one.rpartition(".")[0] == name]


def _source(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise InputError(f"{name!r} is not a module", place=name, rule="module", value=name)
    return Path(spec.origin)


def summary(name: str) -> str:
    """Give the first sentence of a module's docstring."""
    tree = ast.parse(_source(name).read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").split("\n\n")[0].replace("\n", " ")


def _list_exports(name: str) -> list[tuple[str, str]]:
    """List the names that a package exports from below: as exported, and where each is defined."""
    module = importlib.import_module(name)
    found = []
    for public in getattr(module, "__all__", ()):
        home = getattr(getattr(module, public), "__module__", name)
        if home != name and home in all_modules():
            found.append((public, f"{home}.{public}"))
    return found


def module_page(name: str) -> str:
    """Write the page of a module in reStructuredText."""
    lines = [
        name,
        "=" * len(name),
        "",
        f".. automodule:: {name}",
        "   :members:",
        "   :ignore-module-all:",
        "",
    ]
    if exported := _list_exports(name):
        lines += [".. rubric:: What it exports", ""]
        lines += [f"* :py:obj:`{public} <{home}>`" for public, home in exported] + [""]
    if children := _children(name):
        lines += [".. rubric:: Its modules", "", ".. list-table::", "   :header-rows: 1", ""]
        rows = [("module", "what it does")]
        rows += [(f":doc:`{child}`", summary(child)) for child in children]
        for module, text in rows:
            lines += [f"   * - {module}", f"     - {text}"]
        lines += ["", ".. toctree::", "   :hidden:", "", *(f"   {child}" for child in children)]
    return "\n".join(lines) + "\n"


def index_page() -> str:
    """Write the page that leads to both packages, in Markdown."""
    intro = (
        "The public functions of both packages. What a function raises, `InputError` above all, "
        "names the place, the rule and the value. Everything by name: "
        "{ref}`modules <modindex>` · {ref}`functions, classes and constants <genindex>`. "
        "Where modules were before: [what moved where](../docs/moved.md). "
        "To begin with a table of your own: [five minutes](../docs/own_table.md), "
        "[with a map](../docs/own_map.md)."
    )
    lines = ["# Reference", "", intro, ""]
    lines += [f"* [`{name}`]({name}.rst): {what}" for name, what in PACKAGES.items()]
    about = [f"../docs/{path.stem}" for path in sorted((paths.ROOT / "docs").glob("*.md"))]
    about = [name for name in about if Path(name).stem in ABOUT]
    listed = ["```{toctree}", ":hidden:", "", *PACKAGES, *about, "```"]
    return "\n".join([*lines, "", *listed]) + "\n"


def write_pages(folder: Path) -> None:
    """Write a page for every module, and their list, into ``folder/api``."""
    (folder / "api").mkdir()
    (folder / "api" / "index.md").write_text(index_page(), encoding="utf-8")
    for name in all_modules():
        (folder / "api" / f"{name}.rst").write_text(module_page(name), encoding="utf-8")
