"""The site: the checks, how pages are put together, one build, and a look in a browser."""

from __future__ import annotations

import fcntl
import html
import json
import os
import random
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, pairwise
from pathlib import Path
from threading import Thread
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import nbformat
import pandas as pd
import pytest
from hclustkit.errors import InputError
from hclustkit.files import write_bytes
from scale import long_form

from kzclusters import paths, pipeline, study
from kzclusters.evidence import indicators, sources
from kzclusters.figures import manifest
from kzclusters.notebook import FULL_SIZE
from kzclusters.publish import texts
from kzclusters.publish.metadata import notebook_index
from kzclusters.publish.site import (
    builder,
    check,
    data_pages,
    launch,
    links,
    manuscript,
    mathml,
    notebooks,
    outputs,
    reference,
    translated,
)
from kzclusters.publish.site.__main__ import main

SEED = study.parameters()["seed"]
LONE = builder.LONE
NOTEBOOKS = list(pipeline.notebooks())
KINDS_OF_PAGE = [
    "index.html",
    *(f"notebooks/{name}.html" for name in NOTEBOOKS),
    "paper.html",
    "paper/paper.html",
    "data/index.html",
    "data/indicators.html",
    "data/series.html",
    "data/glossary.html",
    "figures/index.html",
    "figures/ru.html",
    "api/index.html",
    "api/hclustkit.tree.tree.html",
    "_modules/hclustkit/tree/tree.html",
    "genindex.html",
    "py-modindex.html",
    "search.html",
    "explore.html",
    "explorer.html",
    "by_hand.html",
    "exercises.html",
    "teach.html",
    "paper_text.html",
    "docs/moved.html",
    "api/hclustkit.html",
    "api/kzclusters.html",
    "api/kzclusters.lesson.data.html",
]


# --- the checks find what they are for ------------------------------------------------------
def a_site(folder: Path, body: str, css: str = "") -> Path:
    (folder / "sub").mkdir()
    (folder / "sub" / "other.html").write_text('<p id="there">x</p>', encoding="utf-8")
    (folder / "style.css").write_text(css, encoding="utf-8")
    (folder / "index.html").write_text(f"<body>{body}</body>", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "body",
    [
        '<a href="sub/other.html">x</a>',
        '<a href="sub/other.html#there">x</a>',
        '<a href="sub/other.html#year=2014&amp;k=5">the page reads its own address</a>',
        '<a href="#here">x</a><p id="here">y</p>',
        '<a href="https://example.org/nowhere">an outside link is not followed</a>',
        '<img src="style.css" alt="a picture">',
        '<img src="data:image/png;base64,AAAA" role="presentation" alt="">',
        '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
    ],
)
def test_a_sound_page_has_no_fault(tmp_path: Path, body: str) -> None:
    assert check.problems(a_site(tmp_path, body)) == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="gone.html">x</a>', "gone.html: there is no such file"),
        ('<a href="sub/other.html#gone">x</a>', "there is no such place in the page"),
        ('<a href="#gone">x</a>', "there is no such place in the page"),
        ('<a href="sub/">x</a>', "opens only where a server runs"),
        ('<a href="../">x</a>', "leads to a folder"),
        ('<img src="gone.png" alt="x">', "gone.png: there is no such file"),
        ('<img src="style.css">', "no alternative text"),
        ('<img src="style.css" alt=" ">', "no alternative text"),
        (
            '<script src="https://cdn.example.org/a.js"></script>',
            "loads https://cdn.example.org/a.js",
        ),
        ('<link rel="stylesheet" href="//cdn.example.org/a.css">', "loads //cdn.example.org/a.css"),
        (
            '<img srcset="style.css 1x, http://example.org/b.png 2x" src="style.css" alt="x">',
            "loads http",
        ),
        ('<iframe src="http://example.org/"></iframe>', "<iframe> loads"),
        ("<style>@import 'https://example.org/f.css';</style>", "a style loads https"),
        ('<p style="background: url(https://example.org/f.png)">', "a style loads https"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, body: str, fault: str) -> None:
    found = check.problems(a_site(tmp_path, body))
    assert len(found) == 1 and fault in found[0] and found[0].startswith("index.html: ")


@pytest.mark.parametrize(
    ("css", "fault"),
    [
        ("@import url(https://fonts.example.org/css);", "style.css: loads https"),
        ("p { background: url('gone.png') }", "gone.png: there is no such file"),
    ],
)
def test_a_fault_in_a_style_sheet_is_named(tmp_path: Path, css: str, fault: str) -> None:
    (found,) = check.problems(a_site(tmp_path, "", css))
    assert fault in found


# --- putting the sources together -----------------------------------------------------------
@pytest.mark.parametrize(
    ("folder", "given", "wanted"),
    [
        ("notebooks", "[a](02_ward_clustering.ipynb)", "[a](02_ward_clustering.ipynb)"),
        ("notebooks/solutions", "[a](../05_ward_by_hand.ipynb)", "[a](../05_ward_by_hand.ipynb)"),
        ("notebooks", "[a](../data/README.md)", "[a](../data/index.md)"),
        (
            "notebooks",
            "[a `b`](../packages/hclustkit/src/hclustkit/scaling.py)",
            "[a `b`](../api/hclustkit.scaling.rst)",
        ),
        ("notebooks", "[a](../src/kzclusters/kernels.py)", "[a](../api/index.md)"),
        ("notebooks", "[a](../site/explorer.html#k=3)", '<a href="../explorer.html#k=3">a</a>'),
        ("", "[a](https://example.org/x)", "[a](https://example.org/x)"),
        ("", "![a](figures/figure3.png)", "![a](figures/figure3.png)"),
        ("", "[a](#place)", "[a](#place)"),
    ],
)
def test_links_lead_to_the_same_in_the_site(folder: str, given: str, wanted: str) -> None:
    carried: set[str] = set()
    assert links.relink(given, folder, carried) == wanted
    assert carried == set()


def test_a_linked_file_is_carried_and_a_missing_one_is_named() -> None:
    carried: set[str] = set()
    linked = links.relink("see [the study](../study.yml), please", "notebooks", carried)
    assert linked == 'see <a href="../study.yml">the study</a>, please'
    assert carried == {"study.yml"}
    with pytest.raises(InputError, match=r"notebooks: the link \.\./gone\.yml leads to no file"):
        links.relink("[x](../gone.yml)", "notebooks", carried)


def test_headings_go_down_one_level_at_a_time() -> None:
    above: list[int] = []
    text = "# A\n### B\n### C\n```\n# no heading\n```\n## D\n#### E"
    assert (
        notebooks.level_headings(text, above)
        == "# A\n## B\n## C\n```\n# no heading\n```\n## D\n### E"
    )
    assert notebooks.level_headings("#### F\n## G", above) == "### F\n## G"


def test_an_exercise_without_an_answer_leads_to_the_page_of_exercises() -> None:
    shown = notebooks.UNANSWERED.sub(
        notebooks.ANSWERED_THERE, "**Exercise 12: ○ not answered yet.**"
    )
    assert links.relink(shown, "notebooks", set()) == (
        '<a href="../exercises.html#exercise-12">Answer exercise 12 here</a>, with hints.'
    )


def a_notebook(folder: Path, *, alt: str = "three bars", executed: bool = True) -> None:
    picture = nbformat.v4.new_output(
        "execute_result",
        {"image/png": "iVBORw0KGgo="},
        metadata={"image/png": {"alt": alt, "width": 300}},
        execution_count=1,
    )
    cell = nbformat.v4.new_code_cell(
        "1", outputs=[picture], execution_count=1 if executed else None
    )
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "one.ipynb")


def test_alternative_text_goes_where_the_page_takes_it_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "NOTEBOOKS", tmp_path)
    a_notebook(tmp_path)
    notebooks.write_page("one", tmp_path / "out", set())
    staged = nbformat.read(tmp_path / "out" / "notebooks" / "one.ipynb", as_version=4)
    assert staged.cells[0].metadata["mystnb"]["image"] == {"alt": "three bars", "width": "300px"}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"alt": " "}, "cell 1: the picture has no alternative text"),
        ({"executed": False}, "cell 1 has not been executed; run `make`"),
    ],
)
def test_an_unfinished_notebook_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], fault: str
) -> None:
    monkeypatch.setattr(paths, "NOTEBOOKS", tmp_path)
    a_notebook(tmp_path, **change)
    with pytest.raises(InputError, match=re.escape(fault)):
        notebooks.write_page("one", tmp_path / "out", set())
    with pytest.raises(InputError, match=r"gone\.ipynb: the file is missing"):
        notebooks.write_page("gone", tmp_path / "out", set())


@pytest.mark.parametrize(
    ("address", "binder"),
    [
        ("https://github.com/me/clusters", "v2/gh/me/clusters/HEAD?urlpath=lab/tree/notebooks/"),
        (
            "https://github.com/me/clusters.git",
            "v2/gh/me/clusters/HEAD?urlpath=lab/tree/notebooks/",
        ),
        ("https://gitlab.com/me/clusters/", "v2/gl/me%2Fclusters/HEAD?urlpath=lab/tree/notebooks/"),
    ],
)
def test_one_address_makes_all_links_to_run_a_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, binder: str
) -> None:
    monkeypatch.setattr(paths, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    a_notebook(tmp_path)
    for field, wanted in ((f"repository-code: {address}", 1), ("title: none", 0)):
        (tmp_path / "CITATION.cff").write_text(field, encoding="utf-8")
        notebooks.write_page("one", tmp_path / "out", set())
        text = (tmp_path / "out" / "notebooks" / "one.ipynb").read_text(encoding="utf-8")
        assert text.count("mybinder.org") == text.count(f"{binder}one.ipynb") == wanted
        assert "colab" not in text
    lesson = launch.links(launch.LESSON, address)
    assert ("colab.research.google.com/github/me/clusters/blob/main/" in lesson) == (
        "github" in address
    )


def test_what_links_lead_to_is_there_and_no_address_is_set_yet() -> None:
    root = Path(__file__).resolve().parents[1]
    assert (root / launch.PORTABLE).is_file() and launch.LESSON in NOTEBOOKS
    assert (root / "environment.yml").is_file()  # what Binder installs
    assert launch.repository() == "" and launch.links(launch.LESSON, "") == ""


@pytest.mark.parametrize("address", ["github.com/me/x", "https://example.org/me/x", "me/x"])
def test_another_address_than_a_repository_is_refused(address: str) -> None:
    with pytest.raises(InputError) as caught:
        launch.links("one", address)
    error = caught.value
    assert (error.place, error.rule, error.value) == ("CITATION.cff", "repository-address", address)


def an_output(**data: str) -> Any:
    shown = {name.replace("_", "/"): text for name, text in data.items()}
    return nbformat.v4.new_output("display_data", shown)


def a_picture(alt: str = "bars") -> Any:
    output = an_output(image_png="iVBORw0KGgo=")
    output.metadata["image/png"] = {"alt": alt, "width": 300}
    return output


def test_a_caption_belongs_to_its_picture_and_a_sentence_does_not() -> None:
    caption = an_output(text_markdown="*What it is.*")
    cell = nbformat.v4.new_code_cell("1", outputs=[a_picture(), caption])
    assert outputs.attach_caption(cell)
    assert cell.metadata["mystnb"]["figure"] == {"caption": "*What it is.*"}
    assert cell.outputs == [a_picture()]
    link = an_output(text_markdown=f"[{FULL_SIZE}](../figures/bars.svg)")
    cell = nbformat.v4.new_code_cell("1", outputs=[a_picture(), caption, link])
    assert outputs.attach_caption(cell) and cell.outputs == [a_picture()]
    for text in ("The mean is *two*.", "**Loud.**", "*a* and *b*\n\nmore"):
        sentence = an_output(text_markdown=text)
        cell = nbformat.v4.new_code_cell("1", outputs=[a_picture(), sentence])
        assert outputs.attach_caption(cell)
        assert "figure" not in cell.metadata["mystnb"] and len(cell.outputs) == 2
    assert not outputs.attach_caption(nbformat.v4.new_code_cell("1", outputs=[a_picture(alt=" ")]))
    assert outputs.attach_caption(
        nbformat.v4.new_code_cell("1", outputs=[an_output(text_html="x")])
    )


def test_a_cell_with_two_pictures_becomes_two_with_one_source() -> None:
    first, second = an_output(text_markdown="*One.*"), an_output(text_markdown="*Two.*")
    shown = [a_picture("a"), first, a_picture("b"), second]
    cell = nbformat.v4.new_code_cell("draw()", outputs=shown)
    parts = outputs.split_pictures(cell)
    assert [part.outputs for part in parts] == [[a_picture("a"), first], [a_picture("b"), second]]
    assert ["remove-input" in part.metadata.get("tags", []) for part in parts] == [False, True]
    assert parts[0].id != parts[1].id
    assert [part.outputs for part in outputs.split_pictures(parts[0])] == [parts[0].outputs]


def improved(markup: str) -> str:
    return outputs.improve(markup, {})


def test_a_table_has_one_row_of_headings_and_no_empty_one() -> None:
    frame = pd.DataFrame({"a": ["x"], "b": ["y"]}, index=pd.Index(["r"], name="case"))
    shown = improved(frame.to_html(border=0))
    assert re.findall(r"<th[^>]*>(.*?)</th>", shown) == ["case", "a", "b", "r"]
    assert re.findall(r"<td>(.*?)</td>", shown) == ["x", "y"] and shown.count("<tr") == 2
    unnamed = improved(frame.rename_axis(None).to_html(border=0))
    assert "<th></th>" not in unnamed and re.search(r"<thead>\s*<tr[^>]*>\s*<td></td>", unnamed)
    both = improved(frame.rename_axis(columns="kind").to_html(border=0))
    assert re.findall(r"<th[^>]*>(.*?)</th>", both) == ["kind", "a", "b", "case", "r"]
    assert improved("<p>no table</p>") == "<p>no table</p>"


def test_a_table_says_where_the_language_changes_and_where_it_needs_room() -> None:
    frame = pd.DataFrame({"English": ["tree"], "Russian": ["дерево"], "Kazakh": [""], "m": ["<b>"]})
    shown = improved(frame.to_html(border=0, index=False))
    assert '<td lang="ru">дерево</td>' in shown and shown.count("lang=") == 1
    assert "<td>&lt;b&gt;</td>" in shown and "wordy" not in shown
    named = improved(frame.set_index("English").to_html(border=0))
    assert '<td lang="ru">дерево</td>' in named and "<th>tree</th>" in named
    assert 'class="dataframe wordy"' in improved(frame.assign(m="word " * 9).to_html(border=0))
    assert shown.startswith('<div class="pst-scrollable-table-container"><table')


def test_a_picture_in_html_leads_to_its_drawing_if_there_is_one() -> None:
    picture = '<img src="data:," alt="a &amp; b" width="3">'
    linked = outputs.improve(picture, {"a & b": "../x.svg"})
    assert re.fullmatch(r'<a href="\.\./x\.svg"><img [^>]*alt="a &amp; b"[^>]*></a>', linked)
    assert "<a" not in outputs.improve(picture, {"c": "../x.svg"})


def test_the_figure_of_the_first_page_leads_to_the_drawing() -> None:
    given = "text ![a (b)](figures/figure3.png) text"
    assert links.link_figures(given) == (
        'text <a href="figures/figure3.svg">![a (b)](figures/figure3.png)</a> text'
    )


def test_tables_without_a_first_heading_get_one() -> None:
    table = "|  | b |\n| --- | --- |\n|  | 2 |\n"
    marked = "```{rst-class} wordy\n```\n\n"
    assert data_pages.add_heading(table) == f"{marked}| indicator | b |\n| --- | --- |\n|  | 2 |\n"


def test_the_list_of_files_is_narrow_and_complete() -> None:
    text = "\n".join(data_pages.files())
    for resource in sources.resources():
        assert text.count(f"`{resource['path']}`") == 1, resource["name"]
        line = next(line for line in text.split("\n") if f"`{resource['path']}`" in line)
        assert line.count(" | ") == 1  # two columns
        publisher = data_pages.plain(resource["publisher"])
        assert text.count(publisher) == 1 or publisher not in line, resource["name"]
        assert ("not there yet" in line) == (not resource["present"])
    assert "[P2](indicators.md#indicator-p2)" in text


def test_an_indicator_without_data_is_said_to_be_missing() -> None:
    titles = {resource["name"]: resource for resource in sources.resources()}
    for item in indicators.registry().values():
        lines = [line for line in data_pages._indicator(item, titles) if " · unit: " in line]
        for variant, line in zip(item.variants, lines, strict=True):
            absent = not all(titles[name]["present"] for name in variant.series)
            status = line.split(" · ")[-1].split(":")[0]
            assert status == ("missing" if absent else variant.status), variant
    gone = {name: {**resource, "present": False} for name, resource in titles.items()}
    lines = data_pages._indicator(indicators.registry()["P2"], gone)
    assert any(line.endswith("· missing") for line in lines)


A_PAPER = """<html><body><a class="skip" href="#text">Skip</a>
<header><h1>A <em>title</em></h1></header>
<main id="text"><section class="abstract" aria-label="Abstract"><p>In short, &lt;2.</p></section>
<section id="sec:one" class="level2"><h2><span>1</span> First</h2><p>Some <math>x</math> text</p>
<figure id="fig:known"><img src="data:," alt="x"><figcaption>Seen</figcaption></figure>
<section id="sec:sub" class="level3"><h3>1.1 Below</h3>
<figure id="fig:other"><img src="data:," alt="y"></figure>
</section></section></main></body></html>"""


def test_the_paper_in_the_site_leads_back_and_to_its_drawings() -> None:
    shown = manuscript.in_site(A_PAPER, ["known"], ["paper.html", "paper.pdf"])
    assert re.findall(r'<a href="([^"]+)">', shown) == [
        "../index.html",
        "../paper.html",
        "paper.pdf",
        "../figures/known.svg",
    ]
    assert '<a href="../figures/known.svg"><img src="data:," alt="x"></a>' in shown
    assert shown.index("Site of the project") < shown.index("<header>")
    with pytest.raises(InputError) as caught:
        manuscript.in_site(A_PAPER.replace("<header>", "<div>"), [], [])
    assert caught.value.rule == "one-header"


def test_the_paper_is_read_by_sections() -> None:
    assert manuscript.abstract(A_PAPER) == ["In short, <2."]
    assert manuscript.sections(A_PAPER) == [
        ("sec:one", "1 First", "Some text Seen"),
        ("sec:sub", "1.1 Below", ""),
    ]


def test_formulas_become_mathml_and_unreadable_ones_are_none() -> None:
    inline = mathml.to_mathml(r"\frac{a}{b} < 1", False)
    assert "<mfrac>" in inline and 'display="inline"' in inline
    displayed = mathml.to_mathml(r"\sum_i x_i^2", True)
    assert "<msub" in displayed or "<munder" in displayed
    assert 'display="block"' in displayed
    for bad in (r"\frac{a", r"\nosuchcommand{a}"):
        assert mathml.to_mathml(bad, False) is None, bad


def test_every_module_has_a_page_and_says_what_it_does() -> None:
    found = reference.all_modules()
    assert len(found) == len(set(found)) > 100
    for package, folder in (
        ("hclustkit", paths.ROOT / "packages" / "hclustkit" / "src"),
        ("kzclusters", paths.ROOT / "src"),
    ):
        files = (folder / package).rglob("*.py")
        names = {
            ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
            for path in files
        }
        public = {name for name in names if not any(p.startswith("_") for p in name.split("."))}
        assert public == set(reference.modules(package))
    for name in found:
        assert reference.summary(name).endswith((".", "?")) or not reference.summary(name), name
    page = reference.module_page("hclustkit.compare")
    assert ".. automodule:: hclustkit.compare" in page and "hclustkit.compare.partitions" in page


def test_a_folder_that_is_not_a_site_is_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("do not lose me", encoding="utf-8")
    assert main(["--out", str(tmp_path)]) == 1
    assert "holds something that is not a site" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_files_that_are_gone_leave_the_site_and_equal_ones_keep_their_time(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, names in ((old, ("a", "sub/b", "c/d")), (new, ("a", "sub/e"))):
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name, encoding="utf-8")
    before = (old / "a").stat().st_mtime_ns
    builder._replace(old, new)
    files = {path.relative_to(old).as_posix() for path in old.rglob("*")}
    assert files == {"a", "sub", "sub/e"}
    assert (old / "a").stat().st_mtime_ns == before


def test_the_arrows_of_the_contents_have_a_name(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "a.html"
    page.parent.mkdir()
    page.write_text(f'<details>{builder.ARROW} role="presentation"></span></summary></details>')
    builder._tidy(tmp_path)
    assert '<summary aria-label="Pages below"><span' in page.read_text(encoding="utf-8")


def test_a_list_in_a_list_belongs_to_an_entry(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text("<ul><li>a</li>\n<ul><li>a.b</li></ul><li>c</li></ul>", encoding="utf-8")
    builder._tidy(tmp_path)
    assert page.read_text(encoding="utf-8").startswith("<ul><li>a\n<ul><li>a.b</li></ul><li>c")


# --- the site -------------------------------------------------------------------------------
DRAWN = 5
"""How many rooms of each package have their page in the small form."""
READ_HERE = {"hclustkit.tree.tree", "hclustkit.compare.two_partitions", "kzclusters.lesson.data"}
ALL_MODULES = reference.modules


@cache
def few_modules(package: str) -> tuple[str, ...]:
    """A package, some of its rooms, drawn, and what the tests read with the rooms around it."""
    found = ALL_MODULES(package)
    rooms = [name for name in found if name.count(".") == 1]
    around = {name.rpartition(".")[0] for name in READ_HERE}
    chosen = {package, *READ_HERE, *around, *random.Random(SEED).sample(rooms, DRAWN)}
    return tuple(name for name in found if name in chosen)


def undrawn(folder: Path) -> list[Path]:
    """Stand for the figures in other languages, which test_translated draws."""
    names = [(name, language) for name in translated.FIGURES for language in texts.LANGUAGES[1:]]
    return [
        write_bytes(folder / f"{name}.{language}.svg", (folder / f"{name}.svg").read_bytes())
        for name, language in names
    ]


@contextmanager
def size_of_site() -> Iterator[None]:
    """Whole in the long form; else without most of the reference, and figures in English only."""
    with ExitStack() as stack:
        if not long_form():
            stack.enter_context(patch.object(reference, "modules", few_modules))
            stack.enter_context(patch.object(translated, "build", undrawn))
        yield


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site; building fails where Sphinx warns or the checks find a fault.

    Workers of pytest-xdist share one build: the first makes it, the other waits.
    """
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, done = root / "built-site" / "site", root / "built-site.done"
    with (root / "built-site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            with size_of_site():
                builder.build(folder)
            done.touch()
    return folder


def text_in(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


def text_of(page: Path) -> str:
    return re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8"))


def plainly(text: str) -> str:
    """Without the quotation marks and dashes that a page sets in another way."""
    return re.sub(r"[\W_]+", " ", text).strip()


@pytest.mark.slow
def test_the_site_has_no_fault_and_every_page(site: Path) -> None:
    assert check.problems(site) == []
    for name in KINDS_OF_PAGE:
        assert (site / name).is_file() or name.startswith("paper/"), name
    for name in manuscript.FORMS:
        assert (site / "paper" / name).is_file() == (paths.PAPER / name).is_file()


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_shown_as_executed(site: Path, name: str) -> None:
    page = check.read(site / "notebooks" / f"{name}.html")
    content = nbformat.read(paths.NOTEBOOKS / f"{name}.ipynb", as_version=4)
    wanted = [
        " ".join(output.metadata["image/png"]["alt"].split())
        for cell in content.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert [" ".join(str(image["alt"]).split()) for image in page.images] == wanted
    assert "text_html" in (site / "notebooks" / f"{name}.html").read_text(
        encoding="utf-8"
    ) or not any(
        "text/html" in output.get("data", {})
        for cell in content.cells
        for output in cell.get("outputs", [])
    )
    copied = site / "notebooks" / f"{name}.ipynb"
    assert copied.read_bytes() == (paths.NOTEBOOKS / f"{name}.ipynb").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_caption_appears_once_below_its_picture(site: Path, name: str) -> None:
    content = nbformat.read(paths.NOTEBOOKS / f"{name}.ipynb", as_version=4)
    shown = (site / "notebooks" / f"{name}.html").read_text(encoding="utf-8")
    below = re.findall(r"<figcaption>(.*?)</figcaption>", shown, re.DOTALL)
    wanted = [
        following.data["text/markdown"].strip("*\n ")
        for cell in content.cells
        for one, following in pairwise(cell.get("outputs", []))
        if "image/png" in one.get("data", {})
        and "text/markdown" in following.get("data", {})
        and following.data["text/markdown"].startswith("*")
    ]
    assert [plainly(text_in(one)) for one in below] == [plainly(text) for text in wanted]
    for text in wanted:
        assert plainly(text_in(shown)).count(plainly(text)) == 1


@pytest.mark.slow
def test_pictures_lead_to_the_whole_picture(site: Path) -> None:
    pages = ["index.html", "figures/index.html", *(f"notebooks/{name}.html" for name in NOTEBOOKS)]
    pages += ["paper/paper.html"] if manuscript.exists("paper.html") else []
    for name in pages:
        shown = (site / name).read_text(encoding="utf-8")
        leading = re.findall(r'<a\b[^>]*href="[^"]+\.(?:svg|png)"[^>]*>\s*<img\b', shown)
        assert len(leading) == len(re.findall(r"<img\b", shown)), name


@pytest.mark.slow
@pytest.mark.skipif(not manuscript.exists("paper.html"), reason="the paper has not been built")
def test_the_paper_is_carried_whole_with_links(site: Path) -> None:
    copied = (site / "paper" / "paper.html").read_text(encoding="utf-8")
    assert {"../index.html", "../paper.html", "paper.pdf", "paper.docx"} <= set(
        check.read(site / "paper" / "paper.html").links
    )
    bare = re.sub(r'<nav aria-label="Site".*?</nav>\n', "", copied)
    bare = re.sub(r'<a href="\.\./figures/\w+\.svg">(<img [^>]*>)</a>', r"\1", bare)
    assert bare == manuscript.read()


@pytest.mark.slow
def test_the_reference_shows_its_tables_and_leads_to_every_name(site: Path) -> None:
    shown = (site / "api" / "hclustkit.compare.two_partitions.html").read_text(encoding="utf-8")
    assert "=====" not in shown
    (entries,) = re.findall(r"<table.*?</table>", shown, re.DOTALL)
    assert "van_dongen" in entries and "nmi_sqrt" in entries
    links = set(check.read(site / "api" / "index.html").links)
    assert {"../py-modindex.html", "../genindex.html"} <= links


@pytest.mark.slow
def test_no_heading_of_a_table_is_empty(site: Path) -> None:
    for path in site.rglob("*.html"):
        if path.name not in ("genindex.html", "py-modindex.html", *LONE):
            shown = path.read_text(encoding="utf-8")
            assert not re.search(r"<th\b[^>]*>\s*(?:<p></p>)?\s*</th>", shown), path.name


@pytest.mark.slow
def test_the_pages_from_data_hold_all_of_it(site: Path) -> None:
    gallery = check.read(site / "figures" / "index.html")
    entries = manifest.read(paths.FIGURES / "manifest.yml")
    assert sorted(str(image["src"]) for image in gallery.images) == sorted(
        f"{n}.png" for n in entries
    )
    assert {entry.data for entry in entries.values()} <= set(gallery.links)
    series = check.read(site / "data" / "series.html")
    registry = check.read(site / "data" / "indicators.html")
    assert {data_pages.anchor(resource["name"]) for resource in sources.resources()} <= series.ids
    assert {f"indicator-{code.lower()}" for code in indicators.registry()} <= registry.ids
    formulas = text_of(site / "data" / "indicators.html")
    for indicator in indicators.registry().values():
        for variant in indicator.variants:
            assert variant.formula in formulas.replace("&gt;", ">"), indicator.code
    glossary = text_of(site / "data" / "glossary.html").replace(
        "\N{RIGHT SINGLE QUOTATION MARK}", "'"
    )
    for row in notebook_index.glossary().itertuples():
        assert row.term_en in glossary and row.term_ru in glossary
    reference = check.read(site / "api" / "hclustkit.tree.tree.html")
    assert {
        "hclustkit.tree.tree.Tree.from_table",
        "hclustkit.tree.tree.Tree.schedule",
    } <= reference.ids


def as_list(found: int | list[int]) -> list[int]:
    return found if isinstance(found, list) else [found]


@pytest.mark.slow
def test_the_search_index_knows_notebooks_and_code(site: Path) -> None:
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(text[text.index("{") : text.rindex("}") + 1])
    assert {f"notebooks/{name}" for name in NOTEBOOKS} <= set(index["docnames"])
    assert "dendrogram" in index["terms"] and "кластер" in index["terms"]
    assert ("paper_text" in index["docnames"]) == manuscript.exists("paper.html")
    if manuscript.exists("paper.html"):
        number = index["docnames"].index("paper_text")
        assert sum(number in as_list(found) for found in index["terms"].values()) > 500
        titles = {title for title, pages in index["alltitles"].items() if number in dict(pages)}
        for _, title, _ in manuscript.sections(manuscript.read()):
            assert plainly(title) in set(map(plainly, titles)), title


@pytest.mark.slow
def test_formulas_need_no_script(site: Path) -> None:
    page = (site / "notebooks" / "02_ward_clustering.html").read_text(encoding="utf-8")
    assert "<math" in page
    assert not list(site.rglob("*mathjax*"))
    assert not any("MathJax" in path.read_text(encoding="utf-8") for path in site.rglob("*.html"))


@pytest.mark.slow
def test_nothing_of_the_machine_or_the_day_is_in_the_site(site: Path) -> None:
    for path in site.rglob("*"):
        if path.suffix in {".html", ".js", ".css", ".txt"} and path.name not in LONE:
            text = path.read_text(encoding="utf-8")
            assert str(paths.ROOT) not in text and str(site.parent) not in text, path
    assert not (site / ".buildinfo").exists()


# --- in a browser ---------------------------------------------------------------------------
@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A telephone with the network off; afterwards: no request outside, no error."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, offline=True)
    page = context.new_page()
    outside: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: outside.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: (
            errors.append(message.text) if message.type in ("error", "warning") else None
        ),
    )
    yield page
    context.close()
    assert errors == []
    assert [url for url in outside if not url.startswith(("file:///", "data:", "blob:"))] == []


@pytest.mark.slow
def test_pages_fit_a_telephone_and_ask_for_nothing(site: Path, page: Any) -> None:
    for name in KINDS_OF_PAGE:
        if not (site / name).is_file():
            continue
        page.goto((site / name).as_uri())
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, (name, wide)
        # the theme's article scrolls sideways by itself where something in it is too wide
        sideways = page.evaluate(
            """() => [...document.querySelectorAll(".bd-article-container, .prev-next-area a")]
                 .filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.innerText)"""
        )
        assert sideways == [], name
        # the text of a cell stays in it
        over = page.evaluate(
            """() => [...document.querySelectorAll("main :is(th, td)")]
                 .filter((cell) => cell.scrollWidth > cell.clientWidth + 1)
                 .map((cell) => cell.innerText)"""
        )
        assert over == [], (name, over[:3])
        # a wide table must be reachable: its box scrolls
        hidden = page.evaluate(
            """() => [...document.querySelectorAll("main table")].filter((table) => {
                 if (table.getClientRects().length === 0) return false;
                 let box = table;
                 while (box && box !== document.body) {
                   if (["auto", "scroll"].includes(getComputedStyle(box).overflowX)) return false;
                   box = box.parentElement;
                 }
                 return table.getBoundingClientRect().right > window.innerWidth;
               }).length"""
        )
        assert hidden == 0, name


@pytest.mark.slow
def test_the_search_finds_and_leads(site: Path, page: Any) -> None:
    page.goto((site / "search.html").as_uri() + "?q=dendrogram")
    page.wait_for_selector("ul.search li a")
    found = page.eval_on_selector_all("ul.search li a", "links => links.map(link => link.href)")
    assert any("02_ward_clustering.html" in address for address in found)
    page.goto((site / "search.html").as_uri() + "?q=explorer")
    page.wait_for_selector("ul.search li a")
    assert "explore.html" in page.locator("ul.search li a").first.get_attribute("href")
    page.locator("ul.search li a").first.click()
    page.get_by_role("link", name="Open the explorer").click()
    page.wait_for_selector("#tree svg")
    page.goto((site / "search.html").as_uri() + "?q=silhouettenfarbe")
    page.wait_for_function("!document.body.innerText.includes('Searching')")
    assert page.locator("ul.search li").count() == 0


@pytest.mark.slow
@pytest.mark.skipif(not manuscript.exists("paper.html"), reason="the paper has not been built")
def test_the_search_leads_to_the_paper(site: Path, page: Any) -> None:
    place, title, _ = manuscript.sections(manuscript.read())[-1]
    page.goto((site / "search.html").as_uri() + f"?q={quote(title)}")
    page.wait_for_selector('ul.search li a[href*="paper_text.html"]')
    page.locator('ul.search li a[href*="paper_text.html"]').first.click()
    page.locator(f'a[href="paper/paper.html#{place}"]').click()
    assert page.url.endswith(f"/paper/paper.html#{place}")


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder at an address of this machine."""
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.mark.slow
def test_formulas_are_centred(site: Path, page: Any) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto((site / "notebooks" / "05_ward_by_hand.html").as_uri())
    off = page.evaluate(
        """() => [...document.querySelectorAll("div.math")].map((box) => {
             const whole = box.getBoundingClientRect();
             const formula = box.querySelector("math").getBoundingClientRect();
             return Math.abs(whole.left + whole.right - formula.left - formula.right) / 2;
           })"""
    )
    assert off and max(off) <= 2


@pytest.mark.slow
def test_pictures_have_no_frame_in_dark_mode(site: Path, page: Any) -> None:
    page.emulate_media(color_scheme="dark")
    for name in ("index.html", "notebooks/03_results.html", "notebooks/05_ward_by_hand.html"):
        page.goto((site / name).as_uri())
        looks = page.evaluate(
            """() => [...document.querySelectorAll("main img")].map((image) => {
                 const {padding, backgroundColor} = getComputedStyle(image);
                 return `${padding} ${backgroundColor}`;
               })"""
        )
        assert set(looks) == {"0px rgb(255, 255, 255)"}, name
    # a folded picture has the ground of the page
    behind = "getComputedStyle(document.querySelector('.text_html:has(img)')).backgroundColor"
    assert page.evaluate(behind) == "rgba(0, 0, 0, 0)"


@pytest.mark.slow
def test_a_table_that_scrolls_keeps_its_rows_named_and_takes_the_focus(
    site: Path, page: Any
) -> None:
    page.goto((site / "notebooks" / "03_results.html").as_uri())
    page.locator("summary").first.wait_for()
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.wait_for_timeout(800)  # the theme looks again a little later
    found = page.evaluate(
        """() => [...document.querySelectorAll("table.dataframe")].map((table) => {
             const box = table.closest(".pst-scrollable-table-container");
             const first = table.querySelector("tbody tr > :first-child");
             const before = first.getBoundingClientRect().left;
             box.scrollLeft = 150;
             return {
               scrolled: box.scrollLeft, focus: box.tabIndex,
               moved: Math.abs(first.getBoundingClientRect().left - before),
             };
           })"""
    )
    wide = [table for table in found if table["scrolled"] > 100]
    assert len(wide) >= 5
    assert all(table["focus"] == 0 and table["moved"] <= 2 for table in wide), wide
    assert all(table["focus"] == -1 for table in found if table["scrolled"] == 0)


@pytest.mark.slow
def test_from_the_disk_a_page_says_where_its_notebook_is(site: Path, page: Any) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    name = NOTEBOOKS[1]
    page.goto((site / "notebooks" / f"{name}.html").as_uri())
    link = page.locator("a.notebook-download")
    assert link.get_attribute("download") == f"{name}.ipynb"
    note = page.locator(".from-disk")
    assert note.is_visible() and f"{name}.ipynb" in note.inner_text()


@pytest.mark.slow
def test_over_a_network_the_notebook_is_saved(site: Path, browser: Any) -> None:
    name = NOTEBOOKS[1]
    with served(site) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/notebooks/{name}.html")
        assert not page.locator(".from-disk").is_visible()
        with page.expect_download() as saved:
            page.locator("a.notebook-download").click()
        assert saved.value.suggested_filename == f"{name}.ipynb"
        page.close()


@pytest.mark.slow
def test_dark_mode_can_be_chosen_and_is_kept(site: Path, page: Any) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto((site / "index.html").as_uri())
    ground = "getComputedStyle(document.body).backgroundColor"
    theme = "document.documentElement.dataset.theme"
    seen = {page.evaluate(theme): page.evaluate(ground)}
    for wanted in ("light", "dark"):
        page.locator(".theme-switch-button:visible").click()
        page.locator(f'.theme-change-button[data-mode="{wanted}"]:visible').click()
        seen[page.evaluate(theme)] = page.evaluate(ground)
    assert seen["light"] != seen["dark"]
    before = page.evaluate(theme)
    page.goto((site / "data" / "index.html").as_uri())
    assert page.evaluate(theme) == before


LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
}
PARTS = 3
"""Into how many tests the pages are divided, for the workers."""
OF_OTHER_TESTS = ("by_hand.html", "exercises.html", "explorer.html")
"""Pages that axe looks at in tests of their own."""
REFERENCE = ("_modules", "api")
"""Pages that Sphinx writes from the code, all by one template."""
FRAME = (".bd-header", ".bd-sidebar-primary", ".bd-sidebar-secondary", ".bd-footer", "pre")
"""What these pages have around their text, and the code, which is all text."""
COLOURS = ["color-contrast", "link-in-text-block"]
"""Rules of axe that a look decides; they take nine tenths of its time."""
OTHER_RULES = {
    "preload": False,
    "resultTypes": ["violations"],
    # Sphinx itself writes the parameters of a long signature as a list without terms
    "rules": {name: {"enabled": False} for name in (*COLOURS, "definition-list")},
}
STILL = """() => {
  const style = new CSSStyleSheet();
  style.replaceSync("* { transition: none !important; }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];
}"""
THEME_IS = "(look) => [look, undefined].includes(document.documentElement.dataset.theme)"
UNSEEN = """(seen) => {
  const known = new Set(seen), found = [], chains = new Map();
  const chain = (e) => {
    if (!e) return "";
    if (!chains.has(e)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(e);
      const own = [backgroundColor, backgroundImage, opacity].join();
      const plain = own === "rgba(0, 0, 0, 0),none,1";
      chains.set(e, chain(e.parentElement) + (plain ? "" : " " + own));
    }
    return chains.get(e);
  };
  for (const e of document.querySelectorAll("[data-unseen]")) delete e.dataset.unseen;
  for (const e of document.querySelectorAll("body *")) {
    const spoken = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!(spoken || e.matches("input, select, textarea")) || !e.checkVisibility()) continue;
    const s = getComputedStyle(e), link = e.closest("a[href]");
    const around = link && [getComputedStyle(link.parentElement).color, s.textDecorationLine];
    const key = [s.color, s.fontSize, s.fontWeight, s.textShadow, around, chain(e)].join("|");
    if (known.has(key)) continue;
    known.add(key), found.push(key), ((link || e).dataset.unseen = "");
  }
  return found;
}"""
"""Marks an element of each pair of text and ground that has not been seen, and returns these."""


def pages_for_axe(site: Path) -> list[Path]:
    """All pages in the long form; otherwise one of each folder, drawn, if no other test has it,
    the first page, and some of those beside it."""
    by_folder: dict[str, list[Path]] = {}
    for path in sorted(site.rglob("*.html")):
        by_folder.setdefault(path.relative_to(site).parts[0], []).append(path)
    if long_form():
        return list(chain.from_iterable(by_folder.values()))
    draw = random.Random(360)
    here = [name for name in by_folder if name not in ("index.html", *OF_OTHER_TESTS)]
    beside = [name for name in here if name.endswith(".html")]
    left_out = {*OF_OTHER_TESTS, *draw.sample(beside, len(beside) // 2)}
    return [draw.choice(found) for name, found in by_folder.items() if name not in left_out]


def violations(
    page: Any, seen: dict[str, set[str]], whole: Sequence[str], left_out: Sequence[str] = ()
) -> Iterator[tuple[str, str, str]]:
    """Run all rules once, and in every look those of colours where a pair of them is new.

    Parameters
    ----------
    seen : pairs of text and ground by look, to which those of this page are added
    whole : looks in which the rules run that no look decides
    left_out : parts that these rules skip
    """
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()
    page.evaluate(STILL)
    for look, media in LOOKS.items():
        page.emulate_media(**{"color_scheme": "light", "forced_colors": "none", **media})
        page.wait_for_function(THEME_IS, arg=media.get("color_scheme", "light"))
        runs: list[tuple[Any, dict[str, Any]]] = []
        if look in whole:
            runs.append(({"exclude": [[part] for part in left_out]}, OTHER_RULES))
        if new := page.evaluate(UNSEEN, sorted(seen[look])):
            seen[look] |= set(new)
            runs.append(("[data-unseen]", {"preload": False, "runOnly": COLOURS}))
        for context, options in runs:
            for fault in axe.run(page, context, options).response["violations"]:
                yield look, fault["id"], fault["nodes"][0]["html"][:200]


@pytest.mark.slow
@pytest.mark.long("accessibility", "axe finds nothing on any page, light, dark, forced colours")
@pytest.mark.parametrize("part", range(PARTS))
def test_axe_finds_nothing(
    site: Path, page: Any, part: int, record_property: Callable[[str, object], None]
) -> None:
    pages = pages_for_axe(site)
    first = {path.parent: path for path in reversed(pages)}.values()
    seen: dict[str, set[str]] = {look: set() for look in LOOKS}
    found = []
    for path in pages[part::PARTS]:
        page.goto(path.as_uri())
        name = path.relative_to(site).as_posix()
        whole: Sequence[str] = [*LOOKS][: len(LOOKS) if path in first and long_form() else 1]
        left_out: Sequence[str] = ()
        if path not in first and name.startswith(REFERENCE):
            # a page of code has nothing but its frame and the code
            whole, left_out = whole[: name.startswith("api")], FRAME
        found += [(name, *fault) for fault in violations(page, seen, whole, left_out)]
    record_property("result", f"{len(pages):,} pages in {len(LOOKS)} looks, {len(found):,} found")
    assert found == []


BARE = '<!doctype html><html lang="en"><title>x</title><main><h1>x</h1>{}</main></html>'
AS_DARK = "<style>@media (prefers-color-scheme: dark) {{ p {{ color: {} }} }}</style>"
LINK = '<p>a long sentence with a <a href="#" style="text-decoration: none; color: {}">link</a></p>'


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ('<p style="color: #999">pale</p>', {(look, "color-contrast") for look in LOOKS}),
        (AS_DARK.format("#bbb") + "<p>text</p>", {("dark", "color-contrast")}),
        (LINK.format("#333"), {(look, "link-in-text-block") for look in LOOKS}),
        ("<p><img src='data:,'></p>", {("light", "image-alt")}),
        (AS_DARK.format("#333") + "<p>text</p>", set()),
    ],
)
def test_a_fault_is_found_in_the_look_that_has_it(
    page: Any, tmp_path: Path, body: str, wanted: set[tuple[str, str]]
) -> None:
    seen: dict[str, set[str]] = {look: set() for look in LOOKS}
    for name in ("first", "second"):
        path = tmp_path / f"{name}.html"
        path.write_text(BARE.format(body), encoding="utf-8")
        page.goto(path.as_uri())
        found = {fault[:2] for fault in violations(page, seen, ["light"])}
        # what has been seen is not looked at again
        colours = {fault for fault in wanted if fault[1] in COLOURS}
        assert found == (wanted if name == "first" else wanted - colours)


@pytest.mark.slow
def test_previous_and_next_follow_the_argument(site: Path, page: Any) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto((site / "notebooks" / f"{NOTEBOOKS[-1]}.html").as_uri())
    reached = []
    while len(reached) < len(NOTEBOOKS) - 1:
        page.click("a.right-next")
        reached.append(page.url.split("notebooks/")[1].removesuffix(".html"))
    assert reached == [name for name in NOTEBOOKS if name != NOTEBOOKS[-1]]
