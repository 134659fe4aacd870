"""What a notebook of the lesson uses: ask, check, count, and fold what gives an answer away."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from hclustkit.errors import refusal
from IPython.display import Image, Markdown

from kzclusters import paths, study
from kzclusters.lesson import answers
from kzclusters.lesson.answers import Verdict
from kzclusters.lesson.data import LessonData
from kzclusters.lesson.exercises import EXERCISES, Exercise
from kzclusters.lesson.faded import FADED


def figures_folder(folder: str, given: Mapping[str, Any]) -> str:
    """Choose where the lesson's figures go: a changed lesson must not overwrite the study's.

    Parameters
    ----------
    folder : as the notebook declares it
    given : the other parameters of the notebook

    Returns
    -------
    str
        ``folder``; but ``build/lesson`` if that is the study's and a parameter differs.
    """
    usual = study.parameters()
    changed = any(usual[name] != value for name, value in given.items())
    ours = paths.resolve(folder).resolve() == paths.resolve(usual["figures_dir"]).resolve()
    return paths.from_root(paths.BUILD / "lesson") if ours and changed else folder


class Folded:
    """A figure behind a line that opens it, with sentences that belong to it.

    Parameters
    ----------
    image : as `kzclusters.notebook.publish` returns it; its caption is folded, too
    summary : the line that opens it
    sentences : plain text below the figure
    """

    def __init__(self, image: Image, summary: str, *sentences: str) -> None:
        self.image, self.summary, self.sentences = image, summary, sentences

    def __repr__(self) -> str:
        return self.summary

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        # the picture is also given on its own, for programs that show no HTML
        png = base64.b64encode(self.image.data).decode("ascii")
        alt = html.escape(self.image.alt or "")
        caption = getattr(self.image, "caption", "")
        below = f"\n<p><em>{html.escape(caption)}</em></p>" if caption else ""
        below += "".join(f"\n<p>{html.escape(sentence)}</p>" for sentence in self.sentences)
        shown = (
            f"<details><summary>{html.escape(self.summary)}</summary>\n"
            f'<img src="data:image/png;base64,{png}" alt="{alt}" width="{self.image.width}">'
            f"{below}\n</details>"
        )
        about = {"alt": self.image.alt, "width": self.image.width}
        bundle = {"text/html": shown, "image/png": png, "text/plain": self.summary}
        return bundle, {"image/png": about}


def _details(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


class Lesson:
    """A session of the lesson: asks, checks answers and counts the right ones.

    Parameters
    ----------
    data : the tables of the lesson
    """

    def __init__(self, data: LessonData) -> None:
        self.data = data
        self._make = cache(lambda number: EXERCISES[number - 1](data))

    def ask(self, number: int) -> Markdown:
        """Show the question of an exercise, with the names of the regions filled in."""
        return Markdown(f"**Exercise {number}.** {self.exercise(number).question}")

    def example(self, number: int) -> Markdown:
        """Show an example before an exercise, and one that is half worked."""
        found = FADED[EXERCISES[number - 1].__name__](self.data)
        parts = [found.worked]
        if found.half:
            parts += [f"**Half worked.** {found.half}", _details("The rest", found.rest)]
        text = "\n\n".join(parts)
        return Markdown(_details(found.summary, text) if found.after else text)

    def check(self, number: int, answer: Any) -> Verdict:
        """Say whether an answer is right, or what is wrong with it; None is not answered yet."""
        exercise = self.exercise(number)
        return answers.give_verdict(number, answer, exercise.find, exercise.praise)

    def progress(self, *given: Any) -> Markdown:
        """Count how many of the answers, in the order of the exercises, are right."""
        states = [self.check(number, answer) for number, answer in enumerate(given, start=1)]
        right = sum(v.state == answers.RIGHT for v in states)
        again = [str(v.exercise) for v in states if v.state == answers.WRONG]
        left = self.n_exercises - right - len(again)
        text = (
            f"**{right} of {self.n_exercises} right**, {len(again)} to look at again, {left} not "
            "answered yet."
        )
        return Markdown(text + (f" Look again at {', '.join(again)}." if again else ""))

    def exercise(self, number: int) -> Exercise:
        """Give an exercise by its number.

        Raises
        ------
        InputError
            There is no such exercise.
        """
        whole = isinstance(number, (int, np.integer)) and not isinstance(number, bool)
        if not whole or not 1 <= number <= self.n_exercises:
            text = f"there is no exercise {number!r}: they are numbered 1 to {self.n_exercises}"
            raise refusal(text, "exercise", "exercise-number", number)
        return self._make(int(number))

    @property
    def n_exercises(self) -> int:
        """The number of exercises."""
        return len(EXERCISES)
