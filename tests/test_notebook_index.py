"""The index and the glossary: taken from the pipeline and the files, complete, up to date."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from hclustkit.errors import InputError

from kzclusters import paths, pipeline
from kzclusters.analysis import results
from kzclusters.publish.metadata import notebook_index

PAGES = ("explorer", "by_hand", "exercises")
"""Pages of the site that are built and not tracked."""


def shown(name: str) -> str:
    cells = nbformat.read(paths.NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    return "\n".join(
        output["data"].get("text/markdown", "")
        for cell in cells
        for output in cell.get("outputs", [])
        if "data" in output
    )


def test_every_notebook_is_listed_and_the_index_is_up_to_date() -> None:
    there = {
        path.relative_to(paths.NOTEBOOKS).with_suffix("").as_posix()
        for path in paths.NOTEBOOKS.rglob("*.ipynb")
        if ".ipynb_checkpoints" not in path.parts
    }
    assert set(pipeline.notebooks()) == there
    last = list(pipeline.notebooks())[-1]
    assert last == notebook_index.START, "it shows what the others have found"
    index = notebook_index.index()
    for name in there - {notebook_index.START}:
        assert f"]({name}.ipynb)" in index
    text = shown(notebook_index.START)
    assert index in text
    assert results.headline(results.load()) in text


@pytest.mark.parametrize("name", pipeline.notebooks())
def test_the_heading_of_a_notebook_is_its_title(name: str) -> None:
    step = pipeline.notebooks()[name]
    cell = nbformat.read(paths.ROOT / step.file, as_version=4).cells[0]
    assert cell.cell_type == "markdown" and cell.source.startswith(f"# {step.title}\n")
    assert step.takes and all(step.words)


def test_links_of_the_new_notebooks_lead_somewhere() -> None:
    """Built pages aside, which `make` writes."""
    built = {
        "paper/paper.html",
        *(f"site/portable/{name}" for name in ("ward.ipynb", "ward.zip", "regions.csv")),
        *(f"site/{page}.html" for page in PAGES),
    }
    for name in (notebook_index.START, "05_ward_by_hand", "solutions/05_solutions"):
        path = paths.NOTEBOOKS / f"{name}.ipynb"
        sources = [cell.source for cell in nbformat.read(path, as_version=4).cells]
        text = "\n".join([*sources, shown(name)])
        links = re.findall(r"\]\(([^)\s]+)\)", text)
        assert links
        for link in links:
            if "{" in link:
                continue
            target = (path.parent / link).resolve()
            inside = target.relative_to(paths.ROOT.resolve()).as_posix()
            assert inside in built or target.exists(), (name, link)


# --------------------------------------------------------------------------------- glossary


def test_the_glossary_is_in_three_languages() -> None:
    found = notebook_index.glossary()
    assert len(found) >= 25 and found["term_en"].is_unique
    assert (found == found.map(str.strip)).all(axis=None)
    assert (found[["term_en", "term_ru", "meaning_en"]] != "").all(axis=None)
    letters = re.compile("[А-Яа-яЁё]")
    assert found["term_ru"].str.contains(letters).all()
    kazakh = found.loc[found["term_kk"] != "", "term_kk"]
    assert len(kazakh) >= 25 and kazakh.str.contains("[А-Яа-яӘәҒғҚқҢңӨөҰұҮүҺһІі]").all()
    assert not found["term_en"].str.contains(letters).any()
    assert not found["meaning_en"].str.contains(letters).any()
    # letters that only the other language has
    assert not found["term_ru"].str.contains("[ӘәҒғҚқҢңӨөҰұҮүҺһІі]").any()
    terms = set(found["term_en"])
    assert {"Ward's method", "dendrogram", "agglomeration schedule", "proximity matrix"} <= terms


def test_a_malformed_glossary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        notebook_index.glossary(tmp_path)
    assert caught.value.rule == "file-present"
    head = ",".join(notebook_index.GLOSSARY)
    for text, rule in {
        "": "header",
        "a,b\n1,2\n": "header",
        head + "\n": "any-row",
        head + "\nterm,слово,,\n": "filled",
        head + "\nterm,слово,,of two\nterm,слово,,of two\n": "once",
        head + "\nterm,слово,,of two,more\n": "row-length",
        head + '\nterm,слово,,"of tw': "readable-table",
    }.items():
        (tmp_path / "glossary.csv").write_text(text, encoding="utf-8")
        with pytest.raises(InputError) as caught:
            notebook_index.glossary(tmp_path)
        assert caught.value.rule == rule, text


def test_the_glossary_keeps_empty_cells_empty(tmp_path: Path) -> None:
    (tmp_path / "glossary.csv").write_text(",".join(notebook_index.GLOSSARY) + "\nNA,x,,null\n")
    assert notebook_index.glossary(tmp_path).iloc[0].tolist() == ["NA", "x", "", "null"]
