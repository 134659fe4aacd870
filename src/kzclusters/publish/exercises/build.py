"""Write the page of exercises: every exercise of the lesson, answered and judged in the browser.

Questions, judges and messages are those of `kzclusters.lesson`; the hints are read from the
notebook of the lesson. A variant for a class has another year, other regions and indicators.
"""

from __future__ import annotations

import argparse
import base64
import html
import json
import math
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hclustkit.errors import InputError
from hclustkit.files import write_text
from hclustkit.report import inline_page
from IPython.display import Image

from kzclusters import paths
from kzclusters import study as studies
from kzclusters.command import command
from kzclusters.lesson import answers, prose
from kzclusters.lesson.data import LessonData
from kzclusters.lesson.exercises import EXERCISES, Exercise
from kzclusters.lesson.exercises.exercise import Given, read_texts
from kzclusters.lesson.faded import FADED, Faded
from kzclusters.lesson.material import MATERIAL, Shown
from kzclusters.publish.exercises.pictures import PICTURES

OUT = "site/exercises.html"
HERE = Path(__file__).parent
LESSON = "05_ward_by_hand"
SOLUTIONS = "solutions/05_solutions"
HINT = re.compile(r"<details><summary>Hint \d</summary>(.*?)</details>", re.DOTALL)
ROOM = 1.5
"""How far from the right value a slip is to lie, in tolerances."""
LIMITS = ("ABSOLUTE", "RELATIVE", "NEAR", "NEAR_FRACTION", "EXACT")


def lesson_data(values: Path | None = None, **changed: Any) -> LessonData:
    """Read the data of the lesson, as `study.yml` says except for what is ``changed``."""
    study = studies.parameters()
    given = {
        "year": study["year"],
        "regions": study["lesson_regions"],
        "indicators": study["lesson_indicators"],
        **changed,
    }
    path = values or paths.PROCESSED / "indicators.csv"
    return LessonData.read(path, years=study["years"], n_clusters=study["n_clusters"], **given)


def variant(seed: int, usual: LessonData) -> LessonData:
    """Draw another year, other regions and indicators, so that neighbours get other numbers.

    Parameters
    ----------
    seed : of the draw; the same seed gives the same exercises
    usual : the lesson of the study, whose tables are drawn from
    """
    rng = np.random.default_rng(seed)
    tables, cases = {usual.year: usual.whole, **usual.others}, list(usual.whole.index)
    while True:
        year = int(rng.choice(sorted(tables)))
        regions = sorted(rng.choice(cases, len(usual.small), replace=False), key=cases.index)
        columns = list(rng.choice(usual.whole.columns, 2, replace=False))
        data = LessonData(
            tables[year].loc[regions, columns],
            tables[year],
            {at: table for at, table in tables.items() if at != year},
            year=year,
            n_clusters=usual.n_clusters,
            names=usual.spellings,
            variables=usual.variables,
            small_in_country=tables[year][columns],
        )
        # two regions as good as equally near would make two answers nearly right
        nearest = data.pairs.nsmallest(2)
        distinct = data.small.nunique().min() == len(regions)
        if distinct and nearest.iloc[0] < 0.9 * nearest.iloc[1] and _told_apart(data):
            return data


def _told_apart(data: LessonData) -> bool:
    """Tell whether rounding on paper cannot turn a right number of the small table into a slip."""
    judges = [ask(data).find for ask in EXERCISES[:7]]
    return not any(
        answers.close(slip.value, judge.right, ROOM * judge.absolute, ROOM * judge.relative)
        for judge in judges
        if isinstance(judge, answers.NumberJudge)
        for slip in judge.known
    )


@cache
def hints() -> dict[int, list[str]]:
    """Read the hints of every exercise from the notebook of the lesson, as Markdown."""
    path = paths.NOTEBOOKS / f"{LESSON}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    found: dict[int, list[str]] = {}
    number = 0
    for cell in cells:
        source = "".join(cell["source"])
        if asked := re.search(r"lesson\.ask\((\d+)\)", source):
            number = int(asked[1])
        elif number and cell["cell_type"] == "markdown" and "<summary>Hint" in source:
            found.setdefault(number, [text.strip() for text in HINT.findall(source)])
    return found


@cache
def solutions() -> dict[int, str]:
    """Give the place of every worked solution in the site, by exercise."""
    text = (paths.NOTEBOOKS / f"{SOLUTIONS}.ipynb").read_text(encoding="utf-8")
    found = re.findall(r"## (Exercise (\d+) · [^\"\\]+)", text)
    anchors = {int(n): re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") for title, n in found}
    places = {n: f"notebooks/{SOLUTIONS}.html#{anchor}" for n, anchor in anchors.items()}
    return Given(f"notebooks/{SOLUTIONS}.ipynb: Exercise", places)


def _markup(text: str) -> str:
    """Turn the little Markdown of questions and hints into HTML."""
    text = html.escape(text, quote=False)
    text = re.sub(r"(?m)^\* (.+\n?)", r"<span class='item'>\1</span>", text)
    for pattern, tag in ((r"`([^`]+)`", "code"), (r"\*\*(.+?)\*\*", "b"), (r"\*(.+?)\*", "i")):
        text = re.sub(pattern, rf"<{tag}>\1</{tag}>", text)
    text = re.sub(r"\bn_([ab])\b", r"n<sub>\1</sub>", text)
    return "".join(f"<p>{part}</p>" for part in re.split(r"\n\s*\n", text))


def _cell(value: Any, digits: int) -> str:
    if isinstance(value, (float, np.floating)):
        return f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}") if np.isfinite(value) else ""
    return html.escape(str(value))


def _table(shown: Shown) -> str:
    """Write a table, folded where it would give an exercise away."""
    frame = shown.table
    head = "".join(
        f'<th scope="col">{html.escape(str(c))}</th>' if str(c) else "<td></td>"
        for c in (frame.index.name or "", *frame.columns)
    )
    rows = "".join(
        f'<tr><th scope="row">{html.escape(str(label))}</th>'
        + "".join(f"<td>{_cell(value, shown.digits)}</td>" for value in row)
        + "</tr>"
        for label, row in zip(frame.index, frame.itertuples(index=False), strict=True)
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    title = html.escape(shown.title)
    box = f'<div class="scroll" tabindex="0" role="group" aria-label="{title}">{table}</div>'
    if not shown.after:
        return f"<h3>{title}</h3>{box}"
    return _details(f"Open after exercise {shown.after}: {shown.title.lower()}", box)


def _details(summary: str, inside: str) -> str:
    return f"<details><summary>{html.escape(summary)}</summary>{inside}</details>"


def _examples(faded: Faded) -> str:
    """Show an example that is worked, and one that is half worked."""
    parts = _markup(faded.worked)
    if faded.half:
        parts += _markup(f"**Half worked.** {faded.half}") + _details(
            "The rest", _markup(faded.rest)
        )
    return f'<div class="examples">{_details(faded.summary, parts) if faded.after else parts}</div>'


def _picture(image: Image) -> str:
    """Write a picture into the page itself."""
    png = base64.b64encode(image.data).decode("ascii")
    alt = html.escape(image.alt, quote=True)
    picture = f'<img src="data:image/png;base64,{png}" alt="{alt}" width="{image.width}">'
    label = html.escape(image.alt.partition(":")[0], quote=True)
    return f'<div class="picture" tabindex="0" role="group" aria-label="{label}">{picture}</div>'


def _section(number: int, name: str, exercise: Exercise, data: LessonData) -> str:
    """Write one exercise: examples, material, question, hints and where its solution is."""
    material = _examples(FADED[name](data)) if name in FADED else ""
    material += _picture(PICTURES[name](data)) if name in PICTURES else ""
    material += _table(MATERIAL[name](data)) if name in MATERIAL else ""
    opened = "".join(
        f'<details class="hint"><summary>Hint {i}</summary>{_markup(text)}</details>'
        for i, text in enumerate(hints().get(number, []), start=1)
    )
    year, place = studies.parameters()["year"], solutions()[number]
    worked = f'<a href="{place}">The worked solution</a>, with the numbers of {year}.'
    opened += f'<p class="solution">Still stuck? {worked}</p>'
    field = f"answer-{number}"
    return (
        f'<section class="panel exercise" id="exercise-{number}" data-number="{number}">'
        f"<h2>Exercise {number}</h2>{_markup(exercise.ground)}{material}"
        f'<div class="question" id="question-{number}">{_markup(exercise.question)}</div>'
        f'<form class="bar" autocomplete="off" hidden><label for="{field}">Your answer</label>'
        f'<input id="{field}" type="text" spellcheck="false" autocapitalize="off" '
        f'aria-describedby="question-{number}"><button>Check</button></form>'
        f'<p class="verdict" role="status"></p>{opened}</section>'
    )


def _questions(when: str) -> str:
    """Write the questions asked before and after the lesson."""
    groups = []
    for i, question in enumerate(read_texts()["questions"]):
        options = "".join(
            f'<label class="option"><input type="radio" name="{when}-{i}" value="{o}" disabled> '
            f"<span>{html.escape(option)}</span></label>"
            for o, option in enumerate(question["options"], start=1)
        )
        legend = html.escape(question["text"])
        groups.append(f"<fieldset><legend>{legend}</legend>{options}</fieldset>")
    return "".join(groups)


def _for_page(one: Exercise) -> dict[str, Any]:
    question = re.sub(r"[*`]", "", one.question)
    return {"question": question, "judge": _judge_data(one.find), "praise": one.praise}


def _judge_data(judge: answers.Judge) -> dict[str, Any]:
    """Give a judge as data, ready for JSON, for a program that judges in the same way."""
    data = {key: _plain(value) for key, value in vars(judge).items()}
    return {"kind": getattr(judge, "kind", ""), **data}


def _plain(value: Any) -> Any:
    """Turn a value of a judge into what JSON can hold."""
    if isinstance(value, answers.Mistake):
        return {key: _plain(own) for key, own in vars(value).items()}
    if isinstance(value, Mapping):
        return {str(key): _plain(own) for key, own in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(map(str, value))
    if isinstance(value, (tuple, list, np.ndarray)):
        return [_plain(own) for own in value]
    if isinstance(value, float) and math.isinf(value):
        return None
    return value.item() if isinstance(value, np.generic) else value


def page(data: LessonData, label: str = "") -> str:
    """Write the page of exercises for the tables of a lesson.

    Parameters
    ----------
    data : the tables
    label : of a variant; keeps its progress apart and is named in the summary
    """
    made = [(function.__name__, function(data)) for function in EXERCISES]
    sections = [_section(i, name, one, data) for i, (name, one) in enumerate(made, start=1)]
    indicator_names = [f"{c}: {prose.describe_indicator(c)}" for c in data.small.columns]
    content = {
        "label": label,
        "says": answers.SAYS,
        "limits": {name: getattr(answers, name) for name in LIMITS},
        "questions": [q["right"] for q in read_texts()["questions"]],
        "exercises": [_for_page(one) for _, one in made],
    }
    words = {
        "year": str(data.year),
        "variant": f"Variant {html.escape(label)}. " if label else "",
        "indicators": html.escape("; ".join(indicator_names)),
        "before": _questions("before"),
        "after": _questions("after"),
        "exercises": "\n".join(sections),
        "count": str(len(made)),
    }
    styles = [HERE.parent / "by_hand" / "by_hand.css", HERE / "exercises.css"]
    scripts = [HERE / name for name in ("typed.js", "judge.js", "exercises.js")]

    def read(files: Iterable[Path]) -> list[str]:
        return [path.read_text(encoding="utf-8") for path in files]

    template = (HERE / "template.html").read_text(encoding="utf-8")
    return inline_page(template, read(styles), read(scripts), content, words)


def answer_sheet(data: LessonData, label: str = "") -> str:
    """Write the right answers, for teachers."""
    which = f", variant {label}" if label else ""
    lines = [f"Answers{which}: {data.year}, {', '.join(data.small.columns)}", ""]
    for number, function in enumerate(EXERCISES, start=1):
        lines.append(f"{number}. {_answer(vars(function(data).find)['right'], data)}")
    return "\n".join(lines) + "\n"


def _answer(right: Any, data: LessonData) -> str:
    if isinstance(right, tuple) and isinstance(right[0], frozenset):
        return ", ".join(data.names.get(label, str(label)) for label in sorted(right[0]))
    numbers: Sequence[Any] = right if isinstance(right, tuple) else [right]
    return ", ".join(str(v) if isinstance(v, int) else f"{v:.4f}" for v in numbers)


def build(out: str | Path = OUT, values: Path | None = None) -> Path:
    """Write the page to ``out`` (seen from the root of the project) and return its path."""
    return write_text(paths.resolve(out), page(lesson_data(values)))


@command
def main(arguments: list[str] | None = None) -> int:
    """``python -m kzclusters.publish.exercises.build [--out FILE] [--variants N --seed S]``."""
    parser = argparse.ArgumentParser(
        prog="kzclusters.publish.exercises.build", description="Write the page of exercises."
    )
    parser.add_argument("--out", default=OUT, help=f"the file to write (default {OUT})")
    parser.add_argument("--variants", type=int, default=0, help="how many variants to write")
    parser.add_argument("--seed", type=int, default=0, help="of the first; the next is one more")
    given = parser.parse_args(arguments)
    if given.variants < 0:
        said = "a number of variants is 0 or more"
        raise InputError(said, place="--variants", rule="negative", value=given.variants)
    out = paths.resolve(given.out)
    if not given.variants:
        print(f"{paths.from_root(build(out))}: {out.stat().st_size / 1024:.0f} KiB")
        return 0
    usual = lesson_data()
    for seed in range(given.seed, given.seed + given.variants):
        data, label = variant(seed, usual), str(seed)
        path = write_text(out.with_stem(f"{out.stem}_{label}"), page(data, label))
        sheet = write_text(
            path.with_name(f"{out.stem}_{label}_answers.txt"), answer_sheet(data, label)
        )
        print(f"{paths.from_root(path)}, {paths.from_root(sheet)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
