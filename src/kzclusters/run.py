"""Run the notebooks with the parameters of the study file.

``baseline NOTEBOOK`` executes one notebook in its place: what is committed is what this
writes. ``study --set year=2014`` executes all of them with other parameters in a folder of
their own under ``runs/`` and leaves the baseline alone. Every parameter is checked before the
first notebook is executed, and a run that fails leaves nothing behind.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import papermill
import yaml
from hclustkit.errors import InputError
from hclustkit.files import write_text
from hclustkit.tables import read_names, read_table
from hclustkit.tree.ward import LINKAGES, SCALINGS, standardize
from nbstripout import strip_output
from papermill.exceptions import PapermillExecutionError

from kzclusters import paths
from kzclusters.anew import anew
from kzclusters.command import command, fail

# Parameters that say where results go; the folder of a run is chosen by its name.
_PLACES = ("out_dir", "figures_dir")

# What an execution leaves behind that differs from run to run or from machine to machine.
_RUN_METADATA = [
    "metadata.papermill",
    "metadata.language_info",
    "metadata.widgets",
    "cell.metadata.papermill",
    "cell.metadata.execution",
    "cell.metadata.ExecuteTime",
]


def study(path: Path | None = None) -> dict[str, Any]:
    """The study file: ``parameters`` and ``notebooks``.

    Raises
    ------
    InputError
        The file is missing or is not what it should be, or a notebook takes a parameter that
        the file does not set.
    """
    path = path or paths.STUDY
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        parameters, notebooks = dict(content["parameters"]), dict(content["notebooks"])
    except FileNotFoundError:
        raise InputError(f"{path.name}: the file is missing") from None
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path.name}: 'parameters' and 'notebooks' are needed: {error}") from None
    for notebook, names in notebooks.items():
        unknown = [name for name in names if name not in parameters]
        if unknown:
            raise InputError(f"{path.name}: {notebook} takes {unknown[0]!r}, which is not set")
    return {"parameters": parameters, "notebooks": notebooks}


def is_study(**choices: Any) -> bool:
    """Whether ``choices``, such as ``year=2013``, are those of the study file.

    Raises
    ------
    InputError
        The file sets no parameter of that name.
    """
    usual = study()["parameters"]
    unknown = [name for name in choices if name not in usual]
    if unknown:
        raise InputError(f"{paths.STUDY.name} sets no parameter {unknown[0]!r}")
    return all(usual[name] == value for name, value in choices.items())


def declared(notebook: Path) -> dict[str, Any]:
    """Parameters that a notebook declares in its cell tagged ``parameters``, with defaults."""
    content = nbformat.read(notebook, as_version=4)
    cells = [
        cell
        for cell in content.cells
        if cell.cell_type == "code" and "parameters" in cell.metadata.get("tags", [])
    ]
    if len(cells) != 1:
        raise InputError(f"{notebook.name}: one cell tagged 'parameters' is needed")
    found = {}
    for statement in ast.parse(cells[0].source).body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            raise InputError(f"{notebook.name}: the parameters cell holds more than assignments")
        found[statement.targets[0].id] = ast.literal_eval(statement.value)
    return found


def refuse_undeclared(notebook: Path, given: Mapping[str, Any]) -> None:
    """papermill only warns of a parameter that a notebook does not declare; this refuses it."""
    known = declared(notebook)
    for name, value in given.items():
        if name not in known:
            raise InputError(
                f"{notebook.name} declares no parameter {name!r}; it declares {', '.join(known)}"
            )
        default = known[name]
        if isinstance(default, list) or default == "all":
            fits = isinstance(value, list) or value == "all"
            fits |= default == "all" and isinstance(value, str)
        else:
            fits = isinstance(value, type(default)) and isinstance(value, bool) == isinstance(
                default, bool
            )
        if not fits:
            raise InputError(f"{name} must be {_kind(default)}, got {value!r}")


def _kind(default: Any) -> str:
    """What a parameter with this default must be, in words."""
    if default == "all":
        return "'all' or a list of names"
    words = {int: "a whole number", str: "text", list: "a list", dict: "a mapping"}
    return words.get(type(default), f"of the kind of {default!r}")


def execute(notebook: Path, target: Path, given: Mapping[str, Any]) -> Path:
    """Execute ``notebook`` and write it with its outputs to ``target``, whole or not at all.

    Only values that differ from the notebook's own defaults are injected, so the baseline's
    notebooks carry no cell that a reader did not write.

    Raises
    ------
    InputError
        A parameter is refused.
    PapermillExecutionError
        A cell failed; the message holds its traceback.
    """
    refuse_undeclared(notebook, given)
    known = declared(notebook)
    injected = {name: value for name, value in given.items() if value != known[name]}
    with tempfile.TemporaryDirectory() as folder:
        source, executed = Path(folder) / notebook.name, Path(folder) / "executed.ipynb"
        content = nbformat.read(notebook, as_version=4)
        content.cells = [
            cell
            for cell in content.cells
            if "injected-parameters" not in cell.metadata.get("tags", [])
        ]
        nbformat.write(content, source)
        papermill.execute_notebook(
            source,
            executed,
            parameters=injected,
            kernel_name="python3",
            language="python",
            cwd=str(paths.ROOT),
            progress_bar=sys.stderr.isatty(),
            log_output=False,
            # what the kernel says of its transport, and of the interrupt that ends it, is no
            # output of the notebook; an error of a cell is raised here
            extra_arguments=["--log-level=CRITICAL"],
        )
        result = nbformat.read(executed, as_version=4)
    result = strip_output(
        result, keep_output=True, keep_count=True, keep_id=True, extra_keys=_RUN_METADATA
    )
    for cell in result.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"  # papermill draws a random one
        elif not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
    result.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    result.metadata["language_info"] = {"name": "python"}
    return write_text(target, nbformat.writes(result) + "\n")


def _taken(content: Mapping[str, Any], notebook: str) -> dict[str, Any]:
    return {name: content["parameters"][name] for name in content["notebooks"][notebook]}


def baseline(notebook: str) -> Path:
    """Execute one notebook of the study in its place with the study's parameters."""
    content = study()
    if notebook not in content["notebooks"]:
        raise InputError(
            f"{paths.STUDY.name} lists no notebook {notebook!r}; "
            f"it lists {', '.join(content['notebooks'])}"
        )
    path = paths.NOTEBOOKS / f"{notebook}.ipynb"
    return execute(path, path, _taken(content, notebook))


def run_name(changed: Mapping[str, Any]) -> str:
    """A folder name made of the changed parameters, such as ``year-2014_scaling-rank``."""
    words = []
    for name, value in sorted(changed.items()):
        text = "-".join(map(str, value)) if isinstance(value, list) else str(value)
        words.append(f"{name}-{Path(text).stem if name.endswith('_path') else text}")
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", "_".join(words)) or "baseline"


def _into(folder: Path, value: Any) -> Any:
    """A path of the baseline's results, moved into the folder of a run."""
    for place in (paths.PROCESSED, paths.FIGURES):
        inside = paths.shown(place)
        if isinstance(value, str) and (value == inside or value.startswith(inside + "/")):
            return paths.shown(folder / place.name) + value[len(inside) :]
    return value


def _check_values(values: Mapping[str, Any]) -> None:
    """What needs no data: choices that exist, and numbers in their range."""
    for name, allowed in (("scaling", SCALINGS), ("linkage", LINKAGES)):
        if name in values and values[name] not in allowed:
            raise InputError(f"{name} must be one of {', '.join(allowed)}, got {values[name]!r}")
    for name, least in (("draws", 1), ("noise_draws", 0), ("seed", 0)):
        if name in values and values[name] < least:
            raise InputError(f"{name} must be {least} or more, got {values[name]}")
    if "years" in values:
        years = values["years"]
        if not years or any(type(year) is not int for year in years):
            raise InputError(f"years must list whole numbers, got {years!r}")
        if values["year"] not in years:
            raise InputError(
                f"year {values['year']} is none of the years of the study: "
                f"{', '.join(map(str, years))} ({paths.STUDY.name}: years)"
            )


def _regions_table(values: Mapping[str, Any]) -> pd.DataFrame:
    """The table that the notebooks will cluster, built from the raw data as notebook 1 does it.

    The file of the baseline would not know of data that have been added since.
    """
    # what executes the baseline does not depend on these
    from hclustkit import multiverse

    from kzclusters.evidence import indicators, sources

    sources.check()
    long = indicators.build(sources.series(), values["years"])
    if "grid" in values:
        multiverse.prepare(multiverse.Grid.from_mapping(values["grid"], long), long)
    year, chosen = values["year"], values["indicators"]
    rows = long[long["year"] == year]
    variant = rows["variant"]
    names = rows["indicator"].where(variant == "", rows["indicator"] + ":" + variant)
    complete = rows["value"].notna().groupby(names, sort=False).all()
    if chosen == "all":
        chosen = [name for name in complete.index if complete[name] and ":" not in name]
    for place, name in enumerate(chosen):
        if name not in complete:
            raise InputError(
                f"indicators: there is no {name!r}; there are {', '.join(complete.index)}"
            )
        if not complete[name]:
            raise InputError(
                f"indicators: {name} has no value for every region in {year}; "
                f"these have: {', '.join(complete.index[complete])}"
            )
        if name in chosen[:place]:
            raise InputError(f"indicators: {name!r} stands more than once")
    if not chosen:
        raise InputError("indicators: at least one is needed")
    return rows.assign(name=names).pivot(index="region", columns="name", values="value")[chosen]


def _present(given: str) -> Path:
    """The path of a file of the user's; the error shows it as it was given."""
    path = paths.resolve(given)
    if not path.exists():
        raise InputError(
            f"{given}: the file is missing; a relative path starts at the root of the project"
        )
    return path


def _check_table(values: Mapping[str, Any], *, own: bool) -> None:
    """What the table must allow: the number of clusters, the scaling."""
    if own:
        path = _present(values["table_path"])
        file = path.name
        table = read_table(path, year=values["year"], columns=values["indicators"])
        if values["names_path"]:
            read_names(_present(values["names_path"]), table.index)
    else:
        file, table = "indicators.csv", _regions_table(values)
    n, k = len(table), values["n_clusters"]
    if n < 3:
        raise InputError(f"{file}: {n} objects are too few to cluster, at least 3 are needed")
    if not 2 <= k <= n - 1:
        raise InputError(f"n_clusters must lie in 2..{n - 1}, got {k}: {file} has {n} objects")
    try:
        standardize(table, values["scaling"])
    except InputError as error:
        raise InputError(f"{file}: {error}") from None


def _free(content: Mapping[str, Any]) -> list[str]:
    """The parameters that a run may change, in the order of the study file."""
    taken = {name for names in content["notebooks"].values() for name in names}
    return [name for name in content["parameters"] if name in taken and name not in _PLACES]


def _plan(changed: Mapping[str, Any], name: str | None) -> tuple[Path, dict[str, dict[str, Any]]]:
    """The folder of a run, and the parameters of each notebook that it executes, all checked."""
    content = study()
    known = _free(content)
    for parameter in changed:
        if parameter in _PLACES:
            raise InputError(f"{parameter}: the folder of a run is chosen by --name")
        if parameter not in known:
            raise InputError(
                f"no notebook declares a parameter {parameter!r}; there are {', '.join(known)}"
            )
    name = run_name(changed) if name is None else name
    # a dot at the start is kept for what this module hides in runs/
    if not re.fullmatch(r"[^./\\\0][^/\\\0]{0,199}", name):
        raise InputError(
            f"--name {name!r}: the name of a folder under {paths.RUNS.name}/ is needed: at most "
            "200 characters, no slash, no dot at the start"
        )
    folder = paths.RUNS / name
    own = "table_path" in changed
    plan = {}
    for notebook in content["notebooks"]:
        taken = _taken(content, notebook)
        if own and "table_path" not in taken:
            continue
        given = {key: _into(folder, value) for key, value in taken.items()}
        given |= {key: value for key, value in changed.items() if key in taken}
        if own and "names_path" in taken and "names_path" not in changed:
            given["names_path"] = ""
        refuse_undeclared(paths.NOTEBOOKS / f"{notebook}.ipynb", given)
        plan[notebook] = given
    values = {key: value for given in plan.values() for key, value in given.items()}
    for parameter in changed:
        if parameter not in values:
            raise InputError(
                f"{parameter} has no effect with a table_path: only {', '.join(plan)} is executed"
            )
    _check_values(values)
    if "indicators" in values:
        _check_table(values, own=own)
    return folder, plan


def run_study(changed: Mapping[str, Any], name: str | None = None) -> Path:
    """Execute the study with changed parameters in ``runs/<name>/``; return that folder.

    With a ``table_path`` of the user's own only the notebooks that read any table are run:
    the others are about the regions of Kazakhstan. The folder is written anew; if anything
    fails, an earlier run of the same name stands there as before.

    Raises
    ------
    InputError
        A parameter, the name or the table is refused: then nothing has been executed.
    PapermillExecutionError
        A cell failed.
    """
    folder, plan = _plan(changed, name)
    with anew(folder):
        for notebook, given in plan.items():
            print(f"{notebook} ...", file=sys.stderr, flush=True)
            file = f"{notebook}.ipynb"
            execute(paths.NOTEBOOKS / file, folder / "notebooks" / file, given)
    return folder


def _assignment(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InputError(f"--set takes NAME=VALUE, got {text!r}")
    if name.endswith("_path"):
        return name, value  # a path may hold what means something in YAML
    if name == "indicators" and not value.lstrip().startswith("["):
        words = [word for word in re.split(r"[,\s]+", value) if word]
        return name, "all" if words == ["all"] else words
    try:
        parsed = yaml.safe_load(value)
    except yaml.YAMLError:
        raise InputError(f"--set {name}: {value!r} cannot be read as YAML") from None
    # a column may be called 2010
    return name, list(map(str, parsed)) if name == "indicators" else parsed


def _assignments(texts: Sequence[str]) -> dict[str, Any]:
    """What ``--set`` gives, by name; of two values one would be lost."""
    found: dict[str, Any] = {}
    for name, value in map(_assignment, texts):
        if name in found:
            raise InputError(f"--set {name} is given more than once")
        found[name] = value
    return found


def _parser() -> argparse.ArgumentParser:
    names = _free(study())
    parser = argparse.ArgumentParser(prog="kzclusters.run", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("baseline", help="execute one notebook in its place")
    one.add_argument("notebook")
    other = commands.add_parser(
        "study",
        help="execute all with other parameters under runs/",
        epilog=f"The parameters, with their values in {paths.STUDY.name}: {', '.join(names)}. "
        "A relative table_path or names_path starts at the root of the project.",
    )
    other.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="give a parameter another value; may be repeated, once for each parameter",
    )
    other.add_argument(
        "--name", help="name of the folder under runs/; made of the parameters by default"
    )
    return parser


@command
def main(arguments: list[str] | None = None) -> int:
    """``python -m kzclusters.run baseline NOTEBOOK`` or ``study --set NAME=VALUE ...``."""
    given = _parser().parse_args(arguments)
    # Kernels are children of this process: they inherit what makes their output stable.
    os.environ.setdefault("PYTHONHASHSEED", "0")
    os.environ["KZCLUSTERS_ROOT"] = str(paths.ROOT)
    try:
        if given.command == "baseline":
            print(f"executed: {paths.shown(baseline(given.notebook))}")
        else:
            folder = run_study(_assignments(given.set), given.name)
            print(f"results of this run: {paths.shown(folder)}/")
    except PapermillExecutionError as error:
        if error.ename == InputError.__name__:
            return fail(error.evalue)  # its one line says all that there is to know
        print(error, file=sys.stderr)
        return fail(f"a cell failed: {error.ename}: {error.evalue}")
    except KeyboardInterrupt:
        fail("interrupted")
        return 128 + signal.SIGINT
    return 0


if __name__ == "__main__":
    # a request to end is no reason to leave half a run behind
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    sys.exit(main())
