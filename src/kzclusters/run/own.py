"""The study with other parameters, in a folder of its own under ``runs/``."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from hclustkit.errors import InputError, refusal
from hclustkit.files import sha256, write_csv, write_json
from hclustkit.scaling import standardize
from hclustkit.tables import read_names, read_table

from kzclusters import paths, pipeline, study
from kzclusters.analysis.baseline import read_year
from kzclusters.evidence import indicators, sources
from kzclusters.run import choices
from kzclusters.run.environment import hold_lock
from kzclusters.run.execution import execute, refuse_undeclared, study_parameters, unknown_parameter

RECORD = "run.json"
"""In the folder of a run: the SHA-256 of each of its files."""
UNFINISHED = ".unfinished"
"""In the folder of a run that is under way, or was killed."""


# --- parameters --------------------------------------------------------------------------------
def run_name(changed: Mapping[str, Any]) -> str:
    """Make the name of a folder from the parameters, such as ``year-2014_scaling-rank``.

    Where two choices would have the same name, since a file name cannot hold what they differ in,
    a hash of the choice follows.
    """
    parts = []
    for name, value in sorted(changed.items()):
        text = "-".join(map(str, value)) if isinstance(value, list) else str(value)
        parts.append(f"{name}-{Path(text).stem if name.endswith('_path') else text}")
    plain = "_".join(parts)
    found = re.sub(r"[^\w.-]+", "-", plain)[:70] or "baseline"
    if found == (plain or "baseline") and not any(name.endswith("_path") for name in changed):
        return found
    exact = json.dumps(changed, sort_keys=True, ensure_ascii=False)
    return f"{found}-{hashlib.sha256(exact.encode()).hexdigest()[:8]}"


def assignments(texts: Sequence[str]) -> dict[str, Any]:
    """Read ``NAME=VALUE`` with YAML values, by name; of two values one would be lost."""
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise refusal(f"--set takes NAME=VALUE, got {text!r}", "--set", "assignment", text)
        if name in found:
            raise refusal(f"{name} is given twice", name, "duplicate", value)
        if name.endswith("_path"):
            found[name] = value  # a path may hold what means something in YAML
            continue
        if name == "indicators" and not value.lstrip().startswith("["):
            words = [word for word in re.split(r"[,\s]+", value) if word]
            found[name] = "all" if words == ["all"] else words
            continue
        try:
            parsed = yaml.load(value, Loader=paths.Loader)
        except yaml.YAMLError:
            raise refusal(f"{name}: {value!r} is not YAML", name, "yaml", value) from None
        if isinstance(parsed, (int, float)) and re.search("_|:|^[-+]?0[0-9box]", value):
            parsed = value  # 1_0, 010, 0x10 and 1:10 are numbers to YAML only
        # a column may be called 2010
        as_text = name == "indicators" and isinstance(parsed, list)
        found[name] = list(map(str, parsed)) if as_text else parsed
    return found


def _into(folder: Path, value: Any) -> Any:
    """Move a path of the baseline's results into the folder of a run."""
    for place in (paths.PROCESSED, paths.FIGURES):
        inside = paths.from_root(place)
        if isinstance(value, str) and (value == inside or value.startswith(inside + "/")):
            return paths.from_root(folder / place.name) + value[len(inside) :]
    return value


def present(given: str) -> Path:
    """Return the path of a file of the user's; the error shows it as it was given."""
    path = paths.resolve(given)
    if not path.is_file():
        message = f"{given}: the file is missing; a relative path starts at the root of the project"
        raise refusal(message, given, "missing-file", given)
    return path


def regions_table(values: Mapping[str, Any]) -> pd.DataFrame:
    """Build the table that the notebooks will cluster from the raw data, as notebook 1 does.

    The file of the baseline would not know of data that have been added since. It is written and
    read back: the same rounding and the same checks as between the notebooks.
    """
    sources.check()
    long = indicators.build(sources.series(), values["years"])
    with tempfile.TemporaryDirectory() as folder:
        file = write_csv(Path(folder) / "indicators.csv", long)
        return read_table(file, year=values["year"], columns=values["indicators"])


def _check_table(values: Mapping[str, Any], *, own: bool) -> None:
    """Check what the table must allow: the number of clusters, the scaling."""
    if own:
        path = present(values["table_path"])
        file = path.name
        table = read_year(path, values["year"], values["indicators"])
        if values["names_path"]:
            read_names(present(values["names_path"]), table.index)
    else:
        file, table = "indicators.csv", regions_table(values)
    n, k = len(table), values["n_clusters"]
    if n < 3:
        raise refusal(f"{file}: {n} objects are too few to cluster, 3 are needed", file, "rows", n)
    if not 2 <= k <= n - 1:
        message = f"n_clusters must be 2 to {n - 1}, got {k}: {file} has {n} objects"
        raise refusal(message, "n_clusters", "range", k)
    try:
        standardize(table, values["scaling"])
    except InputError as error:
        raise refusal(f"{file}: {error}", file, error.rule or "scaling", error.value) from None


def check_name(name: str) -> str:
    """Return the name of a run, or refuse it."""
    # a dot at the start is kept for what this module hides in runs/
    named = name.isprintable() and re.fullmatch(r"[^./\\][^/\\]{0,199}", name)
    if not named or len(name.encode()) > 240:
        message = f"NAME {name!r}: at most 200 characters, no slash, no dot at the start are needed"
        raise refusal(message, "NAME", "run-name", name)
    return name


def plan(changed: Mapping[str, Any], name: str | None) -> tuple[Path, dict[str, dict[str, Any]]]:
    """Return the folder of a run and the parameters of each of its notebooks, all checked.

    Raises
    ------
    InputError
        A parameter, the name or the table is refused.
    """
    parameters = {notebook: study_parameters(notebook) for notebook in pipeline.notebooks()}
    known = sorted({key for values in parameters.values() for key in values} - {*study.PLACES})
    for parameter in changed:
        if parameter not in known:
            raise unknown_parameter(parameter, known, "parameters")
    study.check("parameters", {**study.parameters(), **changed})
    folder = paths.RUNS / check_name(run_name(changed) if name is None else name)
    own = "table_path" in changed
    if "names_path" in changed and not own:
        text = "names_path belongs to a table of your own: TABLE=..."
        raise refusal(text, "names_path", "no-effect", changed["names_path"])
    found = {}
    for notebook, values in parameters.items():
        if own and "table_path" not in values:
            continue
        given = {key: _into(folder, value) for key, value in values.items()}
        given |= {key: value for key, value in changed.items() if key in values}
        if own:
            given |= {
                key: other
                for key, other in (("names_path", ""), ("year", None))
                if key in values and key not in changed
            }
        refuse_undeclared(paths.NOTEBOOKS / f"{notebook}.ipynb", given)
        found[notebook] = given
    values = {key: value for given in found.values() for key, value in given.items()}
    for parameter in changed:
        if parameter not in values:
            message = f"{parameter} has no effect with a table of your own: "
            message += f"only {', '.join(found)} is executed"
            raise refusal(message, parameter, "no-effect", changed[parameter])
    for key in study.PLACES:
        if key in values and not values[key].startswith(paths.from_root(folder) + "/"):
            message = f"{paths.STUDY.name}: {key} must be the baseline's folder"
            raise refusal(message, key, "place", values[key])
    table = ("indicators", "n_clusters") if own else ()
    choices.check({key: value for key, value in values.items() if key not in table})
    if "indicators" in values:
        _check_table(values, own=own)
    return folder, found


# --- the folder --------------------------------------------------------------------------------
def _files(folder: Path) -> list[str]:
    every = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    found = (path.relative_to(folder).as_posix() for path in every)
    return sorted(name for name in found if name != RECORD)


def refuse_folder(folder: Path, *, overwrite: bool) -> None:
    """Refuse a folder that holds anything but a run, or an earlier result."""
    shown = f"{paths.RUNS.name}/{folder.name}"
    try:
        listed = dict(json.loads((folder / RECORD).read_text(encoding="utf-8"))["files"])
    except (OSError, ValueError, KeyError, TypeError):
        listed = {}
    there = _files(folder)
    other = [
        name
        for name in there
        if not (folder / name).is_file() or listed.get(name) != sha256(folder / name)
    ]
    if other:
        message = (
            f"{shown} holds what no run wrote, such as {other[0]}; choose another name: NAME=..."
        )
        raise refusal(message, shown, "folder-in-use", other[0])
    if there and not overwrite:
        message = (
            f"{shown} holds an earlier result; OVERWRITE=yes replaces it, or choose another name: "
            "NAME=..."
        )
        raise refusal(message, shown, "earlier-result", folder.name)


@contextlib.contextmanager
def whole(folder: Path, *, overwrite: bool = False) -> Iterator[None]:
    """Let the body fill ``folder``: when it fails, an earlier result is as it was before.

    The earlier result is meanwhile kept beside it under a hidden name. What a killed run has left
    is put aside first: among it may be files of the user's.
    """
    shown = f"{paths.RUNS.name}/{folder.name}"
    for path in (paths.RUNS, folder):
        if path.is_symlink() or path.is_file():
            says = (
                "a symbolic link leads elsewhere" if path.is_symlink() else "a file is in its place"
            )
            raise refusal(f"{shown}: {says}", shown, "link", folder.name)
    hidden = hashlib.sha256(folder.name.encode()).hexdigest()[:16]
    earlier = folder.with_name(f".{hidden}.earlier")
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = folder.with_name(f".{hidden}.lock")
    with hold_lock(lock, f"{shown}: another run of this name is under way"):
        if (folder / UNFINISHED).exists():
            since = int((folder / UNFINISHED).stat().st_mtime)
            aside = folder.rename(folder.with_name(f"killed-{hidden[:8]}-{since}"))
            text = f"{shown}: a run was killed; what it left is in {paths.RUNS.name}/{aside.name}"
            print(text, file=sys.stderr, flush=True)
        if earlier.exists():
            if folder.exists():  # killed between the last two lines below
                shutil.rmtree(earlier)
            else:
                earlier.rename(folder)
        if folder.exists():
            refuse_folder(folder, overwrite=overwrite)
            folder.rename(earlier)
        try:
            folder.mkdir()
            (folder / UNFINISHED).touch()
            yield
            names = [name for name in _files(folder) if name != UNFINISHED]
            files = {name: sha256(folder / name) for name in names}
            write_json(folder / RECORD, {"files": files})
            (folder / UNFINISHED).unlink()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            if earlier.exists():
                earlier.rename(folder)
            raise
        shutil.rmtree(earlier, ignore_errors=True)


def execute_all(found: Mapping[str, Mapping[str, Any]], folder: Path) -> None:
    """Execute notebooks with their parameters into the folder of a run."""
    for notebook, given in found.items():
        print(f"{notebook} ...", file=sys.stderr, flush=True)
        file = f"{notebook}.ipynb"
        execute(paths.NOTEBOOKS / file, folder / "notebooks" / file, given)


def run_study(
    changed: Mapping[str, Any], name: str | None = None, *, overwrite: bool = False
) -> Path:
    """Execute the study with changed parameters in ``runs/<name>/``; return that folder.

    With a ``table_path`` of your own only the notebooks that read any table are executed: the
    others are about the regions of Kazakhstan.

    Raises
    ------
    InputError
        A parameter, the name, the table or the folder is refused: then nothing has been executed.
        Or a cell failed: then an earlier result of the same name is as it was before.
    """
    folder, found = plan(changed, name)
    with whole(folder, overwrite=overwrite):
        execute_all(found, folder)
    return folder
