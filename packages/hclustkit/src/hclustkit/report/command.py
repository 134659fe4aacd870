"""The command line: ``hclustkit report FILE``."""

from __future__ import annotations

import argparse
import dataclasses
import difflib
import inspect
import io
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pandas as pd

from hclustkit.errors import InputError, refusal
from hclustkit.progress import end_quietly
from hclustkit.tables.cells import check_file

if TYPE_CHECKING:
    from hclustkit.report.analysis import Analysis, Say
    from hclustkit.report.choices import Choices

EPILOG = """
A first report, and what to do when the table is not read:

  hclustkit report regions.csv                    z-scores, Ward's method, k by silhouettes
  hclustkit report regions.csv -k 4               four clusters
  hclustkit report regions.xlsx --sheet 2 --label Name --drop "Total; Average"
  hclustkit report panel.csv --year 2020 --columns "GDP; Unemployment"
  hclustkit report gaps.csv --missing listwise    or impute-median, impute-knn, gower ...
  hclustkit report survey.csv --distance gower    mixed types; average linkage
  hclustkit report regions.csv --weights "GDP=2" --groups "health=Doctors; Beds"
  hclustkit report regions.csv -k 4 --compare published.csv
  hclustkit report regions.csv --map regions.geojson --map-label name --contiguity hard

The report goes to a new folder named after the table; an earlier result is replaced with
--overwrite only. Names are separated by semicolons, or by commas where no name holds one.
Nothing leaves this machine.
"""

CHOICES = ("scaling", "distance", "linkage", "rule", "missing", "seed", "thorough")


class _Parser(argparse.ArgumentParser):
    """A parser whose faults are `InputError`."""

    def error(self, message: str) -> NoReturn:
        raise InputError(message, place="command line", rule="usage", value=message)


def _parser() -> _Parser:
    top = _Parser(
        prog="hclustkit",
        description="Hierarchical clustering of a table, and how far to trust it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    from hclustkit import __version__

    top.add_argument("--version", action="version", version=f"hclustkit {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    one = commands.add_parser(
        "report",
        help="cluster a table and write a report of it",
        description="Cluster a table and write a report: one HTML page, tables and figures.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_options(one)
    return top


def add_options(one: argparse.ArgumentParser) -> None:
    """Add the options of a report to a parser."""
    one.add_argument("file", metavar="FILE", help="CSV, TSV, Excel, ODS or Parquet")
    add = one.add_argument_group("the clusters").add_argument
    add("-k", default="auto", metavar="K", help="number of clusters, or auto (default)")
    add("--rule", help="what chooses k: silhouette (default), votes, or the name of an index")
    add(
        "--scaling",
        help="zscore (default), zscore-population, range, rank, log-zscore, robust, none",
    )
    add(
        "--distance",
        help="euclidean (default), squared-euclidean, manhattan, correlation, gower, "
        "precomputed (FILE holds a square table of distances)",
    )
    add("--linkage", help="ward (default), average, complete, single, weighted, centroid, median")
    add("--weights", metavar="NAME=NUMBER", help="how much columns or groups count, 1 by default")
    add(
        "--groups",
        metavar="NAME=COLUMNS",
        help="columns that together count as one; '|' between groups",
    )
    add("--seed", help="of the random draws (default 1)")
    add(
        "--thorough", action="store_true", default=None, help="compute everything for a large table"
    )
    add = one.add_argument_group("reading the table").add_argument
    add("--label", help="the column of names")
    add("--sheet", help="name or number of a workbook's sheet")
    add("--year", help="the year to take from a table with several")
    add("--columns", help="the columns to use; all columns of numbers by default")
    add("--categories", help="columns of text that count too, with --distance gower")
    add("--drop", help="rows (by label, or as Sex=Total) or columns to leave out, such as Total")
    add(
        "--missing",
        help="error (default), listwise, drop-columns, impute-median, impute-knn, gower",
    )
    add("--transpose", action="store_true", default=None, help="the columns of FILE are the rows")
    add("--sep", help="what separates columns, where the file leaves a doubt")
    add("--decimal", help="decimal mark, where the file leaves a doubt")
    add("--encoding", help="such as utf-8 or cp1251, where the file leaves a doubt")
    add = one.add_argument_group("where the rows lie").add_argument
    add("--map", metavar="FILE", help="their polygons: GeoJSON, GeoPackage, Shapefile, TopoJSON")
    add("--map-label", metavar="FIELD", help="the field of the map with the labels of the rows")
    add("--repair-map", action="store_true", default=None, help="repair invalid polygons")
    add("--neighbours", metavar="FILE", help="two columns of labels; the map's borders by default")
    add(
        "--contiguity",
        help="hard (only neighbours merge) or soft (space is mixed in) for a second partition",
    )
    add = one.add_argument_group("the result").add_argument
    add("-o", "--output", metavar="FOLDER", help="a new folder beside you by default")
    add("--overwrite", action="store_true", help="replace an earlier result")
    add(
        "--compare",
        metavar="FILE",
        help="another partition, such as a published one: a column of names and one of clusters",
    )


def parse_arguments(words: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a misspelt option is refused with the nearest right one."""
    parser = _parser()
    given, unknown = parser.parse_known_args(words)
    if given.command is None:
        parser.print_help()
        raise SystemExit(0)
    if unknown:
        blank = argparse.ArgumentParser()
        add_options(blank)
        known = [name for name in blank._option_string_actions if name != "-h"]
        name = unknown[0].partition("=")[0]
        near = difflib.get_close_matches(name, known, 1, 0.5)
        what = "option" if name.startswith("-") else "place for a second file"
        hint = f"there are {', '.join(known)}" if what == "option" else "a report is of one table"
        hint = f"did you mean {near[0]}?" if near else hint
        raise refusal(f"there is no {what} {name!r}; {hint}", name, "unknown-option", name)
    return given


# --- what the options say ------------------------------------------------------------------------
def split_names(text: str) -> list[str]:
    """Split names at semicolons, or at commas where there is none; a JSON list as it is."""
    if text.lstrip().startswith("["):
        try:
            return [str(name) for name in json.loads(text)]
        except ValueError:
            pass
    parts = text.split(";" if ";" in text else ",")
    return [part.strip() for part in parts if part.strip()]


def _numbers(text: str) -> dict[str, float]:
    found = {}
    for part in [part for part in text.split(";") if part.strip()]:
        name, equals, value = (piece.strip() for piece in part.rpartition("="))
        sound = bool(equals) and name not in found and "_" not in value
        try:
            found[name] = float(value)
        except ValueError:
            sound = False
        if not sound:
            text = f"weights are NAME=NUMBER; NAME=NUMBER, each name once, got {part.strip()!r}"
            raise refusal(text, "weights", "weight", part.strip())
    return found


def _groups(text: str) -> dict[str, list[str]]:
    found = {}
    for part in [part for part in text.split("|") if part.strip()]:
        name, equals, members = part.partition("=")
        if not equals or not split_names(members) or name.strip() in found:
            text = f"groups are NAME=COLUMN; COLUMN | NAME=COLUMN, names once, got {part.strip()!r}"
            raise refusal(text, "groups", "group", part.strip())
        found[name.strip()] = split_names(members)
    return found


def number_of(text: object) -> int | None:
    """Read k: a whole number, or None for "auto"."""
    if str(text).strip().lower() in ("auto", ""):
        return None
    if not str(text).strip().isdecimal():
        raise refusal(f"k is a whole number or auto, got {text!r}", "k", "whole-number", text)
    return int(str(text))


def read_as_asked(path: Path, options: Mapping[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read the table; names with commas are tried whole before they are split.

    Returns
    -------
    table : DataFrame
    reading : dict
        The options that read it.
    """
    from hclustkit.tables import read_table

    reading = {name: value for name, value in options.items() if value is not None}
    rules = {"categories": "unknown-column", "columns": "unknown-column", "drop": "unknown-drop"}
    whole = {name: reading[name] for name in rules if name in reading}
    for name, text in whole.items():
        if text != "all" and (";" in text or text.lstrip().startswith("[")):
            reading[name] = split_names(text)
    while True:
        try:
            return read_table(path, **reading), reading
        except InputError as error:
            for name, rule in rules.items():
                if error.rule == rule and error.value == whole.get(name) and "," in whole[name]:
                    reading[name] = split_names(whole.pop(name))
                    break
            else:
                raise


def read_partition(path: Path, labels: pd.Index) -> pd.Series[str]:
    """Read another partition: the column with the most of the labels, and one of clusters."""
    from hclustkit.tables.cells import read_cells
    from hclustkit.tables.layout import lay_out, text_of
    from hclustkit.tables.numerals import is_missing

    check_file(path)
    rows, reading = read_cells(path, sheet=None, sep=None, encoding=None)
    grid = lay_out(rows, reading)
    columns = {name: [text_of(cell) for cell in cells] for name, cells in grid.columns.items()}
    known = {str(label).strip() for label in labels}
    hits = {name: len(known.intersection(cells)) for name, cells in columns.items()}
    name = max(hits, key=lambda column: hits[column], default="")
    if not name or hits[name] < 2:
        raise grid.fault("no column holds the labels of the table", "no-common-rows", "compare")
    others = [column for column in columns if column != name]
    named = [c for c in others if c.strip().lower() in ("cluster", "clusters", "group", "class")]
    if len(named or others) != 1:
        text = "one column called cluster is needed beside the labels"
        raise grid.fault(text, "no-column", "compare", others)
    if name in known:
        text = f"{name!r} is a label where the name of a column is needed: add a heading"
        raise grid.fault(text, "no-header", f"row {reading.header_row}", name)
    cells: dict[str, str] = {}
    pairs = zip(columns[name], columns[(named or others)[0]], strict=True)
    for at, (label, cluster) in enumerate(pairs):
        if cells.setdefault(label, cluster) != cluster:
            text = "it has another cluster above"
            raise grid.fault(text, "duplicate-label", grid.place(at, label=label), label)
    found = {label: cells.get(str(label).strip(), "") for label in labels}
    found = {label: cluster for label, cluster in found.items() if not is_missing(cluster)}
    return pd.Series(found, name=path.name, dtype=object)


# --- doing it ------------------------------------------------------------------------------------
def identity(given: argparse.Namespace) -> tuple[str, bytes]:
    """Return the name of the table, and the bytes that decide the result."""
    left = ("output", "overwrite", "file", "compare", "map", "neighbours")
    asked = {name: value for name, value in sorted(vars(given).items()) if name not in left}
    content = json.dumps(asked, ensure_ascii=False).encode()
    for file in filter(None, (given.file, given.compare, given.map, given.neighbours)):
        check_file(Path(file))
        content += Path(file).read_bytes()
    return Path(given.file).stem, content


def read_and_analyse(given: argparse.Namespace, say: Say) -> tuple[Analysis, dict[str, Any]]:
    """Read and analyse the table as asked; return the options that read it, too."""
    from hclustkit.report.choices import Choices, settle
    from hclustkit.tables.totals import total_notes

    chosen = {name: getattr(given, name) for name in CHOICES if getattr(given, name) is not None}
    if re.fullmatch(r"-?[0-9]+", given.seed or ""):
        chosen["seed"] = int(given.seed)
    weights, groups = _numbers(given.weights or ""), _groups(given.groups or "")
    choices = settle(Choices(k=number_of(given.k), weights=weights, groups=groups, **chosen))
    if given.categories and choices.distance != "gower":
        text = "categories have no place in this distance: choose --distance gower"
        raise refusal(text, "categories", "categories-need-gower", given.categories)
    asked = {name: getattr(given, name) for name in _reading()}
    table, reading = read_as_asked(Path(given.file), asked)
    if choices.distance != "precomputed":
        for note in total_notes(table):
            say(note)
    other = read_partition(Path(given.compare), table.index) if given.compare else None
    return _with_places(given, table, choices, other, say), reading


def _reading() -> list[str]:
    """List the options that say how a table is read."""
    from hclustkit.tables import read_table

    return [*inspect.signature(read_table).parameters][1:]


def _with_places(
    given: argparse.Namespace,
    table: pd.DataFrame,
    choices: Choices,
    other: pd.Series[str] | None,
    say: Say,
) -> Analysis:
    """Analyse the table; where its rows lie is read before and computed after."""
    from hclustkit.report.analysis import analyse

    spots = None
    if given.map or given.neighbours or given.contiguity or given.map_label:
        from hclustkit.report import places

        spots = places.find_places(
            table.index,
            map_file=given.map,
            map_label=given.map_label,
            neighbours=given.neighbours,
            contiguity=given.contiguity,
            repair=bool(given.repair_map),
        )
    near = None if spots is None else spots.neighbours
    found = analyse(table, choices, compare=other, neighbours=near, say=say)
    if spots is None:
        return found
    say("looking at the map")
    located = places.locate(spots, found.prepared, found.clusters, found.k)
    return dataclasses.replace(found, places=located)


def report(given: argparse.Namespace) -> Path:
    """Make the report that the command line asks for; return the file to open."""
    from hclustkit.report.analysis import to_terminal
    from hclustkit.report.folder import check_folder, folder_name, new_folder
    from hclustkit.report.write import write_report

    folder = Path(given.output) if given.output else Path(folder_name(*identity(given)))
    check_folder(folder, overwrite=given.overwrite)
    found, reading = read_and_analyse(given, lambda text: to_terminal(as_options(text)))
    with new_folder(folder, overwrite=given.overwrite) as inside:
        write_report(found, inside, reading, to_terminal)
    return folder / "report.html"


def as_options(text: str) -> str:
    """Write options as the command line has them.

    Examples
    --------
    >>> as_options("leave it out with drop='Total', or choose with missing= what to do")
    "leave it out with --drop 'Total', or choose with --missing what to do"
    """
    return re.sub(rf"\b({'|'.join((*_reading(), *CHOICES))})=(?: |$|(?=['\"]))", r"--\1 ", text)


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line; 1 with one message where something is wrong."""
    os.environ.setdefault("MPLBACKEND", "agg")
    end_quietly()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may lack a letter
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        print(report(parse_arguments(sys.argv[1:] if words is None else words)))
    except InputError as error:
        print(f"error: {as_options(' '.join(str(error).split()))}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 141  # as where SIGPIPE ends a program
    except OSError as error:
        print(f"error: {error.filename or 'writing'}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; nothing is written", file=sys.stderr)
        return 130
    return 0
