"""Reading a user's table: read rightly, or refused with file, row, column, rule and value."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hclustkit import tables
from hclustkit.tables import Reading
from hclustkit.tables.totals import total_notes
from hypothesis import given, settings
from hypothesis import strategies as st
from refusals import refused
from scale import scale

OWN = Path(__file__).parent / "own_tables"
GOOD = "name,a,b\nx,1,2\ny,3,4.5\nz,-5,6e2\n"

# file -> (rows, columns, one label, its numbers, things left out)
READ = {
    "blank_rows_excel.csv": (8, ["A", "B"], "r7", [11.9, 3.5]),
    "codes_and_names.csv": (8, ["GDP", "Unemp"], "Region 7", [11.9, 4]),
    "cp1251_semicolon_decimal_comma.csv": (
        6,
        ["ВРП на душу", "Население", "Безработица"],
        "Жамбылская",
        [11.4, 1217, 4.9],
    ),
    "footnote.csv": (8, ["A", "B"], "r7", [11.9, 3.5]),
    "html_labels.csv": (8, ["A", "B<b>"], "<img src=x onerror=alert(7)>", [11.9, 3.5]),
    "integers.csv": (8, ["A", "B"], "r7", [7, 4]),
    "likert_30x3.csv": (30, ["Q1", "Q2", "Q3"], "r12", [0, 0, 1]),
    "long_capitals.csv": (8, ["GDP", "Unemp"], "r6", [10.2, 2]),
    "long_nuts_names.csv": (
        8,
        ["GDP", "Unemployment", "Density"],
        "Canarias (ES)",
        [26.2, 14.8, 604],
    ),
    "long_russian_names.csv": (8, ["ВРП", "Занятость", "Инвестиции"], "г. Астана", [9.9, 80, 4]),
    "minus_u2212.csv": (8, ["A", "B"], "r1", [-1.3, 1.5]),
    "numbers_only.csv": (8, ["A", "B"], "8", [11.9, 3.5]),
    "one_duplicate_row_9.csv": (9, ["A", "B"], "r8", [6, 9]),
    "percent.csv": (8, ["Share", "Rate"], "r7", [26.7, 3.5]),
    "sep_line.csv": (8, ["A", "B"], "r7", [11.9, 3.5]),
    "tabs.tsv": (8, ["A", "B"], "r7", [49, 1.7]),
    "text_column.csv": (8, ["A", "B"], "r7", [11.9, 3.5]),
    "thousands_nbsp.csv": (8, ["Population", "Rate"], "r7", [9876536, 3.5]),
    "title_row.csv": (8, ["A", "B"], "r7", [11.9, 3.5]),
    "trailing_commas_excel.csv": (8, ["A", "B"], "r7", [11.9, 3.5]),
    "two_identical_rows.csv": (10, ["A", "B"], "r9", [4, 3]),
    "utf8bom_semicolon_decimal_comma.csv": (
        6,
        ["ВРП на душу", "Население", "Безработица"],
        "Жамбылская",
        [11.4, 1217, 4.9],
    ),
    "wide_one_year.csv": (8, ["GDP", "Unemp"], "r7", [11.9, 4]),
    "zero_log.csv": (8, ["A", "B"], "r7", [11.9, 3.5]),
}
# file -> (rule, where)
REFUSED = {
    "decimal_comma_unquoted.csv": ("ragged-row", "row 2"),
    "duplicate_labels.csv": ("duplicate-label", "rows 2 and 4"),
    "header_only.csv": ("too-few-rows", "header_only.csv"),
    "labels_differ_by_space.csv": ("similar-label", "rows 2 and 3"),
    "long_one_gap_and_colon.csv": ("missing-value", "Unemployment"),
    "missing_NA.csv": ("missing-value", "row 5 (r3), column 'A'"),
    "missing_colon.csv": ("missing-value", "row 5 (r3), column 'A'"),
    "missing_empty.csv": ("missing-value", "row 5 (r3), column 'A'"),
    "no_header.csv": ("no-header", "row 1"),
    "total_row.csv": ("total-row", "Total"),
    "underscore_numbers.csv": ("not-a-number", "row 2 (r0), column 'A'"),
}


def written(tmp_path: Path, content: str | bytes, name: str = "mine.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def record(table: pd.DataFrame) -> Reading:
    return table.attrs["reading"]


# ------------------------------------------------------------------- tables taken as found


def test_every_table_has_its_expectation():
    assert {path.name for path in OWN.iterdir()} == READ.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", sorted(READ))
def test_a_table_taken_as_found_is_read(name):
    rows, columns, label, numbers = READ[name]
    table = tables.read_table(OWN / name)
    assert (table.shape, list(table)) == ((rows, len(columns)), columns)
    assert table.loc[label].tolist() == numbers
    assert (table.dtypes == np.float64).all()
    assert record(table).source == name


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_table_taken_as_found_is_refused(name):
    rule, place = REFUSED[name]
    with refused(rule, place=place) as caught:
        tables.read_table(OWN / name)
    assert str(caught.value).startswith(f"{name}: ")


def test_one_option_reads_what_was_refused():
    assert len(tables.read_table(OWN / "total_row.csv", drop="Total")) == 8
    assert len(tables.read_table(OWN / "missing_NA.csv", missing="listwise")) == 7
    long = tables.read_table(OWN / "long_one_gap_and_colon.csv", missing="drop-columns")
    assert list(long) == ["GDP", "Education: tertiary"]
    assert record(long).left_out["Unemployment"]


def test_the_record_says_what_was_done():
    found = {name: record(tables.read_table(OWN / name)) for name in READ}
    assert found["footnote.csv"].footnotes == ["Source: Eurostat (2024)"]
    assert found["title_row.csv"].titles == ["Table 1. Regional indicators"]
    assert found["title_row.csv"].header_row == 2
    assert found["codes_and_names.csv"].left_out == {"Code": "holds identifiers"}
    assert list(found["text_column.csv"].left_out) == ["Okrug"]
    assert found["percent.csv"].units == {"Share": "%"}
    assert found["wide_one_year.csv"].year == found["long_capitals.csv"].year == 2020
    assert found["long_capitals.csv"].shape == "long"
    assert (found["sep_line.csv"].separator, found["tabs.tsv"].separator) == (";", "\t")
    assert found["cp1251_semicolon_decimal_comma.csv"].encoding == "cp1251"
    assert found["utf8bom_semicolon_decimal_comma.csv"].encoding == "utf-8-sig"
    assert found["utf8bom_semicolon_decimal_comma.csv"].decimal == ","
    assert found["thousands_nbsp.csv"].thousands == " "
    gapped = tables.read_table(OWN / "missing_colon.csv", missing="listwise")
    assert record(gapped).markers == {":": 1} and record(gapped).gaps == [("r3", "A")]


# ------------------------------------------------------------------------ numbers, encoding

NUMBERS = "Region;A;B\nx;{};1\ny;{};2\n"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("1,5", "1.234,5", [1.5, 1234.5]),
        ("1.5", "1,234.5", [1.5, 1234.5]),
        ("1 234", "12\u00a0345", [1234, 12345]),
        ("1'234", "12\u2019345", [1234, 12345]),
        ("1\u202f234,5", "-3", [1234.5, -3]),
        ("1,234,567", "1.5", [1234567, 1.5]),
        ("\u22123,5", "\u20131", [-3.5, -1]),
        (".5", "5.", [0.5, 5]),
        ("6e2", "1E-3", [600, 0.001]),
        ("0,123", "2", [0.123, 2]),
        ("1234,567", "1,234", [1234.567, 1.234]),
        ("$1,234.50", "$7", [1234.5, 7]),
        ("007", "12", [7, 12]),
    ],
)
def test_numbers_as_people_write_them(tmp_path, first, second, expected):
    text = NUMBERS.format(first, second)
    if "007" in first:
        text = text.replace("Region;A", "Region;Amount").replace("007", "7")
    table = tables.read_table(written(tmp_path, text))
    assert table.iloc[:, 0].tolist() == expected


@pytest.mark.parametrize(
    ("first", "second", "rule", "value"),
    [
        ("1,234", "2,345", "ambiguous-number", "1,234"),
        ("1.234", "2.345", "ambiguous-number", "1.234"),
        ("1,5", "2.25", "mixed-decimal", ("2.25", "1,5")),
        ("1_000", "2", "not-a-number", "1_000"),
        ("1 23", "2", "not-a-number", "1 23"),
        ("12:30", "13:40", "not-a-number", "12:30"),
        ("5%", "7", "mixed-units", ["", "%"]),
        ("inf", "7", "not-a-number", "inf"),
        ("1e999", "7", "not-finite", "1e999"),
        ("\u0661\u0662", "7", "not-a-number", "\u0661\u0662"),
        ("(5)", "7", "not-a-number", "(5)"),
        ("two", "7", "not-a-number", "two"),
    ],
)
def test_a_number_is_never_guessed(tmp_path, first, second, rule, value):
    with refused(rule, place="'A'", value=value):
        tables.read_table(written(tmp_path, NUMBERS.format(first, second)))


def test_an_option_decides_what_is_in_doubt(tmp_path):
    path = written(tmp_path, NUMBERS.format("1,234", "2,345"))
    assert tables.read_table(path, decimal=",")["A"].tolist() == [1.234, 2.345]
    assert tables.read_table(path, decimal=".")["A"].tolist() == [1234, 2345]
    path = written(tmp_path, "A;B,C\n1;2,3\n4;5,6\n")
    with refused("ambiguous-separator"):
        tables.read_table(path)
    assert list(tables.read_table(path, sep=";", decimal=",")) == ["A", "B,C"]
    for option, rule in (
        ({"sep": ";;"}, "separator"),
        ({"decimal": "x"}, "decimal"),
        ({"encoding": "utf-99"}, "unknown-encoding"),
        ({"encoding": "ascii"}, None),
        ({"sheet": "A"}, "no-sheets"),
        ({"missing": "zero"}, "unknown-policy"),
        ({"year": "soon"}, "year-type"),
        ({"label": "C"}, "unknown-column"),
        ({"columns": ["C"]}, "unknown-column"),
        ({"drop": "C"}, "unknown-drop"),
    ):
        if rule is not None:
            with refused(rule):
                tables.read_table(written(tmp_path, GOOD), **option)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 2)), min_size=2, max_size=5),
    st.sampled_from([(".", ","), (".", " "), (",", "."), (",", "\u00a0"), (".", ""), (",", "")]),
)
def test_what_is_read_is_what_was_written_or_nothing(numbers, marks):
    """In every notation: the very numbers, or a refusal, never other numbers."""
    decimal, thousands = marks

    def text(x: float) -> str:
        plain = f"{x:,.2f}" if thousands else f"{x:.2f}"
        return plain.translate(str.maketrans({",": thousands, ".": decimal}))

    frame = pd.DataFrame({"name": [f"o{i}" for i in range(len(numbers))], "a": map(text, numbers)})
    assert tables.read_table(frame)["a"].tolist() == [float(f"{x:.2f}") for x in numbers]


CYRILLIC = "Регион;Доход\nОмская область;1,5\nТомская область;2,5\n"
WESTERN = "Région;Revenu\nCôte-d'Or;1,5\nHérault;2,5\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CYRILLIC, "utf-8"),
        (CYRILLIC, "utf-8-sig"),
        (CYRILLIC, "utf-16"),
        (CYRILLIC, "utf-16-le"),
        (CYRILLIC, "utf-16-be"),
        (CYRILLIC, "cp1251"),
        (WESTERN, "cp1252"),
        (WESTERN + "\n© Insee, ± 1\n", "cp1252"),
        (WESTERN, "utf-8"),
    ],
)
def test_encodings(tmp_path, text, encoding):
    table = tables.read_table(written(tmp_path, text.encode(encoding)))
    assert table.iloc[:, 0].tolist() == [1.5, 2.5]
    assert table.index[0] in ("Омская область", "Côte-d'Or")


def test_an_encoding_in_doubt_is_refused(tmp_path):
    path = written(tmp_path, CYRILLIC.encode("koi8-r"))
    with refused("ambiguous-encoding", place="row 1"):
        tables.read_table(path)
    assert tables.read_table(path, encoding="koi8-r").index[0] == "Омская область"


# ---------------------------------------------------------------------------------- shapes

PANEL = "Region,Year,A,B\nx,2019,1,2\ny,2019,2,3\nx,2020,1,2.5\ny,2020,2,9\n"


@pytest.mark.parametrize(
    "text", [PANEL, PANEL.replace("Year", "Jahrgang"), PANEL.replace("Year", "TIME_PERIOD")]
)
def test_a_panel(tmp_path, text):
    path = written(tmp_path, text)
    table = tables.read_table(path, year=2020)
    assert list(table) == ["A", "B"] and table["B"].tolist() == [2.5, 9]
    assert (record(table).shape, record(table).year) == ("panel", 2020)
    with refused("choose-year", value=[2019, 2020]):
        tables.read_table(path)
    with refused("unknown-year", value=2021):
        tables.read_table(path, year=2021)


def test_a_year_of_a_table_without_years_is_refused(tmp_path):
    with refused("year-without-years", value=1999):
        tables.read_table(written(tmp_path, GOOD), year=1999)


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


def test_a_long_table(tmp_path):
    path = written(tmp_path, LONG)
    table = tables.read_table(path, year=2013, columns="all")
    assert list(table) == ["P1"] and table["P1"].tolist() == [1, 2]
    assert set(record(table).left_out) >= {"P2", "P1:log"}
    assert tables.read_table(path, year=2014)["P1"].tolist() == [7, 8]
    assert tables.read_table(path, year=2013, columns=["P1:log"]).iloc[:, 0].tolist() == [3, 4]
    with refused("missing-value", place="row 6 (r1), column 'P2'"):
        tables.read_table(path, year=2013)


@pytest.mark.parametrize(
    "text",
    [
        "Land,Merkmal,Wert\nx,A,1\nx,B,2\ny,A,3\ny,B,4\n",
        "Land,Thing,Number\nx,A,1\nx,B,2\ny,A,3\ny,B,4\n",
        "Land,Thing,When,Number\nx,A,2020,1\nx,B,2020,2\ny,A,2020,3\ny,B,2020,4\n",
    ],
)
def test_a_long_table_under_other_names(tmp_path, text):
    table = tables.read_table(written(tmp_path, text))
    assert table.to_dict("list") == {"A": [1, 3], "B": [2, 4]}


def test_of_names_and_codes_of_variables_the_longer_are_taken(tmp_path):
    """The names of columns, of which the last in the alphabet holds codes, do not decide."""
    rows = ["x,Ex,rate,r,1", "x,Ex,area,a,3", "y,Wy,rate,r,2", "y,Wy,area,a,5"]
    path = written(tmp_path, "\n".join(["Key,Place,About,Zeta,Number", *rows, ""]))
    for label, index in ((None, ["x", "y"]), ("Place", ["Ex", "Wy"])):
        table = tables.read_table(path, label=label)
        assert table.to_dict("list") == {"rate": [1, 2], "area": [3, 5]}
        assert list(table.index) == index
        said = f"a long table: {label or 'Key'!r} holds the objects, 'About' the variables"
        assert any(note.startswith(said) for note in record(table).notes)


@pytest.mark.parametrize(
    ("year", "columns", "content", "rule", "place"),
    [
        (2020, None, LONG, "unknown-year", "year"),
        (None, None, LONG, "choose-year", "year"),
        (2013, ["P2"], LONG, "missing-value", "column 'P2'"),
        (2013, ["P9"], LONG, "unknown-column", "columns"),
        (2013, None, LONG.replace("r2,2013,P1,,2", "r2,2013,P1,,w"), "not-a-number", "row 3"),
        (
            2013,
            None,
            LONG.replace("r2,2013,P1,,2", "r1,2013,P1,,2"),
            "duplicate-row",
            "rows 2 and 3",
        ),
        (2013, None, LONG.replace("r2,2013,P1,,2", "\nr2,2013,P1,,w"), "not-a-number", "row 4"),
        (2013, None, LONG.replace("r2,2013,P1,,2", ",2013,P1,,2"), "empty-label", "row 3"),
        (2013, None, LONG.replace("r1,2014", "r1,soon"), "not-a-year", "row 8"),
        (2014, "all", LONG.replace(",7", ","), "no-column", "mine.csv"),
    ],
)
def test_bad_long_tables(tmp_path, year, columns, content, rule, place):
    with refused(rule, place=place):
        tables.read_table(written(tmp_path, content), year=year, columns=columns)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Year,North,South\n2019,1,2\n2020,2,3\n2021,4,5\n", "transposed"),
        (",North,South\n2019-01-01,1,2\n2020-01-01,2,3\n2021-01-01,4,5\n", "transposed"),
        ("Region,2019,,2020,\n,A,B,A,B\nx,1,2,3,4\ny,2,3,4,5\n", "merged-heading"),
        ("1,2\n3,4\n5,6\n", "no-header"),
        ("name,a,\nx,1,7\ny,2,8\n", "empty-column-name"),
        ("name,a, a\nx,1,2\ny,2,3\n", "duplicate-column"),
        ("name,a\nx,1\n,2\n", "empty-label"),
        ("name,a\nOmsk,1\nomsk,2\n", "similar-label"),
        ("name,a\nx,1\n", "too-few-rows"),
        ("name,a,b\nx,1,2\ny,2\n", "ragged-row"),
        ("name\nx\ny\n", "no-column"),
        ("", "empty-file"),
        ("\n\n", "empty-file"),
        ('name,a\nx,"1\ny,2\n', "csv"),
        ("Region,A,B\nx,1,10\ny,2,20\nz,3,70\nCountry,6,100\n", "total-row"),
        ("Region,A,B\nx,1,10\ny,2,21\nz,3,71\nMiddle,2,34\n", "total-row"),
        ("Регион;А\nх;1,5\nу;2\nВсего:;3,5\n", "total-row"),
    ],
)
def test_tables_that_are_refused(tmp_path, text, rule):
    with refused(rule, place="mine.csv"):
        tables.read_table(written(tmp_path, text))


def test_what_surrounds_a_table(tmp_path):
    text = (
        "Table 1\n\nSource: x\nRegion,A,B\n,mln,%\nx,1,2\ny,2,3\nz,4,3\n* preliminary\nNote: all\n"
    )
    table = tables.read_table(written(tmp_path, text))
    assert table.to_dict("list") == {"A": [1, 2, 4], "B": [2, 3, 3]}
    found = record(table)
    assert found.titles == ["Table 1", "Source: x"]
    assert found.footnotes == ["* preliminary", "Note: all"]
    assert found.units == {"A": "mln", "B": "%"}
    years = tables.read_table(written(tmp_path, "Region,2019,2020\nx,1,2\ny,2,5\n"))
    assert list(years) == ["2019", "2020"] and any("years" in note for note in record(years).notes)


def test_a_row_without_any_value_is_a_gap_not_a_footnote(tmp_path):
    with refused("missing-value", place="row 3 (Last region)"):
        tables.read_table(written(tmp_path, "Region,A,B\nx,1,2\nLast region,,\n"))


def test_which_column_holds_the_labels(tmp_path):
    last = written(tmp_path, '"A","B","State"\n"1.5","2","x"\n"2.5","3","y"\n')
    assert list(tables.read_table(last).index) == ["x", "y"]
    codes = written(tmp_path, "Code,A\n101,1\n102,2\n")
    assert list(tables.read_table(codes).index) == ["101", "102"]
    two = written(tmp_path, "District,Key,A\nx,k1,1\nx,k2,2\n")
    assert list(tables.read_table(two).index) == ["k1", "k2"]
    with refused("duplicate-label", place="rows 2 and 3"):
        tables.read_table(two, label="District")
    numbered = written(tmp_path, ",Region,A\n0,x,1\n1,y,2\n")
    assert list(tables.read_table(numbered)) == ["A"]


def test_rows_and_columns_left_out_on_request(tmp_path):
    path = written(tmp_path, GOOD)
    table = tables.read_table(path, drop=["Z", "a"])
    assert list(table.index) == ["x", "y"] and list(table) == ["b"]
    assert record(table).dropped == {"z": "asked for"} and "a" in record(table).left_out
    assert list(tables.read_table(path, columns="b")) == ["b"]
    # a column that nobody asks for may hold anything
    path = written(tmp_path, "name,a,notes\nx,1,1_0\ny,3,\n")
    assert tables.read_table(path, columns=["a"])["a"].tolist() == [1, 3]


def test_rows_are_numbered_as_an_editor_does(tmp_path):
    """Blank lines and line ends within quotes count, though no row of the table is made of them."""
    content = '\n\nname,a\nx,1\n\n"y\nz",2\nw,\n'
    with refused("missing-value", place="row 8 (w), column 'a'"):
        tables.read_table(written(tmp_path, content))
    assert tables.read_table(written(tmp_path, content.replace("w,", "w,3")))["a"].sum() == 6
    with refused("duplicate-label", place="rows 4 and 8"):
        tables.read_table(written(tmp_path, content.replace("w,", "x,3")))


# ------------------------------------------------------------------------- kinds of files


def test_a_missing_file_a_folder_and_a_large_file(tmp_path):
    """The whole path is shown: the name alone does not say where it was looked for."""
    with refused("missing-file", place="there/nowhere.csv"):
        tables.read_table("there/nowhere.csv")
    (tmp_path / "tables").mkdir()
    with refused("not-a-file"):
        tables.read_table(tmp_path / "tables")
    with open(tmp_path / "large.csv", "wb") as stream:
        stream.truncate(tables.MAX_BYTES + 1)
    with refused("file-too-large", place="large.csv"):
        tables.read_table(tmp_path / "large.csv")


def sheets(path: Path, **content: list[list[object]]) -> Path:
    """A workbook, written as plain XML so that no other library is needed."""

    def cell(value: object) -> str:
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'
        return "<c/>" if value is None else f"<c><v>{value}</v></c>"

    ns = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    with zipfile.ZipFile(path, "w") as book:
        names = enumerate(content, start=1)
        listed = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="r{i}"/>' for i, n in names)
        targets = "".join(
            f'<Relationship Id="r{i}" Type="{office}/worksheet" Target="worksheets/sheet{i}.xml"/>'
            for i in range(1, len(content) + 1)
        )
        book.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/></Types>',
        )
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook {ns} xmlns:r="{office}"><sheets>{listed}</sheets></workbook>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships">{targets}</Relationships>',
        )
        for i, rows in enumerate(content.values(), start=1):
            body = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
            book.writestr(
                f"xl/worksheets/sheet{i}.xml",
                f"<worksheet {ns}><sheetData>{body}</sheetData></worksheet>",
            )
    return path


ROWS = [["Region", "GDP", "Rate"], ["x", 1.5, "2,5"], ["y", 3, "1 000,5"], ["z", 4.25, "7"]]


def test_a_workbook(tmp_path):
    titled = [["Table 1", None, None], [None, None, None], *ROWS, ["Source: office", None, None]]
    path = sheets(tmp_path / "book.xlsx", Data=titled, Empty=[])
    table = tables.read_table(path)
    assert table.to_dict("list") == {"GDP": [1.5, 3, 4.25], "Rate": [2.5, 1000.5, 7]}
    found = record(table)
    assert (found.sheet, found.titles, found.header_row) == ("Data", ["Table 1"], 3)
    assert found.footnotes == ["Source: office"]
    path = sheets(tmp_path / "two.xlsx", A=ROWS, B=[["Region", "Z"], ["x", 1], ["y", 2]])
    with refused("choose-sheet", value=["A", "B"]):
        tables.read_table(path)
    assert list(tables.read_table(path, sheet="B")) == ["Z"]
    assert list(tables.read_table(path, sheet=2)) == ["Z"]
    assert list(tables.read_table(path, sheet="2")) == ["Z"]
    years = {year: [["Region", f"Z{year}"], ["x", 1], ["y", 2]] for year in ("2", "2020", "1")}
    path = sheets(tmp_path / "years.xlsx", **years)
    for asked, head in ((2, "Z2020"), ("2", "Z2"), (2020, "Z2020"), ("2020", "Z2020"), ("3", "Z1")):
        assert list(tables.read_table(path, sheet=asked)) == [head]
    with refused("unknown-sheet", value="C"):
        tables.read_table(path, sheet="C")
    with refused("empty-file"):
        tables.read_table(sheets(tmp_path / "none.xlsx", A=[]))
    for name in ("bad.xlsx", "bad.ods"):
        with refused("workbook", place=name):
            tables.read_table(written(tmp_path, "not a workbook", name))


def test_what_a_workbook_hides_is_said(tmp_path):
    path = sheets(tmp_path / "book.xlsx", **{"Tables &amp; more": ROWS})
    assert not [note for note in reading_notes(path) if "hides" in note]
    shown = zipfile.ZipFile(path)
    parts = {name: shown.read(name).decode() for name in shown.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].replace("<row>", '<row r="1">', 1)
    sheet = sheet.replace("<row>", '<row ht="15" hidden="1">', 1)
    columns = '<cols><col min="3" max="16384" hidden="1"/></cols><sheetData>'
    parts["xl/worksheets/sheet1.xml"] = sheet.replace("<sheetData>", columns)
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    said = [note for note in reading_notes(path) if "hides" in note]
    assert [note[:9] for note in said] == ["1 row is ", "1 column "]


def reading_notes(path: Path) -> list[str]:
    return tables.read_table(path).attrs["reading"].notes


def test_parquet_and_frames(tmp_path):
    frame = pd.DataFrame({"Region": ["x", "y", "z"], "A": [1.0, None, 3.0], "B": ["1,5", "2", "3"]})
    pytest.importorskip("pyarrow", reason="Parquet is read by the extra 'tables'")
    frame.to_parquet(tmp_path / "t.parquet")
    for source in (frame, tmp_path / "t.parquet", frame.set_index("Region")):
        table = tables.read_table(source, missing="listwise")
        assert table.to_dict("index") == {"x": {"A": 1, "B": 1.5}, "z": {"A": 3, "B": 3}}
    with refused("parquet", place="bad.parquet"):
        tables.read_table(written(tmp_path, "no", "bad.parquet"))


@pytest.mark.parametrize("module", ["python_calamine", "pyarrow"])
def test_an_absent_extra_is_named(tmp_path, monkeypatch, module):
    name = "t.xlsx" if module == "python_calamine" else "t.parquet"
    monkeypatch.setitem(__import__("sys").modules, module, None)
    if module == "pyarrow":

        def absent(*_, **__):
            raise ImportError("pyarrow")

        monkeypatch.setattr(pd, "read_parquet", absent)
    with refused("missing-extra", place=name) as caught:
        tables.read_table(written(tmp_path, "x", name))
    assert "hclustkit[tables]" in str(caught.value)


# --------------------------------------------------------------------------- missing cells

GAPS = pd.DataFrame(
    {"a": [1.0, 2.0, math.nan, 4.0], "b": [10.0, 20.0, 30.0, 40.0]}, index=list("wxyz")
)


def test_policies_for_missing_cells():
    treated, note = tables.treat_missing(GAPS, "listwise")
    assert list(treated.index) == ["w", "x", "z"] and note
    assert list(tables.treat_missing(GAPS, "drop-columns")[0]) == ["b"]
    assert tables.treat_missing(GAPS, "impute-median")[0].loc["y", "a"] == 2
    assert tables.treat_missing(GAPS, "gower")[0]["a"].isna().sum() == 1
    filled = tables.treat_missing(GAPS, "impute-knn")[0]
    assert filled.loc["y", "a"] == pytest.approx(7 / 3) and filled["b"].equals(GAPS["b"])
    assert tables.treat_missing(GAPS[["b"]], "impute-knn")[1] == ""
    with refused("missing-value", value=[("y", "a")]):
        tables.treat_missing(GAPS, "error")
    with refused("empty-column", place="a"):
        tables.treat_missing(GAPS.assign(a=math.nan), "impute-median")
    with refused("nothing-left"):
        tables.treat_missing(GAPS[["a"]], "drop-columns")


def test_imputation_does_not_depend_on_units():
    rng = np.random.default_rng(2)
    table = pd.DataFrame(rng.normal(size=(12, 3)), columns=list("abc"))
    table.loc[[2, 5], "a"] = math.nan
    one = tables.treat_missing(table, "impute-knn")[0]
    other = tables.treat_missing(table * [1, 1e6, 1e-3], "impute-knn")[0]
    pd.testing.assert_series_equal(one["a"], other["a"])


def test_filled_cells_are_marked(tmp_path):
    path = written(tmp_path, "name,a,b\nx,1,2\ny,NA,3\nz,4,9\n")
    table = tables.read_table(path, missing="impute-median")
    assert record(table).filled == [("y", "a")] and record(table).missing == "impute-median"


def test_gower_by_hand():
    table = pd.DataFrame(
        {
            "n": [0.0, 5.0, 10.0, math.nan],
            "o": ["low", "high", "mid", "low"],
            "c": ["p", "q", "q", None],
            "f": [True, False, False, False],
        },
        index=list("wxyz"),
    )
    found = tables.gower_distances(
        table, ordinal={"o": ["low", "mid", "high"]}, asymmetric=["f"], variable_weights={"n": 2}
    )
    assert found.loc["w", "x"] == pytest.approx((2 * 0.5 + 1 + 1 + 1) / 5)
    assert found.loc["x", "y"] == pytest.approx((2 * 0.5 + 0.5 + 0) / 4)  # two False: no match
    assert found.loc["w", "z"] == pytest.approx((0 + 1) / 2)
    assert (found == found.T).all().all() and (np.diag(found) == 0).all()
    assert ("w", "z") in found.attrs["few_columns"]
    with refused("no-common-column", value=("x", "y")):
        tables.gower_distances(
            pd.DataFrame({"a": [1, math.nan], "b": [math.nan, 2]}, index=["x", "y"])
        )
    with refused("unknown-value", value="high"):
        tables.gower_distances(table, ordinal={"o": ["low"]})
    with refused("unknown-column", value="q"):
        tables.gower_distances(table, variable_weights={"q": 1})


def test_gower_does_not_depend_on_how_a_column_is_held():
    plain = tables.gower_distances(pd.DataFrame({"n": [1.0, 2.0, 4.0], "f": [1, 0, 1]}))
    assert plain.to_numpy()[0].round(6).tolist() == [0, 0.666667, 0.5]
    for kind in (object, "Int64", "Float32"):
        other = pd.DataFrame({"n": [1, 2, 4], "f": [1, 0, 1]}).astype(kind)
        pd.testing.assert_frame_equal(tables.gower_distances(other), plain)
    huge = tables.gower_distances(pd.DataFrame({"n": [-1.7e308, 0.0, 1.7e308], "f": [1, 0, 1]}))
    assert huge.to_numpy()[0].tolist() == [0, 0.75, 0.5]
    grades, text = ["low", "mid", "high"], ["low", "high", "mid"]
    for column in (text, pd.Categorical(text), pd.Categorical(text, grades, ordered=True)):
        found = tables.gower_distances(pd.DataFrame({"o": column}), ordinal={"o": grades})
        assert found.to_numpy()[0].tolist() == [0, 1, 0.5]
    # an ordered categorical column says its order itself
    ordered = pd.DataFrame({"o": pd.Categorical(text, grades, ordered=True)})
    assert tables.gower_distances(ordered).to_numpy()[0].tolist() == [0, 1, 0.5]
    weights = pd.Series({"f": 3.0})
    assert tables.gower_distances(
        pd.DataFrame({"n": [1, 2], "f": [1, 0]}), variable_weights=weights
    ).iat[0, 1] == pytest.approx(1)


def test_gower_refuses_what_it_cannot_measure():
    table = pd.DataFrame({"n": [1.0, 2.0, 4.0], "c": ["yes", "no", "no"]})
    dates = pd.to_datetime(["2020-01-01", "2020-01-02", "2021-01-01"])
    for rule, change, options in (
        ("weights", {}, {"variable_weights": {"n": math.nan}}),
        ("weights", {}, {"variable_weights": {"n": -1}}),
        ("mapping", {}, {"variable_weights": [1, 2]}),
        ("true-or-false", {}, {"asymmetric": ["c"]}),
        ("not-finite", {"n": [1.0, math.inf, 2.0]}, {}),
        ("not-a-number", {"n": dates}, {}),
    ):
        with refused(rule):
            tables.gower_distances(table.assign(**change), **options)
    for call in (tables.gower_distances, lambda x: tables.treat_missing(x, "impute-median")):
        with refused("table-type"):
            call(table.to_numpy())
        with refused("duplicate-column"):
            call(pd.DataFrame([[1, math.nan], [3, 4]], columns=["a", "a"]))
    for policy in ("impute-median", "impute-knn"):
        with refused("not-a-number", place="column 'c'"):
            tables.treat_missing(table.assign(n=[1.0, None, 2.0]), policy)


# ---------------------------------------------------------------------- checks and notes


@pytest.mark.parametrize(
    ("frame", "rule", "place"),
    [
        (pd.DataFrame({"a": [1, 2], "b": [True, False]}), "not-a-number", "'b'"),
        (pd.DataFrame({"a": ["1", "q"]}), "not-a-number", "row 1, column 'a'"),
        (pd.DataFrame(index=["x", "y"]), "no-column", "table"),
        (pd.DataFrame({"a": [1.0]}), "too-few-rows", "table"),
        (pd.DataFrame({"a": [1.0, 2.0]}, index=["x", None]), "empty-label", "label 2"),
        (pd.DataFrame({"a": [1.0, 2.0] * 2}, index=list("xyyx")), "duplicate-label", "label y"),
        (pd.DataFrame({("a", "b"): [1.0, 2.0]}), "several-column-levels", "columns"),
        (
            pd.DataFrame({"a": [1.0, 2.0]}, index=pd.MultiIndex.from_tuples([(1, 1), (1, 2)])),
            "several-label-levels",
            "labels",
        ),
        (pd.DataFrame([[1.0, 2.0]] * 2, columns=["a", "a"]), "duplicate-column", "a"),
        (pd.DataFrame({"a": [1.0, math.inf]}), "not-finite", "row 1, column 'a'"),
        (pd.DataFrame({"a": [1.0, math.nan]}), "missing-value", "row 1, column 'a'"),
        ([[1, 2]], "table-type", "table"),
    ],
)
def test_bad_frames(frame, rule, place):
    with refused(rule, place=place):
        tables.check_table(frame)


@pytest.mark.parametrize("k", [0, 4, -1, 2.0, True, "2"])
def test_impossible_numbers_of_clusters(k):
    with refused("k-range" if isinstance(k, int) and k is not True else "whole-number", value=k):
        tables.check_k(k, 3)
    assert tables.check_k(3, 3) == 3


def test_notes_on_columns():
    x = np.arange(10.0)
    table = pd.DataFrame({"a": x, "b": 3 - 2 * x, "c": 7.0, "d": [0.0] * 9 + [1e4], "e": np.sin(x)})
    notes = tables.column_notes(table)
    found = {(note.rule, note.columns) for note in notes}
    assert found == {
        ("constant-column", ("c",)),
        ("correlated-columns", ("a", "b")),
        ("skewed-column", ("d",)),
        ("ruling-column", ("d",)),
    }
    said = next(n.message for n in tables.column_notes(table) if n.rule == "ruling-column")
    assert "has more than 90% of the variance" in said  # 99.9997%, which is not all of it
    assert tables.column_notes(pd.DataFrame({"a": x, "e": 3 * np.cos(x)})) == []
    assert tables.column_notes(pd.DataFrame({"a": [91.0, 94.0, 96.0, 99.0]})) == []  # no code


@pytest.mark.parametrize("corner", [1.0, 3.0])
def test_only_ones_on_the_whole_diagonal_are_those_of_correlations(corner):
    table = pd.DataFrame([[1.0, 0.5, 0.2], [0.5, 1.0, -0.1], [0.2, -0.1, corner]], columns=[*"abc"])
    table.insert(0, "name", [*"abc"])
    notes = record(tables.read_table(table)).notes
    assert any("correlations r" in note for note in notes) == (corner == 1)


def test_names(tmp_path):
    path = written(tmp_path, "code,kind,name_en\nx,city,The X\n")
    assert tables.read_names(path, ["x", "y"]) == {"x": "The X", "y": "y"}
    with refused("no-column"):
        tables.read_names(written(tmp_path, "code\nx\n"), ["x"])


# --- a row of rates for all ----------------------------------------------------------------------
RATES = {
    "Нур": (4.1, 61.0, 12.0, 310.0),
    "Аксай": (7.9, 55.5, 18.4, 205.0),
    "Тараз": (5.2, 70.1, 9.3, 402.0),
    "Сарань": (6.6, 48.2, 21.0, 150.0),
    "Актау": (3.0, 66.6, 14.9, 520.0),
    "Риддер": (8.8, 59.9, 7.7, 260.0),
}


def rates(**others: tuple[float, ...]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(others | RATES, "index", columns=list("abcd"))


@pytest.mark.parametrize("name", ["Kazakhstan", "Казахстан", "Deutschland", "РОССИЯ", "EU27_2020"])
def test_a_whole_among_its_parts_is_named(name: str) -> None:
    # rates, so that no column adds up; far from the mean, so that the name alone says it
    table = tables.read_table(rates(**{name: (3.1, 69.0, 8.0, 500.0)}).reset_index())
    notes = [note for note in table.attrs["reading"].notes if "total" in note]
    assert name in table.index
    assert notes and repr(name) in notes[0] and f"drop={name!r}" in notes[0]


def test_a_first_row_at_the_mean_is_named_whatever_it_is_called() -> None:
    mean = rates().mean()
    whole = rates(Все=tuple(mean * [1.02, 0.99, 1.03, 0.97]))
    assert "nearer to the mean" in total_notes(whole)[0]
    assert "'Все'" in total_notes(whole.iloc[::-1])[0]
    assert total_notes(rates()) == []
    middle = whole.iloc[[1, 2, 3, 0, 4, 5, 6]]
    assert total_notes(middle) == []  # one row in the middle is the nearest of all always


@pytest.mark.parametrize(
    ("labels", "named"),
    [
        (["DE", "DE1", "DE2", "DE3", "DE4"], ["DE"]),
        (["DE1", "DE11", "DE12", "DE2", "DE21", "DE22"], ["DE1", "DE2"]),
        (["01", "01001", "01003", "01005"], ["01"]),
        (["Kazakhstan", "Uzbekistan", "Kyrgyzstan", "Tajikistan"], []),
        (["Kazakhstan", *(f"{name} Republic" for name in "abcdefghijk")], ["Kazakhstan"]),
        (["France", "Italy", "Spain", "European Union", "Poland"], ["European Union"]),
        (["France", "Italy", "Spain", "High income", "Poland"], ["High income"]),
        ([str(number) for number in range(1, 13)], []),
        ([str(number) for number in range(95, 106)], []),
        (["Alabama", "Georgia", "Nevada", "Utah"], []),
        (["Almaty", "Almaty region", "Astana", "Atyrau"], []),
        (["Oʻzbekiston Respublikasi", "Buxoro", "Andijon"], ["Oʻzbekiston Respublikasi"]),
        (["O'zbekiston", "Buxoro", "Andijon"], ["O'zbekiston"]),
        (["TÜRKİYE", "Adana", "Bursa"], ["TÜRKİYE"]),
        (["日本", "東京都", "大阪府"], ["日本"]),
        (["По Республике Казахстан", "Абай", "Ақмола"], ["По Республике Казахстан"]),
        (["Қазақстан / Казахстан", "Ақмола / Акмола", "Абай", "Ұлытау"], ["Қазақстан / Казахстан"]),
    ],
)
def test_a_whole_is_known_by_its_label(labels: list[str], named: list[str]) -> None:
    x = np.random.default_rng(4).normal(size=(len(labels), 2))
    notes = "".join(total_notes(pd.DataFrame(x, index=labels)))
    assert [label for label in labels if f"{label!r} " in notes] == named


def test_no_false_alarm_about_totals() -> None:
    rng = np.random.default_rng(1)
    named = 0
    for _ in range(scale(300, 3000)):
        x = np.exp(rng.normal(size=(16, int(rng.integers(3, 9)))) * rng.choice([0.1, 1.0]))
        named += bool(
            total_notes(pd.DataFrame(x, index=[f"Region {c}" for c in "abcdefghijklmnop"]))
        )
    assert named <= 0.02 * scale(300, 3000)


def test_rows_of_summary_statistics_are_refused_together() -> None:
    table = rates(Mean=(1.0, 2.0, 3.0, 4.0), SD=(1.0, 2.0, 3.0, 4.0), Min=(1.0, 2.0, 3.0, 4.0))
    with refused("total-row") as caught:
        tables.read_table(table.reset_index())
    assert "Mean; SD; Min" in str(caught.value)


def test_text_is_read_to_its_last_bit():
    values = np.random.default_rng(7).normal(size=2000) * 10.0 ** np.arange(-10, 10).repeat(100)
    read = tables.check_table(pd.DataFrame({"x": map(repr, values.tolist())}, dtype=object))
    assert read["x"].tolist() == values.tolist()
