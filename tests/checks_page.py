"""The page docs/checks.md: a table of the long forms that their run itself keeps."""

from __future__ import annotations

import re


def record(text: str, outcomes: dict[tuple[str, str], list[tuple[str, str]]]) -> str:
    """Return the page of checks with its table brought up to date.

    Parameters
    ----------
    text : str
        The page; the rows lie between ``<!-- long forms -->`` and ``<!-- end -->``.
    outcomes : dict
        By name and purpose of a check: outcome and reported result of each of its tests.

    Returns
    -------
    str
        Rows of checks that did not run keep their last result.
    """
    head, table, tail = re.split(r"(?<=<!-- long forms -->\n)|(?=<!-- end -->)", text)
    rows = {row.split(" | ")[0].strip("| "): row for row in table.splitlines()[2:]}
    for (name, purpose), tests in outcomes.items():
        failed = sum(outcome != "passed" for outcome, _ in tests)
        results = "; ".join(dict.fromkeys(result for _, result in tests if result))
        verdict = f"{failed} of {len(tests)} failed" if failed else "passed"
        rows[name] = f"| {name} | {purpose} | {verdict}{': ' if results else ''}{results} |"
    lines = ["| Check | What it shows | Last result |", "|---|---|---|", *sorted(rows.values())]
    return head + "\n".join(lines) + "\n" + tail
