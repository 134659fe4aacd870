"""What other programs answer today, for the page "Where programs disagree".

Each probe asks one program one question. The answers are compared with those that
``docs/peers.json`` records; where one has changed, the build of the site stops and shows both. To
record new answers, run ``python -m kzclusters.publish.site.peers``.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import fastcluster
import matplotlib.pyplot as plt
import numpy as np
import scipy.cluster.hierarchy as sch
from hclustkit import Tree, cut, linkage, uniqueness
from hclustkit.arguments import as_table
from hclustkit.compare import adjusted_rand_index
from hclustkit.draw import cluster_style
from hclustkit.errors import InputError
from hclustkit.files import write_json
from hclustkit.programs import PROGRAMS as CONVENTIONS
from hclustkit.programs import program_tree
from hclustkit.validity import silhouette
from scipy.spatial.distance import squareform
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import silhouette_samples

from kzclusters import paths

RECORDED = paths.ROOT / "docs" / "peers.json"
PAGE = "disagree"
PROGRAMS = ("hclustkit", "scipy", "scikit-learn", "fastcluster")

Probe = Callable[[], str]


def numbers(values: Any, digits: int = 4) -> str:
    """Write numbers as a list, so many significant digits each."""
    return ", ".join(f"{value:.{digits}g}" for value in np.ravel(values))


def groups(labels: Any, names: Any = None) -> str:
    """Write a partition as sets, by first member."""
    labels = list(labels)
    names = list(range(len(labels))) if names is None else list(names)
    sets: dict[Any, list[str]] = {}
    for name, label in zip(names, labels, strict=True):
        sets.setdefault(label, []).append(str(name))
    return " ".join("{" + ", ".join(one) + "}" for one in sets.values())


def refusal(call: Callable[[], Any], taken: Callable[[Any], str] | None = None) -> str:
    """Say how a call is refused, by which rule or in the program's own words, or what it gives."""
    try:
        given = call()
    except InputError as error:
        value = f", value {error.value:.4g}" if isinstance(error.value, float) else ""
        return f"refused by the rule {error.rule}; place: {error.place}{value}"
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    return taken(given) if taken else "takes it without a word"


def sklearn_labels(x: Any, k: int, method: str) -> Any:
    """Cut scikit-learn's tree into k clusters."""
    return AgglomerativeClustering(k, linkage=method).fit_predict(np.asarray(x, dtype=float))


def sklearn_heights(x: Any, method: str) -> Any:
    """Give the heights of scikit-learn's tree."""
    made = AgglomerativeClustering(None, linkage=method, distance_threshold=0)
    return made.fit(np.asarray(x, dtype=float)).distances_


def each(call: Callable[[Any], str]) -> dict[str, Probe]:
    """Ask scipy and fastcluster the same question: they share an interface."""
    return {"scipy": lambda: call(sch.linkage), "fastcluster": lambda: call(fastcluster.linkage)}


SQUARE = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
TRIANGLE = [[0.0, 0.0], [1.0, 0.0], [0.5, 0.9]]
LINE = [[0.0], [1.0], [7.0], [15.0]]
FOUR = squareform([1.0, 2.0, 3.0, 1.5, 2.7, 0.15])
PATH = [0.46680166, 0.7747411, 0.79942054, 0.28626558, 0.68441929, 0.74692541]


def _number_of(labels: Any) -> str:
    """Say how many clusters there are."""
    count = len(set(np.ravel(labels).tolist()))
    return f"{count} cluster{'s' if count > 1 else ''}"


def _count_inverted(cutting: Callable[[Any, int], Any]) -> str:
    """Count the centroid trees of which some cut has another number of clusters than asked for."""
    wrong = 0
    for seed in range(200):
        Z = sch.linkage(np.random.default_rng(seed).normal(size=(12, 2)), "centroid")
        if any(len(set(np.ravel(cutting(Z, k)).tolist())) != k for k in range(1, 13)):
            wrong += 1
    return f"{wrong} of 200 trees"


def _tenths(labels_of: Callable[[Any], Any]) -> str:
    tenths, whole = ([[0.1], [0.2], [0.3]], [[1.0], [2.0], [3.0]])
    return f"{groups(labels_of(tenths))} and {groups(labels_of(whole))}"


def _survey() -> Any:
    return np.random.default_rng(0).integers(1, 6, size=(300, 10)).astype(float)


def _orders(labels_of: Callable[[Any], Any]) -> str:
    """Say whether other orders of the rows of a survey give other clusters."""
    x = _survey()
    rng = np.random.default_rng(1)
    base, found = labels_of(x), []
    for _ in range(20):
        order = rng.permutation(300)
        found.append(adjusted_rand_index(base[order].tolist(), labels_of(x[order]).tolist()))
    changed = np.median(found) < 0.5
    return f"{'other' if changed else 'much the same'} clusters in other orders, without a word"


def _verdict() -> str:
    found = uniqueness(_survey(), 4)
    return f"verdict for every order: {found.verdict} {found.count} partitions"


def _chain(n: int) -> Any:
    nodes = np.column_stack([np.r_[0, np.arange(n, 2 * n - 2)], np.arange(1, n)])
    return np.column_stack([np.sort(nodes, axis=1), np.arange(1.0, n), np.arange(2, n + 1)])


def _deepest(read: Callable[[Any], Any]) -> str:
    """Say whether a tree of 2,000 nested merges can be read."""
    try:
        read(_chain(2000))
    except RecursionError:
        return "RecursionError"
    return "done"


def _path(order: Any) -> str:
    d = squareform(PATH)
    return f"{sum(d[i, j] for i, j in zip(order[:-1], order[1:], strict=True)):.5f}"


def _colours() -> str:
    """Count the colours that scipy gives to eleven clusters."""
    x = np.arange(22.0)[:, None] + np.repeat(np.arange(11.0) * 9, 2)[:, None]
    drawn = sch.dendrogram(sch.linkage(x, "single"), no_plot=True, color_threshold=1.5)
    used = set(drawn["leaves_color_list"])
    return f"{len(used)} colours for 11 clusters"


def _edge(drawn: bool) -> str:
    """Group three points by a cut at the height of a merge, as scipy draws it or cuts it."""
    Z = sch.linkage([[0.0], [1.0], [3.0]], "single")
    if not drawn:
        return groups(sch.fcluster(Z, 2.0, "distance"))
    colours = sch.dendrogram(Z, no_plot=True, color_threshold=2.0)
    order = np.argsort(colours["leaves"])
    return groups(np.array(colours["leaves_color_list"])[order])


def _lists(Z: Any) -> str:
    alone = [len(set(sch.cut_tree(Z, k)[:, 0].tolist())) for k in (1, 2, 3)]
    listed = [len(set(column.tolist())) for column in sch.cut_tree(Z, [1, 2, 3]).T]
    return f"one at a time {numbers(alone)}; as a list {numbers(listed)}"


def _heights(x: Any, method: str) -> dict[str, Probe]:
    probes = each(lambda link: f"heights {numbers(link(x, method)[:, 2])}")
    return {**probes, "scikit-learn": lambda: f"heights {numbers(sklearn_heights(x, method))}"}


def _one_row(call: Callable[[], Any]) -> str:
    """Say what becomes of a table with one row."""
    return refusal(call, lambda tree: f"a tree without merges, shape {np.shape(tree)}")


TRAPS: dict[str, dict[str, Probe]] = {
    "k-under-ties": {
        "hclustkit": lambda: _number_of(cut(linkage(SQUARE), 3)),
        "scipy": lambda: _number_of(sch.fcluster(sch.linkage(SQUARE, "ward"), 3, "maxclust")),
        "fastcluster": lambda: _number_of(
            sch.fcluster(fastcluster.linkage(SQUARE, "ward"), 3, "maxclust")
        ),
        "scikit-learn": lambda: _number_of(sklearn_labels(SQUARE, 3, "ward")),
    },
    "inversions": {
        "hclustkit": lambda: _count_inverted(cut),
        "scipy": lambda: _count_inverted(lambda Z, k: sch.fcluster(Z, k, "maxclust")),
    },
    "list-of-k": {
        "hclustkit": lambda: (
            "one at a time "
            + numbers([cut(linkage(TRIANGLE, "centroid"), k).max() for k in (1, 2, 3)])
            + "; as a list "
            + numbers(Tree.from_table(TRIANGLE, "centroid").membership([1, 2, 3]).nunique())
        ),
        "scipy": lambda: _lists(sch.linkage(TRIANGLE, "centroid")),
    },
    "order-of-rows": {
        "hclustkit": _verdict,
        **each(lambda link: _orders(lambda x: cut(link(x, "ward"), 4))),
        "scikit-learn": lambda: _orders(lambda x: sklearn_labels(x, 4, "ward")),
    },
    "last-digit": {
        "hclustkit": lambda: _tenths(lambda x: cut(linkage(x, "single"), 2)),
        **each(lambda link: _tenths(lambda x: cut(link(x, "single"), 2))),
        "scikit-learn": lambda: _tenths(lambda x: sklearn_labels(x, 2, "single")),
    },
    "which-ward": {
        "hclustkit": lambda: (
            "R's ward.D2: heights "
            + numbers(linkage(LINE)[:, 2])
            + "; its ward.D: "
            + numbers(program_tree(LINE, "R.ward.D").Z[:, 2])
        ),
        **_heights(LINE, "ward"),
    },
    "distances-for-data": {
        "hclustkit": lambda: refusal(lambda: linkage(FOUR, "complete")),
        **_heights(FOUR, "complete"),
    },
    "not-euclidean": {
        "hclustkit": lambda: refusal(lambda: linkage([1, 1, 10], metric="precomputed")),
        **each(lambda link: f"heights {numbers(link([1.0, 1.0, 10.0], 'ward')[:, 2])}"),
        "scikit-learn": lambda: refusal(
            lambda: AgglomerativeClustering(2, metric="precomputed", linkage="ward").fit(FOUR)
        ),
    },
    "cut-and-colour": {
        "hclustkit": lambda: (
            f"cut and drawing {groups(cut(linkage([[0], [1], [3]], 'single'), height=2))}"
        ),
        "scipy": lambda: f"cut {_edge(False)}, drawing {_edge(True)}",
    },
    "eleven-colours": {
        "hclustkit": lambda: (
            f"{len({cluster_style(c) for c in range(1, 12)})} looks for 11 clusters"
        ),
        "scipy": _colours,
    },
    "deep-tree": {
        "hclustkit": lambda: _deepest(lambda Z: Tree.from_linkage(Z).geometry()),
        "scipy": lambda: _deepest(lambda Z: sch.dendrogram(Z, no_plot=True)),
    },
    "best-order": {
        "hclustkit": lambda: _path(
            Tree.from_table(PATH, "complete", metric="precomputed").optimal_leaf_order()[0]
        ),
        "scipy": lambda: _path(
            sch.leaves_list(sch.optimal_leaf_ordering(sch.linkage(PATH, "complete"), PATH))
        ),
    },
    "one-row": {
        "hclustkit": lambda: f"a tree without merges, shape {linkage([[1.0, 2.0]]).shape}",
        **each(lambda link: _one_row(lambda: link([[1.0, 2.0]], "ward"))),
        "scikit-learn": lambda: _one_row(lambda: sklearn_heights([[1.0, 2.0]], "ward")),
    },
    "missing-cell": {
        "hclustkit": lambda: refusal(lambda: linkage([[1.0, 2.0], [3.0, np.nan], [5.0, 6.0]])),
        **each(lambda link: refusal(lambda: link([[1.0, 2.0], [3.0, np.nan], [5.0, 6.0]], "ward"))),
        "scikit-learn": lambda: refusal(
            lambda: sklearn_labels([[1.0, 2.0], [3.0, np.nan], [5.0, 6.0]], 2, "ward")
        ),
    },
    "lone-silhouette": {
        "hclustkit": lambda: numbers(
            silhouette(as_table([[0.0], [0.1], [10.0]]), [1, 1, 2])["width"]
        ),
        "scikit-learn": lambda: numbers(
            silhouette_samples(np.array([[0.0], [0.1], [10.0]]), [1, 1, 2])
        ),
    },
}
"""By trap and program."""


def ask() -> dict[str, dict[str, str]]:
    """Ask every program every question.

    Returns
    -------
    dict
        Trap to program to answer.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {
            trap: {program: probe() for program, probe in probes.items()}
            for trap, probes in TRAPS.items()
        }
    plt.close("all")
    return found


def versions() -> dict[str, str]:
    """Give the version of each program that is asked."""
    return {program: version(program) for program in PROGRAMS}


def check(found: dict[str, dict[str, str]]) -> None:
    """Raise if an answer is not the recorded one.

    Raises
    ------
    InputError
        With rule ``peer-changed``; the value maps trap and program to both answers.
    """
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))["answers"]
    changed = {}
    for trap in {**recorded, **found}:
        old, new = recorded.get(trap, {}), found.get(trap, {})
        for program in {**old, **new}:
            if old.get(program) != new.get(program):
                changed[f"{trap}, {program}"] = (old.get(program), new.get(program))
    if changed:
        listed = "".join(
            f"\n  {where}: recorded {old!r}, now {new!r}" for where, (old, new) in changed.items()
        )
        text = (
            f"{len(changed)} answers of other programs have changed:{listed}\nIf the new ones "
            "are right, read the page again and run python -m kzclusters.publish.site.peers"
        )
        raise InputError(text, place="docs/peers.json", rule="peer-changed", value=changed)


def page(text: str) -> str:
    """Put the answers of today into the page.

    Parameters
    ----------
    text : str
        Markdown with a mark ``<!-- trap: NAME -->`` for each trap.

    Returns
    -------
    str

    Raises
    ------
    InputError
        An answer has changed, or a trap has no mark or a mark no trap.
    """
    found = ask()
    check(found)
    marks = re.findall(r"<!-- trap: ([\w-]+) -->", text)
    if sorted(marks) != sorted(TRAPS):
        place, odd = f"docs/{PAGE}.md", sorted(set(marks) ^ set(TRAPS))
        said = f"{place} has not one mark for each trap"
        raise InputError(said, place=place, rule="trap-marks", value=odd)
    known = versions()
    text = text.replace(
        "<!-- versions -->", ", ".join(f"{program} {known[program]}" for program in PROGRAMS[1:])
    )

    text = text.replace("<!-- conventions -->", _conventions())

    def table(found_mark: re.Match[str]) -> str:
        rows = [
            f"| {program} | {_cell(answer)} |" for program, answer in found[found_mark[1]].items()
        ]
        return "\n".join(["| program | answer |", "|---|---|", *rows])

    return re.sub(r"<!-- trap: ([\w-]+) -->", table, text)


def _conventions() -> str:
    """Tabulate what each program puts into its linkages, and prints as heights."""
    lines = ["| program | linkage, and what its formula works on; heights |", "|---|---|"]
    for convention in dict.fromkeys(CONVENTIONS.values()):
        names = ", ".join(name for name, each in CONVENTIONS.items() if each == convention)
        lines.append(f"| {names} | {convention} |")
    return "\n".join(lines)


def _cell(answer: str) -> str:
    return answer.replace("|", "\\|").replace("<", "&lt;").replace("{", "\\{")


def main() -> None:
    """Record the answers of today."""
    write_json(RECORDED, {"versions": versions(), "answers": ask()})


if __name__ == "__main__":
    main()
