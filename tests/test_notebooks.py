"""The notebooks as a reader meets them: short cells, small pictures, nothing overwritten."""

from __future__ import annotations

import ast
import base64
import io
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from hclustkit.errors import InputError
from matplotlib.figure import Figure
from PIL import Image

from kzclusters import notebook, paths
from kzclusters.analysis import results

LINES = 12
BYTES = 3_500_000
NOTEBOOKS = sorted(paths.NOTEBOOKS.glob("0[0-4]_*.ipynb"))


def pictures(path: Path) -> list[Image.Image]:
    """The pictures that a notebook shows."""
    cells = nbformat.read(path, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    encoded = [o["data"]["image/png"] for o in outputs if "image/png" in o.get("data", {})]
    return [Image.open(io.BytesIO(base64.b64decode(text))) for text in encoded]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_cell_holds_one_idea(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and "parameters" not in cell.metadata.get("tags", []):
            lines = [line for line in cell.source.splitlines() if line.strip()]
            assert len(lines) <= LINES, cell.source


SHOWN = {"bullets", "folded", "publish", "say", "show", "sketch", "table"}


@pytest.mark.parametrize(
    "path", sorted(paths.NOTEBOOKS.rglob("*.ipynb")), ids=lambda path: path.stem
)
def test_what_a_cell_is_to_show_is_its_last_value(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        source = ast.parse(cell.source).body if cell.cell_type == "code" else []
        for line in source[:-1]:
            call = line.value if isinstance(line, ast.Expr) else None
            name = call.func if isinstance(call, ast.Call) else None
            lost = isinstance(name, ast.Name) and name.id in SHOWN
            assert not lost, ast.unparse(line)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_pictures_are_small_and_have_a_palette(path: Path) -> None:
    for picture in pictures(path):
        assert picture.width <= notebook.WIDTH
        assert picture.mode == "P"


def test_all_notebooks_together_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in paths.NOTEBOOKS.rglob("*.ipynb")}
    assert sum(sizes.values()) <= BYTES, sizes


def test_a_figure_is_shown_once() -> None:
    shown = [
        line
        for path in NOTEBOOKS
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.get("outputs", [])
        for line in str(output.get("data", {}).get("text/markdown", "")).splitlines()
        if line.startswith("[The figure in full size]")
    ]
    assert shown and len(shown) == len(set(shown))
    for line in shown:
        target = line.partition("(")[2].rstrip(")")
        assert (paths.NOTEBOOKS / target).resolve().is_file(), target


def test_a_small_picture_keeps_its_colours() -> None:
    large = Image.new("RGB", (1800, 20), (0, 114, 178))
    large.paste((213, 94, 0), (900, 0, 1800, 20))
    buffer = io.BytesIO()
    large.save(buffer, "png")
    small = Image.open(io.BytesIO(notebook.small(buffer.getvalue())))
    assert small.size == (notebook.WIDTH, round(notebook.WIDTH / 90))
    assert small.convert("RGB").getpixel((100, 5)) == (0, 114, 178)
    assert small.convert("RGB").getpixel((700, 5)) == (213, 94, 0)


def test_a_sketch_has_an_alternative_text() -> None:
    figure = Figure(figsize=(2, 1))
    figure.subplots()
    image = notebook.sketch(figure, "An empty frame.")
    assert image.alt == "An empty frame." and image.width == 200


def test_a_figure_of_another_notebook_is_shown_with_its_text() -> None:
    image = notebook.show("figure3", paths.FIGURES, results.load())
    assert "published clusters" in image.alt and "{" not in image.alt
    for name, rule in (("figure99", "unknown-figure"), ("manifest", "unknown-figure")):
        with pytest.raises(InputError) as caught:
            notebook.show(name, paths.FIGURES, results.load())
        assert (caught.value.rule, caught.value.value) == (rule, name)


def test_tables_escape_what_they_show() -> None:
    frame = pd.DataFrame({"<b>x</b>": ["<script>"]}, index=["<i>r</i>"])
    for shown in (notebook.table(frame), notebook.fold(frame, "<u>")):
        for tag in ("<b>", "<script>", "<i>", "<u>"):
            assert tag not in shown.data


def test_thousands_are_set_apart_but_years_are_not() -> None:
    frame = pd.DataFrame({"count": [1631, 378378000], "year": [2013, 2014]})
    shown = notebook.table(frame).data
    for cell in ("1,631", "378,378,000", "2013", "2014"):
        assert f"<td>{cell}</td>" in shown


def test_a_sentence_has_a_true_minus_and_code_and_ranges_a_hyphen() -> None:
    said = notebook.say("At most -0.25 in 2010-2015, `x[-1]`, on 2011-11-29.").data
    assert said == "At most \N{MINUS SIGN}0.25 in 2010-2015, `x[-1]`, on 2011-11-29."
