"""The results again by numpy, scipy and scikit-learn alone: nothing of the project is imported."""

from __future__ import annotations

import ast
import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from scale import scale
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_array
from scipy.stats import rankdata, zscore
from sklearn.cluster import AgglomerativeClustering
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score

ROOT = Path(__file__).parents[1]
RAW, PROCESSED = ROOT / "data" / "raw", ROOT / "data" / "processed"
STUDY = yaml.safe_load((ROOT / "study.yml").read_text("utf-8"))["parameters"]
YEARS, BASE = STUDY["years"], (STUDY["year"], STUDY["scaling"])
CITIES = STUDY["own_setting"]["cities"]
K = STUDY["n_clusters"]
SCALED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "zscore": lambda x: zscore(x, ddof=1),
    "range": lambda x: (x - x.min(axis=0)) / np.ptp(x, axis=0),
    "rank": lambda x: rankdata(x, axis=0),
    "log-zscore": lambda x: zscore(np.log(x), ddof=1),
}
ROUNDING = 1e-9


def found(name: str) -> dict[str, Any]:
    return json.loads((PROCESSED / f"{name}.json").read_text("utf-8"))


def raw(name: str) -> pd.DataFrame:
    return pd.read_csv(RAW / f"{name}.csv")


@cache
def published() -> pd.Series:
    return (
        raw("published_clusters").set_index("region")["cluster"].reindex(raw("regions")["region"])
    )


@cache
def values(year: int) -> pd.DataFrame:
    long = pd.read_csv(PROCESSED / "indicators.csv").query("year == @year")
    main = long[long["variant"].isna()]
    wide = main.pivot(index="region", columns="indicator", values="value")
    return wide.loc[published().index, list(dict.fromkeys(main["indicator"]))].dropna(axis=1)


@cache
def tables() -> dict[tuple[int, str], pd.DataFrame]:
    return {
        (year, name): pd.DataFrame(by(x.to_numpy()), x.index, x.columns)
        for year in YEARS
        for x in [values(year)]
        for name, by in SCALED.items()
    }


def cut(x: Any, method: str = "ward") -> np.ndarray:
    return fcluster(linkage(np.asarray(x), method), K, "maxclust")


@cache
def codes() -> np.ndarray:
    return pd.factorize(published())[0]


FIRST, SECOND = np.array(list(combinations(range(16), 2))).T


def agreement(one: np.ndarray, other: np.ndarray) -> float:
    """The adjusted Rand index from pairs, many times as quick as scikit-learn's."""
    a, b = one[FIRST] == one[SECOND], other[FIRST] == other[SECOND]
    expected = a.sum() * b.sum() / len(FIRST)
    return float(((a & b).sum() - expected) / ((a.sum() + b.sum()) / 2 - expected))


def index(labels: np.ndarray) -> float:
    return agreement(codes(), np.asarray(labels))


def test_the_index_is_that_of_scikit_learn() -> None:
    for table in tables().values():
        part = cut(table)
        assert index(part) == pytest.approx(adjusted_rand_score(codes(), part), abs=1e-12)


@cache
def edges() -> frozenset[frozenset[int]]:
    place = {region: at for at, region in enumerate(published().index)}
    pairs = raw("neighbours").iloc[:, :2].itertuples(index=False)
    return frozenset(frozenset((place[a], place[b])) for a, b in pairs)


def test_nothing_of_the_project_is_imported() -> None:
    tree = ast.parse(Path(__file__).read_text("utf-8"))
    names = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    names += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    assert not [name for name in names if name.split(".")[0] in ("hclustkit", "kzclusters")]


# --- nulls -------------------------------------------------------------------------------------
def pieces(cluster: Sequence[int]) -> int:
    """Pieces on the map of up to three regions."""
    joined = sum(frozenset(pair) in edges() for pair in combinations(cluster, 2))
    return max(1, len(cluster) - joined)


def lacking(cluster: Sequence[int]) -> int:
    """Pairs of a cluster that do not share a border."""
    return sum(frozenset(pair) not in edges() for pair in combinations(cluster, 2))


def groupings(
    left: frozenset[int], sizes: tuple[int, ...], cost: Callable[[Sequence[int]], int], most: int
) -> Iterator[tuple[int, list[tuple[int, ...]]]]:
    """Yield every grouping into clusters of these sizes of which the costs add up to no more."""
    if not left:
        yield 0, []
        return
    first = min(left)
    for size in sorted(set(sizes)):
        rest = list(sizes)
        rest.remove(size)
        for chosen in combinations(sorted(left - {first}), size - 1):
            cluster = (first, *chosen)
            mine = cost(cluster)
            if mine <= most:
                for more, others in groupings(left - set(cluster), tuple(rest), cost, most - mine):
                    yield mine + more, [cluster, *others]


@cache
def pair_places() -> dict[tuple[int, int], int]:
    return {pair: at for at, pair in enumerate(combinations(range(16), 2))}


@cache
def together() -> np.ndarray:
    parts = [cut(table) for table in tables().values()]
    return np.array([[w[i] == w[j] for i, j in combinations(range(16), 2)] for w in parts])


def mean_index(clusters: Sequence[Sequence[int]]) -> float:
    """Mean adjusted Rand index with Ward's partitions of the setting, from pairs."""
    mine = [pair_places()[pair] for c in clusters for pair in combinations(sorted(c), 2)]
    theirs = together().sum(axis=1)
    expected = theirs * len(mine) / 120
    both = together()[:, mine].sum(axis=1)
    return float(((both - expected) / ((theirs + len(mine)) / 2 - expected)).mean())


def figure3() -> list[tuple[int, ...]]:
    return [tuple(np.flatnonzero(codes() == c)) for c in range(codes().max() + 1)]


@pytest.mark.long("the nulls", "sets of the nulls by plain recursion")
@pytest.mark.parametrize(
    ("name", "single", "cost", "most"),
    [
        ("pieces_cities", True, lambda c: pieces(c) - 1, 1),
        *scale(
            [], [("pieces", False, lambda c: pieces(c) - 1, 1), ("neighbours", False, lacking, 2)]
        ),
    ],
)
def test_sets_that_hold_figure_3_are_listed_by_plain_recursion(
    name: str, single: bool, cost: Callable[[Sequence[int]], int], most: int
) -> None:
    """Costs of exactly one piece more than clusters, or of two pairs of no neighbours."""
    alone = [(list(published().index).index(city),) for city in CITIES] if single else []
    left = frozenset(range(16)) - {at for (at,) in alone}
    sizes = Counter(published().value_counts().to_list())
    sizes[1] -= len(alone)
    assert sum(map(cost, figure3())) == most
    real = mean_index(figure3())
    listed = [
        mean_index([*alone, *clusters]) >= real - ROUNDING
        for total, clusters in groupings(left, tuple(sizes.elements()), cost, most)
        if total == most
    ]
    at = found("setting")["nulls"]["sets"][name]
    assert (len(listed), sum(listed)) == (at["n"], at["reached"]["own"])


# --- all partitions of these sizes: only those that can still reach the index are followed ------
def weights() -> tuple[np.ndarray, float]:
    """What each pair adds to the mean index when it is together, and what no pair adds.

    All partitions of these sizes have as many pairs, so that the index is a sum over pairs.
    """
    theirs = together().sum(axis=1)
    expected = theirs * len(kept := kept_pairs(figure3())) / 120
    most = (theirs + len(kept)) / 2 - expected
    of_pair = np.zeros((16, 16))
    for (i, j), at in pair_places().items():
        of_pair[i, j] = of_pair[j, i] = (together()[:, at] / most).mean()
    return of_pair, float((expected / most).mean())


def kept_pairs(clusters: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
    return [pair for cluster in clusters for pair in combinations(cluster, 2)]


def most_to_come(left: tuple[int, ...], sizes: tuple[int, ...], gain: np.ndarray) -> float:
    """A bound on what the pairs of clusters of these sizes can add: each row's best companions."""
    among = np.sort(gain[np.ix_(left, left)], axis=1)[:, ::-1]
    bound = 0.0
    for size, rows in Counter(sizes).items():
        best = np.sort(among[:, : size - 1].sum(axis=1))[::-1]
        bound += best[: size * rows].sum() / 2
    return float(bound)


def reaching(left: tuple[int, ...], sizes: tuple[int, ...], needed: float, gain: np.ndarray) -> int:
    """Count the partitions into clusters of these sizes whose pairs add up to ``needed``."""
    if not left:
        return int(needed <= 0)
    if most_to_come(left, sizes, gain) < needed:
        return 0
    count = 0
    for size in set(sizes):
        rest = list(sizes)
        rest.remove(size)
        for chosen in combinations(left[1:], size - 1):
            cluster = (left[0], *chosen)
            got = sum(gain[pair] for pair in combinations(cluster, 2))
            others = tuple(row for row in left if row not in cluster)
            count += reaching(others, tuple(rest), needed - got, gain)
    return count


@pytest.mark.long("all partitions", "those that reach the index, by branch and bound")
@pytest.mark.parametrize("name", ["cities", *scale([], ["all"])])
def test_partitions_that_agree_as_well_are_counted_by_branch_and_bound(name: str) -> None:
    gain, constant = weights()
    rows = list(published().index)
    alone = {rows.index(city) for city in CITIES} if name == "cities" else set()
    sizes = Counter(published().value_counts().to_list())
    sizes[1] -= len(alone)
    left = tuple(row for row in range(16) if row not in alone)
    needed = mean_index(figure3()) - ROUNDING + constant
    at = found("setting")["nulls"]["sets"][name]
    assert reaching(left, tuple(sizes.elements()), needed, gain) == at["reached"]["own"]
    in_order = math.factorial(len(left))
    for size, times in sizes.items():
        in_order //= math.factorial(size) ** times * math.factorial(times)
    assert in_order == at["n"]


@pytest.mark.long("surrogates", "all sign flips, clustered by scipy")
def test_the_share_of_the_surrogates_is_that_of_numpy_and_scipy() -> None:
    """Signs of the eigenvectors of the centred neighbour matrix, one of each two mirrored."""
    near = np.zeros((16, 16))
    for i, j in edges():
        near[i, j] = near[j, i] = 1
    centre = np.eye(16) - 1 / 16
    # the flat one is lifted above all others, and dropped
    size, waves = np.linalg.eigh(centre @ near @ centre + np.ones((16, 16)))
    size, waves = size[:-1], waves[:, :-1]
    assert np.abs(waves.sum(axis=0)).max() < 1e-9 < np.diff(size).min()
    flips = np.array(list(product([1.0, -1.0], repeat=14)))
    some = scale(np.random.default_rng(3).choice(len(flips), 60, replace=False), range(len(flips)))
    centred = [t.to_numpy() - t.to_numpy().mean(axis=0) for t in tables().values()]
    means = np.array(
        [
            np.mean([index(cut(waves * [1.0, *flips[s]] @ waves.T @ x)) for x in centred])
            for s in some
        ]
    )
    at = found("setting")["nulls"]["surrogates"]
    real = np.mean([index(cut(x)) for x in centred])
    share = float((means >= real - ROUNDING).mean())
    assert real == pytest.approx(at["observed"], abs=0.01)  # distances between ranks tie
    error = math.sqrt(at["share"] / len(means))
    assert share == pytest.approx(at["share"], abs=scale(5 * error, 0.001))
    assert means.mean() == pytest.approx(at["mean"], abs=scale(5 * means.std() / 7.5, 0.002))


# --- other methods, errors, indicators counted once -------------------------------------------
def medoids(x: np.ndarray) -> np.ndarray:
    """The best of all sets of medoids."""
    d = np.sqrt(((x[:, None] - x[None]) ** 2).sum(axis=2))
    sets = np.array(list(combinations(range(16), K)))
    best = sets[d[sets].min(axis=1).sum(axis=1).argmin()]
    return d[best].argmin(axis=0)


def test_other_methods_over_the_whole_setting() -> None:
    methods = found("setting")["methods"]
    group_of = {
        code: group
        for group, codes in yaml.safe_load(
            (ROOT / "src/kzclusters/evidence/indicators.yml").read_text("utf-8")
        )["groups"].items()
        for code in codes
    }

    def weighed(x: pd.DataFrame) -> np.ndarray:
        count = Counter(group_of[code] for code in x)
        return x.to_numpy() / np.sqrt([count[group_of[code]] for code in x])

    ways: dict[str, Callable[[pd.DataFrame], np.ndarray]] = {
        "average": lambda x: cut(x, "average"),
        "complete": lambda x: cut(x, "complete"),
        "kmedoids": lambda x: medoids(x.to_numpy()),
        "groups": lambda x: cut(weighed(x)),
        **{
            f"pca_{n}": lambda x, n=n: cut(PCA(n).fit_transform(x.to_numpy()))
            for n in STUDY["own_setting"]["components"]
        },
    }
    assert set(ways) | {"kmeans"} == set(methods)
    for name, way in ways.items():
        each = {key: index(way(x)) for key, x in tables().items()}
        at = methods[name]
        assert each[BASE] == pytest.approx(at["index"], abs=1e-9), name
        # distances between ranks tie, and programs take ties in another order
        off = [value for (_, scaling), value in each.items() if scaling != "rank"]
        assert np.mean(list(each.values())) == pytest.approx(at["own_mean"], abs=0.03), name
        assert max(off) <= at["own_max"] + ROUNDING


def test_counted_once_over_the_whole_setting() -> None:
    once = found("setting")["once"]
    alike = STUDY["own_setting"]["alike"]
    changes: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
        " ".join(pair): lambda x, p=pair: x * np.where(x.columns.isin(p), math.sqrt(0.5), 1.0)
        for pair in [*alike, sum(alike, [])]
    }
    changes["all"] = changes.pop(" ".join(sum(alike, [])))
    changes["without P9"] = lambda x: x.drop(columns="P9")
    assert set(changes) == set(once)
    for name, change in changes.items():
        each = {key: index(cut(change(x))) for key, x in tables().items()}
        assert each[BASE] == pytest.approx(once[name]["index"], abs=1e-9), name
        assert np.mean(list(each.values())) == pytest.approx(once[name]["own_mean"], abs=0.03)


def test_errors_of_every_kind() -> None:
    """Relative, alike ones alike, and in one indicator alone: shares within five errors."""
    errors, x = found("setting")["errors"], values(BASE[0])
    base, rng, n = cut(SCALED["zscore"](x.to_numpy())), np.random.default_rng(9), scale(60, 2000)

    def kept(disturbed: Callable[[], np.ndarray]) -> float:
        parts = [cut(SCALED["zscore"](disturbed())) for _ in range(n)]
        return float(np.mean([agreement(base, part) == 1 for part in parts]))

    def agrees(ours: float, theirs: float) -> bool:
        spread = max(0.01, theirs * (1 - theirs))
        return abs(ours - theirs) <= 5 * math.sqrt(spread * (1 / n + 1 / errors["draws"]))

    place = {code: at for at, code in enumerate(x)}
    column = list(range(len(place)))
    for pair in STUDY["own_setting"]["alike"]:
        column[place[pair[1]]] = place[pair[0]]
    sure = [place[code] for code in STUDY["own_setting"]["exact"]]
    spread = x.std(ddof=1).to_numpy()
    for level in STUDY["noise_levels"]:
        relative = kept(lambda e=level: x.to_numpy() * (1 + e * rng.standard_normal(x.shape)))
        assert agrees(relative, errors["relative"][f"{level:.2f}"]["unchanged"]), level

        def joint(e: float = level) -> np.ndarray:
            drawn = rng.standard_normal(x.shape)[:, column]
            drawn[:, sure] = 0
            return x.to_numpy() + e * spread * drawn

        assert agrees(kept(joint), errors["sd_joint"][f"{level:.2f}"]["unchanged"]), level
    for code in ("P4", "P9", "P12"):
        only = np.where(x.columns == code, errors["one_level"], 0.0)
        share = kept(lambda o=only: x.to_numpy() * (1 + o * rng.standard_normal(x.shape)))
        assert agrees(share, errors["one"][code]), code
        assert errors["in_sd"][code] == pytest.approx(0.01 * x[code].mean() / spread[place[code]])


# --- contiguous clusters, ranges of P10 and P11 -----------------------------------------------
def test_contiguous_clusters_are_those_of_scikit_learn() -> None:
    near = np.zeros((16, 16))
    for i, j in edges():
        near[i, j] = near[j, i] = 1
    model = AgglomerativeClustering(K, connectivity=coo_array(near).tocsr(), linkage="ward")
    each = {key: index(model.fit_predict(x.to_numpy())) for key, x in tables().items()}
    hard = found("space")["hard"]
    assert each[BASE] == pytest.approx(hard["baseline"], abs=1e-9)
    assert np.mean(list(each.values())) == pytest.approx(hard["mean"], abs=0.03)


READINGS = {
    "legal": ("operating_legal_entities", "registered_legal_entities"),
    "sme": ("active_smes", "registered_smes"),
}


def counts(reading: str, year: int) -> pd.DataFrame:
    both = {name: raw(f"partial_{name}").set_index("year").loc[year] for name in READINGS[reading]}
    frame = {name: t.set_index("region")["value"] for name, t in both.items()}
    return pd.DataFrame(frame).reindex(published().index).astype(float)


def drawn_columns(reading: str, year: int, factor: float, n: int) -> np.ndarray:
    """P10 and P11 at points of the set: the unknown by the other count, or by inhabitants.

    Returns
    -------
    array, shape (n, regions, 2)
    """
    mine, other = counts(reading, year), counts("sme" if reading == "legal" else "legal", year)
    population = raw("population_1_january").pivot(index="region", columns="year", values="value")
    people = population.loc[mine.index, [year, year + 1]].mean(axis=1)
    area = raw("land_area").query("year == @year").set_index("region")["value"].loc[mine.index]
    active = raw("labour_force").query("year == @year").set_index("region")["value"] * 1000
    share = (mine.iloc[:, 0] / mine.iloc[:, 1]).agg(["min", "max"])
    least, most = share["min"] / factor, min(1.0, share["max"] * factor)
    floor = raw("partial_legal_entities_lower_bounds").pivot(
        index="region", columns="measure", values="lower_bound"
    )
    rng, out = np.random.default_rng(17), np.repeat(mine.to_numpy()[None], n, axis=0)
    for at, region in enumerate(mine.index):
        if mine.loc[region].notna().all():
            continue
        ends = []
        for column, measure in enumerate(("operating", "registered")):
            per = other.iloc[:, column]
            per = people if math.isnan(per[region]) else per
            ratio = (mine.iloc[:, column] / per).dropna()
            known = floor[measure].get(region, 1.0) if reading == "legal" else 1.0
            low = max(known, per[region] * ratio.min() / factor)
            ends.append((low, min(active[region], per[region] * ratio.max() * factor)))
        (op_low, op_high), (reg_low, reg_high) = ends
        op_low, op_high = max(op_low, least * reg_low), min(op_high, most * reg_high)
        reg_low, reg_high = max(reg_low, op_low / most), min(reg_high, op_high / least)
        operating = np.exp(rng.uniform(math.log(op_low), math.log(op_high), n))
        low, high = np.maximum(least, operating / reg_high), np.minimum(most, operating / reg_low)
        out[:, at, 0] = operating
        out[:, at, 1] = operating / rng.uniform(low, high)
    return out * np.stack([1000 / area, 100_000 / people], axis=-1)


@pytest.mark.long("ranges of P10 and P11", "points by numpy and pandas, clustered by scipy")
@pytest.mark.parametrize("reading", READINGS)
def test_ranges_are_those_of_bounds_and_draws_of_our_own(reading: str) -> None:
    (year, scaling), n = BASE, scale(60, 3000)
    cells = {
        cell["columns"]: cell
        for cell in found("missing")["baseline"]
        if (cell["reading"], cell["values"]) == (reading, "half")
    }
    table, drawn = values(year).to_numpy(), drawn_columns(reading, year, 1.5, n)
    base = cut(SCALED[scaling](table))
    for columns, at in (("P10", [0]), ("P11", [1]), ("P10 P11", [0, 1])):
        parts = [cut(SCALED[scaling](np.hstack([table, x[:, at]]))) for x in drawn]
        cell = cells[columns]
        same = float(np.mean([agreement(base, part) == 1 for part in parts]))
        error = math.sqrt(0.25 / n + 0.25 / cell["n_points"])
        assert same == pytest.approx(cell["unchanged"], abs=5 * error), columns
        scores = [index(part) for part in parts]
        assert np.mean(scores) == pytest.approx(cell["figure3_mean"], abs=0.05), columns
