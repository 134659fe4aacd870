"""The index and the glossary: taken from the notebooks and the files, complete, up to date."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
import yaml
from hclustkit.errors import InputError

from kzclusters import paths, run
from kzclusters.analysis import results
from kzclusters.publish.metadata import contents


def notebook(path: Path, first: str, kind: str = "markdown") -> Path:
    make = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}[kind]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[make(first)]), path)
    return path


# ------------------------------------------------------------------------------ first cells


@pytest.mark.parametrize(
    "text",
    [
        "# T · t\n\nWords.\n\n**Reads** `a`, and b · **writes** `c` and\nmore · **next** [x](x.ipynb)",
        "# T · t\n\n**Reads** `a`, and b · **writes** `c` and more.\n\nMore words · **next** time",
        "# T · t\n\n**Reads** `a`, and\nb · **writes** `c` and more",
    ],
)
def test_the_first_cell_says_what_is_read_and_written(tmp_path: Path, text: str) -> None:
    found = contents.first_cell(notebook(tmp_path / "x.ipynb", text))
    assert found == {"title": "T · t", "reads": "`a`, and b", "writes": "`c` and more"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("# Title only", "markdown"),
        ("**Reads** a · **writes** b", "markdown"),
        ("# T\n\n**Reads** a", "markdown"),
        ("# T\n\n**Reads** a · **writes** b", "code"),
    ],
)
def test_a_first_cell_without_it_is_refused(tmp_path: Path, text: str, kind: str) -> None:
    path = notebook(tmp_path / "x.ipynb", text, kind)
    with pytest.raises(InputError, match="x.ipynb: the first cell needs a title"):
        contents.first_cell(path)


def test_a_missing_notebook_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="gone.ipynb: the file is missing"):
        contents.first_cell(tmp_path / "gone.ipynb")


# ------------------------------------------------------------------------------------ index


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(paths, "STUDY", tmp_path / "study.yml")
    for name in ("01_a", "deep/02_b"):
        notebook(
            tmp_path / "notebooks" / f"{name}.ipynb",
            f"# Title of {name}\n\n**Reads** r · **writes** w",
        )
    return tmp_path


def write_study(folder: Path, index: dict[str, str]) -> None:
    notebooks = {"01_a": [], "deep/02_b": [], contents.START: []}
    (folder / "study.yml").write_text(
        yaml.safe_dump({"parameters": {}, "notebooks": notebooks, "index": index}, sort_keys=False)
    )


def test_the_index_lists_the_notebooks_of_the_study(project: Path) -> None:
    write_study(project, {"01_a": "a minute", "deep/02_b": "an hour"})
    lines = contents.index().splitlines()
    assert lines[2:] == [
        "| [Title of 01_a](01_a.ipynb) | r | w | a minute |",
        "| [Title of deep/02_b](deep/02_b.ipynb) | r | w | an hour |",
    ]


@pytest.mark.parametrize(
    ("index", "name"),
    [
        ({"01_a": "x"}, "deep/02_b"),
        ({"01_a": "x", "deep/02_b": "x", "09_z": "x"}, "09_z"),
        ({}, "01_a"),
    ],
)
def test_an_index_that_differs_is_refused(project: Path, index: dict, name: str) -> None:
    write_study(project, index)
    with pytest.raises(InputError, match=f"'index' and 'notebooks' differ in '{name}'"):
        contents.notebooks()


def shown(name: str) -> str:
    cells = nbformat.read(paths.NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    return "\n".join(
        output["data"].get("text/markdown", "")
        for cell in cells
        for output in cell.get("outputs", [])
        if "data" in output
    )


def test_every_notebook_is_listed_and_the_index_is_up_to_date() -> None:
    listed = [row["file"] for row in contents.notebooks()]
    there = {
        path.relative_to(paths.NOTEBOOKS).as_posix()
        for path in paths.NOTEBOOKS.rglob("*.ipynb")
        if ".ipynb_checkpoints" not in path.parts
    }
    assert {*listed, f"{contents.START}.ipynb"} == there
    text = shown(contents.START)
    assert contents.index() in text
    assert results.headline(results.load()) in text


def test_the_index_comes_last_in_the_study() -> None:
    """It shows what the others have found."""
    assert list(run.study()["notebooks"])[-1] == contents.START


def test_links_of_the_new_notebooks_lead_somewhere() -> None:
    """Built pages aside, which `make` writes."""
    built = {"paper/paper.html", "site/explorer.html"}
    for name in (contents.START, "05_ward_by_hand", "solutions/05_solutions"):
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


def test_the_preview_is_the_figure_with_its_text() -> None:
    found = contents.figure("figure3", paths.FIGURES, results.load())
    assert found.data == (paths.FIGURES / "figure3.png").read_bytes()
    assert "published clusters" in found.alt and "{" not in found.alt
    for name in ("figure99", "manifest"):
        with pytest.raises(InputError, match=f"{name}.png: there is no such figure"):
            contents.figure(name, paths.FIGURES, results.load())


# --------------------------------------------------------------------------------- glossary


def test_the_glossary_is_in_three_languages() -> None:
    found = contents.glossary()
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


def test_a_glossary_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="glossary.csv: the file is missing"):
        contents.glossary(tmp_path)
    (tmp_path / "glossary.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="the columns must be term_en"):
        contents.glossary(tmp_path)


def test_the_glossary_keeps_empty_cells_empty(tmp_path: Path) -> None:
    (tmp_path / "glossary.csv").write_text(",".join(contents.GLOSSARY_COLUMNS) + "\nNA,x,,null\n")
    assert contents.glossary(tmp_path).iloc[0].tolist() == ["NA", "x", "", "null"]
