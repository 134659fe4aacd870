"""Faded examples: one worked, one half worked with its rest folded; the exercise is the third.

The sentences are in ``texts.yml`` beside those of the exercise.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from hclustkit import Tree

from kzclusters.lesson.data import LessonData
from kzclusters.lesson.exercises import meaning
from kzclusters.lesson.exercises.exercise import read_texts
from kzclusters.lesson.prose import round_as_printed

GAP = "**…**"
"""What the reader is to work out."""
MINUS = re.compile(r"(?<![\w-])-(?=\d)")

Case = dict[str, Any]
"""The names and numbers that are filled into the sentences of one example."""


@dataclass(frozen=True)
class Faded:
    """Two examples before an exercise, in Markdown.

    Attributes
    ----------
    worked : an example from beginning to end
    half : one that breaks off, empty where the table has no further case
    rest : how it goes on
    after : the exercise whose answer the examples hold, 0 for none
    """

    worked: str
    half: str = ""
    rest: str = ""
    after: int = 0

    @property
    def summary(self) -> str:
        """The line that opens the examples."""
        return f"Open after exercise {self.after}: examples"


def _z_score(data: LessonData, row: int) -> Case:
    """Work out the z-score of one row in the first column, from printed numbers."""
    region, column = data.small.index[row], data.small.columns[0]
    x, digits = data.small[column], data.digits
    value, mean, s = (round_as_printed(v, digits) for v in (x[region], x.mean(), x.std()))
    case: Case = {"region": data.names[region], "column": column, "n": len(x), "gap": value - mean}
    return {**case, "value": value, "mean": mean, "s": s, "z": (value - mean) / s, "digits": digits}


def _pair(data: LessonData, pair: tuple[Hashable, Hashable]) -> Case:
    """Work out distance and increase of two regions, each step from what is printed before it."""
    z = data.z.loc[list(pair)].map(round_as_printed)
    gap = (z.iloc[0] - z.iloc[1]).map(round_as_printed)
    squares = [round_as_printed(value, 4) for value in gap**2]
    total = round_as_printed(math.fsum(squares), 4)
    middle = z.mean().map(lambda value: round_as_printed(value, 3))
    apart = [round_as_printed(value, 4) for value in ((z - middle) ** 2).sum(axis=1)]
    case: Case = {"a": data.names[pair[0]], "b": data.names[pair[1]], "columns": list(gap.index)}
    case |= {"gaps": list(gap), "squares": squares, "total": total, "half": total / 2}
    case |= {"middle": list(middle), "apart": apart, "sum": math.fsum(apart)}
    return {**case, "exact": data.pairs[pair]}


def _pairs(data: LessonData) -> list[Case]:
    """Give the example, and the farthest pair that neither it nor an exercise has."""
    used = [set(data.example_pair), set(data.asked_pair), set(data.first_pair)]
    rest = data.pairs[[set(pair) not in used for pair in data.pairs.index]]
    pairs = [data.example_pair, *([] if rest.empty else [rest.idxmax()])]
    return [_pair(data, pair) for pair in pairs]


def _explained(data: LessonData) -> list[Case]:
    """Work out the explained share at two other numbers of clusters."""
    coefficients = Tree.from_table(data.z_whole).schedule()["coefficient"].tolist()
    n, total = len(data.whole), coefficients[-1]
    cases = []
    for k in [k for k in range(2, n) if k != data.n_clusters][:2]:
        within = coefficients[n - k - 1]
        shares = {"inside": within / total, "between": 1 - within / total}
        cases.append({"k": k, "n": n, "stage": n - k, "within": within, "total": total, **shares})
    return cases


def _naming(data: LessonData) -> list[Case]:
    """Name the largest cluster by its most unusual indicators."""
    members, means = meaning.largest_cluster(data)
    held, last = meaning.supported_claims(data, means), means.index[-1]
    case: Case = {"members": data.list_names(members), "last": last, "last_mean": means[last]}
    return [
        {
            **case,
            "claim": claim,
            "column": column,
            "mean": means[column],
            "variable": data.variables[column],
        }
        for column in means.index[:2]
        for claim in sorted(held)
        if claim.split()[0] == column
    ]


CASES: Mapping[str, Callable[[LessonData], list[Case]]] = {
    "z_score": lambda data: [_z_score(data, row) for row in (0, 1)],
    "squared_distance": _pairs,
    "first_increase": _pairs,
    "explained": _explained,
    "naming": _naming,
}
"""The case that is worked and, where there is one, the case that is half worked."""


def _examples(name: str, data: LessonData) -> Faded:
    """Fill the sentences of an exercise with its cases."""
    own, (first, *more) = read_texts()[name], CASES[name](data)

    def said(key: str, case: Case) -> str:
        return MINUS.sub("\N{MINUS SIGN}", own[key].format(**case, gap_here=GAP))

    half, rest = (said(key, more[0]) if more else "" for key in ("half", "rest"))
    return Faded(said("worked", first), half, rest, own.get("after", 0))


FADED: Mapping[str, Callable[[LessonData], Faded]] = {
    name: partial(_examples, name) for name in CASES
}
"""By the name of the exercise."""
