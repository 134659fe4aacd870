"""Faded examples: one worked, one half worked with its rest folded; the exercise is the third."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from hclustkit import Tree

from kzclusters.lesson import prose
from kzclusters.lesson.data import LessonData
from kzclusters.lesson.exercises import meaning
from kzclusters.lesson.prose import format_number, round_as_printed

GAP = "**…**"
"""What the reader is to work out."""


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


def _z_score(data: LessonData) -> Faded:
    region, column = data.small.index[1], data.small.columns[0]
    x = data.small[column]
    value, mean, s = (round_as_printed(number, 1) for number in (x[region], x.mean(), x.std()))
    gap = format_number(value - mean, 1)
    given = (
        f"{data.names[region]} in {column}: the value is {value:,.1f}, the mean {mean:,.1f}, the "
        f"standard deviation {s:,.1f}. The value less the mean is {gap}; so z = {GAP}"
    )
    rest = f"z = {gap} / {s:,.1f} = {format_number((value - mean) / s)}."
    return Faded(prose.example_scaling(data), given, rest)


def _half_pair(data: LessonData) -> tuple[Hashable, Hashable] | None:
    """Choose the farthest pair that neither an exercise nor a worked example has."""
    used = [set(data.example_pair), set(data.asked_pair), set(data.first_pair)]
    rest = data.pairs[[set(pair) not in used for pair in data.pairs.index]]
    return None if rest.empty else rest.idxmax()


def _squared_distance(data: LessonData) -> Faded:
    worked, pair = prose.example_distance(data), _half_pair(data)
    if pair is None:
        return Faded(worked)
    gap, squares, total = prose.distance_steps(data, pair)
    parts = [f"{format_number(value)} in {column}" for column, value in gap.items()]
    return Faded(
        worked,
        f"The z-scores of {data.list_names(pair)} differ by {' and by '.join(parts)}. The first "
        f"difference squared is {squares[0]:.4f}, the second {GAP}; the squared distance is {GAP}",
        f"The second is {squares[1]:.4f}, and the sum {total:.4f}, or {total:.2f}.",
    )


def _first_increase(data: LessonData) -> Faded:
    worked, pair = prose.example_increase(data), _half_pair(data)
    if pair is None:
        return Faded(worked)
    total = prose.distance_steps(data, pair)[2]
    return Faded(
        worked,
        f"{data.list_names(pair)} have the squared distance {total:.4f}, and both are single "
        f"regions: the factor is {GAP}, and the increase {GAP}",
        f"The factor is (1 × 1) / (1 + 1) = 0.5, the increase 0.5 × {total:.4f} = {total / 2:.4f}.",
    )


def _explained(data: LessonData) -> Faded:
    coefficients = Tree.from_table(data.z_whole).schedule().set_index("stage")["coefficient"]
    n, total = len(data.whole), coefficients.iloc[-1]
    first, second = [k for k in range(2, n) if k != data.n_clusters][:2]

    def row(k: int) -> str:
        return f"{k} clusters are there after stage {n} − {k} = {n - k}"

    def within(k: int) -> str:
        return f"{coefficients[n - k]:.3f}"

    def share(k: int) -> str:
        part = coefficients[n - k] / total
        return (
            f"{within(k)} / {total:.3f} = {part:.3f} lies within them, and {1 - part:.3f} between"
        )

    return Faded(
        f"**Worked example.** {row(first)}. The coefficient of this row is {within(first)}, that "
        f"of the last row {total:.3f}; so {share(first)}.",
        f"{row(second)}. The coefficient of this row is {GAP}; between the clusters lies {GAP}",
        f"It is {within(second)}. {share(second)}.",
        after=8,
    )


def _naming(data: LessonData) -> Faded:
    members, means = meaning.largest_cluster(data)
    first, last = means.index[0], means.index[-1]

    def claim(column: str) -> str:
        return f"{column} {meaning.SIDES[int(means[column] > 0)]}"

    def said(column: str) -> str:
        return f"{column} ({data.variables[column]}) has the mean {format_number(means[column])}"

    held = meaning.supported_claims(data, means)
    near_zero = (
        f"{said(last)}, too near 0 for any name."
        if not any(column == last for column, _ in held)
        else "No mean of this cluster is near 0."
    )
    second = means.index[1]
    worked = (
        f"**Worked example.** {data.list_names(members)}: {said(first)}, so “{claim(first)}” can "
        f"be part of a name. {near_zero}"
    )
    if all(column != second for column, _ in held):
        return Faded(worked, after=19)
    half = f"{said(second)}, so {GAP} can be part of a name, too."
    return Faded(worked, half, f"“{claim(second)}”.", after=19)


FADED: Mapping[str, Callable[[LessonData], Faded]] = {
    "z_score": _z_score,
    "squared_distance": _squared_distance,
    "first_increase": _first_increase,
    "explained": _explained,
    "naming": _naming,
}
"""By the name of the exercise."""
