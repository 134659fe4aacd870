"""Reading a user's table: every bad one is told, with file, row, column and value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hclustkit import tables
from hclustkit.errors import InputError

from kzclusters import paths

GOOD = "name,a,b\nx,1,2\ny,3,4.5\nz,-5,6e2\n"


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "mine.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_wide_table(tmp_path: Path) -> None:
    table = tables.read_table(written(tmp_path, GOOD))
    assert list(table.index) == ["x", "y", "z"] and list(table) == ["a", "b"]
    assert table.loc["z", "b"] == 600 and (table.dtypes == np.float64).all()
    assert list(tables.read_table(written(tmp_path, "\ufeff" + GOOD), columns=["b"])) == ["b"]


def test_a_gap_in_a_wide_table_is_told_and_no_column_dropped_for_it(tmp_path: Path) -> None:
    path = written(tmp_path, "name,a,b\nx,1,2\ny,,4\n")
    with pytest.raises(InputError, match=r"^mine.csv: row 3 \(y\), column 'a': the cell is empty$"):
        tables.read_table(path)
    # a column that nobody asks for may hold anything
    assert tables.read_table(path, columns=["b"])["b"].tolist() == [2, 4]
    path = written(tmp_path, "name,a,notes\nx,1,good\ny,3,bad\n")
    assert tables.read_table(path, columns=["a"])["a"].tolist() == [1, 3]


def test_rows_are_numbered_as_an_editor_does(tmp_path: Path) -> None:
    """Blank lines and line ends within quotes count, though no row of the table is made of them."""
    content = '\n\nname,a\nx,1\n\n"y\nz",2\nw,\n'
    with pytest.raises(InputError, match=r"row 8 \(w\), column 'a': the cell is empty"):
        tables.read_table(written(tmp_path, content))
    assert tables.read_table(written(tmp_path, content.replace("w,", "w,3")))["a"].sum() == 6
    with pytest.raises(InputError, match="rows 4 and 8: label 'x' stands more than once"):
        tables.read_table(written(tmp_path, content.replace("w,", "x,3")))
    with pytest.raises(InputError, match="row 3: column 'a' stands more than once"):
        tables.read_table(written(tmp_path, "\n\nname,a,a\nx,1,2\n"))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", "the file is empty"),
        ("name,a\n", r"0 row\(s\), at least 2"),
        ("name,a\nx,1\n", r"1 row\(s\), at least 2"),
        ("name,a\nx,1\ny,two\n", r"row 3 \(y\), column 'a': 'two' is not a number"),
        ("name,a\nx,1\ny,inf\n", r"row 3 \(y\), column 'a': 'inf' is not a finite number"),
        ("name,a\nx,1\ny,1e999\n", r"row 3 \(y\), column 'a': '1e999' is not a finite number"),
        ("name,a\nx,1\ny,nan\n", r"row 3 \(y\), column 'a': 'nan' is not a number"),
        ("name,a\nx,1\ny, \n", r"row 3 \(y\), column 'a': the cell is empty"),
        ("name,a\nx,1\ny,2\nx,2\n", "rows 2 and 4: label 'x' stands more than once"),
        ("name,a\nx,1\n,2\n", "row 3: the label is empty"),
        ("name,a\nx,1\n ,2\n", "row 3: the label is empty"),
        ("name,a,a\nx,1,2\ny,2,3\n", "row 1: column 'a' stands more than once"),
        ("name,a,\nx,1,\ny,2,\n", "row 1: column 3 has no name"),
        ("town;income;jobs\nx;1,5;2\n", "row 1 is one cell 'town;income;…': separate the"),
        ("town\tjobs\nx\t1\n", r"row 1 is one cell 'town\\tjobs': separate the cells by commas"),
        ("name,a,b\nx,1,2\ny,2\n", r"row 3 has 2 cell\(s\), the header has 3"),
        ("name\nx\ny\n", "row 1: there is no column of numbers beside the labels"),
        (b"name,a\nx,1\n\xff\xfe,2\n", "row 3: the file is not UTF-8"),
        ('name,a\nx,"1\ny,2\n', "not a CSV file"),
    ],
)
def test_bad_tables(tmp_path: Path, content: str | bytes, text: str) -> None:
    with pytest.raises(InputError, match=text) as caught:
        tables.read_table(written(tmp_path, content))
    assert str(caught.value).startswith("mine.csv: ")


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    """The whole path is shown: the name alone does not say where it was looked for."""
    with pytest.raises(InputError, match=r"^there/nowhere.csv: the file is missing"):
        tables.read_table("there/nowhere.csv")
    (tmp_path / "tables").mkdir()
    with pytest.raises(InputError, match="^tables: this is a folder, a file is needed"):
        tables.read_table(tmp_path / "tables")


def test_a_file_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with open(path, "wb") as stream:
        stream.truncate(tables.MAX_BYTES + 1)
    with pytest.raises(InputError, match=r"large.csv: 50 MiB is more than the 50 MiB"):
        tables.read_table(path)


def test_unknown_columns(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column 'c'; there are a, b"):
        tables.read_table(written(tmp_path, GOOD), columns=["a", "c"])


LONG = """region,year,indicator,variant,value
r1,2013,P1,,1
r2,2013,P1,,2
r1,2013,P1,log,3
r2,2013,P1,log,4
r1,2013,P2,,
r2,2013,P2,,5
r1,2014,P1,,7
r2,2014,P1,,8
"""


def test_a_long_table(tmp_path: Path) -> None:
    path = written(tmp_path, LONG)
    table = tables.read_table(path, year=2013)
    assert list(table) == ["P1"] and table["P1"].tolist() == [1, 2]
    assert tables.read_table(path, year=2014)["P1"].tolist() == [7, 8]
    assert tables.read_table(path, year=2013, columns=["P1:log"]).iloc[:, 0].tolist() == [3, 4]


@pytest.mark.parametrize(
    ("year", "columns", "content", "text"),
    [
        (2020, "all", LONG, "no 2020; it has 2013 to 2014"),
        (None, "all", LONG, "no None"),
        (2013, ["P2"], LONG, "row 'r1', column 'P2': the cell is empty"),
        (2013, ["P9"], LONG, "no column 'P9'"),
        (2013, "all", LONG.replace("r2,2013,P1,,2", "r2,2013,P1,,x"), "row 3, column 'value': 'x'"),
        (2013, "all", LONG.replace("r2,2013,P1,,2", "r1,2013,P1,,2"), "row 3: .* stands twice"),
        (2013, "all", LONG.replace("r2,2013,P1,,2", "\nr2,2013,P1,,x"), "row 4, column 'value'"),
        (2013, "all", LONG.replace("r2,2013,P1,,2", ",2013,P1,,2"), "row 3: the label is empty"),
        (2013, "all", LONG.replace("r1,2014", "r1,soon"), "row 8, column 'year': 'soon' is not a"),
        (2014, "all", LONG.replace(",7", ","), "no column has a number in every row of 2014"),
    ],
)
def test_bad_long_tables(tmp_path: Path, year, columns, content: str, text: str) -> None:
    with pytest.raises(InputError, match=text):
        tables.read_table(written(tmp_path, content), year=year, columns=columns)


def test_the_project_table_reads_in_case_order() -> None:
    table = tables.read_table(paths.PROCESSED / "indicators.csv", year=2013)
    codes = pd.read_csv(paths.RAW / "regions.csv")["region"].tolist()
    assert list(table.index) == codes
    assert list(table) == ["P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P12", "P13", "P14"]


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (pd.DataFrame({"a": [1, True]}, dtype=object).assign(b=[True, False]), "true/false"),
        (pd.DataFrame({"a": ["1", "q"]}), "'q' is not a number"),
        (pd.DataFrame(index=["x", "y"]), "no column of numbers"),
        (pd.DataFrame({"a": [1.0, 2.0]}, index=["x", None]), "label 2 is empty"),
        ([[1, 2]], "expected a DataFrame, got list"),
    ],
)
def test_bad_frames(frame: object, text: str) -> None:
    with pytest.raises(InputError, match=text):
        tables.check_table(frame)  # type: ignore[arg-type]


@pytest.mark.parametrize("k", [0, 4, -1, 2.0, True, "2"])
def test_impossible_numbers_of_clusters(k: object) -> None:
    with pytest.raises(InputError):
        tables.check_k(k, 3)  # type: ignore[arg-type]
    assert tables.check_k(3, 3) == 3


def test_names(tmp_path: Path) -> None:
    path = written(tmp_path, "code,kind,name_en\nx,city,The X\n")
    assert tables.read_names(path, ["x", "y"]) == {"x": "The X", "y": "y"}
    with pytest.raises(InputError, match="a column of names"):
        tables.read_names(written(tmp_path, "code\nx\n"), ["x"])
