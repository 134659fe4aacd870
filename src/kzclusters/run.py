"""Run the notebooks with the parameters of the study file.

``baseline NOTEBOOK`` executes one notebook in its place: what is committed is what this
writes. ``study --set year=2014`` executes all of them with other parameters in a folder of
their own under ``runs/`` and leaves the baseline alone.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import nbformat
import papermill
import yaml
from nbstripout import strip_output
from papermill.exceptions import PapermillExecutionError

from kzclusters import paths
from kzclusters.errors import InputError
from kzclusters.io import write_text

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
        listed = isinstance(default, list) or default == "all"
        fits = isinstance(value, type(default)) or (listed and isinstance(value, (list, str)))
        if not fits or isinstance(value, bool) != isinstance(default, bool):
            raise InputError(
                f"{notebook.name}: parameter {name} = {value!r} is not of the kind of {default!r}"
            )


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
            # the kernel's own remarks about its transport are no output of the notebook
            extra_arguments=["--log-level=ERROR"],
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
        "display_name": "Python 3", "language": "python", "name": "python3"
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


def run_study(changed: Mapping[str, Any], name: str | None = None) -> Path:
    """Execute the study with changed parameters in ``runs/<name>/``; return that folder.

    With a ``table_path`` of the user's own only the notebooks that read any table are run:
    the others are about the regions of Kazakhstan.
    """
    content = study()
    everything = {name for names in content["notebooks"].values() for name in names}
    for parameter in changed:
        if parameter not in everything:
            raise InputError(
                f"no notebook declares a parameter {parameter!r}; "
                f"there are {', '.join(sorted(everything))}"
            )
    folder = paths.RUNS / (name or run_name(changed))
    own_table = "table_path" in changed
    for notebook in content["notebooks"]:
        taken = _taken(content, notebook)
        if own_table and "table_path" not in taken:
            continue
        given = {key: _into(folder, value) for key, value in taken.items()}
        given |= {key: value for key, value in changed.items() if key in taken}
        if own_table and "names_path" in taken and "names_path" not in changed:
            given["names_path"] = ""
        print(f"{notebook} ...", file=sys.stderr, flush=True)
        file = f"{notebook}.ipynb"
        execute(paths.NOTEBOOKS / file, folder / "notebooks" / file, given)
    return folder


def _assignment(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InputError(f"--set takes NAME=VALUE, got {text!r}")
    parsed = yaml.safe_load(value)
    if name == "indicators" and isinstance(parsed, str) and parsed != "all":
        parsed = [item for item in re.split(r"[,\s]+", parsed) if item]
    return name, parsed


def main(arguments: Iterable[str] | None = None) -> int:
    """``python -m kzclusters.run baseline NOTEBOOK`` or ``study --set NAME=VALUE ...``."""
    parser = argparse.ArgumentParser(prog="kzclusters.run", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("baseline", help="execute one notebook in its place")
    one.add_argument("notebook")
    other = commands.add_parser("study", help="execute all with other parameters under runs/")
    other.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    other.add_argument("--name", help="name of the folder under runs/")
    given = parser.parse_args(None if arguments is None else list(arguments))
    # Kernels are children of this process: they inherit what makes their output stable.
    os.environ.setdefault("PYTHONHASHSEED", "0")
    os.environ["KZCLUSTERS_ROOT"] = str(paths.ROOT)
    try:
        if given.command == "baseline":
            print(f"executed: {paths.shown(baseline(given.notebook))}")
        else:
            folder = run_study(dict(map(_assignment, given.set)), given.name)
            print(f"results of this run: {paths.shown(folder)}/")
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except PapermillExecutionError as error:
        print(f"{error}\nerror: a cell failed: {error.ename}: {error.evalue}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
