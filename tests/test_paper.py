"""The paper: no typed number, nothing stale, three formats that say the same.

Everything that alters a file works on a copy of the project.
"""

from __future__ import annotations

import csv
import fcntl
import functools
import html.parser
import io
import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import docx
import numpy as np
import pypandoc
import pypdf
import pytest
from docx.oxml.ns import qn
from hclustkit.errors import InputError
from pypdf.generic import DecodedStreamObject, NameObject
from scipy.cluster.hierarchy import cut_tree, linkage

from kzclusters import paths
from kzclusters.evidence import article
from kzclusters.publish.paper import __main__ as command
from kzclusters.publish.paper import checks, formats, production, tables
from kzclusters.publish.paper.adapt import OVERHANG
from kzclusters.publish.paper.document import (
    PREFIXES,
    Node,
    insert,
    list_placed,
    number,
    parse,
    text_of,
    walk,
)
from kzclusters.publish.paper.material import Material
from kzclusters.publish.paper.project import Project
from kzclusters.publish.paper.template import fill
from kzclusters.publish.paper.values import Leaf, lookup, write_value
from kzclusters.publish.paper.verify import check

COPIED = ("paper", "data", "figures")
FILES = ("CITATION.cff", "requirements.lock", "study.yml")
OUTPUTS = production.OUTPUTS
EDITS = paths.PAPER / "copy_edits.csv"
"""A copy editor's list; a wording that is done is gone, one that is answered is still there."""


def copied(target: Path) -> Project:
    for name in COPIED:
        shutil.copytree(paths.ROOT / name, target / name)
    for name in FILES:
        shutil.copy(paths.ROOT / name, target / name)
    return Project(target)


@pytest.fixture(scope="module", autouse=True)
def made_once() -> Iterator[None]:
    """Tables are made again only where a file of data was altered, which is then another file;
    what pandoc has read it does not read again."""
    make, read = tables.build, pypandoc.convert_text
    known: dict[object, dict[str, tables.Table]] = {}
    read_once = functools.cache(lambda text, to, form: read(text, to, format=form))

    def build(material: Material, wanted: Iterable[str]) -> dict[str, tables.Table]:
        root, names = material.project.root, tuple(wanted)
        files = [*root.glob("data/*/*"), *(root / name for name in FILES)]
        states = ((path, path.stat()) for path in files)
        marks = frozenset((p.relative_to(root), s.st_ino, s.st_mtime_ns) for p, s in states)
        if (names, marks) not in known:
            known[names, marks] = make(material, names)
        return dict(known[names, marks])

    def convert(text: str, to: str, **options: Any) -> str:
        plain = options.keys() == {"format"}
        return read_once(text, to, options["format"]) if plain else read(text, to, **options)

    with patch.object(tables, "build", build), patch.object(pypandoc, "convert_text", convert):
        yield


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the project with its paper built again, elsewhere than the checkout.

    Workers of pytest-xdist share one: the first makes it, the other waits.
    """
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    project, done = Project(root / "else where"), root / "built-paper.done"
    with (root / "built-paper.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            copied(project.root)
            for name in OUTPUTS:
                (project.paper / name).unlink(missing_ok=True)
            production.build(project)
            done.touch()
    return project


@pytest.fixture(scope="module")
def text(built: Project) -> production.Manuscript:
    return production.manuscript(built)


@pytest.fixture
def altered(built: Project, tmp_path: Path) -> Project:
    """A copy of the built project that a test may break; what is not altered is linked."""
    target = tmp_path / "altered"
    for source in built.root.rglob("*"):
        place = target / source.relative_to(built.root)
        if source.is_file():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.hardlink_to(source)
    return Project(target)


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    """Change a file without touching what it is linked to."""
    old = path.read_text(encoding="utf-8")
    new = change(old)
    assert new != old, "the alteration changed nothing"
    path.unlink()
    path.write_text(new, encoding="utf-8")


def change_result(project: Project, key: str, value: Any, name: str = "results.json") -> None:
    def change(content: str) -> str:
        found = json.loads(content)
        inner = found
        *above, last = key.split(".")
        for part in above:
            inner = inner[part]
        assert inner[last] != value
        inner[last] = value
        return json.dumps(found)

    rewrite(project.processed / name, change)


# --- the paper that is committed ----------------------------------------------------------------


@pytest.fixture
def same_render(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was built is not built again where a test does not alter its sources."""
    content = {name: (built.paper / name).read_bytes() for name in OUTPUTS}
    monkeypatch.setattr(production, "render", lambda _project, _text: content)


@pytest.fixture
def same_pdf(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The PDFs that were built stand for those of another build, which take longest."""
    monkeypatch.setattr(
        formats, "pdf", lambda _text, _project, name: (built.paper / f"{name}.pdf").read_bytes()
    )


def test_a_build_in_another_folder_gives_the_same_bytes(built: Project) -> None:
    for name in ("paper.pdf", "supplement.pdf"):
        assert (built.paper / name).read_bytes() == (paths.PAPER / name).read_bytes(), name


@pytest.mark.usefixtures("same_render")
def test_the_committed_paper_is_what_the_results_give() -> None:
    check(Project())


@pytest.mark.slow
@pytest.mark.usefixtures("same_pdf")
def test_a_second_build_changes_no_byte_and_no_time(built: Project) -> None:
    """Of the PDFs the committed ones are the other build."""
    before = {name: (built.paper / name).stat().st_mtime_ns for name in OUTPUTS}
    content = {name: (built.paper / name).read_bytes() for name in OUTPUTS}
    production.build(built)
    for name in OUTPUTS:
        assert (built.paper / name).read_bytes() == content[name], name
        assert (built.paper / name).stat().st_mtime_ns == before[name], name


# --- what breaks it -----------------------------------------------------------------------------


def test_a_number_altered_in_the_results_is_seen(altered: Project) -> None:
    change_result(altered, "votes.n_voting", 21)
    with pytest.raises(InputError, match=r"votes\.n_voting is written '20'; the findings say '21'"):
        check(altered)


def test_a_number_that_a_figure_shows_makes_the_figure_stale(altered: Project) -> None:
    change_result(altered, "agreement.adjusted_rand_index", 0.51)
    with pytest.raises(InputError, match="the figure is stale.*results say"):
        check(altered)


def test_a_number_altered_in_the_page_is_seen(altered: Project) -> None:
    key = "agreement.adjusted_rand_index"
    pattern = rf'(data-key="{re.escape(key)}"[^>]*>)0\.50'
    rewrite(altered.paper / "paper.html", lambda page: re.sub(pattern, r"\g<1>0.90", page, count=1))
    with pytest.raises(InputError, match=rf"paper\.html: {re.escape(key)} is written '0\.90'"):
        check(altered)


@pytest.mark.cases(1)
@pytest.mark.usefixtures("same_render")
@pytest.mark.parametrize("name", OUTPUTS)
def test_a_paper_edited_by_hand_is_seen(altered: Project, name: str) -> None:
    path = altered.paper / name
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content + b"\n")
    with pytest.raises(InputError) as caught:
        check(altered)
    assert (caught.value.rule, caught.value.place) == ("stale-paper", f"paper/{name}")


@pytest.mark.slow
@pytest.mark.usefixtures("same_pdf")
def test_a_picture_altered_since_the_build_is_seen(
    altered: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the page, which comes before the Word document; that is not written again."""
    monkeypatch.setattr(
        formats, "docx", lambda _text, _project, name: (altered.paper / f"{name}.docx").read_bytes()
    )
    path = altered.figures / "dendrogram.png"
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content + b"\n")
    with pytest.raises(InputError) as caught:
        check(altered)
    assert caught.value.rule == "stale-paper"


@pytest.mark.parametrize("ending", ["svg", "png", "csv"])
def test_a_missing_figure_is_named(altered: Project, ending: str) -> None:
    (altered.figures / f"dendrogram.{ending}").unlink()
    with pytest.raises(InputError, match=rf"figures/dendrogram\.{ending}: the figure is missing"):
        check(altered)


def test_a_figure_drawn_from_another_text_is_stale(altered: Project) -> None:
    rewrite(
        altered.figures / "dendrogram.svg", lambda svg: svg.replace("Tree lying", "Tree standing")
    )
    with pytest.raises(InputError, match=r"figures/dendrogram\.svg: the figure is stale.*desc"):
        production.manuscript(altered)


def test_a_figure_drawn_from_other_data_is_stale(altered: Project) -> None:
    rewrite(altered.figures / "coassociation.csv", lambda data: data.replace("1.0", "0.9", 1))
    with pytest.raises(InputError, match=r"figures/coassociation\.csv: the figure is stale"):
        production.manuscript(altered)


def test_a_work_that_is_not_in_the_bibliography_is_named(altered: Project) -> None:
    rewrite(
        altered.paper / "references.bib", lambda bib: bib.replace("{hubert1985,", "{hubert1986,")
    )
    with pytest.raises(InputError, match="the work 'hubert1985' is not in references.bib"):
        check(altered)


def test_a_work_that_is_not_cited_is_named(altered: Project) -> None:
    extra = "\n@book{spare, author={A, B}, title={T}, year={1999}}\n"
    rewrite(altered.paper / "references.bib", lambda bib: bib + extra)
    with pytest.raises(InputError, match="the work 'spare' is not cited"):
        check(altered)


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("10.1007/BF01908075", "1007/BF01908075", "hubert1985: '1007/BF01908075' is not a DOI"),
        ("  year    = {1985},\n", "", "hubert1985: neither a year nor"),
        ("  title   = {Comparing Partitions},\n", "", "hubert1985: title is missing"),
    ],
)
def test_an_incomplete_work_is_named(altered: Project, old: str, new: str, message: str) -> None:
    rewrite(altered.paper / "references.bib", lambda bib: bib.replace(old, new))
    with pytest.raises(InputError, match=re.escape(message)):
        check(altered)


@pytest.mark.cases(4)
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[](#sec:measures)", "[](#sec:nowhere)", "the reference to 'sec:nowhere' goes nowhere"),
        ("{#fig:dendrogram", "{#fig:dendrograms", "manifest.yml has no figure 'dendrograms'"),
        ("{#tbl:own}", "{#tbl:owns}", "there is no table 'owns'"),
        ("{#sec:limits}", "{#sec:luck}", "the identifier 'sec:luck' is given twice"),
        ("[@ward1963]", "[@ward1936]", "the work 'ward1936' is not in references.bib"),
        ("{{ votes.n_voting }}", "{{ votes.n_votes }}", "the findings hold no 'votes.n_votes'"),
        ("{{ votes.n_voting }}", "{{ ballots.n }}", "'ballots' is undefined"),
        ("{{ votes.n_voting }}", "20", "'20' is typed"),
        ("{{ votes.n_voting }}", "twenty", "'twenty' is typed"),
        ("{{ votes.n_voting }}", "{{ 20 }}", "'20' is typed"),
        (
            "{{ votes.n_voting }}",
            '[20]{.value key="votes.n_silent" form="text"}',
            "votes.n_silent is written '20'",
        ),
        ("{{ votes.n_voting }}", "{{ baseline.scaling | n(2) }}", "cannot be written as 'n:2'"),
        ("{{ votes.n_voting }}", "{{ votes.n_voting | n(2) ", "line"),
    ],
)
def test_a_fault_in_the_source_stops_the_build(
    altered: Project, old: str, new: str, message: str
) -> None:
    refuses(altered, "paper.md", old, new, message)


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('[$v$]{alt="v"}', "$v$", "the formula 'v' is not said in words"),
        ('[$v$]{alt="v"}', '[$v = 0.5$]{alt="v"}', "a number is typed in the formula"),
        ('[$v$]{alt="v"}', '[$v$]{alt="v is 16"}', "'16' is typed"),
    ],
)
def test_a_fault_in_the_supplement_stops_the_build(
    altered: Project, old: str, new: str, message: str
) -> None:
    refuses(altered, "supplement.md", old, new, message)


def refuses(altered: Project, name: str, old: str, new: str, message: str) -> None:
    """Alter a source; the build stops and the old papers stay whole."""
    rewrite(altered.paper / name, lambda source: source.replace(old, new, 1))
    before = {name: (altered.paper / name).read_bytes() for name in OUTPUTS}
    with pytest.raises(InputError, match=re.escape(message)):
        production.build(altered)
    assert {name: (altered.paper / name).read_bytes() for name in OUTPUTS} == before


def test_a_wording_that_the_results_no_longer_bear_is_marked_and_fails_the_check(
    altered: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    change_result(altered, "survival.own.n_cities_apart", 1, "setting.json")
    with pytest.raises(InputError, match="no longer bear out what the text says: the two cities"):
        check(altered)
    # what is written is looked at, not how
    for name in ("pdf", "docx"):
        monkeypatch.setattr(formats, name, lambda *_: b"")
    monkeypatch.setattr(formats, "html", lambda text, *_: text_of(text["blocks"]).encode("utf-8"))
    assert command.main(["build", "--root", str(altered.root)]) == 0
    assert "warning: paper.md needs rewriting" in capsys.readouterr().err
    marked = (altered.paper / "paper.html").read_text(encoding="utf-8")
    assert re.search(r"To be rewritten\..*the two cities stand apart", marked)


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("key", "value", "name"),
    [
        ("exact", [], "robustness.json"),
        ("verdict.solid", [], "robustness.json"),
        ("baseline.missing", [], "results.json"),
        ("votes.by_k", {"3": 20}, "results.json"),
    ],
)
def test_other_results_still_give_a_paper(
    altered: Project, key: str, value: Any, name: str
) -> None:
    """New data must not stop the build; what the text then says wrongly is marked."""
    change_result(altered, key, value, name)
    assert production.manuscript(altered, strict=False).documents


def test_no_notice_has_a_typed_number() -> None:
    source = "".join((paths.PAPER / f"{name}.md").read_text("utf-8") for name in PREFIXES)
    claims = re.findall(r'holds\(.*?, "([^"]+)"\) }}', source)
    assert len(claims) > 30
    checks.check_text(parse("\n\n".join(claims)))


def test_missing_results_are_named(altered: Project) -> None:
    (altered.processed / "robustness.json").unlink()
    with pytest.raises(InputError, match=r"robustness\.json: the file is missing"):
        check(altered)


@pytest.mark.usefixtures("same_render")
def test_the_command_prints_one_message(
    altered: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    (altered.paper / "paper.docx").unlink()
    assert command.main(["check", "--root", str(altered.root)]) == 0
    (altered.paper / "paper.pdf").unlink()
    assert command.main(["check", "--root", str(altered.root)]) == 1
    printed = capsys.readouterr()
    assert printed.err == "error: paper/paper.pdf: the file is missing; run `make paper`\n"


# --- the text -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "The index is 0.5.",
        "# Section 7",
        "* 12 items",
        "> quoted 3",
        "A `5` in code.",
        "**Table 4** by hand.",
        "[a link of 3](#x)",
        "A note.^[With 9.]",
        "Thirteen regions.",
        "It was in 2013.",
        "`<b>4</b>`{=html}",
        "| a |\n|---|\n| 6 |\n",
        "Term\n:   with 8\n",
        '"quoted 5"',
        "H~2~O",
        "x^3^",
        "Figure 4 shows it.",
    ],
)
def test_a_typed_number_is_refused(typed: str) -> None:
    with pytest.raises(InputError, match="is typed"):
        checks.check_text(parse(typed))


@pytest.mark.parametrize("field", ["title", "abstract", "keywords"])
def test_a_typed_number_is_refused_in_the_head(field: str) -> None:
    with pytest.raises(InputError, match="is typed"):
        checks.check_text(parse(f"---\n{field}: of 16 regions\n---\n"))


@pytest.mark.parametrize(
    "allowed",
    [
        "Figure 3 and Figures 1 of the article, P1 to P14.",
        "PDF/UA-1, ISO 3166-2, CC BY 4.0.",
        "The division before 2018.",
        "[see @ward1963, 58]",
        "$\\sum_{k=1}^{2} x^2 - 0$",
        '[0.50]{.value key="a" form="n:2"}',
        "[text](https://example.org/2013)",
        "Two regions.",
    ],
)
def test_names_and_values_are_allowed(allowed: str) -> None:
    checks.check_text(parse(allowed))


def test_every_value_of_the_text_is_the_one_of_the_results(built: Project, text: Any) -> None:
    found = json.loads((built.processed / "results.json").read_text(encoding="utf-8"))
    values = checks.values_in(text.documents["paper"])
    assert len(values) > 100
    index = [v.text for v in values if v.key == "agreement.adjusted_rand_index"]
    assert index and {said.replace(",", ".") for said in index} == {
        f"{found['agreement']['adjusted_rand_index']:.2f}"
    }
    page = checks.values_in_html((built.paper / "paper.html").read_text(encoding="utf-8"))
    assert sorted(page) == sorted(values)


def test_the_first_three_figures_of_the_supplement_keep_the_numbers_of_the_article(
    text: Any,
) -> None:
    figures = [node for node in walk(text.documents["supplement"]) if node["t"] == "Figure"][:3]
    assert [node["c"][0][0] for node in figures] == ["fig:figure1", "fig:figure2", "fig:figure3"]
    captions = [text_of(node["c"][1]).split(".")[0] for node in figures]
    assert captions == ["Figure S1", "Figure S2", "Figure S3"]


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (0.5, "n:2", "0.50"),
        (-0.104, "n:2", "−0.10"),
        (-0.001, "n:2", "0.00"),
        (296496, "count", "296,496"),
        (0.822409, "percent:0", "82%"),
        (0.0023, "percent:1", "0.2%"),
        (0.998264, "percent:0", "99.8%"),
        (3, "words", "three"),
        (12, "Words", "Twelve"),
        (16, "words", "16"),
        (0, "words", "none"),
        (1.44, "signed:1", "+1.4"),
        (-1.54, "signed:1", "−1.5"),
        (0.01, "signed:1", "0.0"),
        (["a", "b", "c"], "listing", "a, b and c"),
        ([], "listing", "none"),
        ("2011-11-09", "day", "9 November 2011"),
        ("x", "text", "x"),
        (2013, "text", "2013"),
    ],
)
def test_values_are_written_as_asked(value: Any, form: str, expected: str) -> None:
    assert write_value(value, form) == expected


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("x", "n:2"),
        (True, "count"),
        (1.5, "count"),
        (1.5, "words"),
        ("ab", "listing"),
        ("2011-13-01", "day"),
        (None, "text"),
        ({"a": 1}, "text"),
        (1, "roman"),
    ],
)
def test_values_that_cannot_be_written_so_are_refused(value: Any, form: str) -> None:
    with pytest.raises(InputError, match="cannot be written as"):
        write_value(value, form)


def test_lookup_finds_names_with_dots() -> None:
    content = {"noise": {"0.05": {"unchanged": 0.1}}, "pairs": [{"r": 1.0}]}
    assert lookup(content, "noise.0.05.unchanged") == 0.1
    assert lookup(content, "pairs.0.r") == 1.0
    for key in ("noise.0.06", "pairs.1.r", "pairs.r", "nothing"):
        with pytest.raises(InputError, match="hold no"):
            lookup(content, key)


def test_a_value_survives_markdown() -> None:
    filled = fill("{{ a.b | listing }}", {"a": {"b": ["P6 [*x*]", "R&D_1", "~5 < 7"]}})
    (value,) = checks.values_in(parse(filled))
    assert value == ("a.b", "listing", "P6 [*x*], R&D_1 and ~5 < 7")


def test_leaves_compare_as_their_values() -> None:
    assert Leaf("a", 0.5) < 0.6 < Leaf("b", 0.7)
    assert (
        Leaf("a", ["x"]) == ["x"] and len(Leaf("a", ["x"])) == 1 and list(Leaf("a", "x")) == ["x"]
    )
    assert str(Leaf("a", ["x", "y"])[1]) == '[y]{.value key="a.1" form="text"}'


def test_numbers_of_sections_tables_and_references() -> None:
    source = (
        "# One {#sec:one}\n\n## Inner {#sec:inner}\n\n::: {#tbl:t}\nCaption.\n:::\n\n"
        "See [](#sec:inner), [](#tbl:t), [](#tbl:u) and [](#sec:app).\n\n"
        "# Aside {.unnumbered}\n\n# Two\n\n"
    )
    other = "# App {#sec:app}\n\nSee [](#tbl:t).\n\n::: {#tbl:u}\nOther.\n:::\n"
    made = {name: tables.Table(("a", "b"), [("c", "1")], "lr") for name in "tu"}
    parsed = {"paper": parse(source), "supplement": parse(other, "supplement")}
    assert list_placed(parsed["paper"]) == [("tbl", "t")]
    filled = {name: insert(one, {}, made, "figures", name) for name, one in parsed.items()}
    numbered = number(filled)
    links = [node for node in walk(numbered["paper"]) if node["t"] == "Link"]
    assert len(links) == 2, "a reference to the other document is text"
    said = " ".join(text_of([one["blocks"] for one in numbered.values()]).split())
    for part in (
        "1 One",
        "1.1 Inner",
        "Aside",
        "2 Two",
        "S1 App",
        "Table 1. Caption.",
        "Table S1. Other.",
        "Section 1.1, Table 1, Table S1 and Section S1",
        "See Table 1 of the paper",
    ):
        assert part in said, part


@pytest.mark.parametrize(
    "edit", list(csv.DictReader(EDITS.read_text("utf-8").splitlines())), ids=lambda edit: edit["id"]
)
def test_an_edit_is_done_or_answered(edit: dict[str, str]) -> None:
    texts = [(paths.PAPER / f"{name}.md").read_text(encoding="utf-8") for name in PREFIXES]
    said = " ".join(" ".join(texts).split())
    assert edit["status"] in ("done", "answered") and edit["answer"]
    assert edit["now"] in said
    if edit["kind"] == "wording":
        assert (edit["was"] in said) == (edit["status"] == "answered")
    else:
        assert edit["kind"] == "form"


# --- the tables ---------------------------------------------------------------------------------


def cells(table: tables.Table) -> np.ndarray:
    """The numbers of a table without its first column; empty cells are NaN."""
    plain = [[cell.replace("−", "-").replace(",", "") for cell in row[1:]] for row in table.rows]
    return np.array([[float(cell) if cell else np.nan for cell in row] for row in plain])


def test_the_printed_z_scores_give_the_printed_clusters(built: Project, text: Any) -> None:
    """A reader who has only the pages can redo the clustering."""
    z = cells(text.tables["standardized"])
    tree = linkage(z, method="ward")
    printed = cells(text.tables["cluster_membership"]).astype(int)
    for place, k in enumerate(range(2, 11)):
        ours = cut_tree(tree, n_clusters=k).ravel()
        firsts = list(dict.fromkeys(ours))
        assert [firsts.index(label) + 1 for label in ours] == list(printed[:, place]), k


def test_the_printed_values_give_the_printed_z_scores(text: Any) -> None:
    values, z = cells(text.tables["values"]), cells(text.tables["standardized"])
    scaled = (values - values.mean(axis=0)) / values.std(axis=0, ddof=1)
    # three digits are printed: P9 has few of them and a small spread
    assert np.abs(scaled - z).max() < 0.03


def test_the_printed_matrix_and_schedule_belong_to_the_printed_z_scores(text: Any) -> None:
    z = cells(text.tables["standardized"])
    squared = ((z[:, None, :] - z[None, :, :]) ** 2).sum(axis=2)
    printed = cells(text.tables["proximity_matrix"])
    lower = np.tril_indices(len(z))
    assert np.isnan(printed[np.triu_indices(len(z), 1)]).all()
    np.testing.assert_allclose(printed[lower], squared[lower], atol=0.2, rtol=0.01)
    heights = linkage(z, method="ward")[:, 2]
    coefficient = [float(row[3]) for row in text.tables["agglomeration_schedule"].rows]
    np.testing.assert_allclose(coefficient, np.cumsum(heights**2 / 2), atol=0.1, rtol=0.01)


def test_tables_hold_all_there_is(built: Project, text: Any) -> None:
    made = text.tables
    assert [row[0] for row in made["errata"].rows] == list(article.errata()["id"])
    assert [row[0] for row in made["claims"].rows] == list(article.claims()["id"])
    assert [row[0] for row in made["evidence"].rows] == list(article.claims()["id"])
    assert sum(int(row[1]) for row in made["tests"].rows) == len(article.claims())
    counts = text.results["claims"]["counts"]
    assert [int(cell) for cell in made["verdicts"].rows[-1][2:]] == list(counts.values())
    assert set(made) == set(tables.TABLES), "a table is never shown"
    built_here = {row[0]: row[2] for row in made["indicators"].rows}
    assert built_here["P4"] == "employed per 1,000 inhabitants"  # the unit is said once
    assert built_here["P14"] == "gross regional product per inhabitant (thousand KZT per person)"


def test_a_table_of_another_shape_is_refused() -> None:
    for header, rows, align in (
        (("a",), [("b", "c")], "l"),
        (("a", "b"), [("c", "d")], "l"),
        (("a",), [], "l"),
    ):
        with pytest.raises(InputError):
            tables.Table(header, rows, align)


# --- PDF ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=PREFIXES)
def name(request: pytest.FixtureRequest) -> str:
    """The paper, then the supplement."""
    return str(request.param)


@pytest.fixture(scope="module")
def document(text: Any, name: str) -> Node:
    return text.documents[name]


@pytest.fixture(scope="module")
def pdf(built: Project, name: str) -> pypdf.PdfReader:
    return pypdf.PdfReader(built.paper / f"{name}.pdf")


def shown(document: Node, text: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Figures and tables of one document, by name, in their order."""
    found: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for node in walk(document):
        if node["t"] in ("Figure", "Table"):
            key = node["c"][0][0].partition(":")[2]
            kind = node["t"] == "Table"
            found[kind][key] = (text.tables if kind else text.figures)[key]
    return found


Placed = list[tuple[str, float, float]]


@pytest.fixture(scope="module")
def pages(built: Project, name: str) -> list[tuple[str, Placed]]:
    """Text of every page, and its pieces with their places; without the paths of the drawings,
    which would take long to read."""
    path = re.compile(rb"(?:-?[\d.]+\s){2,6}(?:[mlcvy]|re)\s")
    found = []
    for page in pypdf.PdfReader(built.paper / f"{name}.pdf").pages:
        stream = DecodedStreamObject()
        stream.set_data(path.sub(b"", page.get_contents().get_data()))
        page[NameObject("/Contents")] = stream
        pieces: Placed = []

        def seen(part: str, cm: Any, tm: Any, _font: Any, _size: Any, to: Placed = pieces) -> None:
            if part.strip():
                to.append((part, tm[4] * cm[0] + cm[4], tm[5] * cm[3] + cm[5]))

        found.append((page.extract_text(visitor_text=seen), pieces))
    return found


def structure(pdf: pypdf.PdfReader) -> list[tuple[str, str]]:
    """Kind and alternative text of every element of the structure tree."""
    found: list[tuple[str, str]] = []

    def visit(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                visit(child)
        elif isinstance(node, dict):
            if "/S" in node:
                found.append((str(node["/S"]), str(node.get("/Alt", ""))))
            if "/K" in node:
                visit(node["/K"])

    visit(pdf.trailer["/Root"]["/StructTreeRoot"])
    return found


def test_pdf_is_tagged_titled_and_in_its_language(pdf: pypdf.PdfReader, document: Node) -> None:
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is not False
    assert str(root["/Lang"]).startswith("en")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata is not None and pdf.metadata.title == text_of(document["meta"]["title"])
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    assert len(pdf.outline) > 10


def test_pdf_says_every_picture_and_formula_in_words(
    pdf: pypdf.PdfReader, document: Node, text: Any
) -> None:
    figures, made = shown(document, text)
    kinds = structure(pdf)
    alts = [alt for kind, alt in kinds if kind == "/Figure"]
    for entry in figures.values():
        assert " ".join(entry.alt.split()) in alts, entry.name
    formulas = [alt for kind, alt in kinds if kind == "/Formula"]
    spoken = sum(node["t"] == "Math" for node in walk(document))
    assert all(alts) and all(formulas) and len(formulas) == spoken
    names = [kind for kind, _ in kinds]
    assert names.count("/Table") == len(made)
    assert {"/H1", "/H2", "/TH", "/TD", "/Caption", "/L", "/Link"} <= set(names)


def test_abstracts_in_other_languages_have_no_english_numbers() -> None:
    _, *abstracts = (paths.ROOT / "paper/paper.md").read_text(encoding="utf-8").split("::: {lang=")
    forms = re.findall(r"\| (\w+)", " ".join(abstracts))
    assert len(abstracts) == 2 and set(forms) == {"comma"}


def test_pdf_sets_kazakh_and_russian(pdf: pypdf.PdfReader, pages: Any, name: str) -> None:
    plain = " ".join(" ".join(said for said, _ in pages).split())
    wanted = ["Аннотация", "Аңдатпа", "өңірлерден бөлек тұрады"]
    if name == "supplement":
        rows = (paths.RAW / "regions.csv").read_text(encoding="utf-8").splitlines()[1:]
        wanted = [said for row in rows for said in row.split(",")[2:4]]
    for said in wanted:
        assert said in plain, said
    assert "\ufffd" not in plain
    fonts = {}
    for page in pdf.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            inner = font.get_object()
            inner = (
                inner["/DescendantFonts"][0].get_object() if "/DescendantFonts" in inner else inner
            )
            described = inner["/FontDescriptor"]
            fonts[str(inner["/BaseFont"])] = any(
                f"/FontFile{n}" in described for n in ("", "2", "3")
            )
    assert fonts and all(fonts.values()), "a font is not embedded"


def test_pdf_loses_nothing_over_an_edge(
    pdf: pypdf.PdfReader, pages: Any, document: Node, text: Any
) -> None:
    def bare(said: str) -> str:
        """Without what a line break or the setting of an apostrophe changes."""
        return re.sub(r"\s+|\u200b", "", said).replace("\u2019", "'")

    plain = bare("".join(said for said, _ in pages))
    for key, table in shown(document, text)[1].items():
        missing = [row[0] for row in table.rows if bare(row[0]) not in plain]
        assert not missing, f"{key}: {missing[:3]}"
    for place, (page, (_, pieces)) in enumerate(zip(pdf.pages, pages, strict=True), start=1):
        width, height = float(page.mediabox.width), float(page.mediabox.height)
        outside = [p for p, x, y in pieces if not (20 < x < width - 20 and 20 < y < height - 20)]
        assert not outside, f"page {place}: {outside[:3]}"


def test_the_paper_has_ten_pages_at_most(built: Project) -> None:
    assert len(pypdf.PdfReader(built.paper / "paper.pdf").pages) <= 10


def test_no_page_is_nearly_empty(pages: Any) -> None:
    """But the last one: a page with one row of a table says that the table broke badly."""
    for place, (said, pieces) in enumerate(pages[:-1], start=1):
        if re.search(r"Figure S?\d+\.", said):
            continue  # a picture fills it, which has no text
        heights = [y for _, _, y in pieces if 60 < y < 780]
        assert max(heights) - min(heights) > 200, f"page {place}"


def test_no_table_begins_at_the_foot_of_a_page(pages: Any) -> None:
    """Under its caption there is room for its heading and for more than one row."""
    captions = [
        (place, y)
        for place, (_, pieces) in enumerate(pages, start=1)
        for said, _, y in pieces
        if re.match(r"Table S?\d+\.", said.strip())
    ]
    assert len(captions) >= 3
    assert not [(place, y) for place, y in captions if y < 118]


def test_no_page_but_the_last_is_half_empty(pages: Any) -> None:
    """The lowest line above the foot, or caption of a figure, is below the middle."""
    lowest = [min(y for _, _, y in pieces if y > 60) for _, pieces in pages]
    assert not [(place, y) for place, y in enumerate(lowest[:-1], start=1) if y > 842 / 2]


def test_a_figure_leaves_room_for_its_caption(text: Any) -> None:
    """A page has 725 points for both, and four lines of caption take 50."""
    for entry in text.figures.values():
        svg = (paths.FIGURES / f"{entry.name}.svg").read_text(encoding="utf-8")
        height = re.search(r'<svg[^>]*\bheight="([\d.]+)pt"', svg)
        assert height is not None and float(height[1]) <= 675, entry.name


def test_no_table_of_the_paper_is_broken(built: Project, text: Any) -> None:
    source = formats.typst_source(text.documents["paper"], built)
    tables_of = [node for node in walk(text.documents["paper"]) if node["t"] == "Table"]
    assert source.count("#floating[") == len(tables_of) > 0


def test_type_in_figures_is_legible_in_print(text: Any) -> None:
    """No letter below 6.5 points: pictures are set in their own size, letters drawn as paths."""
    for entry in text.figures.values():
        svg = (paths.FIGURES / f"{entry.name}.svg").read_text(encoding="utf-8")
        sizes = [100 * float(scale) for scale in re.findall(r"scale\(([\d.]+) -[\d.]+\)", svg)]
        assert sizes and min(sizes) >= 6.5, (entry.name, min(sizes))
        width = re.search(r'<svg[^>]*\bwidth="([\d.]+)pt"', svg)
        assert width is not None and float(width[1]) <= 471 + 2 * OVERHANG, entry.name


def test_a_figure_without_alternative_text_stops_the_pdf(built: Project, text: Any) -> None:
    document = json.loads(json.dumps(text.documents["supplement"]))
    image = next(node for node in walk(document) if node["t"] == "Image")
    image["c"][1] = []
    with pytest.raises(InputError, match="fig:figure1: there is no alternative text"):
        formats.pdf(document, built, "supplement")


def test_typst_itself_refuses_what_is_not_accessible(altered: Project, text: Any) -> None:
    untitled = {"title: [$title$], ": "", "#title()": "$title$"}
    for old, new in untitled.items():
        rewrite(altered.paper / "template.typ", lambda typ, old=old, new=new: typ.replace(old, new))
    with pytest.raises(
        InputError, match=r"paper\.pdf: typst refuses it: PDF/UA-1 error: missing doc"
    ):
        formats.pdf(text.documents["paper"], altered)


# --- HTML ---------------------------------------------------------------------------------------


class Page(html.parser.HTMLParser):
    """Elements of a page with their attributes."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.style = ""
        self._inside = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.style += data

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [given for tag, given in self.elements if tag in tags]


@pytest.fixture(scope="module")
def page(built: Project, name: str) -> Page:
    return Page((built.paper / f"{name}.html").read_text(encoding="utf-8"))


def test_html_loads_nothing(page: Page) -> None:
    for tag, given in page.elements:
        for name in ("src", "srcset", "poster", "data", "action", "background"):
            assert given.get(name, "data:").startswith("data:"), (tag, given)
        if tag == "link":
            assert given["href"].startswith("data:")
        if tag == "a":
            assert re.match(r"#|https://doi\.org/", given["href"]), given
    assert not page.all("script", "iframe", "object", "embed", "video", "audio")
    assert not re.search(r"url\(\s*['\"]?(?!data:)|@import", page.style)


def test_html_has_language_title_headings_and_words_for_pictures(
    page: Page, document: Node, text: Any
) -> None:
    figures, made = shown(document, text)
    assert page.all("html")[0]["lang"] == "en-GB"
    assert len(page.all("title")) == len(page.all("h1")) == len(page.all("main")) == 1
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    images = page.all("img")
    assert [given["alt"] for given in images] == [" ".join(e.alt.split()) for e in figures.values()]
    assert len(page.all("table")) == len(made) and all(
        given.get("aria-labelledby") for given in page.all("table")
    )
    assert any(given.get("name") == "viewport" for given in page.all("meta"))
    assert "prefers-color-scheme: dark" in page.style
    assert {given["lang"] for given in page.all("span", "div") if "lang" in given} == {"ru", "kk"}


def test_html_links_within_the_page_arrive(page: Page) -> None:
    identifiers = [given["id"] for _, given in page.elements if "id" in given]
    assert len(identifiers) == len(set(identifiers))
    for given in page.all("a"):
        if given["href"].startswith("#"):
            assert given["href"][1:] in identifiers, given
    for given in page.all("table"):
        assert given["aria-labelledby"] in identifiers


# --- DOCX ---------------------------------------------------------------------------------------


def test_docx_has_headings_captions_and_tables_of_its_own(
    built: Project, text: Any, name: str
) -> None:
    source = text.documents[name]
    figures, made = shown(source, text)
    document = docx.Document(str(built.paper / f"{name}.docx"))
    styles = [paragraph.style.name for paragraph in document.paragraphs]
    headings = [node for node in source["blocks"] if node["t"] == "Header"]
    assert styles.count("Heading 1") == sum(node["c"][0] == 1 for node in headings)
    assert styles.count("Heading 2") == sum(node["c"][0] == 2 for node in headings)
    assert styles.count("Title") == 1
    assert styles.count("Table Caption") == len(document.tables) == len(made)
    assert styles.count("Image Caption") == len(figures)
    for table, one in zip(document.tables, made.values(), strict=True):
        assert len(table.rows) == len(one.rows) + 1
        assert [cell.text for cell in table.rows[0].cells] == list(one.header)
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    body = document.element.body
    words = [item.get("descr") for item in body.iter(qn("wp:docPr"))]
    assert words == [" ".join(entry.alt.split()) for entry in figures.values()]
    assert len(list(body.iter(qn("m:oMath")))) == sum(n["t"] == "Math" for n in walk(source))
    assert document.core_properties.title == text_of(source["meta"]["title"])


def test_docx_carries_no_time_and_no_compression(built: Project, name: str) -> None:
    content = (built.paper / f"{name}.docx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        for entry in package.infolist():
            assert entry.date_time == (2015, 1, 1, 0, 0, 0)
            assert entry.compress_type == zipfile.ZIP_STORED
        core = package.read("docProps/core.xml").decode("utf-8")
    assert set(re.findall(r"\d{4}-\d\d-\d\dT", core)) == {"2015-01-01T"}


# --- numbers of the findings beside the tables ---------------------------------------------------


def test_findings_agree_with_the_printed_tables(text: Any) -> None:
    found = text.results
    r = np.corrcoef(cells(text.tables["standardized"]), rowvar=False)
    np.fill_diagonal(r, 0)
    assert found["correlations"]["pairs"][0]["r"] == pytest.approx(np.abs(r).max(), abs=0.005)
    draws = found["robustness"]["permutation"]["relabel"]["draws"]
    assert found["robustness"]["luck"]["floor"] == pytest.approx(1 / (draws + 1))
    assert found["helix"]["total"] == {
        actor: sum(int(row[2 + place]) for row in text.tables["helix"].rows)
        for place, actor in enumerate(article.HELIX)
    }


def test_a_result_that_is_missing_or_misread_is_named(altered: Project) -> None:
    change_result(altered, "votes.n_voting", "20")
    with pytest.raises(InputError) as caught:
        check(altered)
    assert caught.value.rule == "field-type"
    assert caught.value.place == "results.json.votes.n_voting"
