"""The page of exercises: it judges as the notebook does, keeps answers, reads without a script."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hclustkit.files import write_csv
from scale import scale
from typed_answers import read_typed

from kzclusters import study as studies
from kzclusters.evidence import indicators, sources
from kzclusters.lesson import answers
from kzclusters.lesson.data import LessonData
from kzclusters.lesson.exercises import EXERCISES
from kzclusters.lesson.faded import FADED
from kzclusters.lesson.material import MATERIAL
from kzclusters.lesson.session import Lesson
from kzclusters.publish.exercises import build

Open = Callable[..., Any]

ODD = """None|True|...|abc|1/0|-(2)|1e400|10**400|(-8)**0.5|0,44|1,234.5|1 234|"0.5"|'0,5'|[]|()|{}
[1, 2, 3|[None]|[1, "2", 3]|{1, 2}|{1, 2, 3}|[1, 2, 3, 4, 5, 6]|[0,5, 1,2, 6,0]|0.5; 1.2; 6
0,5; 1,2; 6|Astana|Astana, Astana|Astana and Mangystau|("Astana", "Mangystau")|["KZ-AST", 5]
Paris, Astana|астана, МАҢҒЫСТАУ
2^15|2 ** 15|-2**2|3.|.5|1_000|0x10|1e3|−0.44|--1|+1|(1, 2)|[[1], 2]|x = 3|lambda: 1
P9 high, P13 high|high P9; P13 high|p9: HIGH|P9 low|P1 high|P9 high, P9 high
a|A, c|a), c)|b and c|ac|\u0430, \u0441|\u04209 low
3 km|NaN|inf|;|,|and|((1)|1 +|"|Almaty region , kyzylorda|[True, 1, 2]|(0.5,)|2 * "a"|0044
1.234,5|1 234,5|Астана, Қызылорда|"""
ILL_TYPED = [text for line in ODD.split("\n") for text in line.split("|")]


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exercises") / "indicators.csv"
    years = studies.parameters()["years"]
    return write_csv(path, indicators.build(sources.series(), years))


@pytest.fixture(scope="module")
def data(values: Path) -> LessonData:
    return build.lesson_data(values)


@pytest.fixture(scope="module")
def file(data: LessonData, values: Path) -> Path:
    path = values.with_name("exercises.html")
    path.write_text(build.page(data), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def open_page(browser: Any, file: Path) -> Iterator[Open]:
    errors: list[str] = []
    contexts = []

    def opened(size: tuple[int, int] = (1280, 800), **options: Any) -> Any:
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())
        page.on(
            "request",
            lambda r: (
                None if r.url.startswith(("file:", "data:", "blob:")) else errors.append(r.url)
            ),
        )
        page.goto(file.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


def typed(value: Any, names: dict[str, str]) -> str:
    """An answer as somebody types it."""
    if isinstance(value, (set, frozenset)):
        return ", ".join(names.get(label, str(label)) for label in sorted(value))
    if isinstance(value, (list, tuple, np.ndarray)):
        return f"[{', '.join(typed(v, names) for v in value)}]"
    return str(value) if isinstance(value, int) else f"{float(value):.4f}"


def asked_answers(data: LessonData) -> list[tuple[int, str]]:
    """Right answers, those of every known mistake, near misses, and ill-typed ones."""
    found = []
    for number, function in enumerate(EXERCISES, start=1):
        find = function(data).find
        right = find.right[0] if isinstance(find, answers.LabelsJudge) else find.right
        alone = [frozenset([m.value]) for m in getattr(find, "alone", ())]
        given = [right, *(m.value for m in find.known), *alone]
        given += [frozenset(sorted(right)[:1]) | wrong for wrong in alone]
        if isinstance(right, (int, float)):
            given += [-right, right * 1.03, right + 0.004, right / 3, right + 0.5, 10 * right]
            given += [round(right, 2), *(right + (m.value - right) * 0.7 for m in find.known)]
        found += [(number, text) for v in given for text in {typed(v, data.names)}]
        found += [(number, text) for text in [*ILL_TYPED[number % 3 :: 3], '"a, c"', '"a and c"']]
    return found


@pytest.mark.long("exercises", "the page of exercises judges as the notebook does")
def test_the_page_judges_as_the_notebook_does(
    open_page: Open, data: LessonData, record_property: Callable[[str, object], None]
) -> None:
    lesson = Lesson(data)
    asked = asked_answers(data)
    here = open_page().evaluate(
        """(asked) => {
          const data = JSON.parse(document.getElementById("data").textContent);
          const judges = Judges(data);
          return asked.map(([number, text]) => judges.verdict(data.exercises[number - 1], text));
        }""",
        asked,
    )
    states = set()
    for (number, text), verdict in zip(asked, here, strict=True):
        there = lesson.check(number, read_typed(text))
        expected = {"state": there.state, "diagnosis": there.diagnosis, "message": there.message}
        assert verdict == expected, (number, text)
        states.add((number, there.state))
    record_property("result", f"{len(asked):,} answers, 0 judged differently")
    assert len(asked) > 200
    assert {(n, s) for n in range(1, len(EXERCISES) + 1) for s in ("right", "wrong")} <= states


def as_kind(value: Any) -> dict[str, Any]:
    """A value as the page describes it; not a number and infinity as text."""
    match value:
        case None:
            return {"kind": "none"}
        case bool():
            return {"kind": "truth", "value": value}
        case str():
            return {"kind": "text", "text": value}
        case int() | float():
            plain = (
                "nan" if math.isnan(value) else str(value) if math.isinf(value) else float(value)
            )
            return {"kind": "number", "value": plain, "whole": isinstance(value, int)}
    if value is ...:
        return {"kind": "dots"}
    items = [as_kind(item) for item in value]
    if isinstance(value, set):
        items.sort(key=json.dumps)
    return {"kind": type(value).__name__, "items": items}


def test_typed_text_is_read_the_same(open_page: Open) -> None:
    rng = np.random.default_rng(5)
    pieces = [
        *"0123456789.,;()[]{}+-*/^ \"'",
        "**",
        "e2",
        "True",
        "None",
        "...",
        " and ",
        "Ast",
        "−",
    ]
    texts = ["".join(rng.choice(pieces, rng.integers(1, 9))) for _ in range(scale(1500, 30_000))]
    texts += ILL_TYPED
    here = open_page().evaluate(
        """(texts) => {
          const plain = (key, v) => (typeof v !== "number" || Number.isFinite(v) ? v
            : String(v).replace("NaN", "nan").replace("Infinity", "inf"));
          return texts.map((text) => JSON.parse(JSON.stringify(Typed.read(text), plain)));
        }""",
        texts,
    )
    for text, found in zip(texts, here, strict=True):
        expected = as_kind(read_typed(text))
        if found["kind"] == "set":
            found["items"].sort(key=json.dumps)
        if isinstance(expected.get("value"), float):  # powers differ in the last digit
            expected["value"] = pytest.approx(expected["value"], rel=1e-12)
        assert found == expected, text


def test_an_exercise_by_keyboard_and_what_is_kept(
    open_page: Open, data: LessonData, file: Path
) -> None:
    page = open_page()
    page.focus("#answer-1")
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    section = page.locator("#exercise-1")
    assert "✗ not yet." in section.locator(".verdict").inner_text()
    hints = section.locator(".hint")
    assert [hints.nth(i).is_visible() for i in range(3)] == [True, False, False]
    hints.nth(0).locator("summary").focus()
    page.keyboard.press("Enter")
    hints.nth(1).wait_for(state="visible")
    assert not hints.nth(2).is_visible()
    solution = section.locator(".solution")
    assert not solution.is_visible()
    page.fill("#answer-1", f"{EXERCISES[0](data).find.right:.3f}")
    page.press("#answer-1", "Enter")
    assert "✓ right." in section.locator(".verdict").inner_text()
    page.check("input[name=before-0][value='2']")
    page.reload()
    assert "✓ right." in page.locator("#exercise-1 .verdict").inner_text()
    assert page.is_checked("input[name=before-0][value='2']")
    assert page.inner_text("#count").startswith(f"1 of {len(EXERCISES)} right")
    page.fill("#name", "Aigerim")
    with page.expect_download() as download:
        page.click("#summary")
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "Name: Aigerim" in text and "Tries: 2, hints opened: 1" in text
    page.click("#erase")
    page.reload()
    assert page.inner_text("#count").startswith(f"0 of {len(EXERCISES)} right")
    assert page.input_value("#answer-1") == ""


def test_the_questions_are_judged_only_after_the_lesson(open_page: Open) -> None:
    page = open_page()
    for when, options in (("before", "111"), ("after", "231")):
        assert page.inner_text("#compared") == ""
        for at, option in enumerate(options):
            page.check(f"input[name={when}-{at}][value='{option}']")
    assert page.inner_text("#compared") == "Right after the lesson: 3 of 3; before it: 1."


def test_without_a_script_it_reads_and_folds_open(open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    section = page.locator("#exercise-2")
    assert "squared Euclidean distance" in section.inner_text()
    assert not page.locator("form").first.is_visible() and not page.is_visible("#progress")
    section.locator(".hint summary").nth(2).click()
    assert section.locator(".hint p").last.is_visible()
    assert section.locator(".solution").is_visible()


def test_a_student_who_is_stuck_can_go_on(open_page: Open) -> None:
    page = open_page()
    section = page.locator("#exercise-25")
    for at in range(3):
        assert not section.locator(".solution").is_visible()
        section.locator(".hint summary").nth(at).click()
    section.locator(".solution").wait_for(state="visible")
    link = section.locator(".solution a").get_attribute("href")
    assert link == "notebooks/solutions/05_solutions.html#exercise-25-a-dendrogram-to-mend"
    assert sorted(build.solutions()) == list(range(1, len(EXERCISES) + 1))


@pytest.mark.parametrize("width", [360, 768, 1920])
def test_nothing_is_wider_than_the_window(open_page: Open, width: int) -> None:
    page = open_page(size=(width, 800))
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.cases(1)
@pytest.mark.parametrize("look", [{}, {"color_scheme": "dark"}, {"forced_colors": "active"}])
def test_axe_finds_no_violation(open_page: Open, look: dict[str, str]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(**look)
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    page.fill("#answer-1", "3")
    page.press("#answer-1", "Enter")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_the_page_is_one_small_file(file: Path, data: LessonData) -> None:
    text = file.read_text(encoding="utf-8")
    assert text == build.page(data)
    assert "<th scope=" in text and "<th>" not in text
    assert len(text.encode()) < 300_000 and "http://" not in text.replace("http://www.w3.org", "")


def test_every_exercise_has_ground_and_three_hints(data: LessonData) -> None:
    assert sorted(build.hints()) == list(range(1, len(EXERCISES) + 1))
    assert {len(texts) for texts in build.hints().values()} == {3}
    assert all(function(data).ground for function in EXERCISES)


@pytest.mark.cases(3)
@pytest.mark.parametrize("seed", [102, 106, 113, 119, 124, 131])
def test_in_a_variant_printed_numbers_lead_to_right_answers(data: LessonData, seed: int) -> None:
    """As the page prints them: the small table, then z-scores with two decimals."""
    other = build.variant(seed, data)
    lesson = Lesson(other)
    printed = other.small.round(MATERIAL["z_score"](other).digits)
    own = ((printed - printed.mean()) / printed.std()).iloc[-1, -1]
    z = other.z.round(2)
    (a, b), (c, d) = other.asked_pair, other.first_pair
    distance = ((z.loc[a] - z.loc[b]) ** 2).sum()
    increase = ((z.loc[c] - z.loc[d]) ** 2).sum() / 2
    third = ((z.loc[[c, d]].mean() - z.loc[other.third]) ** 2).sum() * 2 / 3
    for number, answer in ((1, own), (2, distance), (4, increase), (5, third)):
        assert lesson.check(number, round(answer, 2)).state == "right", number
    worked = FADED["z_score"](other).worked.rpartition("= ")[2].rstrip(".").replace("−", "-")
    assert float(worked) == pytest.approx(other.z.iloc[0, 0], abs=0.01)


def test_neighbours_get_other_numbers_and_the_teacher_the_answers(
    data: LessonData,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = build.variant(1, data), build.variant(2, data)
    assert list(one.small.index) != list(two.small.index)
    assert build.answer_sheet(one) == build.answer_sheet(build.variant(1, data))
    lesson = Lesson(one)
    for line in build.answer_sheet(one).splitlines()[2:]:
        number, _, answer = line.partition(". ")
        listed = f"[{answer}]" if "," in answer and not answer[0].isalpha() else answer
        assert lesson.check(int(number), read_typed(listed)).state == "right", line
    monkeypatch.setattr(build, "lesson_data", lambda: data)
    assert build.main(["--out", str(tmp_path / "e.html"), "--variants", "2", "--seed", "1"]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "e_1.html", "e_1_answers.txt", "e_2.html", "e_2_answers.txt",
    ]  # fmt: skip
    assert build.main(["--variants", "-1"]) == 1
    assert "variants" in capsys.readouterr().err
