"""Execute a notebook with papermill, completely or not at all, with no trace of the run."""

from __future__ import annotations

import ast
import difflib
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
import papermill
from hclustkit.errors import InputError, refusal
from hclustkit.files import write_text
from nbstripout import strip_output
from papermill.exceptions import PapermillExecutionError

from kzclusters import paths, pipeline, study
from kzclusters.command import command

# What an execution leaves behind that differs from run to run or from machine to machine.
_RUN_METADATA = [
    "metadata.papermill",
    "metadata.language_info",
    "metadata.widgets",
    "cell.metadata.papermill",
    "cell.metadata.execution",
    "cell.metadata.ExecuteTime",
]


def declared_parameters(notebook: Path) -> dict[str, Any]:
    """Return the parameters that a notebook declares in its cell tagged ``parameters``."""
    content = nbformat.read(notebook, as_version=4)
    cells = [
        cell
        for cell in content.cells
        if cell.cell_type == "code" and "parameters" in cell.metadata.get("tags", [])
    ]
    found = {}
    for statement in ast.parse(cells[0].source).body if len(cells) == 1 else [None]:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            message = (
                f"{notebook.name}: one cell tagged 'parameters' is needed, of assignments only"
            )
            raise refusal(message, notebook.name, "parameters-cell")
        found[statement.targets[0].id] = ast.literal_eval(statement.value)
    return found


def refuse_undeclared(notebook: Path, given: Mapping[str, Any]) -> None:
    """Refuse a parameter that a notebook does not declare: papermill only warns of it."""
    known = declared_parameters(notebook)
    for name, value in given.items():
        if name not in known:
            raise unknown_parameter(name, list(known), notebook.name)
        kind = study.kinds().get(name, type(known[name]))
        if name == "year" and value is None:  # of a table of your own, which may have no years
            continue
        if kind is not study.Thresholds and not study.fits(value, kind):
            message = f"{name} must be {study.describe_kind(kind)}, got {value!r}"
            raise refusal(message, name, "parameter-kind", value)


def unknown_parameter(name: str, known: Sequence[str], place: str) -> InputError:
    """Make the error of a parameter that does not exist, with the nearest that does."""
    near = difflib.get_close_matches(name, known, 1, 0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
    message = f"{place}: no parameter is called {name!r}; {hint}"
    return refusal(message, place, "unknown-parameter", name)


def study_parameters(notebook: str) -> dict[str, Any]:
    """Return the parameters of the study file that a notebook declares, with its values there."""
    values = study.parameters()
    found = {}
    for name, default in declared_parameters(paths.NOTEBOOKS / f"{notebook}.ipynb").items():
        if name not in values:
            raise unknown_parameter(name, list(values), paths.STUDY.name)
        found[name] = values[name]
        if name in ("thresholds", "space"):  # of these a notebook declares those that it uses
            found[name] = {key: values[name].get(key) for key in default}
    return found


def execute(notebook: Path, target: Path, given: Mapping[str, Any]) -> Path:
    """Execute ``notebook`` and write it with its outputs to ``target``, completely or not at all.

    Only values that differ from the notebook's own defaults are injected, so the baseline's
    notebooks carry no cell that a reader did not write.

    Raises
    ------
    InputError
        A parameter is refused, a cell failed or wrote to its error stream.
    """
    refuse_undeclared(notebook, given)
    known = declared_parameters(notebook)
    with tempfile.TemporaryDirectory() as folder:
        source, executed = Path(folder) / notebook.name, Path(folder) / "executed.ipynb"
        before = notebook.read_bytes()
        content = nbformat.reads(before.decode(), as_version=4)
        content.cells = [
            cell
            for cell in content.cells
            if "injected-parameters" not in cell.metadata.get("tags", [])
        ]
        nbformat.write(content, source)
        _papermill(
            source, executed, {name: value for name, value in given.items() if value != known[name]}
        )
        result = nbformat.read(executed, as_version=4)
    result = strip_output(
        result, keep_output=True, keep_count=True, keep_id=True, extra_keys=_RUN_METADATA
    )
    for number, cell in enumerate(result.cells):
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"  # papermill draws a random one
        elif not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
        for output in cell.get("outputs", ()):
            if output.get("name") == "stderr":
                place, text = f"{notebook.name}: cell {number}", output["text"].strip()
                message = f"{place} wrote to its error stream: {text}"
                raise refusal(message, place, "error-stream", text)
    result.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    result.metadata["language_info"] = {"name": "python"}
    if notebook.read_bytes() != before:
        message = f"{notebook.name}: edited while it was executed; it stays as it is, run it again"
        raise refusal(message, notebook.name, "edited-meanwhile")
    return write_text(target, nbformat.writes(result) + "\n")


def _papermill(source: Path, executed: Path, parameters: Mapping[str, Any]) -> None:
    try:
        papermill.execute_notebook(
            source,
            executed,
            parameters=parameters,
            kernel_name="python3",
            language="python",
            cwd=str(paths.ROOT),
            progress_bar=False,
            log_output=False,
            # it would write the whole notebook before and after every cell
            request_save_on_cell_execute=False,
            # what the kernel says of its transport, and of the interrupt that ends it, is not
            # an output of the notebook; an error of a cell is raised here
            extra_arguments=["--log-level=CRITICAL"],
        )
    except RuntimeError as error:  # of jupyter_client, such as a kernel that was killed
        raise refusal(f"{source.name}: {error}", source.name, "kernel") from None
    except PapermillExecutionError as error:
        if error.ename == InputError.__name__:  # its one line says all that there is to know
            raise refusal(error.evalue, source.name, "cell") from None
        print(error, file=sys.stderr)
        message = f"{source.name}: a cell failed: {error.ename}: {error.evalue}"
        raise refusal(message, source.name, "cell-failed", error.ename) from None


def execute_in_place(notebook: str) -> Path:
    """Execute one notebook of the pipeline in its place with the study's parameters."""
    known = pipeline.notebooks()
    if notebook not in known:
        message = f"there is no notebook {notebook!r}; there are {', '.join(known)}"
        raise refusal(message, "notebook", "unknown-notebook", notebook)
    path = paths.ROOT / known[notebook].file
    return execute(path, path, study_parameters(notebook))


@command
def main(arguments: list[str] | None = None) -> int:
    """``python -m kzclusters.run.execution NOTEBOOK``: execute it in its place."""
    for notebook in sys.argv[1:] if arguments is None else arguments:
        print(f"executed: {paths.from_root(execute_in_place(notebook))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
