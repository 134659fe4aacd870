"""One, two and three rows, equal rows, constant columns, huge numbers: every public function.

Need 15: each call ends in a result or in an `InputError` with place and rule, never in an error of
a library or a warning. The arguments are chosen by the names of the parameters, so a new public
function is tried too; one with a parameter that has no value here is skipped, and named.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import inspect
import pickle
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import hclustkit
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hclustkit import InputError, Tree, cut, linkage
from hclustkit.compare import best_match
from hclustkit.distances import proximity_matrix
from hclustkit.flat import k_medoids
from hclustkit.kinds import explain_type_errors
from hclustkit.multiverse import Grid, run
from hclustkit.profiles import profile
from hclustkit.programs import PROGRAMS, identify, program_tree, why_differ
from hclustkit.published import companions, pair_table
from hclustkit.report import Choices, ExplorerTexts, analyse, explorer_content
from hclustkit.scaling import SCALINGS, scaling_name
from hclustkit.space import mixing_table, neighbours_from_pairs
from hclustkit.tree.exports import newick
from hclustkit.tree.linkage import LINKAGES
from hclustkit.validity import gap_statistic, indices, silhouette
from refusals import refused
from scale import scale
from scipy.sparse import csr_array
from scipy.spatial.distance import pdist, squareform

ROOMS = ["tables", "validity", "compare", "draw", "stability", "multiverse", "ties", "space"]
ROOMS += ["sensitivity", "report", "published", "flat"]
LEFT_OUT = {
    "cluster_style": "takes no data",
    "cluster_looks": "takes no data",
    "check_k": "takes no data",
    "count_choices": "takes no data",
    "read_names": "reads a file",
    "read_map": "reads a file",
    "neighbours_from_polygons": "needs a map",
    "write_report": "writes what `analyse` found",
    "cluster_maps": "needs a map",
    "value_maps": "needs a map",
    "save": "writes a file",
    "inline_page": "takes no data",
    "read_part": "takes no data",
    "page_texts": "takes no data",
    "check_translation": "takes no data",
    "run_noise": "a long run: `run` and `noise_survival` are tried",
    "plan": "times a run of `run`, which is tried",
}

TABLES: dict[str, Any] = {
    "one row": [[3.0, 1.0]],
    "one cell": [[3.0]],
    "two rows": [[3.0, 1.0], [7.0, 2.0]],
    "two equal rows": [[3.0, 1.0], [3.0, 1.0]],
    "three rows": [[3.0, 1.0], [7.0, 2.0], [4.0, 6.0]],
    "three equal rows": [[0.1, 0.2]] * 3,
    "two of three equal": [[0.1, 0.2], [0.1, 0.2], [4.0, 6.0]],
    "a constant column": [[3.0, 1.0], [3.0, 2.0], [3.0, 6.0], [3.0, 4.0]],
    "all zeros": [[0.0, 0.0]] * 4,
    "one last digit": [[0.1 + 0.2], [0.3], [0.3], [0.5]],
    "huge": [[1e300, 1.0], [-1e300, 2.0], [1e299, 4.0], [0.0, 3.0]],
    "tiny": [[1e-300], [2e-300], [4e-300], [7e-300]],
    "more columns than rows": [[1.0, 2.0, 4.0, 3.0, 9.0], [2.0, 1.0, 0.0, 5.0, 7.0]],
}


IN_RANGE = [title for title in TABLES if title != "huge"]
FEW = ["one row", "two equal rows", "a constant column"]


def frame(values: Any) -> pd.DataFrame:
    x = np.array(values)
    columns = [f"v{j}" for j in range(x.shape[1])]
    return pd.DataFrame(x, index=[f"r{i}" for i in range(len(x))], columns=columns)


def supply(table: pd.DataFrame, k: int) -> dict[str, Any]:
    """Values for parameters, by name; those that are functions are computed when asked for."""
    n, p = table.shape
    Z = linkage(table)
    clusters = pd.Series(cut(Z, k), index=table.index)
    names = table.index.tolist()

    def long() -> pd.DataFrame:
        rows = [(name, 2000, c, table.loc[name, c]) for name in names for c in table]
        return pd.DataFrame(rows, columns=["label", "year", "indicator", "value"])

    def grid() -> Grid:
        return Grid.from_data(long(), k=k, linkages=["ward", "single"])

    columns = pd.DataFrame({("own", "k"): clusters})
    pairs = pd.DataFrame({"one": names[:-1], "other": names[1:]})
    return {
        **dict.fromkeys(("table", "X", "points", "path"), table),
        **dict.fromkeys(("labels", "membership", "partition", "reference", "a"), clusters),
        **dict.fromkeys(("b", "other"), clusters.iloc[::-1]),
        **dict.fromkeys(("Z", "Z1", "Z2", "left", "right"), Z),
        **dict.fromkeys(("order", "order1", "order2"), names),
        **dict.fromkeys(("n", "draws"), 5),
        **dict.fromkeys(("starts", "moves", "rounds", "size"), 2),
        **dict.fromkeys(("left_title", "right_title"), "title"),
        **dict.fromkeys(("pairs", "edges"), pairs),
        "values": table.iloc[:, 0],
        **dict.fromkeys(("features", "space"), lambda: proximity_matrix(table)),
        "alpha": 0.5,
        "ties": np.zeros(n - 1, dtype=bool),
        "k": k,
        "ks": [k],
        "seed": 0,
        "bound": 10,
        "policy": "mean",
        "sizes": np.bincount(clusters)[1:],
        "neighbours": lambda: neighbours_from_pairs(pairs, names),
        "partitions": [clusters, clusters],
        "matrix": np.ones((n, n)),
        "samples": [[0], [0]],
        "jaccards": lambda: pd.DataFrame({c: [1.0] for c in clusters.unique()}),
        "counts": [1, 2, 3],
        "r": [0.5, 1.0, 1.5],
        "proximity": lambda: proximity_matrix(table),
        "schedule": lambda: Tree.from_table(table).schedule(),
        "silhouettes": lambda: silhouette(table, clusters)["width"],
        "index_table": lambda: indices(table, [k], seed=0, draws=5),
        "votes": lambda: hclustkit.validity.cast_votes(indices(table, [k], seed=0, draws=5)),
        "gap_table": lambda: gap_statistic(table, [k], 5, seed=0),
        "figure": lambda: plt.figure(),
        "grid": grid,
        "frame": long,
        "result": lambda: run(grid(), long(), clusters),
        "drawn": np.arange(2.0 * n).reshape(2, n, 1),
        "low": np.arange(1.0, n + 1)[:, None],
        "high": np.arange(1.0, n + 1)[:, None] + 0.5,
        "z": table.to_numpy(),
        "scaling": "zscore",
        "content": lambda: explorer_content(table),
        "texts": ExplorerTexts("title"),
        "choices": Choices(),
        "levels": [0.1],
        "p": 2,
        "separations": [2.0],
        "distances": lambda: proximity_matrix(table),
        "tables": 3,
        "published": clusters,
        "columns": columns,
        "counted": {"own": (clusters.to_numpy()[None], np.ones(1))},
        "named": {"own": table},
        "together": lambda: pair_table(clusters, columns),
        "cases": lambda: companions(clusters, columns),
        "mixture": lambda: mixing_table(*[proximity_matrix(table)] * 2, k, alphas=[0, 1]).table,
        "rng": np.random.default_rng(0),
    }


OTHERWISE: dict[tuple[str, str], Any] = {
    ("draw", "labels"): "order",
    ("multiverse", "labels"): "order",
    ("space", "labels"): "order",
    ("multiverse", "neighbours"): "pairs",
    ("choose_alpha", "table"): "mixture",
    ("pair_table", "partitions"): "columns",
    ("companions", "partitions"): "columns",
    ("every_partition", "partitions"): "counted",
    ("pair_picture", "pairs"): "together",
    ("spectral_surrogates", "tables"): "named",
    ("spectral_surrogates", "neighbours"): "pairs",
}
"""Parameters that mean something else in a room or a function: the name of their value."""

OPTIONAL = (
    "seed",
    "n",
    "draws",
    "ks",
    "levels",
    "bound",
    "tables",
    "starts",
    "moves",
    "rounds",
    "size",
    "membership",
    "a_reference",
    "reference",
)
"""Parameters with a default that are set all the same."""


def public() -> Iterator[str]:
    for room in ROOMS:
        module = importlib.import_module(f"hclustkit.{room}")
        for name in module.__all__:
            function = inspect.unwrap(getattr(module, name))
            if inspect.isfunction(function) and name not in LEFT_OUT:
                yield f"{room}.{name}"


def attempt(call: Any) -> None:
    """Let a call succeed, or be refused in the way that users are to see."""
    try:
        call()
    except InputError as error:
        assert error.rule and error.place, str(error)
    finally:
        plt.close("all")


def wanted(name: str) -> dict[str, tuple[str, inspect.Parameter]]:
    """For each parameter of a public function that is to be set: the name of its value."""
    room, short = name.split(".")
    found = {}
    for parameter in inspect.signature(function_of(name)).parameters.values():
        required = parameter.default is parameter.empty
        if parameter.kind is parameter.VAR_KEYWORD or not (required or parameter.name in OPTIONAL):
            continue
        named = OTHERWISE.get((short, parameter.name), parameter.name)
        found[parameter.name] = OTHERWISE.get((room, named), named), parameter
    return found


def function_of(name: str) -> Any:
    room, short = name.split(".")
    return getattr(importlib.import_module(f"hclustkit.{room}"), short)


def call(name: str, known: dict[str, Any]) -> None:
    """Call a public function with what is known."""
    given, options = [], {}
    for title, (named, parameter) in wanted(name).items():
        if named not in known:
            pytest.skip(f"{name} needs a value for {named}")
        value = known[named]
        value = value() if callable(value) else value
        if parameter.kind is parameter.KEYWORD_ONLY or parameter.default is not parameter.empty:
            options[title] = value
        else:
            given.append(value)
    function_of(name)(*given, **options)


@pytest.mark.parametrize("name", sorted(public()))
def test_every_public_function(name: str) -> None:
    for title in scale(FEW, IN_RANGE):
        table = frame(TABLES[title])
        for k in {1, scale(1, min(2, len(table))), len(table)}:
            try:
                attempt(lambda table=table, k=k: call(name, supply(table, k)))
            except Exception as error:
                error.add_note(f"table: {title}, k = {k}")
                raise


# --- arguments of another kind ---------------------------------------------------------------
OTHER_KINDS: dict[str, Any] = {
    "nothing": None,
    "text": "abc",
    "number": 2.5,
    "object": object(),
    "list": [1, 2],
    "array": np.arange(7.0),
    "frame": pd.DataFrame({"a": list("xyz")}),
}
SAID = ("DataFrame", "Series", "int", "float", "str", "Mapping", "Grid", "Result", "Neighbours")
"""Kinds that messages name."""


def arguments_of(name: str) -> dict[str, Any]:
    """Values that a function takes, by parameter; the test is skipped where one is not known."""
    known = supply(frame(np.random.default_rng(3).normal(size=(7, 3)) + 5), 3)
    given = {}
    for title, (named, _) in wanted(name).items():
        if named not in known:
            pytest.skip(f"{name} needs a value for {named}")
        given[title] = known[named]() if callable(known[named]) else known[named]
    return given


def attempt_with(name: str, given: dict[str, Any], title: str, kind: str, value: Any) -> None:
    """Call a function with another value for one argument, which a failure names."""
    try:
        attempt(lambda: function_of(name)(**given | {title: value}))
    except Exception as error:
        error.add_note(f"{title}: {kind}")
        raise


@pytest.mark.parametrize("name", scale(["draw.dendrogram", "tables.gower_distances"], [*public()]))
def test_an_argument_of_another_kind_is_named(name: str) -> None:
    given = arguments_of(name)
    for title, parameter in inspect.signature(function_of(name)).parameters.items():
        kinds = re.sub(r"\[.*\]|pd\.", "", str(parameter.annotation)).split(" | ")
        for kind, value in OTHER_KINDS.items():
            if not {*kinds} <= {*SAID, "None"} or (kind == "frame" and "DataFrame" in kinds):
                continue
            if kind in ("array", "number", "list") and title in ("n_jobs", "check_order"):
                continue
            attempt_with(name, given, title, kind, value)


def test_every_public_function_names_an_argument_of_another_kind() -> None:
    found = [profile, scaling_name, identify, program_tree, why_differ, cut, linkage]
    found += map(function_of, public())
    assert [one for one in found if not hasattr(one, "__wrapped__")] == []


def test_a_failure_of_the_package_itself_stays_what_it_is() -> None:
    def broken(k: int) -> int:
        return [1, 2][k]

    found = {"broken": broken}
    explain_type_errors(found, ["broken"])
    assert found["broken"](1) == 2
    with pytest.raises(IndexError):
        found["broken"](5)
    with pytest.raises(TypeError, match="unexpected keyword"):
        found["broken"](q=5)
    with refused("argument-type", place="k") as caught:
        found["broken"]("a")
    assert caught.value.value == "a"
    for function in (hclustkit.compare.rand_index, hclustkit.space.moran):
        assert pickle.loads(pickle.dumps(function)) is function


HOSTILE = {
    "cell": np.array(5),
    "text in a cell": np.array("a"),
    "lists": [[1]] * 7,
    "ragged": [[1, 2], [3]],
    "objects": np.array([[1], [2, 3], None, "a", 5, 6, 7], dtype=object),
    "series of lists": pd.Series([[at] for at in range(7)], index=[f"r{at}" for at in range(7)]),
    "cube": np.zeros((7, 3, 2)),
    "anything": [1, "a", None, 2.5, (1, 2), True, b"x"],
    "no number": [np.nan] * 7,
    "too large": 10**30,
    "generator": (at for at in range(7)),
    "bytes": b"abc",
}
"""What no function may take for labels, numbers or a choice."""

ANY_NUMBER = ("n_jobs", "rng", "seed")


@pytest.mark.parametrize("name", scale(["compare.rand_index", "space.join_counts"], [*public()]))
def test_a_hostile_argument_is_refused_in_one_line(name: str) -> None:
    given = arguments_of(name)
    for title, parameter in inspect.signature(function_of(name)).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD or title in ANY_NUMBER:
            continue
        for kind, value in HOSTILE.items():
            attempt_with(name, given, title, kind, value)


def test_a_case_that_the_reference_of_an_explorer_lacks_is_named() -> None:
    table = frame(TABLES["three rows"])
    with refused("same-labels", place="reference") as caught:
        explorer_content(table, reference=pd.Series([1], index=table.index[:1]))
    assert caught.value.value == table.index[1]


def test_a_flag_is_true_or_false() -> None:
    table = frame(TABLES["three rows"])
    for call in (
        lambda: hclustkit.read_table(table, transpose="no"),
        lambda: linkage(table, non_euclidean="no"),
    ):
        with refused("argument-type", value="no"):
            call()
    for tables in (np.array(5), [[1]] * 3, 10**30):
        with refused(None):
            Tree.from_table(table, metric=tables)


# --- distances taken for observations --------------------------------------------------------
NOT_OBSERVATIONS = {
    "tables.check_table": "what it checks may be distances",
    "tables.column_notes": "describes columns of whatever was read",
    "tables.read_table": "what a report reads may be distances",
    "sensitivity.separation": "takes what `free_columns` has scaled",
    "space.choose_alpha": "takes what `mixing_table` found",
}


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in sorted(public())
        if {"table", "X", "z", "named"} & {value for value, _ in wanted(name).values()}
        and name not in NOT_OBSERVATIONS
    ],
)
def test_distances_given_as_observations_are_refused(name: str) -> None:
    x = np.array([0.0, 1.0, 3.0, 7.0, 12.0])
    square = frame(np.abs(x[:, None] - x))
    square.iloc[1, 2] *= 1 + 1e-12  # computed, and so not symmetric to the last digit
    if name in ("sensitivity.cell_effects", "tables.treat_missing"):
        square.iloc[1, 2] = square.iloc[2, 1] = np.nan
    known = supply(frame(np.column_stack([np.abs(x[:, None] - x), x])), 2)
    known |= {"table": square, "X": square, "named": {"own": square}, "policy": "impute-median"}
    with refused("distances-or-observations", place="table", value=(5, 5)):
        call(name, known)


def test_infinite_numbers_are_named_and_not_subtracted() -> None:
    far = np.array([[0, 1, np.inf], [1, 0, 2], [np.inf, 2, 0]])
    with np.errstate(all="raise"):
        for table in (far, far + np.eye(3), far + np.arange(3)):
            with refused("not-finite", place="row 0, column 2"):
                linkage(table)
        with refused("distance", value=np.inf):
            linkage(far, "average", metric="precomputed")


@functools.cache
def number_of_clusters(exponent: int) -> pd.DataFrame:
    """What leads to the number of clusters, of one table times a power of two."""
    x = np.round(np.random.default_rng(5).normal(size=(12, 3)) + np.arange(12)[:, None], 3)
    choices = Choices(scaling="none", distance="manhattan", linkage="average")
    return analyse(frame(np.ldexp(x, exponent)), choices).number.evidence


@pytest.mark.parametrize("exponent", [600, -600, 1000, -1000])
def test_squares_beyond_floats_are_refused_and_other_numbers_scaled(exponent: int) -> None:
    x = np.round(np.random.default_rng(5).normal(size=(12, 3)) + np.arange(12)[:, None], 3)
    table, labels = frame(np.ldexp(x, exponent)), np.repeat([1, 2, 3], 4)
    far = squareform(pdist(x))
    square = pd.DataFrame(np.ldexp(far, exponent), index=table.index, columns=table.index)
    ring = neighbours_from_pairs([(f"r{i}", f"r{(i + 1) % 12}") for i in range(12)], table.index)
    bounds = np.ldexp(x, exponent)
    for call in (
        lambda: hclustkit.validity.cluster_stats(table, labels),
        lambda: silhouette(table, labels),
        lambda: indices(table, [2, 3], seed=0, draws=5),
        lambda: gap_statistic(table, [2], 5, seed=0),
        lambda: hclustkit.flat.k_means(table, 3, starts=5),
        lambda: hclustkit.flat.least_squares(table, 3),
        lambda: proximity_matrix(table),
        lambda: hclustkit.distances.pairwise(table),
        lambda: hclustkit.space.neighbours_from_points(table, k=2),
        lambda: mixing_table(square, square, 3, scale="inertia"),
        lambda: hclustkit.sensitivity.separation(table.to_numpy(), labels - 1, "zscore"),
        lambda: hclustkit.sensitivity.keeps_partition(
            table, bounds, bounds, pd.Series(labels, table.index)
        ),
        lambda: linkage(table, "average", connectivity=ring),
        lambda: linkage(square, "ward", metric="precomputed"),
        lambda: program_tree(table, "R.average"),
    ):
        with refused("overflow", place="table"):
            call()
    np.testing.assert_array_equal(
        np.ldexp(linkage(table, "single", metric="cityblock")[:, 2], -exponent),
        linkage(x, "single", metric="cityblock")[:, 2],
    )
    gaps = np.eye(12, 3, dtype=bool)
    for policy in ("impute-knn", "impute-median"):
        filled = hclustkit.tables.treat_missing(table.mask(gaps), policy)[0]
        plain = hclustkit.tables.treat_missing(frame(x).mask(gaps), policy)[0]
        np.testing.assert_array_equal(np.ldexp(filled, -exponent), plain)
    pd.testing.assert_frame_equal(number_of_clusters(exponent), number_of_clusters(0))


def test_two_rows_are_observations() -> None:
    dummies = frame([[0.0, 1.0], [1.0, 0.0]])
    assert linkage(dummies)[0, 2] == pytest.approx(2**0.5)
    assert linkage(dummies, "single", metric="precomputed")[0, 2] == 1


def test_distances_are_refused_outside_the_rooms_too() -> None:
    square = frame(proximity_matrix(frame(TABLES["three rows"])))
    for call in (
        hclustkit.standardize,
        proximity_matrix,
        Tree.from_table,
        hclustkit.HierarchicalClustering(2).fit,
        lambda x: profile(x, [1, 1, 2]),
        lambda x: identify(x, linkage(x, "single", metric="precomputed")),
    ):
        with refused("distances-or-observations", place="table", value=(3, 3)):
            call(square)
    # the remedy that the message names
    assert linkage(hclustkit.standardize(square.iloc[:, ::-1])).shape == (2, 4)


@pytest.mark.cases(10)
@pytest.mark.parametrize("title", scale([*FEW, "huge"], list(TABLES)))
@pytest.mark.parametrize("method", LINKAGES)
def test_trees_of_every_kind(title: str, method: str) -> None:
    table = frame(TABLES[title])
    n = len(table)
    for options in (
        {},
        {"weights": np.arange(1, n + 1)},
        {"metric": "cityblock", "non_euclidean": True},
        {"metric": "correlation", "non_euclidean": True},
    )[: scale(3, 4)]:
        attempt(lambda options=options: tour(Tree.from_table(table, method, **options), table))
    attempt(lambda: tour(Tree.from_table(np.zeros((n, n)), method, metric="precomputed"), None))


def tour(tree: Tree, table: pd.DataFrame | None) -> None:
    """Everything that a tree can be asked, each on its own."""
    n = tree.n
    for k in range(1, n + 1):
        labels = tree.cut(k)
        assert labels.max() == k == len(set(labels))
        attempt(lambda k=k: tree.leaf_table(k, numbering="inherited"))
        attempt(lambda k=k: tree.assign(table if table is not None else np.zeros((1, n)), k))
    assert tree.cut(min_size=n).tolist() == [1] * n == tree.cut(max_size=n).tolist()
    assert sorted(tree.cut(max_size=1)) == list(range(1, n + 1))
    if tree.method == "ward":
        attempt(tree.draw)
    again = Tree.from_newick(tree.newick())
    assert again.n == n and Tree.from_json(tree.to_json()).n == n
    for call in (
        tree.schedule,
        tree.cophenetic,
        tree.cophenetic_correlation,
        tree.agglomerative_coefficient,
        tree.leaf_order,
        tree.optimal_leaf_order,
        lambda: tree.leaf_order(tree.labels[::-1]),
        tree.to_hclust,
        tree.geometry,
        tree.inversions,
        lambda: tree.members(2 * n - 2),
        lambda: tree.cut(height=0.0, inverted="all"),
        lambda: tree.membership([1]),
    ):
        attempt(call)


@pytest.mark.parametrize("title", TABLES)
def test_scalings_profiles_and_programs(title: str) -> None:
    table = frame(TABLES[title])
    for scaling in SCALINGS:
        attempt(lambda scaling=scaling: hclustkit.standardize(table, scaling))
    found = profile(table, range(len(table)))
    assert len(found.table()) == table.size
    found.distinguishing()
    found.between()
    for program in scale(list(PROGRAMS)[::4], list(PROGRAMS)):
        attempt(lambda program=program: program_tree(table, program))
        attempt(lambda program=program: program_tree(table, program, standardized=True))
        attempt(lambda program=program: why_differ(table, program, "scipy.ward"))
    attempt(lambda: identify(table, linkage(table)))
    attempt(lambda: hclustkit.cut(linkage(table), height=1.0))


def test_no_row_and_no_column_are_refused() -> None:
    for empty in (np.empty((0, 2)), np.empty((2, 0)), pd.DataFrame()):
        for call in (linkage, Tree.from_table, hclustkit.standardize, proximity_matrix):
            with pytest.raises(InputError) as caught:
                call(empty)
            assert caught.value.place and caught.value.rule in ("too-few-rows", "no-column")


def test_the_report_of_a_tiny_table() -> None:
    for title in scale(("one row", "two rows"), tuple(IN_RANGE)):
        attempt(lambda title=title: analyse(frame(TABLES[title])))
    attempt(lambda: mixing_table(frame(TABLES["three rows"]), np.zeros((3, 3)), 2))


# --- what is not a table of numbers, and what carries labels ---------------------------------
@pytest.mark.parametrize(
    "column",
    [
        [True, False, True],
        [1 + 2j, 2, 7],
        pd.Categorical([1, 2, 7]),
        pd.to_datetime(["2020-01-01", "2020-01-02", "2021-01-01"]),
        pd.to_timedelta([1, 2, 9], unit="D"),
        np.array(["2020-01-01", "2020-01-02", "2021-01-01"], "datetime64[D]"),
    ],
)
def test_what_only_looks_like_numbers_is_refused(column: Any) -> None:
    for call in (linkage, hclustkit.standardize, Tree.from_table, proximity_matrix):
        with refused("not-a-number", place="column 'a'"):
            call(pd.DataFrame({"a": column, "b": [1, 2, 7]}))


def test_a_masked_cell_is_a_missing_one() -> None:
    for kind in (np.float64, np.int64):
        x = np.ma.masked_array(np.arange(8).reshape(4, 2) ** 2, dtype=kind)
        x[1, 0] = np.ma.masked
        for call in (linkage, hclustkit.standardize, Tree.from_table, proximity_matrix):
            with refused("missing-value", place="row 1, column 0"):
                call(x)
    with refused("distance"):
        linkage(np.ma.masked_equal([1.0, 2.0, 3.0], 2.0), "average", metric="precomputed")


def test_computed_distances_need_not_be_exact_to_the_last_digit() -> None:
    far = np.array([[2e-16, 0.5, 0.7], [0.5, 0.0, -1e-17], [0.7, 0.0, -1e-16]])
    heights = linkage(far, "average", metric="precomputed")[:, 2]
    assert heights.tolist() == [0.0, 0.6]
    for at, rule in (((0, 0), "zero-diagonal"), ((1, 2), "symmetric")):
        wrong = far.copy()
        wrong[at] = 0.1
        with refused(rule):
            linkage(wrong, "average", metric="precomputed")


def test_what_carries_labels_is_matched_by_them() -> None:
    rng = np.random.default_rng(3)
    table = frame(rng.normal(size=(7, 3)))
    mixed = [3, 0, 6, 2, 5, 1, 4]
    each = pd.Series(np.arange(1.0, 8), index=table.index)
    columns = pd.Series([1.0, 5.0, 2.0], index=table.columns)
    ring = [(f"r{i}", f"r{(i + 1) % 7}") for i in range(7)]
    near = neighbours_from_pairs(ring, table.index)
    far = proximity_matrix(table.iloc[:, :1])
    wide = proximity_matrix(table)
    calls = [
        lambda s: Tree.from_table(table, weights=s).Z,
        lambda s: linkage(table, weights=s),
        lambda s: linkage(table, connectivity=near, totals=s, minimum=3),
        lambda s: Tree.from_table(table, connectivity=near, weights=s).Z,
        lambda s: Tree.from_table(table, weights=s).assign(table, 3).rows.to_numpy(),
        lambda s: Tree.from_table(table).cut(2, minimum=3, totals=s),
        lambda s: hclustkit.space.moran(s, near, draws=9, seed=1).value,
        lambda s: hclustkit.space.local_moran(s, near, draws=9, seed=1)["value"].to_numpy(),
        lambda s: hclustkit.space.join_counts(s > 3, near, draws=9, seed=1).same,
        lambda s: hclustkit.space.largest_agreement(s > 3, near, 2),
        lambda s: hclustkit.space.mixed_linkage(wide, far, 0.5, weights=s),
    ]
    for call in calls:
        np.testing.assert_array_equal(call(each.iloc[mixed]), call(each.to_numpy()))
        np.testing.assert_array_equal(call(each.reset_index(drop=True)), call(each.to_numpy()))
        with refused("unmatched-names"):
            call(each.rename({"r3": "R3"}))
    np.testing.assert_array_equal(
        linkage(table, variable_weights=columns.iloc[::-1]),
        linkage(table, variable_weights=columns.to_numpy()),
    )
    np.testing.assert_array_equal(
        hclustkit.space.mixed_linkage(wide, far.iloc[mixed, mixed], 0.5),
        hclustkit.space.mixed_linkage(wide, far, 0.5),
    )


def test_what_holds_no_numbers_is_named() -> None:
    Z = linkage([[0.0], [1.0], [9.0]])
    tree = Tree.from_linkage(Z)
    calls = (
        ("not-a-number", lambda x: cut(x, 1)),
        ("not-a-number", Tree.from_linkage),
        ("not-a-number", lambda x: linkage(x, "average", metric="precomputed")),
        ("not-a-number", lambda x: cut(Z, 2, totals=x)),
        ("not-a-number", hclustkit.compare.pac),
        ("not-a-number", tree.cophenetic_correlation),
        ("not-a-number", tree.optimal_leaf_order),
        ("weights", lambda x: linkage([[0.0], [1.0]], weights=x)),
    )
    for wrong in ("abc", [["a", 1, 2, 3]], [[0, 1, 1, 2], [2, 3, 4]], [[0, 1, 1j, 2]], {"a": 1}):
        for rule, call in calls:
            with refused(rule):
                call(wrong)
    for distances in ([1.0], [1.0, 2.0, np.nan], [1.0] * 4):
        with refused("condensed-length", place="distances"):
            tree.cophenetic_correlation(distances)
    with refused("distance-shape"):
        Tree.from_table(np.empty((0, 0)), metric="precomputed")


def test_labels_of_a_tree_are_clear() -> None:
    Z = linkage([[0.0], [1.0], [9.0]])
    for labels, rule in (
        (5, "labels-type"),
        ([["a"], ["b"], ["c"]], "labels-type"),
        (["a", None, "c"], "empty-label"),
        (["a", "b", "a"], "duplicate-label"),
        (["a", "b"], "label-count"),
    ):
        with refused(rule, place="labels"):
            Tree.from_linkage(Z, labels)
    pairs = [("a", 1), ("a", 2), ("b", 1)]
    assert Tree.from_linkage(Z, iter(pairs)).members(3) == pairs[:2]
    # 1 and "1" are two labels, but one text
    tree = Tree.from_linkage(Z, [1, "1", 2])
    for write in (tree.newick, tree.to_json):
        with refused("labels-as-text", place="labels"):
            write()
    with refused("labels-as-text"):
        newick(Z, ["a", "b"])
    with refused("newick"):
        Tree.from_newick(None)  # type: ignore[arg-type]
    with refused("duplicate-label") as caught:
        Tree.from_table(pd.DataFrame({"v": [1.0, 2.0]}, index=[7, 7]))
    assert "label 7 appears" in str(caught.value)


def test_neighbours_of_a_plain_list_and_of_any_distances() -> None:
    rows, near = [[1.0, 2.0], [3.0, 1.0], [5.0, 9.0]], np.ones((3, 3))
    np.testing.assert_allclose(linkage(rows, connectivity=near), linkage(rows), rtol=1e-12)
    far = {"metric": "precomputed", "connectivity": near}
    for make in (linkage, lambda *a, **k: Tree.from_table(*a, **k).Z):
        with refused("euclidean-only", value=pytest.approx(-16)):
            make([1.0, 1.0, 10.0], "ward", **far)
        found = make([1.0, 1.0, 10.0], "ward", **far, non_euclidean=True)
        assert found[:, 2].round(3).tolist() == [1.0, 8.185]
    for wrong in ({0: 5, 1: [], 2: []}, {0: [[1]], 1: [], 2: []}):
        with refused("pair", place="connectivity"):
            linkage(rows, connectivity=wrong)


def test_labelled_distances_are_matched_on_both_sides() -> None:
    far = pd.DataFrame([[0, 1.0, 5], [1, 0, 4], [5, 4, 0]], index=list("abc"), columns=list("abc"))
    mixed = far[["c", "a", "b"]]
    np.testing.assert_array_equal(
        linkage(mixed, "average", metric="precomputed"),
        linkage(far, "average", metric="precomputed"),
    )
    assert k_medoids(mixed, 2).to_dict() == {"a": 1, "b": 1, "c": 2}
    with refused("zero-diagonal"):
        linkage(far.set_axis(list("bca"), axis=1), "average", metric="precomputed")
    for wrong, rule in ((far.replace(5, np.nan), "missing-value"), (-far, "distance")):
        with refused(rule):
            k_medoids(wrong, 2)


def test_pieces_are_counted_by_label() -> None:
    near = neighbours_from_pairs([("a", "b"), ("b", "c")], list("abc"))
    clusters = pd.Series([1, 1, 2], index=list("abc"))
    for given in (clusters, clusters.iloc[::-1], clusters.to_numpy()):
        assert near.piece_count(given).to_dict() == {1: 1, 2: 1}


def test_a_report_checks_a_table_of_ones_own() -> None:
    with refused("not-a-number", place="column 'a'"):
        analyse(pd.DataFrame({"a": list("xyz"), "b": [1, 2, 3]}))
    x = pd.DataFrame({"v": [1, 2, 8, 9]}, dtype="Int64")
    assert analyse(x, Choices(k=2)).clusters.tolist() == [1, 1, 2, 2]


def test_tables_of_other_libraries_are_arrays() -> None:
    """Those of polars and pyarrow have columns and no index."""

    class Frame:
        columns = ("x",)

        def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
            return np.array([[0.0], [1.0], [9.0]], dtype=dtype)

    for more in ({}, {"weights": [1, 2, 1]}, {"connectivity": np.ones((3, 3))}):
        np.testing.assert_array_equal(linkage(Frame(), **more), linkage(np.array(Frame()), **more))
    for wrong in ("towns.csv", csr_array(np.eye(3)), None):
        with refused("two-dimensions") as caught:
            linkage(wrong)
        assert type(wrong).__name__ in str(caught.value)


def test_names_may_be_pairs() -> None:
    """Neither a row label nor the name of a cluster that is a tuple is one of several levels."""
    names = pd.Index([(1, 2), (3, 4), (5, 6)], tupleize_cols=False)
    clusters = pd.Series([(0, 1), (0, 1), (2, 3)], index=names)
    found = pair_table(clusters, pd.DataFrame({"x": [1, 1, 2]}, index=names))
    assert found["x"].tolist() == [True]
    table = pd.DataFrame({"x": [0.0, 2.0, 9.0]}, index=names)
    assert profile(table, clusters).means["x"].to_dict() == {(0, 1): 1.0, (2, 3): 9.0}
    assert best_match(clusters, clusters)["size"].to_dict() == {(0, 1): 2, (2, 3): 1}


def test_what_holds_arrays_is_equal_to_itself_alone() -> None:
    """Comparing fields would raise, as no array is true or false."""
    found = 0
    for module in pkgutil.walk_packages(hclustkit.__path__, "hclustkit."):
        if module.name.endswith("__main__"):
            continue
        for each in vars(importlib.import_module(module.name)).values():
            if not (inspect.isclass(each) and dataclasses.is_dataclass(each)):
                continue
            kinds = " ".join(str(field.type) for field in dataclasses.fields(each))
            if re.search(r"DataFrame|Series|Index\b|ndarray|Array|Floats|Ints|Bools", kinds):
                found += 1
                assert each.__eq__ is object.__eq__, each
                assert each.__hash__ is object.__hash__, each
    assert found > 30


def test_letters_of_a_text_are_not_taken_for_a_list() -> None:
    table = frame(TABLES["three rows"])
    with refused("argument-type", place="only", value="silhouette"):
        hclustkit.validity.indices(table, only="silhouette")
    with refused("argument-type", place="levels", value="0.1"):
        hclustkit.multiverse.noise_survival(table, k=2, seed=1, levels="0.1")


def test_weights_are_numbers_and_no_text() -> None:
    for weights in (["1_0", "2"], np.array(["1", 2], dtype=object)):
        with refused("weights", place="weights"):
            linkage([[0.0], [1.0]], weights=weights)
    with refused("constant-row", place="row 0", value=1.0):
        linkage([[1.0, 1, 1], [1, 2, 3]], "average", metric="correlation")


def test_distances_have_the_same_names_on_both_sides() -> None:
    square = pd.DataFrame([[0, 1, 2], [1, 0, 3], [2, 3, 0.0]], list("abc"), list("abd"))
    with refused("same-labels", place="precomputed"):
        Tree.from_table(square, "average", metric="precomputed")
    assert Tree.from_table(square.set_axis(range(3), axis=1), "single", metric="precomputed").n == 3
