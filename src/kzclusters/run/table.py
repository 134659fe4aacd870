"""A table of the user's own, under ``runs/``: the report of hclustkit, and the notebook."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hclustkit.errors import InputError
from hclustkit.files import write_csv
from hclustkit.report import Analysis, write_report
from hclustkit.report.analysis import to_terminal
from hclustkit.report.command import identity, parse_arguments, read_and_analyse
from hclustkit.report.folder import folder_name
from hclustkit.scaling import SCALINGS

from kzclusters import paths, study
from kzclusters.run import own

MOST_ROWS = 200
"""Most rows for which the notebook is executed: a larger one is slow and hardly opens."""

TABLE = "table.csv"
"""In the folder of a run: the table as it was read, for the notebook."""


def _notebook(found: Analysis, folder: Path, changed: dict[str, Any]) -> str:
    """Execute the notebook on the table in the folder; say why not where it cannot be."""
    choices = found.prepared.choices
    plain = choices.distance == "euclidean" and not (choices.weights or choices.groups)
    if not plain or choices.scaling not in SCALINGS or found.table.isna().to_numpy().any():
        return "the notebook knows neither this distance, this scaling nor weights"
    if not 3 <= len(found.table) <= MOST_ROWS or not 2 <= found.k <= len(found.table) - 1:
        return f"the notebook takes 3 to {MOST_ROWS} rows"
    table = found.table.drop(columns=found.prepared.constant)
    write_csv(folder / TABLE, table.rename_axis(table.index.name or "label"), index=True)
    given = {
        "table_path": paths.from_root(folder / TABLE),
        "n_clusters": found.k,
        "scaling": choices.scaling,
        "linkage": choices.linkage,
    }
    try:
        own.execute_all(own.plan({**given, **changed}, folder.name)[1], folder)
    except InputError as error:
        return f"the notebook could not be executed: {error}"
    return ""


def run_table(
    words: Sequence[str],
    changed: dict[str, Any] | None = None,
    name: str | None = None,
    *,
    overwrite: bool = False,
) -> Path:
    """Write the report on a table, and the notebook of the same run, into ``runs/<name>/``.

    Parameters
    ----------
    words : sequence of str
        What follows ``hclustkit report``.
    changed : dict, optional
        Other parameters of the notebook.
    name : str, optional
        Of the folder; by default the table's name and a hash of its content and the options.
    overwrite : bool
        Replace an earlier result.

    Returns
    -------
    Path
        The file to open.

    Raises
    ------
    InputError
        An option, the table, the name or the folder is refused: then nothing is written.
    """
    given = parse_arguments(["report", *words])
    given.file = str(own.present(given.file))
    for option in ("compare", "map", "neighbours"):
        if getattr(given, option):
            setattr(given, option, str(own.present(getattr(given, option))))
    study.check("parameters", {**study.parameters(), **(changed or {})})
    if "names_path" in (changed or {}):
        own.present((changed or {})["names_path"])
    called = own.check_name(folder_name(*identity(given)) if name is None else name)
    folder = paths.RUNS / called
    own.refuse_folder(folder, overwrite=overwrite)
    found, reading = read_and_analyse(given, to_terminal)
    with own.whole(folder, overwrite=overwrite):
        write_report(found, folder, reading, to_terminal)
        note = _notebook(found, folder, changed or {})
    if note:
        print(f"  {note}", file=sys.stderr)
    return folder / "report.html"
