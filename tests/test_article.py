"""The article as data: the committed files pass, and every way of breaking one is reported."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest
import yaml
from hclustkit.errors import InputError

from kzclusters import paths
from kzclusters.analysis.claims import TESTS
from kzclusters.evidence import article, sources

FILES = (
    "published_clusters.csv",
    "innovation_infrastructure.csv",
    "errata.csv",
    "claims.csv",
    "article_content.yml",
    "regions.csv",
)
READERS = {
    "published_clusters": article.published_clusters,
    "innovation_infrastructure": article.infrastructure,
    "errata": article.errata,
    "claims": article.claims,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        shutil.copy(paths.RAW / name, tmp_path / name)
    return tmp_path


def rows_of(folder: Path, name: str) -> list[list[str]]:
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def write_rows(folder: Path, name: str, rows: list[list[str]]) -> None:
    with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


# --- Figure 3 ------------------------------------------------------------------------------


def test_every_region_has_exactly_one_cluster():
    published = article.published_clusters()
    assert sorted(published.index) == sorted(sources.regions().index)
    assert not published.index.has_duplicates
    assert published.name == "cluster"
    sizes = [int((published == cluster).sum()) for cluster in article.CLUSTERS]
    assert sizes == [3, 3, 2, 2, 2, 2, 1, 1]


def test_the_two_cities_are_alone():
    published = article.published_clusters()
    assert list(published.index[published == "VII"]) == ["KZ-AST"]
    assert list(published.index[published == "VIII"]) == ["KZ-ALA"]


def test_an_optional_folder_is_read_instead(folder):
    rows = rows_of(folder, "published_clusters")
    for row in rows[1:]:
        row[0] = {"VII": "VIII", "VIII": "VII"}.get(row[0], row[0])
    write_rows(folder, "published_clusters", rows)
    assert article.published_clusters(folder)["KZ-AST"] == "VIII"
    assert article.published_clusters()["KZ-AST"] == "VII"


# --- infrastructure ------------------------------------------------------------------------


def test_both_readings_of_astana_are_kept():
    frame = article.infrastructure()
    astana = frame[frame["cluster"] == "VII"]
    by_figure = set(astana.loc[astana["reading"] == "figure", "organisation"])
    by_text = set(astana.loc[astana["reading"] == "text", "organisation"])
    assert not (astana["reading"] == "both").any()
    almaty = frame[frame["cluster"] == "VIII"]
    assert set(almaty["reading"]) == {"both"}
    # the figure prints Almaty's list in Astana's box, the text lists Astana's own
    assert by_figure == set(almaty["organisation"])
    assert any("Astana" in name for name in by_text)
    named = set(astana.loc[astana["form"] == "named", "organisation"])
    assert not (named & by_figure & by_text)


def test_printed_numbers_are_kept():
    frame = article.infrastructure()
    counted = frame[frame["count"].notna()]
    assert str(counted["count"].dtype) == "Int64"
    found = {
        (row.cluster, row.reading, int(row.count_))
        for row in counted.rename(columns={"count": "count_"}).itertuples()
    }
    assert found == {
        ("I", "both", 5),
        ("V", "figure", 2),
        ("VII", "figure", 7),
        ("VII", "text", 4),
        ("VIII", "both", 7),
    }
    assert len(counted) == 6, "Astana has four offices and four centres"


def test_every_oblast_cluster_has_a_corporation_a_region():
    frame = article.infrastructure()
    corporations = frame[frame["kind"] == "social-entrepreneurial corporation"]
    by_text = corporations[corporations["reading"] != "figure"]
    sizes = article.published_clusters().value_counts()
    assert by_text["cluster"].value_counts().to_dict() == sizes.to_dict()


def test_names_are_clean():
    for name in article.infrastructure()["organisation"]:
        assert name.count('"') % 2 == 0, name
        assert "  " not in name and not re.search(r"[,.;]$", name), name


def test_helix_counts_are_counted_by_hand():
    counts = article.helix_counts().set_index(["reading", "cluster", "helix"])
    assert len(counts) == 2 * 8 * 3
    # cluster VI: two corporations, two zones, an industrial zone; an incubator; universities
    for reading in article.READINGS:
        assert counts.loc[(reading, "VI", "government")].to_dict() == {
            "entries": 5,
            "organisations": 5,
            "unnumbered": 0,
        }
        assert counts.loc[(reading, "VI", "business"), "entries"] == 1
        assert counts.loc[(reading, "VI", "science")].to_dict() == {
            "entries": 1,
            "organisations": 1,
            "unnumbered": 1,
        }
    # Astana in the text: Nazarbayev University, 4 offices, 4 centres, universities, institutes
    assert counts.loc[("text", "VII", "science")].to_dict() == {
        "entries": 5,
        "organisations": 11,
        "unnumbered": 2,
    }
    # Almaty in either reading: technopark of a university, 7 offices, universities, institutes
    assert counts.loc[("figure", "VIII", "science"), "organisations"] == 10
    frame = article.infrastructure()
    for reading in article.READINGS:
        total = int(frame["reading"].isin([reading, "both"]).sum())
        assert counts.loc[reading, "entries"].sum() == total


def test_helix_counts_see_an_added_organisation(folder):
    before = article.helix_counts(folder)
    rows = rows_of(folder, "innovation_infrastructure")
    rows.append(
        [
            "VI",
            "KZ-ATY",
            "design bureau of the port",
            "",
            "generic",
            "design bureau",
            "business",
            "text",
            "text after Figure 3, sixth cluster",
            "",
        ]
    )
    write_rows(folder, "innovation_infrastructure", rows)
    difference = article.helix_counts(folder)["entries"] - before["entries"]
    changed = before.loc[difference != 0, ["reading", "cluster", "helix"]].to_numpy().tolist()
    assert changed == [["text", "VI", "business"]]


# --- errata and claims ---------------------------------------------------------------------


def test_errata_cover_what_must_not_be_missed():
    text = {row.id: f"{row.says} {row.problem}" for row in article.errata().itertuples()}
    for needle in (
        "square meters. km",
        "two capitals",
        "SKO",
        "John Bekattini",
        "GDP",
        "box of Almaty",
        "population density",
        "value of any indicator",
        "References 1 to 17",
        "Local and regional government industries",
        "2 offices of commercialization",
        "five fundamental characteristics",
        "critical mass",
        "public expenditure per capita",
    ):
        assert any(needle in said for said in text.values()), needle


def test_every_cluster_has_claims_and_every_test_is_used():
    claims = article.claims()
    assert set(claims["cluster"]) == {*article.CLUSTERS, article.EVERY}
    assert set(claims["test"]) == set(TESTS)


def test_all_values_high_is_a_claim_for_both_cities():
    claims = article.claims()
    for cluster in ("VII", "VIII"):
        chosen = claims[(claims["cluster"] == cluster) & (claims["test"] == "high")]
        named = [{name.removeprefix("-") for name in text.split()} for text in chosen["indicators"]]
        assert {f"P{number}" for number in range(1, 15)} in named


# --- content -------------------------------------------------------------------------------


def test_content_has_the_lists_in_full():
    content = article.content()
    lengths = {
        "definitions": 3,
        "essential_features": 11,
        "five_characteristics": 5,
        "oecd_2007": 9,
        "innovation_cluster_features": 4,
    }
    assert {section: len(content[section]) for section in lengths} == lengths
    assert sum(entry["precondition"] for entry in content["five_characteristics"]) == 3
    assert [entry["role"] for entry in content["oecd_1999"]].count("condition") == 3
    actors = [entry["id"] for entry in content["triple_helix"]]
    assert actors == [*article.HELIX, "others"]


def test_figure2_is_one_cycle():
    edges = {edge["from"]: edge["to"] for edge in article.content()["figure2"]["edges"]}
    at, walked = "tradition", []
    for _ in edges:
        walked.append(at)
        at = edges[at]
    assert at == "tradition"
    assert walked == ["tradition", "first_investment", "innovation", "second_investment"]


# --- broken copies -------------------------------------------------------------------------

BROKEN_CELLS = [
    ("published_clusters", 3, "cluster", "IX", "known-value"),
    ("published_clusters", 4, "region", "KZ-XXX", "known-value"),
    ("published_clusters", 5, "region", "KZ-KAR", "once"),
    ("published_clusters", 2, "cluster", "", "known-value"),
    ("innovation_infrastructure", 2, "kind", "castle", "known-value"),
    ("innovation_infrastructure", 2, "helix", "army", "known-value"),
    ("innovation_infrastructure", 2, "helix", "business", "coded-note"),
    ("innovation_infrastructure", 2, "reading", "map", "known-value"),
    ("innovation_infrastructure", 2, "where", "Figure 3, box of cluster II", "place-of-reading"),
    ("innovation_infrastructure", 2, "count", "some", "form"),
    ("innovation_infrastructure", 2, "count", "0", "form"),
    ("innovation_infrastructure", 2, "count", "3", "count-of-several"),
    ("innovation_infrastructure", 2, "organisation", "", "filled"),
    ("innovation_infrastructure", 2, "organisation", " Park", "tidy"),
    ("innovation_infrastructure", 3, "region", "KZ-ALA", "own-cluster"),
    ("innovation_infrastructure", 2, "form", "odd", "known-value"),
    ("errata", 3, "kind", "joke", "known-value"),
    ("errata", 3, "id", "E900", "ids-count-up"),
    ("errata", 3, "basis", "rumour", "known-value"),
    ("errata", 3, "problem", "", "filled"),
    ("claims", 2, "cluster", "i", "known-value"),
    ("claims", 2, "indicators", "P2 P15", "known-indicator"),
    ("claims", 2, "indicators", "", "indicators-of-test"),
    ("claims", 2, "needs", "money", "needs-or-indicators"),
    ("claims", 3, "id", "C01", "once"),
]


def error_of(read, folder) -> InputError:
    with pytest.raises(InputError) as caught:
        read(folder)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.cases(8)
@pytest.mark.parametrize(("name", "row", "column", "value", "rule"), BROKEN_CELLS)
def test_a_broken_cell_is_named(folder, name, row, column, value, rule):
    rows = rows_of(folder, name)
    rows[row - 1][rows[0].index(column)] = value
    write_rows(folder, name, rows)
    error = error_of(READERS[name], folder)
    assert (error.rule, error.value) == (rule, value)
    assert error.place.endswith(f"{name}.csv, row {row}, column {column}")


@pytest.mark.parametrize("rows_of_cells", [(3, 5), (5, 3)])
def test_of_two_broken_cells_that_of_the_first_row_is_named(folder, rows_of_cells):
    rows = rows_of(folder, "published_clusters")
    for row, (column, value) in zip(
        rows_of_cells, {"cluster": "IX", "region": "KZ-XXX"}.items(), strict=True
    ):
        rows[row - 1][rows[0].index(column)] = value
    write_rows(folder, "published_clusters", rows)
    assert ", row 3, " in error_of(READERS["published_clusters"], folder).place


def test_a_reading_that_its_places_do_not_show_is_named(folder):
    rows = rows_of(folder, "innovation_infrastructure")
    rows[1][rows[0].index("reading")] = "text"
    write_rows(folder, "innovation_infrastructure", rows)
    error = error_of(article.infrastructure, folder)
    assert error.rule == "place-of-reading" and error.place.endswith("row 2, column where")


@pytest.mark.parametrize("name", READERS)
def test_a_broken_shape_is_named(folder, name):
    whole = rows_of(folder, name)
    path = folder / f"{name}.csv"

    def found() -> tuple[str, str]:
        error = error_of(READERS[name], folder)
        return error.rule, error.place.partition(f"{name}.csv")[2]

    write_rows(folder, name, [whole[0][::-1], *whole[1:]])
    assert found() == ("header", ", row 1")
    write_rows(folder, name, [*whole[:3], whole[3][:-1], *whole[4:]])
    assert found() == ("row-length", ", row 4")
    write_rows(folder, name, [*whole[:3], [*whole[3], "more"], *whole[4:]])
    assert found() == ("row-length", ", row 4")
    write_rows(folder, name, whole[:1])
    assert found() == ("any-row", "")
    path.write_bytes(b"")
    assert found() == ("header", ", row 1")
    path.write_bytes("é".encode("latin-1"))
    assert found() == ("utf-8", "")
    path.write_text(f'{",".join(whole[0])}\n"open', encoding="utf-8")
    assert found() == ("readable-table", "")
    path.unlink()
    assert found() == ("file-present", "")


def test_a_missing_region_and_an_empty_cluster_are_named(folder):
    rows = rows_of(folder, "published_clusters")
    write_rows(folder, "published_clusters", [row for row in rows if row[1] != "KZ-MAN"])
    error = error_of(article.published_clusters, folder)
    assert (error.rule, error.value) == ("complete", "KZ-MAN")
    write_rows(folder, "published_clusters", [["VI" if c == "VII" else c for c in r] for r in rows])
    error = error_of(article.published_clusters, folder)
    assert (error.rule, error.value) == ("complete", "VII")


def test_a_cluster_without_a_reading_is_named(folder):
    rows = rows_of(folder, "innovation_infrastructure")
    at = rows[0].index("reading")
    kept = [row for row in rows if not (row[0] == "VII" and row[at] == "text")]
    write_rows(folder, "innovation_infrastructure", kept)
    error = error_of(article.infrastructure, folder)
    assert (error.rule, error.value) == ("complete", "VII") and "'text'" in str(error)


def change(content: dict, keys: tuple, value: object) -> None:
    for key in keys[:-1]:
        content = content[key]
    if value is None:
        del content[keys[-1]]
    else:
        content[keys[-1]] = value


@pytest.mark.parametrize(
    ("keys", "value", "rule", "where"),
    [
        (("definitions",), None, "keys", ""),
        (("definitions",), [], "filled", "section definitions"),
        (("definitions", 1, "text"), " ", "filled", "section definitions, entry 2, key text"),
        (("definitions", 1, "id"), "D1", "once", "section definitions, entry 2, key id"),
        (("definitions", 1, "where"), None, "keys", "section definitions, entry 2"),
        (("oecd_2007", 0, "types"), [], "filled", "section oecd_2007, entry 1, key types"),
        (
            ("figure1", "edges", 0, "to"),
            "moon",
            "known-node",
            "section figure1.edges, entry 1, key to",
        ),
        (
            ("figure2", "edges", 1, "basis"),
            "guess",
            "known-value",
            "section figure2.edges, entry 2, key basis",
        ),
        (("figure2", "nodes"), None, "keys", "section figure2"),
        (
            ("recommendations", 1, "claims"),
            ["C99"],
            "known-value",
            "section recommendations, entry 2, key claims",
        ),
        (
            ("recommendations", 1, "indicators"),
            ["P0"],
            "known-value",
            "section recommendations, entry 2, key indicators",
        ),
        (("source", "title"), None, "keys", "section source"),
    ],
)
def test_broken_content_is_named(folder, keys, value, rule, where):
    path = folder / "article_content.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content, keys, value)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    error = error_of(article.content, folder)
    assert error.rule == rule
    assert error.place.partition("article_content.yml")[2].removeprefix(", ") == where


def test_content_that_is_not_yaml_is_named(folder):
    path = folder / "article_content.yml"
    path.write_text("definitions: [\n  - }\n", encoding="utf-8")
    error = error_of(article.content, folder)
    assert error.rule == "yaml" and error.place.endswith("row 2")
    path.write_text("source: 1\nsource: 2\n", encoding="utf-8")
    assert error_of(article.content, folder).rule == "yaml"
    path.write_text("just words\n", encoding="utf-8")
    assert error_of(article.content, folder).rule == "keys"


def test_concepts_and_recommendations_are_tables_of_the_content() -> None:
    content = article.content()
    concepts = article.concepts()
    for section, title in article.CONCEPTS.items():
        rows = concepts[concepts["list"] == title]
        assert rows[["no", "text"]].to_numpy().tolist() == [
            [entry["id"], entry["text"]] for entry in content[section]
        ]
    remarks = concepts.set_index("no")["remark"]
    assert remarks["D3"].startswith("fits ") and remarks["H1"] == "a precondition"
    assert remarks["O1"] == "a condition" and remarks["F1"] == ""
    assert remarks["K1"] == "from localised in a small area to dispersed over a large one"

    verdicts = dict.fromkeys(article.claims()["id"], "partly") | {"C09": "not supported"}
    found = article.recommendations(verdicts)
    assert list(found["no"]) == [entry["id"] for entry in content["recommendations"]]
    third = found.set_index("no").loc["R3"]
    assert third["claims"].startswith(
        "C09: Business concentration is about the same. Not supported. "
    )
    assert third["claims"].count(" Partly.") == 3 and third["indicators"] == "P10, P11"
    with pytest.raises(KeyError):
        article.recommendations({})
