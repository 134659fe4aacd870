"""Layouts of statistical offices, banks and programs: read, or refused with a remedy."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hclustkit.errors import InputError
from hclustkit.tables import read_table
from refusals import refused
from test_hostile_tables import COUNTS, NAMES, RATES, below, comma, kept, second, text
from test_tables import sheets

CODES = [f"KZ{at}" for at in range(1, 9)]
PLACES = list(zip(CODES, NAMES, RATES, COUNTS, strict=True))


def lines(head: str, row: Callable[..., str]) -> str:
    return head + "\n" + "".join(row(*place) + "\n" for place in PLACES)


def long(head: str, row: str, *variables: tuple[str, str]) -> str:
    """Two rows for each place; ``row`` is filled with codes, names and the value."""
    rows = [
        row.format(code=code, name=name, id=pair[0], variable=pair[1], value=value, at=at)
        for at, (code, name, *values) in enumerate(PLACES)
        for pair, value in zip(variables, values, strict=True)
    ]
    return "\n".join([head, *rows]) + "\n"


BOTH = (("R", "Rate"), ("C", "Count"))
STATCAN = (
    '"2020","{name}","2016A{at}","{variable}","223","units","v{at}{id}","{at}.1","{value}","","1"'
)
DATABANK = "Country Name,Country Code,Series Name,Series Code,2019 [YR2019],2020 [YR2020]"

# name -> content, options; all hold the same eight places
READ: dict[str, tuple[str | bytes, dict[str, object]]] = {
    "eurostat.tsv": (
        long("freq,indic,geo\\TIME_PERIOD\t2019 \t2020 ", "A,{variable},{code}\t: c\t{value} p",
             *BOTH), {"year": 2020}),
    "sdmx.csv": (
        long("DATAFLOW,LAST UPDATE,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG",
             "E:X(1.0),11/04/24 23:00:00,A,{variable},{code},2020,{value},{id}".replace(
                 "{id}", "{id[0]}"), *BOTH), {}),
    "oecd.csv": (
        long("LOCATION,Country,SUBJECT,Subject,TIME,Time,Value,Flags",
             "{code},{name},{id},{variable},2020,2020,{value},", *BOTH), {}),
    "statcan.csv": (
        long('"REF_DATE","GEO","DGUID","Statistics","UOM_ID","SCALAR_FACTOR","VECTOR",'
             '"COORDINATE","VALUE","STATUS","DECIMALS"', STATCAN, *BOTH), {}),
    "databank.csv": (
        long(DATABANK, "{name},{code},{variable},{id},..,{value}", *BOTH)
        + ",,,,,\nData from database: World Development Indicators,,,,,\n", {"year": 2020}),
    "census.csv": (
        lines("GEO_ID,NAME,Rate,Count\nGeography,Area Name,Rate of it,Count of all",
              lambda c, n, a, b: f"05US{c},{n},{a},{b}"), {}),
    "genesis.csv": (
        ("Tabelle: 12411-0015\n\n" + lines("Schlüssel;Kreis;Rate;Count", lambda c, n, a, b:
         f"0{c[2]};{n};{comma(a)};{b}") + "__________\n(C)opyright Bundesamt, 2021\n"
         "http://www.destatis.de\n").encode("latin-1"), {}),
    "ibge.csv": ("Tabela 1\n" + text(";") + "Fonte: IBGE\nLegenda;;\n", {}),
    "bank.csv": (
        '"Data Source","Indicators",\n\n"Updated","2024",\n\n' + lines(
            "Name,Code,Rate,Count,", lambda c, n, a, b: f'"{n}","{c}","{a}","{b}",'), {}),
    "r_comma.csv": (text(head="Rate,Count", names=[f'"{name}"' for name in NAMES]).replace(
        "Rate,Count", '"Rate","Count"'), {}),
    "r_tab.txt": (text("\t", "Rate,Count"), {}),
    "lines_quoted.csv": ("".join(f'"{line}"\n' for line in text().splitlines()), {}),
    "page_break.csv": (text().replace("Region E", "Region,Rate,Count\nRegion E"), {}),
    "pivot.csv": (
        long("Region,Indicator,Value", "{name},{variable},{value}", *BOTH).replace(
            "\nRegion A,Count", "\n,Count"), {}),
    "by_sex.csv": (
        "Region,Sex,Rate,Count\n" + "".join(
            f"{n},{s},{a * m},{b * m}\n" for _, n, a, b in PLACES for s, m in (("f", 1), ("m", 2))),
        {"drop": "Sex=m"}),
    "kato.csv": (lines("Region,KATO,Rate,Count",
                       lambda c, n, a, b: f"{n},{c[2]}10000000.0,{a},{b}"), {}),
    "camel.csv": (lines("Region,RegionID,CodIBGE,Rate,Count",
                        lambda c, n, a, b: f"{n},{b * 3},3500{c[2]},{a},{b}"), {}),
    "unnamed.csv": (lines("Area,,Rate,Count", lambda c, n, a, b: f"{c},{n},{a},{b}"), {}),
    "form.csv": (lines("Timestamp,Your region,Rate,Count", lambda c, n, a, b:
                       f"2024/01/0{c[2]} 10:00:00,{n},{a},{b}"), {}),
    "rupees.csv": (text(count=lambda b: f"₹{b}"), {}),
    "serial.csv": (lines("Region,Date,Rate,Count",
                         lambda c, n, a, b: f"{n},{44000 + b},{a},{b}"), {}),
    "turned.csv": ("\n".join(",".join(map(str, row)) for row in (
        ["Indicator", *NAMES], ["Rate", *RATES], ["Count", *COUNTS])), {"transpose": True}),
    "turned_years.csv": ("\n".join(",".join(map(str, row)) for row in (
        ["Year", *NAMES], ["2019", *RATES], ["2020", *COUNTS])), {"transpose": True}),
    "sorted_frame.csv": (lines(",Region,Rate,Count", lambda c, n, a, b:
                               f"{int(c[2]) * 3 % 8},{n},{a},{b}"), {}),
    "zones.csv": (lines("Region,Zone,Rate,Count",
                        lambda c, n, a, b: f"{n},0{int(c[2]) % 3},{a},{b}"), {}),
    "zone_codes.csv": (lines("Region,Zone code,Rate,Count",
                             lambda c, n, a, b: f"{n},{int(c[2]) % 3},{a},{b}"), {}),
    "powers.csv": (lines("Code,Region,Rate,Count", lambda c, n, a, b: f"1E{c[2]},{n},{a},{b}"), {}),
    "counties.csv": (
        "fips,year,Rate,Count\n" + "".join(
            f"{c[2]}001,{y},{a},{b}\n" for c, _, a, b in PLACES for y in (2019, 2020)),
        {"year": 2020}),
    "signs_differ.csv": (
        "Region,Indicator,Value\n" + "".join(
            f"{n},Rate,{a}%\n{n},Count,{b}\n" for _, n, a, b in PLACES), {}),
    "from_zero.csv": (second("0,1,2"), {}),
    "undata.csv": (
        long('"Country or Area","Year","Series","Value","Value Footnotes"',
             '"{name}","2020","{variable}","{value}","1,2"', *BOTH)
        + '"footnoteSeqID","Footnote"\n"1","Estimate."\n"2","Towns only."\n', {}),
    "weo.xls": (
        long("Country\tSubject Descriptor\tUnits\tScale\t2019\t2020\tEstimates Start After",
             "{name}\t{variable}\tunits of {variable}\t\tn/a\t{value}\t2019",
             *BOTH).encode("utf-16"),
        {"year": 2020}),
    "months.csv": (lines("Region,Month,Opened,Rate,Count",
                         lambda c, n, a, b: f"{n},0{c[2]}.2019,200{c[2]}.11,{a},{b}"), {}),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_a_layout_of_an_office_is_read(tmp_path, name):
    content, options = READ[name]
    table = read_table(kept(tmp_path, name, content), **options)
    order = {"Rate": RATES, "Count": COUNTS, "2019": RATES, "2020": COUNTS}
    assert len(table) == 8 and len(table.columns) == 2
    assert {one: table[one].tolist() for one in table} == {one: order[one] for one in table}


GAPS = ["[x]", "[c]", "[low]", "(D)", "(X)", ": c", ":u", "*****", "x", "х", "/", "•", "n.v."]
GAPS += ["\\N", "#N/D", "not available", "keine Angabe", "s.o."]


@pytest.mark.parametrize("mark", GAPS)
def test_a_withheld_number_is_a_gap(tmp_path, mark):
    path = kept(tmp_path, "t.csv", text(rate=lambda a: mark if a == 3.1 else str(a)))
    with refused("missing-value", place="row 3 (Region B), column 'Rate'"):
        read_table(path)
    table = read_table(path, missing="listwise")
    assert len(table) == 7 and table.attrs["reading"].markers == {mark: 1}


@pytest.mark.parametrize("mark", ["x", "(D)", "[c]", "/"])
def test_a_column_that_is_mostly_withheld_is_not_text(tmp_path, mark):
    path = kept(tmp_path, "t.csv", text(rate=lambda a: mark if a > 3 else str(a)))
    with refused("missing-value", place="row 2 (Region A), column 'Rate'"):
        read_table(path)
    assert read_table(path, missing="drop-columns").attrs["reading"].markers == {mark: 6}


def test_a_letter_is_a_gap_among_numbers_only(tmp_path):
    path = kept(tmp_path, "t.csv", "name,kind,a\nx,c,1\nz,s,2\nc,x,4\n")
    assert list(read_table(path).index) == ["x", "z", "c"]
    path = kept(tmp_path, "u.csv", "name,a\n(a),1\n(b),2\n[c],4\n")
    assert list(read_table(path).index) == ["(a)", "(b)", "[c]"]


def test_a_column_without_a_heading_shifts_no_other(tmp_path):
    """Only names of rows may lack a heading, and those of a known column are there already."""
    rows = "".join(
        f"{name}\t{a}\t{b}\t7\n" for name, a, b in zip(NAMES, RATES, COUNTS, strict=True)
    )
    for sep in "\t;":
        path = kept(tmp_path, "t.txt", ("Region\tA\tB\n" + rows).replace("\t", sep))
        with refused("ragged-row"):
            read_table(path)


def test_a_row_without_numbers_begins_no_table(tmp_path):
    content = "Region,Centre,A,B\nu,k,1,2\n\nv,l,,\nw,m,3,4\n"
    with refused("missing-value", place="row 4 (v)"):
        read_table(kept(tmp_path, "t.csv", content))


# content, rule, what the message tells to do
REFUSED: dict[str, tuple[str, str, str]] = {
    "merged.csv": ("Region,2020,\n,Rate,Count\nx,1,2\ny,3,4\n", "merged-heading", "one row"),
    "merged_years.csv": ("Region,A,A\n,2019,2020\nx,1,2\ny,3,4\n", "merged-heading", "one row"),
    "merged_both.csv": (";;2019;2019\n;;Zahl;Rate\n1;x;1;2\n2;y;3;4\n", "merged-heading", "one"),
    "merged_corner.csv": (
        ",2019,,2020\nRegion,A,B,A\nx,1,2,3\ny,3,4,5\n",
        "merged-heading",
        "one row",
    ),
    "merged_names.csv": ("Region,A,A\n(name),m,f\nx,1,2\ny,3,4\n", "merged-heading", "one row"),
    "numbers_above.csv": ("Region,1,2\nx,1,2\ny,3,4\n", "no-header", "a word to each number"),
    "signs.csv": (
        text(rate=lambda a: f"{a}%" if a > 9 else str(a)),
        "mixed-units",
        "row 3 (Region B)",
    ),
    "two_tables.csv": (text() + "\nTown,Share,Area\nu,1,2\nv,3,4\n", "several-tables", "keep one"),
    "gap_in_heading.csv": (text() + "\nTown,,Area\nu,1,2\nv,3,4\n", "several-tables", "keep one"),
    "twice.csv": ("Region,A,A\nx,1,2\ny,3,4\n", "duplicate-column", "name of its own"),
    "codes.csv": (text(count=lambda b: f"KZT {b}"), "number-with-word", "drop='Count'"),
    "areas.csv": (text(count=lambda b: f"{b} km2"), "number-with-word", "drop='Count'"),
    "degrees.csv": (text(count=lambda b: f"{b}°C"), "number-with-word", "drop='Count'"),
    "thousands.csv": (text(count=lambda b: f"${b}K"), "number-with-word", "drop='Count'"),
    "revised.csv": (text(rate=lambda a: f"{a} (r)"), "number-with-word", "drop='Rate'"),
    "provisional.csv": (text(rate=lambda a: f"{a} [p]"), "number-with-word", "drop='Rate'"),
    "footnoted.csv": (text(count=lambda b: f"{b} r/"), "number-with-word", "drop='Count'"),
    "two_words.csv": (text(rate=lambda a: f"{a} per cent"), "number-with-word", "drop='Rate'"),
    "reals.csv": (text(count=lambda b: f"R$ {b}"), "number-with-word", "drop='Count'"),
    "currencies.csv": (
        lines("LOCATION,Country,TIME,Unit Code,Value",
              lambda c, n, a, b: f"{c},{n},2020,{'EUR' if b < 400 else 'GBP'},{b}"),
        "mixed-units", "drop='Unit Code=GBP'"),
    "multiples.csv": (
        lines("REF_AREA,MEASURE,TIME_PERIOD,OBS_VALUE,UNIT_MULT", lambda c, n, a, b: "\n".join(
            f"{c},{m},2020,{v},{6 if c == 'KZ3' else 3}" for m, v in (("R", a), ("C", b)))),
        "mixed-units", "drop='UNIT_MULT=6'"),
    "units_within.csv": (
        lines("Country,Indicator,TIME,Unit,Value", lambda c, n, a, b: "\n".join(
            f"{n},{m},2020,{u},{v}" for m, u, v in (
                ("R", "%", a), ("C", "Millions" if c == "KZ3" else "Units", b)))),
        "mixed-units", "drop='Unit=Millions'"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_layout_in_doubt_is_refused_with_the_remedy(tmp_path, name):
    content, rule, remedy = REFUSED[name]
    with refused(rule) as caught:
        read_table(kept(tmp_path, name, content))
    assert remedy in str(caught.value)


def test_units_may_differ_between_variables_and_lack_where_nothing_is_known(tmp_path):
    rows = lines("Country,Indicator,TIME,Unit,Value", lambda c, n, a, b: "\n".join(
        f"{n},{m},2020,{'' if c == 'KZ3' else u},{v}" for m, u, v in (("R", "%", a), ("C", "t", b))
    ))  # fmt: skip
    assert read_table(kept(tmp_path, "t.csv", rows))["C"].tolist() == COUNTS
    rows = lines("region,variable,variant,year,unit,value", lambda c, n, a, b: "\n".join(
        f"{n},P3,{v},2020,{u},{x}" for v, u, x in (("", "%", a), ("large", "t", b))
    ))  # fmt: skip
    assert read_table(kept(tmp_path, "v.csv", rows))["P3:large"].tolist() == COUNTS
    for head in ("Unit,Rate,Count", "Area,Units,Count"):
        assert len(read_table(kept(tmp_path, "u.csv", text(head=head)))) == 8


def test_what_has_no_row_in_the_year_is_named(tmp_path):
    panel = "".join(
        f"{n},{y},{a},{b}\n"
        for _, n, a, b in PLACES
        for y in (2019, 2020)
        if (n[-1], y) != ("C", 2020)
    )
    table = read_table(kept(tmp_path, "p.csv", "Region,Year,Rate,Count\n" + panel), year=2020)
    assert table.attrs["reading"].dropped == {"Region C": "has no row in 2020"}
    rows = lines("Region,Variable,Year,Value", lambda c, n, a, b: f"{n},Rate,2020,{a}")
    rows += "".join(f"{n},Count,2019,{b}\n" for _, n, _, b in PLACES)
    table = read_table(kept(tmp_path, "l.csv", rows), year=2020)
    assert table.attrs["reading"].left_out["Count"] == "has no row in 2020"


def test_a_cell_of_a_year_is_named_by_its_column_in_the_file(tmp_path):
    content = long(DATABANK, "{name},{code},{variable},{id},..,{value}", *BOTH)
    path = kept(tmp_path, "t.csv", content.replace(",3.1\n", ",3_1\n"))
    with refused("not-a-number", place="row 4 (Region B), column '2020 [YR2020]'"):
        read_table(path, year=2020)
    path = kept(tmp_path, "u.csv", content.replace("Region B,KZ2,Rate", "Region A,KZ1,Rate"))
    with refused("duplicate-row", place="rows 2 and 4"):
        read_table(path, year=2020)
    notes = read_table(kept(tmp_path, "v.csv", content), year=2020).attrs["reading"].notes
    assert any("years of several variables, read as a long table" in note for note in notes)


def test_lines_are_counted_whatever_ends_them_and_surrounds_them(tmp_path):
    quoted = "\n\n".join(f'"{line}"' for line in text().replace("3.1", "3_1").splitlines())
    with refused("not-a-number", place="row 5 (Region B), column 'Rate'"):
        read_table(kept(tmp_path, "quoted.csv", quoted))
    opened = text().replace("Region B", '"Region B').replace("Region E", '"Region E"')
    with refused("csv", place="row 3"):
        read_table(kept(tmp_path, "open.csv", opened))
    for end in ("\n", "\r", "\r\n"):
        content = text().replace("Region B", "Łódź").replace("\n", end)
        with refused("ambiguous-encoding", place="row 3"):
            read_table(kept(tmp_path, "old.csv", content.encode("cp1250")))
        with refused("encoding", place="row 3"):
            read_table(kept(tmp_path, "new.csv", content), encoding="ascii")


def test_a_row_after_a_label_of_two_lines_holds_values(tmp_path):
    content = "Region,Indicator,Value\n" + "".join(
        f'"{n}",{v},{x}\n' for _, n, *both in PLACES
        for v, x in zip(("Rate", "Count"), both, strict=True))  # fmt: skip
    content = content.replace("Region A", "Region\nA").replace('A",Count,103', 'A",Count,<9')
    with refused("not-a-number", place="row 4 (Region A), column 'Value'", value="<9"):
        read_table(kept(tmp_path, "t.csv", content))
    content = content.replace('"Region B"', '\n"Region B"').replace("Rate,3.1", "Rate,..")
    with refused("not-a-number", value="<9"):
        read_table(kept(tmp_path, "t.csv", content))


def test_percents_with_decimal_commas_do_not_make_the_comma_a_separator(tmp_path):
    content = "Region;Indicator;Value\n" + "".join(
        f"{n};Rate;{comma(a)}%\n{n};Count;{b},5\n" for _, n, a, b in PLACES
    )
    path = kept(tmp_path, "t.csv", content + "\n* preliminary\nSource: the office, 2021\n")
    assert read_table(path)["Rate"].tolist() == RATES


def test_a_damaged_sheet_is_refused(tmp_path):
    path = sheets(tmp_path / "book.xlsx", Data=[["Region", "A"], ["x", "</b>"], ["y", 5]])
    with refused(None, place="book.xlsx") as caught:
        read_table(path)
    # the oldest reader allowed finds an empty cell
    assert caught.value.rule in ("workbook", "missing-value")


def test_where_every_row_is_left_out_it_is_said(tmp_path):
    path = kept(
        tmp_path, "l.csv", long("Region,Indicator,Value", "{name},{variable},{value}", *BOTH)
    )
    for drop in (NAMES, ["Indicator=Rate", "Indicator=Count"]):
        with refused("too-few-rows") as caught:
            read_table(path, drop=drop)
        assert "no row is left" in str(caught.value)


def test_a_word_of_codes_in_the_heading_of_a_variable(tmp_path):
    for head in ("COD (mg/l)", "Индекс цен"):
        table = read_table(kept(tmp_path, "t.csv", text(head=f"Region,Rate,{head}")))
        assert table[head].tolist() == COUNTS


def test_months_and_years_are_headings(tmp_path):
    path = kept(tmp_path, "m.csv", text(head="Region,01.2020,02.2020"))
    assert read_table(path)["01.2020"].tolist() == RATES
    path = kept(tmp_path, "y.csv", "2019,2020\n" + "".join(f"{a},{b}\n" for _, _, a, b in PLACES))
    assert read_table(path)["2019"].tolist() == RATES


def test_a_text_in_a_workbook_may_have_either_mark(tmp_path):
    rows = [
        ["Region", "A"],
        *([name, f"{b / 100:.3f}"] for name, b in zip(NAMES, COUNTS, strict=True)),
    ]
    path = sheets(tmp_path / "book.xlsx", Data=rows)
    with refused("ambiguous-number"):
        read_table(path)
    for mark, value in ((",", 1030), (".", 1.03)):
        assert read_table(path, decimal=mark)["A"].iloc[0] == value


def test_the_remedy_in_the_message_works(tmp_path):
    """The option that an error names is given, word for word, and the table is read."""
    for name in ("by_sex.csv", "turned.csv"):
        path = kept(tmp_path, name, READ[name][0])
        with pytest.raises(InputError) as caught:
            read_table(path)
        said = str(caught.value)
        option = said.partition("drop='")[2].partition("'")[0]
        table = read_table(path, drop=option) if option else read_table(path, transpose=True)
        assert table["Rate"].tolist() == RATES


@pytest.mark.parametrize(
    "word", ["Gemiddelde", "Átlag", "Średnia", "平均", "Összesen", "All regions"]
)
def test_more_words_for_totals(tmp_path, word):
    with refused("total-row", value=word):
        read_table(kept(tmp_path, "t.csv", below(f"{word},6.3,300")))


@pytest.mark.parametrize(
    ("head", "row", "said"),
    [
        ("Region,lat,lon", lambda c, n, a, b: f"{n},{a},{b}", "'lat' says where rows lie"),
        ("Region,Rate,n", lambda c, n, a, b: f"{n},{a},{c[2]}", "'n' rises from row to row"),
        (",A,B,C,D,E,F,G,H,I", lambda c, n, a, b: f"{n},{a}" + ",1.5" * 8, "with transpose"),
        ("Region,A,B", lambda c, n, a, b: f"{n},{'-999.9' if b == 220 else a},{b}", "-999.9"),
        ("Region,A,B,All", lambda c, n, a, b: f"{n},{a},{b},{a + b:.1f}", "'All' is the sum"),
        ("Region,A,City", lambda c, n, a, b: f"{n},{a},{b}", "'City', by its heading, is taken"),
        ("Region,NO2,NO", lambda c, n, a, b: f"{n},{a},{b}", "'NO', by its heading, is taken"),
        ("n,Region,A", lambda c, n, a, b: f"{c[2]},{n},{a}", "'n', which rises before the names"),
        ("Region,A,Rank", lambda c, n, a, b: f"{n},{a},{9 - int(c[2])}", "'Rank' has each number"),
    ],
)  # fmt: skip
def test_what_may_be_no_variable_is_said(tmp_path, head, row, said):
    notes = read_table(kept(tmp_path, "t.csv", lines(head, row))).attrs["reading"].notes
    assert [note for note in notes if said in note], notes


def test_more_columns_than_rows_are_fine_where_the_rows_have_names(tmp_path):
    table = lines("Region,A,B,C,D,E,F,G,H,I", lambda c, n, a, b: f"{n},{a},{b}" + ",1.5" * 7)
    notes = read_table(kept(tmp_path, "t.csv", table)).attrs["reading"].notes
    assert not [note for note in notes if "transpose" in note]


def changed(path, change, part="xl/worksheets/sheet1.xml", **more):
    with zipfile.ZipFile(path) as shown:
        parts = {name: shown.read(name).decode() for name in shown.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w") as book:
        for name, content in {**parts, **more}.items():
            book.writestr(name, content)


def test_a_percent_sign_that_is_only_text_multiplies_nothing(tmp_path):
    rows = [["Region", "A"], *([name, 1000 + at] for at, name in enumerate(NAMES))]
    path = sheets(tmp_path / "book.xlsx", Data=rows)
    for code in ("0.0&quot; %&quot;", "0.0\\%"):
        changed(path, lambda sheet: sheet.replace("<c><v>1000", '<c r="B2" s="1"><v>1000'),
                **{"xl/styles.xml": STYLES.format('numFmtId="164"', code)})  # fmt: skip
        assert read_table(path)["A"].tolist() == list(range(1000, 1008))


STYLES = (
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="{1}"/></numFmts>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf {0}/></cellXfs></styleSheet>'
)


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize("kind", ['numFmtId="10"', 'numFmtId="164"'])
@pytest.mark.parametrize("shown", [8, 3])
def test_cells_shown_as_percent_are_read_as_shown(tmp_path, kind, shown, prefix):
    percents = [f"{a / 100:.4g}" if at < shown else str(a) for at, a in enumerate(RATES)]
    rows = [["Region", "A", "B"]]
    rows += [[name, 1000 + at, b] for at, (name, b) in enumerate(zip(NAMES, COUNTS, strict=True))]
    path = sheets(tmp_path / "book.xlsx", Data=rows)

    def style(sheet):
        for at, value in enumerate(percents):
            cell = f'<c r="B{at + 2}" s="{int(at < shown)}"><v>{value}</v></c>'
            sheet = sheet.replace(f"<c><v>{1000 + at}</v></c>", cell)
        if prefix:
            sheet = re.sub(r"<(/?)(\w)", r"<\1x:\2", sheet).replace("xmlns=", "xmlns:x=")
        return sheet

    changed(path, style, **{"xl/styles.xml": STYLES.format(kind, "0.0%")})
    if shown < 8:
        with refused("mixed-units", value=["", "%"]):
            read_table(path)
    else:
        table = read_table(path)
        assert table["A"].tolist() == RATES
        assert table.attrs["reading"].units == {"A": "%"}


def test_cells_of_ods_shown_as_percent_are_read_as_shown(tmp_path):
    def cell(kind, value, more=""):
        value = f'office:value="{value}"' if kind != "string" else ""
        text = f"<text:p>{more}</text:p>"
        return f'<table:table-cell office:value-type="{kind}" {value}>{text}</table:table-cell>'

    rows = [cell("string", "", name) for name in ("Region", "A", "B")]
    rows = [f"<table:table-row>{''.join(rows)}</table:table-row>"]
    rows += [
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
    ]
    for name, a, b in zip(NAMES, RATES, COUNTS, strict=True):
        cells = cell("string", "", name) + cell("percentage", f"{a / 100:.4g}") + cell("float", b)
        rows.append(f"<table:table-row>{cells}</table:table-row>")
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content{names}><office:body><office:spreadsheet>"
        f'<table:table table:name="Data">{"".join(rows)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    path = tmp_path / "book.ods"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", content)
        listed = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        book.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{listed}"/>')
    table = read_table(path)
    assert table["A"].tolist() == RATES and table["B"].tolist() == COUNTS
    assert table.attrs["reading"].units == {"A": "%"}


@pytest.mark.parametrize("recount", [False, True])
def test_a_formula_without_a_result_is_refused(tmp_path, recount):
    """Nor a zero in the place of one, where the workbook asks to be computed when opened."""
    rows = [["Region", "A", "B"], *([name, a, 9876] for name, a in zip(NAMES, RATES, strict=True))]
    path = sheets(tmp_path / "book.xlsx", Data=rows)
    formula = f'<c r="C2"><f>B2*2</f><v>{"0" * recount}</v></c>'
    changed(path, lambda sheet: sheet.replace("<c><v>9876</v></c>", formula, 1))
    if recount:
        assert read_table(path)["B"].iloc[0] == 0
        asked = '</sheets><calcPr calcId="124519" fullCalcOnLoad="1"/>'
        changed(path, lambda book: book.replace("</sheets>", asked), "xl/workbook.xml")
    with refused("formula-without-result", place="cell C2", value="C2"):
        read_table(path)


def test_what_is_not_seen_of_another_workbook_is_said(tmp_path):
    def cell(value):
        kind = "string" if isinstance(value, str) else f'float" office:value="{value}'
        text = f"<text:p>{value}</text:p>"
        return f'<table:table-cell office:value-type="{kind}">{text}</table:table-cell>'

    rows = [["Region", "Rate", "Count"], *zip(NAMES, RATES, COUNTS, strict=True)]
    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    names = {one: f"urn:oasis:names:tc:opendocument:xmlns:{one}:1.0"
             for one in ("office", "table", "text", "manifest")}  # fmt: skip
    spaces = " ".join(f'xmlns:{one}="{name}"' for one, name in names.items())
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(tmp_path / "t.ods", "w") as book:
        book.writestr("mimetype", kind)
        book.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="A">{body}</table:table></office:spreadsheet>'
            "</office:body></office:document-content>",
        )
        book.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest {spaces}><manifest:file-entry manifest:full-path="/" '
            f'manifest:media-type="{kind}"/></manifest:manifest>',
        )
    table = read_table(tmp_path / "t.ods")
    assert table["Rate"].tolist() == RATES
    (note,) = (note for note in table.attrs["reading"].notes if ".xlsx" in note)
    assert "elsewhere 12% is read as 0.12" in note


def test_a_long_identifier_keeps_its_digits():
    """A float would make one of two neighbours."""
    frame = pd.DataFrame({"h3": [617700169958293503 + at for at in range(8)], "Rate": RATES})
    assert list(read_table(frame, label="h3").index[:2]) == [
        "617700169958293503",
        "617700169958293504",
    ]


def test_a_heading_of_footnotes_ends_the_table(tmp_path):
    table = read_table(kept(tmp_path, "t.csv", below("", '"Footnotes:"', "1,Estimate", "2,Towns")))
    assert table["Count"].tolist() == COUNTS
    assert table.attrs["reading"].footnotes == ["Footnotes:", "1 Estimate", "2 Towns"]


def test_a_column_called_0_keeps_its_name():
    frame = pd.DataFrame({0: RATES, "Count": COUNTS}, index=NAMES)
    with refused("no-header", value="0"):
        read_table(frame)
    assert list(read_table(frame.rename(columns=str).add_prefix("v"))) == ["v0", "vCount"]


def test_levels_of_columns_are_joined():
    frame = pd.DataFrame({("2020", "Rate"): RATES, ("2020", "Count"): COUNTS}, index=NAMES)
    assert list(read_table(frame)) == ["2020 Rate", "2020 Count"]


# ------------------------------------------------------------------------------------- maps
def test_a_map_is_understood_by_the_labels_of_the_table(tmp_path):
    geopandas = pytest.importorskip("geopandas", reason="maps are read by the extra 'geo'")
    from hclustkit.report.places import find_places
    from shapely.geometry import Point, box

    names = ["Акмола", "Ақтөбе", "Almaty", "Atyrau"]
    squares = [box(60 + at, 45, 61 + at, 46) for at in range(4)]
    frame = geopandas.GeoDataFrame(
        {"code": list("abcd"), "name": names}, geometry=squares, crs=4326
    )

    notes: list[str] = []

    def pairs(path: Path, labels: list[str] = names, **options: object) -> int:
        found = find_places(pd.Index(labels), map_file=str(path), **options)
        assert found is not None
        notes[:] = found.notes
        return len(found.neighbours.pairs)

    frame.to_file(tmp_path / "plain.geojson")
    assert pairs(tmp_path / "plain.geojson") == 3  # two fields of names, one has the labels
    assert pairs(tmp_path / "plain.geojson", list("abcd")) == 3
    russian = ["Акмола", "Актобе", "Almaty", "Atyrau"]
    frame.assign(name=russian).to_file(tmp_path / "old.shp", encoding="cp1251")
    (tmp_path / "old.cpg").unlink()  # the encoding is not said
    assert pairs(tmp_path / "old.shp", russian) == 3
    with zipfile.ZipFile(tmp_path / "map.zip", "w") as archive:
        for part in tmp_path.glob("old.*"):
            archive.write(part, f"folder/{part.name}")
    assert pairs(tmp_path / "map.zip", russian) == 3
    frame.to_file(tmp_path / "layers.gpkg", layer="regions")
    frame.assign(name=list("wxyz"), code="").to_file(tmp_path / "layers.gpkg", layer="others")
    assert pairs(tmp_path / "layers.gpkg") == 3
    # accents in one letter or in two; points, gaps and nameless regions that nobody asked for
    features = json.loads(frame.assign(name=["São", *names[1:]]).to_json())["features"]
    features += [
        {"type": "Feature", "properties": {"name": "Capital"},
         "geometry": Point(60, 45).__geo_interface__},
        {"type": "Feature", "properties": {"name": "Nowhere"}, "geometry": None},
        {"type": "Feature", "properties": {"name": None}, "geometry": None},
    ]  # fmt: skip
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    (tmp_path / "more.geojson").write_bytes(text.encode())
    assert pairs(tmp_path / "more.geojson", ["Sa\u0303o", *names[1:]]) == 3
    assert "Capital, Nowhere" in "".join(notes)
    frame.assign(name=["\u200eA\xa0b", *names[1:]]).to_file(tmp_path / "marks.geojson")
    assert pairs(tmp_path / "marks.geojson", ["A b", *names[1:]]) == 3
    assert notes == []
    twice = pd.concat([frame, frame.iloc[:1].set_geometry([box(64, 45, 65, 46)])])
    twice.to_file(tmp_path / "twice.geojson")
    assert pairs(tmp_path / "twice.geojson") == 4
    assert notes == ["Of several shapes on the map, taken as one region: Акмола."]
    with refused("unknown-field") as caught:
        pairs(tmp_path / "plain.geojson", map_label="NAME")
    assert "'name'" in str(caught.value)


def test_variants_of_a_variable_may_have_units_of_their_own(tmp_path):
    rows = [
        f"{place},P1,{variant},{value},{unit}"
        for place, one, two in (("A", 1.5, 20), ("B", 2.5, 30), ("C", 4, 90))
        for variant, value, unit in (("", one, "per 1,000"), ("raw", two, "persons"))
    ]
    path = tmp_path / "long.csv"
    text = "\n".join(["place,indicator,variant,value,unit", *rows])
    path.write_text(text.replace("per 1,000", '"per 1,000"'), encoding="utf-8")
    assert read_table(path, columns=["P1", "P1:raw"])["P1:raw"].tolist() == [20, 30, 90]


def test_flags_are_counted_and_each_kind_is_named(tmp_path):
    content, asked = READ["eurostat.tsv"]
    path = kept(tmp_path, "flags.tsv", content.replace(" p\n", " b\n", 1))
    notes = read_table(path, **asked).attrs["reading"].notes
    assert "16 numbers have a flag (b, p), which is left out" in notes
