"""Which program files a module or a notebook imports."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path

from kzclusters import paths

_TREES = (paths.ROOT / "src", paths.ROOT / "packages" / "hclustkit" / "src")


@functools.cache
def _file_of(module: str) -> Path | None:
    """Return the file of a module of this project."""
    for tree in _TREES:
        path = tree.joinpath(*module.split("."))
        for file in (path / "__init__.py", path.with_suffix(".py")):
            if file.is_file():
                return file
    return None


_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<module>[\w.]+)[ \t]+import[ \t]+"
    r"(?:\((?P<many>[^)]*)\)|(?P<some>[\w ,]+))|import[ \t]+(?P<plain>[\w., ]+))",
    re.MULTILINE,
)


def imports(source: str) -> set[str]:
    """Return the modules of this project that a program names in its imports.

    Parsing every program would take most of the time of a build with nothing to do.
    """
    found = set()
    for match in _IMPORT.finditer(source):
        if match["plain"]:
            found |= {name.split()[0] for name in match["plain"].split(",") if name.strip()}
        else:
            names = re.findall(r"\w+", match["many"] or match["some"])
            found |= {match["module"], *(f"{match['module']}.{name}" for name in names)}
    return {name for name in found if name.startswith(("kzclusters", "hclustkit"))}


@functools.cache
def _imports_of(file: Path) -> frozenset[str]:
    return frozenset(imports(file.read_text(encoding="utf-8")))


def imports_of_notebook(path: Path) -> set[str]:
    """Return what the cells of a notebook import; nothing where it cannot be read."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        return set().union(*map(imports, code))
    except (OSError, ValueError, KeyError, TypeError):
        return set()


_NO_DATA = {".py", ".pyc", ".tmp", ".nbi", ".nbc"}


def _package_of(path: Path) -> Path:
    """Return the folder of the innermost package that holds a file."""
    return next(above for above in path.parents if (above / "__init__.py").exists())


def closure(modules: list[str]) -> list[str]:
    """List the program files that ``modules`` import, directly or not, and the data beside them.

    A file of data belongs to the modules of its package.
    """
    found: set[Path] = set()
    waiting = list(modules)
    seen: set[str] = set()
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        if "." in module:
            waiting.append(module.rpartition(".")[0])
        file = _file_of(module)
        if file is not None:
            found.add(file)
            waiting += _imports_of(file)
    beside = {
        path
        for folder in {file.parent for file in found}
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in _NO_DATA and _package_of(path) == folder
    }
    return sorted(path.relative_to(paths.ROOT).as_posix() for path in found | beside)
