"""The lesson and its solutions as notebooks: they ask, fold, hint and run."""

from __future__ import annotations

import base64
import html
import re
from pathlib import Path

import lesson_cases
import nbformat
import pytest
from lesson_cases import LESSON, SOLUTIONS, STUDY, cells, numbers_in, shown, worked
from scale import scale

from kzclusters import paths
from kzclusters.lesson import prose
from kzclusters.lesson.exercises import EXERCISES
from kzclusters.lesson.faded import FADED
from kzclusters.lesson.session import Lesson
from kzclusters.notebook import small
from kzclusters.publish.metadata import notebook_index
from kzclusters.run import execution

baseline = lesson_cases.baseline


def test_the_committed_lesson_asks_and_does_not_answer(baseline: Lesson) -> None:
    asked, checked, hints = [], [], []
    for cell in cells(LESSON):
        if found := re.search(r"^lesson\.ask\((\d+)\)", cell.source, re.MULTILINE):
            asked.append(int(found[1]))
        if found := re.search(r"^lesson\.check\((\d+), answer_(\d+)\)", cell.source, re.MULTILINE):
            number = int(found[1])
            assert found[1] == found[2]
            assert re.search(rf"^answer_{number} = None\b", cell.source, re.MULTILINE)
            assert "not answered yet" in shown(cell)
            checked.append(number)
        if cell.cell_type == "markdown" and "<summary>Hint 1" in cell.source:
            assert [cell.source.count(f"<summary>Hint {i}</summary>") for i in (1, 2, 3)] == [
                1,
                1,
                1,
            ]
            hints.append(len(asked))
    every = list(range(1, baseline.n_exercises + 1))
    assert asked == checked == hints == every


def unfolded(text: str) -> str:
    """What is seen before anything is opened; folds may lie in folds."""
    innermost = re.compile(r"<details>(?:(?!<details>).)*?</details>", re.DOTALL)
    while innermost.search(text):
        text = innermost.sub("", text)
    return text


def test_what_gives_an_answer_away_is_folded(baseline: Lesson) -> None:
    """Nothing that a reader sees without opening it holds the answer of the exercises before it."""
    right = worked(baseline).right()
    figures = {7: "lesson_merges", 8: "lesson_growth", 11: "lesson_criteria", 12: "lesson_years"}
    folded = {}
    for cell in cells(LESSON):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            page = data.get("text/html", "")
            opened = unfolded(page)
            assert not re.search(rf"\b{right[7]}\b", opened + unfolded(shown(cell))), cell.id
            if "image/png" in data and page.startswith("<details>"):
                number = int(re.search(r"Open after exercise (\d+)", page)[1])
                folded[number] = base64.b64decode(data["image/png"])
                assert "data:image/png" not in opened
    assert set(folded) == set(figures)
    for number, name in figures.items():
        assert folded[number] == small((paths.FIGURES / f"{name}.png").read_bytes())
    text = "\n".join(map(shown, cells(LESSON)))
    for sentence in (
        *prose.compare_years(baseline.data),
        prose.count_votes(baseline.data, STUDY["seed"]),
    ):
        assert sentence not in text


def test_the_committed_sentences_are_the_computed_ones(baseline: Lesson) -> None:
    text = "\n".join(map(shown, cells(LESSON)))
    pages = "\n".join(
        html.unescape(output.get("data", {}).get("text/html", ""))
        for cell in cells(LESSON)
        for output in cell.get("outputs", [])
    )
    for sentence in (
        prose.deciding_indicator(baseline.data),
        prose.compare_second_merges(baseline.data),
        prose.read_row_aloud(baseline.data),
        FADED["squared_distance"](baseline.data).worked,
        prose.compare_with_shuffles(baseline.data, STUDY["seed"]),
    ):
        assert sentence in text, sentence
    for sentence in (
        *prose.compare_years(baseline.data),
        prose.count_votes(baseline.data, STUDY["seed"]),
    ):
        assert sentence in pages, sentence


def test_hints_are_graded() -> None:
    """The last hint to exercise 11 names the functions and leaves the loop to the reader."""
    (text,) = [c.source for c in cells(LESSON) if "silhouette_score" in c.source]
    last = text.partition("Hint 3")[2]
    assert "silhouette_score" in last and "for k in" not in text and "idxmax" not in text


def test_the_committed_notebooks_have_no_errors() -> None:
    for name in (LESSON, SOLUTIONS, notebook_index.START):
        for cell in cells(name):
            for output in cell.get("outputs", []):
                assert output.output_type != "error", name
                assert output.get("name") != "stderr", (name, output)


def test_hints_do_not_hold_the_answers(baseline: Lesson) -> None:
    right = worked(baseline).right()
    texts = [c.source for c in cells(LESSON) if c.cell_type == "markdown" and "Hint 1" in c.source]
    # the exercises after these ask for names and choices, which hints may mention
    for number, (text, correct) in enumerate(zip(texts, right, strict=False), start=1):
        if number in (3, 6):
            assert not [
                code for code in correct if baseline.data.names[code] in text or code in text
            ]
        elif number not in (11, 12):
            values = correct if isinstance(correct, list) else [correct]
            for value in values:
                assert not [f for f in numbers_in(text) if abs(f - abs(value)) < 0.006], (
                    number,
                    value,
                )


@pytest.mark.slow
@pytest.mark.notebooks
@pytest.mark.long("lesson of another year", "the lesson and its solutions run, every answer right")
@pytest.mark.parametrize("name", scale([SOLUTIONS], [LESSON, SOLUTIONS]))
@pytest.mark.parametrize("year", scale([2015], [2014, 2015]))
def test_the_notebooks_run_for_another_year(tmp_path: Path, name: str, year: int) -> None:
    """Through the runner, from top to bottom; the solutions assert that every answer is right."""
    given = {"year": year}
    if name == LESSON:
        given["figures_dir"] = str(tmp_path / "figures")
    done = execution.execute(paths.NOTEBOOKS / f"{name}.ipynb", tmp_path / "done.ipynb", given)
    found = nbformat.read(done, as_version=4).cells
    text = "\n".join(map(shown, found))
    assert "not yet." not in text
    n = len(EXERCISES)
    if name == SOLUTIONS:
        assert text.count("✓ right") == n and f"**{n} of {n} right**" in text
    else:
        assert text.count("not answered yet.**") == n
        drawn = {path.name for path in (tmp_path / "figures").glob("*.png")}
        assert drawn == {
            f"lesson_{part}.png"
            for part in (
                "scaling",
                "merges",
                "growth",
                "linkages",
                "criteria",
                "years",
                "rotation",
                "shuffled",
            )
        }


@pytest.mark.slow
@pytest.mark.notebooks
def test_the_committed_solutions_are_what_a_run_gives(tmp_path: Path) -> None:
    done = execution.execute(paths.NOTEBOOKS / f"{SOLUTIONS}.ipynb", tmp_path / "done.ipynb", {})
    assert done.read_bytes() == (paths.NOTEBOOKS / f"{SOLUTIONS}.ipynb").read_bytes()
