"""Tables as offices, programs and people leave them: read rightly, or refused with the remedy."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hclustkit.errors import InputError
from hclustkit.report import Choices, analyse
from hclustkit.report.command import as_options, read_as_asked
from hclustkit.report.write import own_table
from hclustkit.tables import read_table
from refusals import refused

NAMES = [f"Region {letter}" for letter in "ABCDEFGH"]
RATES = [12.5, 3.1, 7.7, 8.8, 1.2, 4.4, 9.9, 2.3]
COUNTS = [103, 220, 340, 410, 155, 261, 377, 488]


def text(sep=",", head="Region,Rate,Count", names=NAMES, rate=str, count=str) -> str:
    rows = [sep.join(head.split(","))]
    for name, a, b in zip(names, RATES, COUNTS, strict=True):
        rows.append(sep.join([name, rate(a), count(b)]))
    return "\n".join(rows) + "\n"


def comma(value: float) -> str:
    return str(value).replace(".", ",")


def below(*rows: str) -> str:
    return text() + "".join(f"{row}\n" for row in rows)


def above(*rows: str) -> str:
    return "".join(f"{row}\n" for row in rows) + text()


def second(row: str) -> str:
    return text().replace("\n", f"\n{row}\n", 1)


def grown(times: int, mark: str, sep: str = ",") -> str:
    return text(
        sep, rate=comma if sep == ";" else str, count=lambda b: f"{b * times:,}".replace(",", mark)
    )


def first_two(*names: str) -> str:
    return text(names=[*names, *NAMES[2:]])


def twice(time: str, one: str, two: str) -> str:
    rows = [(time, "Rate", "Count")]
    rows += [(at, str(a), str(b)) for a, b in zip(RATES, COUNTS, strict=True) for at in (one, two)]
    names = ["Region", *(name for name in NAMES for _ in range(2))]
    return "\n".join(",".join([name, *row]) for name, row in zip(names, rows, strict=True))


# name of the file -> its content; all of them hold the same eight regions
READ: dict[str, str | bytes] = {
    "pipe.csv": text("|"),
    "tab.txt": text("\t"),
    "two_semicolons.csv": text(";;"),
    "blanks_after.csv": text(", "),
    "old_mac.csv": text().replace("\n", "\r"),
    "wide_be.csv": text("\t").encode("utf-16-be"),
    "four_bytes.csv": text("\t").encode("utf-32"),
    "really_text.xls": text("\t"),
    "from_r.txt": text(" ", '"Rate","Count"', [f'"{name}"' for name in NAMES]),
    "aligned.txt": text("   ", names=[name.replace(" ", "_") for name in NAMES]),
    "titles.csv": above(
        "Regional indicators", "Source: Eurostat; data, 2020", "made 01.02.2021", ""
    ),
    "eurostat.csv": above(
        "Updated,29/03/2021", "Dataset:,Population [X]", "", "Frequency,Annual", ""
    ),
    "comments.csv": above("# made by X", "# 2020"),
    "numbered.csv": second("1,2,3"),
    "lettered.csv": second("A,1,2"),
    "units.csv": second("Einheit,Prozent,Anzahl"),
    "notes.csv": below("", "* provisional", "1) estimated", "Source: Office, 2020"),
    "padded_note.csv": below(",,", "see methodology,,"),
    "source_in_two.csv": below("Source:,Eurostat,"),
    "codes.csv": "\n".join(
        f"{'AGS' if at == 0 else at * 1000 + 13},{line}"
        for at, line in enumerate(text().splitlines())
    ),
    "rank.csv": "\n".join(
        f"{'Rank' if at == 0 else at},{line}" for at, line in enumerate(text().splitlines())
    ),
    "exponents.csv": text(";", rate=lambda a: comma(f"{a:.3E}")),
    "thin_blanks.csv": grown(1013, "\u2009"),
    "narrow_blanks.csv": grown(1013, "\u202f", ";"),
    "apostrophes.csv": grown(1013, "\u2019"),
    "points.csv": grown(1013, ".", ";"),
    "minus.csv": text(count=lambda b: f"\u2212{b}"),
    "per_cent.csv": text(rate=lambda a: f"{a} %"),
    "invisible.csv": text(names=[f"{name}\u200b" for name in NAMES]),
    "right_to_left.csv": text(names=[f"\u200f{name}\u200e" for name in NAMES]),
    "ordinals.csv": "\n".join(
        f"{'№' if at == 0 else f'{at}.'},{line}" for at, line in enumerate(text().splitlines())
    ),
    "euros.csv": text(rate=lambda a: f"€{a}"),
    "signed.csv": text(rate=lambda a: f"+{a}"),
    "two_marks.csv": "\ufeff\ufeff" + text(),
    "dos_end.csv": text() + "\x1a",
    "mixed_ends.csv": text().replace("\n", "\r\n", 3),
    "yes_and_no.csv": "\n".join(
        f"{line},{'Coast' if at == 0 else ('yes', 'no')[at % 2]}"
        for at, line in enumerate(text().splitlines())
    ),
    "names_in_panel.csv": "\n".join(
        f"{line},{'FY' if at == 0 else 'FY2019'}" for at, line in enumerate(text().splitlines())
    ),
}
WIDE = ",".join(f"v{at}" for at in range(10**5))
# name -> (content, rule)
REFUSED: dict[str, tuple[str | bytes, str]] = {
    "unquoted.txt": (text("   "), "no-column"),
    "polish.csv": (first_two("Łódzkie", "Śląskie").encode("cp1250"), "ambiguous-encoding"),
    "turkish.csv": (first_two("İstanbul", "Muğla").encode("cp1254"), "ambiguous-encoding"),
    "kazakh.csv": (first_two("Ақмола", "Түркістан").encode("kz1048"), "ambiguous-encoding"),
    "koi8.csv": (first_two("Омская", "Томская").encode("koi8-r"), "ambiguous-encoding"),
    "dos.csv": (first_two("Омская", "Томская").encode("cp866"), "ambiguous-encoding"),
    "zero.csv": (text().replace("3.1", "3\0.1"), "not-text"),
    "picture.csv": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "not-text"),
    "paper.csv": (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "not-text"),
    "page.xls": ("<html><body><table><tr><td>1</td></tr></table></body></html>", "not-a-table"),
    "records.csv": ('[{"Region": "A", "x": 1}, {"Region": "B", "x": 2}]', "not-a-table"),
    "one_row.csv": ("Region,A,B\nx,1,2\n", "too-few-rows"),
    "wide_row.csv": (f"R,{WIDE}\nx" + ",1" * 10**5, "too-few-rows"),
    "with_words.csv": (text(count=lambda b: f"{b} EUR"), "number-with-word"),
    "flagged.csv": (text(rate=lambda a: f"{a} p"), "number-with-word"),
    "two_words.csv": (text(count=lambda b: f"{b}{'KM'[b > 300]}"), "number-with-word"),
    "brackets.csv": (text(count=lambda b: f"({b})"), "not-a-number"),
    "minus_behind.csv": (text(count=lambda b: f"{b}-"), "not-a-number"),
    "below_limit.csv": (text(rate=lambda a: f"<{a}" if a < 3 else str(a)), "not-a-number"),
    "infinite.csv": (text(rate=lambda a: f"{a}e999"), "not-finite"),
    "both_marks.csv": (text(";", rate=lambda a: comma(a) if a > 5 else str(a)), "mixed-decimal"),
    "arrows.csv": (text(rate=lambda a: f"{a} ↑"), "not-a-number"),
    "notes_above.csv": (text(rate=lambda a: f"{a}¹" if a > 9 else str(a)), "not-a-number"),
    "fractions.csv": (text(rate=lambda a: "1/2" if a > 9 else str(a)), "not-a-number"),
    "spoilt_by_excel.csv": (text(rate=lambda a: "03.Jan" if a < 2 else str(a)), "not-a-number"),
    "spans.csv": (text(rate=lambda a: f"{a}-{a + 1}"), "not-a-number"),
    "points_between_commas.csv": (
        text(rate=lambda a: str(round(a)), count=lambda b: f"{b}.013"),
        "ambiguous-number",
    ),
    "quality.csv": (
        text(rate=lambda a: "F" if a == 3.1 else f"{a}{'ABCDE'[int(a) % 5]}"),
        "number-with-word",
    ),
    "mostly_withheld.csv": (text(rate=lambda a: "withheld" if a > 3 else str(a)), "not-a-number"),
    "first_row_is_flagged.csv": (
        second("First region,>1000,<0.25"),
        "not-a-number",
    ),
    "lakhs.csv": (text("\t", count=lambda b: f"1,23,{b}"), "not-a-number"),
    "arabic.csv": (
        text(count=lambda b: str(b).translate({48 + at: 0x660 + at for at in range(10)})),
        "not-a-number",
    ),
    "too_narrow.csv": (text(count=lambda b: "####" if b == 220 else str(b)), "not-a-number"),
    "secret.csv": (text(count=lambda b: "(D)" if b == 220 else str(b)), "missing-value"),
    "some_per_cent.csv": (text(rate=lambda a: f"{a}%" if a > 5 else str(a)), "mixed-units"),
    "heading_again.csv": (text() + text(), "duplicate-label"),
    "cut_off.csv": (text().replace(",220", ""), "ragged-row"),
    "open_quote.csv": (first_two('"Region A', "Region B"), "csv"),
    "beside.csv": ("\n".join(f"{row},,{row}" for row in text().splitlines()), "duplicate-column"),
    "lines.csv": ('{"Region":"A","Rate":1}\n{"Region":"B","Rate":2}\n', "not-a-table"),
    "two_alphabets.csv": (first_two("Oмск", "Омск"), "similar-label"),
    "nothing_visible.csv": (first_two("Om\u200bsk", "Omsk"), "similar-label"),
    "composed.csv": (first_two("Cafe\u0301", "Caf\u00e9"), "similar-label"),
    "hyphens.csv": (first_two("Nord-Est", "Nord\u2011Est"), "similar-label"),
    "dashes.csv": (first_two("Nord-Est", "Nord\u2013Est"), "similar-label"),
    "apostrophes.csv": (first_two("Côte d'Or", "Côte d\u2019Or"), "similar-label"),
    "greek.csv": (first_two("Alfa", "\u0391lfa"), "similar-label"),
    "yo.csv": (first_two("Орёл", "Орел"), "similar-label"),
    "no_heading.csv": ("A;1,5;2\nB;3,5;5\nC;4,5;4\n", "no-header"),
    "turned.csv": ("Indicator,A,B,C,D\nv,1,2,3,5\nw,8,6,7,3\n", "transposed"),
    "turned_too.csv": ("Көрсеткіштер,A,B,C,D\nv,1,2,3,5\nw,8,6,7,3\n", "transposed"),
    "dates.csv": (twice("Date", "2018-12-31", "2019-12-31"), "choose-year"),
    "years.csv": (twice("Год", "2018 г.", "2019 г."), "choose-year"),
    "quarters.csv": (twice("Quarter", "2018Q1", "2018Q2"), "duplicate-label"),
    "subtotals.csv": ("R,P,A\nN,30,12\nA,10,5\nB,20,7\nS,77,32\nC,33,11\nD,44,21", "total-row"),
    "below_0.csv": ("R,P,A\nN,-30,-12\nA,-10,-5\nB,-20,-7\nS,-77,-32\nC,-33,-11\nD,-44,-21",
        "total-row"),
    "country_last.csv": (below(f"Deutschland,6.34,{sum(COUNTS)}"), "total-row"),
    "country_first.csv": (second(f"Республика,6.34,{sum(COUNTS)}"), "total-row"),
}  # fmt: skip
TOTALS = ["TOTAL*", "Grand Total (all)", "National average", "Subtotal", "Total général"]
TOTALS += ["Ensemble", "Insgesamt:", "Bundesdurchschnitt", "Summe / Durchschnitt", "Totale", "合计"]
TOTALS += ["Razem", "Toplam", "Итого по стране", "Всего по области", "В среднем по РФ", "Усього"]
TOTALS += ["Барлығы", "全　国", "合 计", "T O T A L", "Hele landet", "Koko maa", "Σύνολο", "Общо"]
TOTALS += ["कुल", "全国 / National", "ΣΥΝΟΛΟ", "Avg.", "Нийт", "Mittel", "全国总计", "S\u0301rednio"]
PLACES = ["Totalville", "Tottenham", "Meantime", "Всеволожск", "Среднее Поволжье", "Средний Урал"]


def kept(tmp_path: Path, name: str, content: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("name", READ)
def test_a_table_is_read_whatever_surrounds_it(tmp_path, name):
    table = read_table(kept(tmp_path, name, READ[name]))
    assert [label.replace("_", " ") for label in table.index] == NAMES
    assert table["Rate"].tolist() == RATES and list(table) == ["Rate", "Count"]
    assert table["Count"].abs().tolist() in (COUNTS, [1013 * count for count in COUNTS])
    assert (table["Count"] < 0).all() == (name == "minus.csv")


@pytest.mark.parametrize("name", REFUSED)
def test_a_table_is_refused_where_a_number_would_be_guessed(tmp_path, name):
    content, rule = REFUSED[name]
    with refused(rule):
        read_table(kept(tmp_path, name, content))


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("cp932", ["東京都", "サハリン"]),
        ("cp932", ["佐々木市（総数）：", "△１２髙島"]),
        ("gbk", ["广东省（万人）", "北京市：２"]),
        ("gbk", ["北京市", "广东省"]),
        ("big5", ["臺北市", "高雄市"]),
        ("euc_kr", ["서울특별시", "경기도"]),
        ("cp1256", ["الرياض", "مكة"]),
    ],
)
def test_encodings_of_the_east_are_named(tmp_path, code, names):
    path = kept(tmp_path, "t.csv", first_two(*names).encode(code))
    with refused("ambiguous-encoding") as caught:
        read_table(path)
    said = str(caught.value)
    assert any(f"{name!r} ({code})" in said for name in names) and "encoding=" in said
    assert list(read_table(path, encoding=code).index)[:2] == names


@pytest.mark.parametrize("label", TOTALS)
def test_totals_in_many_languages_are_never_clustered(tmp_path, label):
    path = kept(tmp_path, "t.csv", below(f"{label},5.5,300"))
    with refused("total-row", value=" ".join(label.split())):
        read_table(path)
    assert len(read_table(path, drop=label)) == 8


@pytest.mark.parametrize("first", ["n.a.", "120 b", "Canada", "a"])
def test_the_first_number_with_a_word_is_named(tmp_path, first):
    """Not the first cell in which the letters of a word occur."""
    content = text(rate=lambda a: first if a == 12.5 else f"{a} a")
    at, word = (2, "b") if first == "120 b" else (3, "a")
    with refused("number-with-word", place=f"row {at} ({NAMES[at - 2]}), column 'Rate'") as caught:
        read_table(kept(tmp_path, "t.csv", content))
    assert caught.value.value == word and f"{word}' is a number with" in str(caught.value)


def test_a_column_that_tells_repeated_labels_apart_is_named(tmp_path):
    with refused("duplicate-label") as caught:
        read_table(kept(tmp_path, "t.csv", REFUSED["quarters.csv"][0]))
    assert "keep the rows of one 'Quarter'" in str(caught.value)
    rows = "N,Region,Sex,A", "7,x,m,1", "5,x,f,2", "8,y,m,3", "9,y,f,5"
    with refused("duplicate-label") as caught:
        read_table(kept(tmp_path, "t.csv", "\n".join(rows)))
    assert "keep the rows of one 'Sex'" in str(caught.value)


def test_places_that_sound_like_totals_are_places(tmp_path):
    path = kept(tmp_path, "t.csv", text(names=[*PLACES, *NAMES[6:]]))
    assert list(read_table(path).index)[:6] == PLACES


def test_a_name_of_numbers_is_a_name(tmp_path):
    path = kept(tmp_path, "t.csv", text(names=[f"{at}.{at}" for at in range(1, 9)]))
    assert list(read_table(path)) == ["Rate", "Count"]
    long = "fips,time,indicator,value\n" + "".join(
        f"{at:05d},2020,{name},{value}\n"
        for at, pair in enumerate(zip(RATES, COUNTS, strict=True))
        for name, value in zip(("GDP", "POP"), pair, strict=True)
    )
    assert read_table(kept(tmp_path, "l.csv", long)).loc["00003"].tolist() == [8.8, 410]


BAD = {"sign": "220%", "text": "2x", "other mark": '"2,5"', "too large": "1e999", "twice": "1\n{}9"}
BAD["in doubt"] = "1.220"


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("left", [{"columns": "Rate"}, {"drop": "Count"}])
def test_what_is_left_out_breaks_no_rule(tmp_path, bad, left):
    """Neither a variable of a long table nor a column of a wide one."""
    rows = [f"{n},{v},{x}\n" for n, *both in zip(NAMES, RATES, COUNTS, strict=True)
            for v, x in zip(("Rate", "Count"), both, strict=True)]  # fmt: skip
    cell = BAD[bad].format("Region B,Count,")
    rows[3] = f"Region B,Count,{cell}\n"
    tables = [
        pd.read_csv(kept(tmp_path, "t.csv", "Region,Variable,Value\n" + "".join(rows)), dtype=str)
    ]
    if bad != "twice":
        tables.append(
            tables[0].pivot(index="Region", columns="Variable", values="Value").reset_index()
        )
    for at, table in enumerate(tables):
        path = tmp_path / f"{at}.csv"
        table.to_csv(path, index=False)
        for source in (table, path):
            assert read_table(source, **left)["Rate"].tolist() == RATES
            if bad != "in doubt":
                with pytest.raises(InputError):
                    read_table(source)


def test_units_of_a_variable_that_is_left_out_may_differ(tmp_path):
    rows = "".join(
        f"{n},Rate,%,{a}\n{n},Count,{'t' if b > 300 else 'kg'},{b}\n"
        for n, a, b in zip(NAMES, RATES, COUNTS, strict=True)
    )
    path = kept(tmp_path, "t.csv", "Region,Indicator,Unit,Value\n" + rows)
    for left in ({"columns": "Rate"}, {"drop": "Count"}):
        assert read_table(path, **left)["Rate"].tolist() == RATES
    with refused("mixed-units", place="row 7, column 'Unit'"):
        read_table(path)


def test_a_row_that_is_left_out_may_lack_a_year(tmp_path):
    panel = "".join(f"{n},{y},{a},{b}\n" for n, a, b in zip(NAMES, RATES, COUNTS, strict=True)
                    for y in (2019, 2020))  # fmt: skip
    for year in ("", "all", "2020"):
        path = kept(tmp_path, "t.csv", f"Region,Year,Rate,Count\n{panel}Total,{year},50,2354\n")
        table = read_table(path, year=2020, drop="Total")
        assert table["Rate"].tolist() == RATES
        assert ("Total" in table.attrs["whole"].labels) == (year == "2020")
        assert len(table.attrs["whole"].labels) == 8 + (year == "2020")


def test_a_doubt_about_the_decimal_mark_is_settled_by_what_is_not_used(tmp_path):
    content = text(rate=lambda a: f"{round(a)}.500", count=lambda b: f"{b}.25")
    path = kept(tmp_path, "t.csv", content)
    assert read_table(path, columns="Rate")["Rate"].tolist() == [round(a) + 0.5 for a in RATES]
    path = kept(tmp_path, "d.csv", text(rate=lambda a: f"{round(a)}.500"))
    with refused("ambiguous-number", place="row 2, column 'Rate'") as caught:
        read_table(path)
    said = str(caught.value)
    for mark, value in ((".", "12.5"), (",", "12500")):
        assert f'{value}, with decimal="{mark}"' in said
        assert f'{value}, with --decimal "{mark}"' in as_options(said)
        assert read_table(path, decimal=mark)["Rate"].iloc[0] == float(value)


def test_cells_of_a_frame_may_hold_anything():
    frame = pd.DataFrame({"Region": NAMES, "Rate": RATES, "List": [[1, at] for at in COUNTS]})
    with refused("not-a-number", place="List"):
        read_table(frame)
    assert list(read_table(frame, drop="List")) == ["Rate"]


def test_a_heading_within_the_table_is_never_filled(tmp_path):
    path = kept(tmp_path, "t.csv", second("NORTH,,").replace("Region E", "SOUTH,,\nRegion E"))
    for policy in ("impute-median", "impute-knn", "drop-columns"):
        with refused("empty-row", value=["NORTH", "SOUTH"]):
            read_table(path, missing=policy)
    assert list(read_table(path, drop=["NORTH", "SOUTH"]).index) == NAMES
    assert list(read_table(path, missing="listwise").index) == NAMES


def test_her_table_comes_back_whole(tmp_path):
    rows = text(head="Region,Rate,Code", count=lambda b: f"0{b}").splitlines()
    rows = [f"{row},{'Note,B' if at == 0 else f'n{at},{at * at}'}" for at, row in enumerate(rows)]
    rows[3] = rows[3].replace("7.7", "..")
    path = kept(tmp_path, "t.csv", "\n".join([*rows, "Total,50.2,,sum,"]))
    table, _ = read_as_asked(path, {"drop": "Total", "missing": "impute-median"})
    assert list(table) == ["Rate", "B"]
    own = own_table(analyse(table, Choices(k=2, missing="impute-median")))
    assert list(own) == ["Region", "Rate", "Code", "Note", "B", "cluster"] and len(own) == 9
    assert own["Code"][0] == "0103" and own["Note"][0] == "n1"
    assert own["Rate"][2] == ".." and own["Rate"][0] == 12.5
    assert own["cluster"][8] == "" and set(own["cluster"][:8]) == {1, 2}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (text(count=lambda b: "-9999" if b == 220 else str(b)), "'Count' has the value -9999"),
        (text(count=lambda b: "99999" if b > 400 else str(b)), "99999, far from all others, in 2"),
        (below("of which: towns,5.5,1000"), "'of which: towns' is called like a part"),
        (below("в т.ч. город,5.5,1000"), "'в т.ч. город' is called like a part"),
    ],
)
def test_what_may_be_no_value_and_no_region_is_named(tmp_path, content, said):
    notes = read_table(kept(tmp_path, "x.csv", content)).attrs["reading"].notes
    assert [note for note in notes if said in note], notes


def test_ninety_nine_is_a_number_among_others(tmp_path):
    content = text(count=lambda b: "99" if b == 103 else str(b))
    notes = read_table(kept(tmp_path, "x.csv", content)).attrs["reading"].notes
    assert not [note for note in notes if "missing" in note]


def test_the_largest_numbers_are_read_in_silence(tmp_path, recwarn):
    content = text(rate=lambda a: f"{a}e307" if a < 9 else f"-{a / 10}e308")
    assert read_table(kept(tmp_path, "x.csv", content))["Rate"].iloc[1] == 3.1e307
    content = text(rate=lambda a: f"{a}e-300", count=lambda b: f"{b},{b * b}").replace(
        "Rate,Count", "Rate,Count,Area"
    )
    assert read_table(kept(tmp_path, "x.csv", content))["Rate"].iloc[1] == 3.1e-300
    assert not list(recwarn)


LONG = "Region;Year;Indicator;Value\n" + "".join(
    f"{region};{year};{name};{at + step}\n"
    for at, region in enumerate("ABC")
    for year in ("{0}", "{1}")
    for step, name in enumerate(("x", "y"))
)


@pytest.mark.parametrize(
    ("first", "second", "options"),
    [
        ("2018/19", "2019/20", {"drop": "Year=2018/19"}),
        ("before", "after", {"drop": "Year=before"}),
        ("2019-Q4", "2020-Q1", {"year": 2020}),
        ("2019M12", "2020M01", {"year": 2020}),
        ("Q4 2019", "Q1 2020", {"drop": "Year=Q4 2019"}),
        ("2019年", "2020年", {"year": 2020}),
        ("2019 yil", "2020 yil", {"year": 2020}),
    ],
)
def test_a_long_table_has_periods_of_any_kind(tmp_path, first, second, options):
    path = kept(tmp_path, "t.csv", LONG.replace("{0}", first).replace("{1}", second))
    table = read_table(path, **options)
    assert table.to_numpy().tolist() == [[0, 1], [1, 2], [2, 3]]
    with refused(None) as caught:
        read_table(path)
    assert caught.value.rule in ("choose-year", "duplicate-row")
    if caught.value.rule == "duplicate-row":
        assert f"drop='Year={second}'" in str(caught.value)
        assert len(read_table(path, drop=f"Year={second}")) == 3


@pytest.mark.parametrize(
    ("options", "place", "said"),
    [
        ({"columns": ["Region", "x"]}, "columns", "this is not one to choose: 'Region'"),
        ({"columns": ["x", "k"], "drop": "k"}, "columns", "this is not one to choose: 'k'"),
        ({"columns": "q"}, "columns", "there is no column 'q'"),
        ({"categories": "q"}, "categories", "there is no column 'q'"),
        ({"categories": "Region"}, "categories", "this is not one to choose: 'Region'"),
    ],
)
def test_why_a_column_cannot_be_chosen(tmp_path, options, place, said):
    path = kept(tmp_path, "t.csv", "Region;x;k\nA;1;u\nB;3;v\nC;4;u\n")
    with refused("unknown-column", place=place) as caught:
        read_table(path, **options)
    assert said in str(caught.value)


def test_a_year_that_is_a_heading_is_a_column(tmp_path):
    path = kept(tmp_path, "t.csv", "Region;2019;2020\nA;1;2\nB;2;3\nC;4;5\n")
    with refused("year-without-years", value=2020) as caught:
        read_table(path, year=2020)
    assert "columns='2020'" in str(caught.value)
    assert read_table(path, columns="2020")["2020"].tolist() == [2, 3, 5]
    with refused("year-type"):
        read_table(path, year="²")


def test_signs_that_only_look_like_digits_are_refused(tmp_path):
    table = read_table(kept(tmp_path, "t.csv", "c;Region;x\n²;A;1\n³;B;4\n¹;C;5\n"))
    assert table["x"].tolist() == [1, 4, 5]


def test_few_small_answers_may_be_the_mean_of_the_others(tmp_path):
    answers = "name,a,b\np,1,5\nq,2,4\nr,4,3\ns,9,0\n"  # r is (1 + 2 + 9) / 3, (5 + 4 + 0) / 3
    assert len(read_table(kept(tmp_path, "t.csv", answers))) == 4
    with refused("total-row", value="r"):
        read_table(
            kept(
                tmp_path,
                "t.csv",
                "name,a,b\np,10,50\nq,20,40\nr,40,30\ns,90,0\n".replace(",0\n", ",0.0\n")
                .replace("10", "10.5")
                .replace("20", "19.5"),
            )
        )
