"""The article's own setting: recomputed by scipy, scikit-learn and plain loops."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.stats import rankdata, zscore
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score

from kzclusters import paths, study
from kzclusters.analysis import store
from kzclusters.analysis.missing import dates
from kzclusters.analysis.setting_findings import Setting
from kzclusters.evidence import breaks, sources

STUDY = study.read()
CHOICES = STUDY.own_setting
SCALINGS = {
    "zscore": lambda x: zscore(x, ddof=1),
    "range": lambda x: (x - x.min(axis=0)) / np.ptp(x, axis=0),
    "rank": lambda x: rankdata(x, axis=0),
    "log-zscore": lambda x: zscore(np.log(x), ddof=1),
}


@pytest.fixture(scope="module")
def found() -> Setting:
    return store.from_mapping(
        Setting, json.loads((paths.PROCESSED / "setting.json").read_text("utf-8")), "setting"
    )


@pytest.fixture(scope="module")
def published() -> pd.Series:
    regions = pd.read_csv(paths.RAW / "regions.csv")["region"]
    table = pd.read_csv(paths.RAW / "published_clusters.csv", index_col="region")["cluster"]
    return table.reindex(regions)


@pytest.fixture(scope="module")
def tables(published: pd.Series) -> dict[tuple[int, str], np.ndarray]:
    long = pd.read_csv(paths.PROCESSED / "indicators.csv")
    main = long[long["variant"].isna()]
    order = list(dict.fromkeys(main["indicator"]))
    out = {}
    for year in STUDY.years:
        wide = main[main["year"] == year].pivot(index="region", columns="indicator", values="value")
        wide = wide.loc[published.index, [c for c in order if wide[c].notna().all()]]
        for name, scale in SCALINGS.items():
            out[year, name] = pd.DataFrame(scale(wide.to_numpy()), wide.index, wide.columns)
    return out


@pytest.fixture(scope="module")
def ward(tables: dict) -> dict[tuple[int, str], np.ndarray]:
    return {
        key: fcluster(linkage(t.to_numpy(), "ward"), 8, "maxclust") for key, t in tables.items()
    }


@pytest.fixture(scope="module")
def edges(published: pd.Series) -> set[frozenset[int]]:
    place = {label: number for number, label in enumerate(published.index)}
    pairs = pd.read_csv(paths.RAW / "neighbours.csv").iloc[:, :2].itertuples(index=False)
    return {frozenset((place[a], place[b])) for a, b in pairs}


# --- the setting --------------------------------------------------------------------------------
def test_agreement_is_that_of_scipy_and_scikit_learn(found, ward, published) -> None:
    index = {key: adjusted_rand_score(published, labels) for key, labels in ward.items()}
    own = found.own
    for (year, scaling), value in index.items():
        assert own.index[f"{year} {scaling}"] == pytest.approx(value, abs=1e-9), (year, scaling)
    values = np.array(list(index.values()))
    assert (own.every.n, own.every.n_partitions) == (
        len(values),
        len({tuple(pd.factorize(labels)[0]) for labels in ward.values()}),
    )
    assert own.every.mean == pytest.approx(values.mean(), abs=1e-9)
    assert own.every.median == pytest.approx(np.median(values), abs=1e-9)
    assert own.every.max == pytest.approx(values.max(), abs=1e-9)
    baseline = index[STUDY.year, STUDY.scaling]
    assert own.baseline_rank == 1 + (values > baseline + 1e-9).sum()
    assert own.admissible_years == dates.article_date(dates.read(), STUDY.years).admissible
    possible = [v for (year, _), v in index.items() if year in own.admissible_years]
    assert own.admissible.mean == pytest.approx(np.mean(possible), abs=1e-9)


def test_what_survives_is_counted_region_by_region(found, ward, published) -> None:
    a, b = (list(published.index).index(city) for city in CHOICES["cities"])
    mates = [
        [{i for i in range(16) if labels[i] == labels[c]} for c in (a, b)]
        for labels in ward.values()
    ]
    at = found.survival["own"]
    assert at.n_cities_apart == sum(x | y == {a, b} for x, y in mates)
    assert at.n_cities_together == sum(x == y for x, y in mates)
    assert at.n_cities_single == sum((x, y) == ({a}, {b}) for x, y in mates)
    for place, region in enumerate(published.index):
        alone = np.mean([(labels == labels[place]).sum() == 1 for labels in ward.values()])
        assert at.single[region] == pytest.approx(alone, abs=1e-9)


def test_pairs_are_counted_one_by_one(found, ward, published) -> None:
    base = ward[STUDY.year, STUDY.scaling]
    pairs = list(combinations(range(16), 2))
    theirs = [p for p in pairs if published.iloc[p[0]] == published.iloc[p[1]]]
    ours = [p for p in pairs if base[p[0]] == base[p[1]]]
    at = found.plain
    assert (at.n_published, at.n_ours) == (len(theirs), len(ours))
    assert at.n_found == len(set(theirs) & set(ours)) == len(at.found)
    assert at.n_added == len(set(ours) - set(theirs)) == len(at.added)
    names = pd.read_csv(paths.RAW / "regions.csv")["name_en"]
    counted = {(names[i], names[j]): sum(w[i] == w[j] for w in ward.values()) for i, j in theirs}
    assert {entry.names: entry.n for entry in at.pairs} == counted
    for entry in at.cases.values():
        assert entry.same + entry.more + entry.fewer + entry.other == len(ward)
    exact = sum(
        {i for i in range(16) if w[i] == w[4]} == {1, 4} for w in ward.values()
    )  # Aktobe, West Kazakhstan
    assert at.cases["KZ-ZAP"].same == exact


# --- chance -------------------------------------------------------------------------------------
def contiguous(left: frozenset, sizes: tuple, edges: set):
    """Yield every partition of ``left`` into connected clusters of ``sizes``."""
    if not left:
        yield []
        return
    first = min(left)
    for size in sorted(set(sizes)):
        rest = list(sizes)
        rest.remove(size)
        for chosen in combinations(sorted(left - {first}), size - 1):
            cluster = {first, *chosen}
            inner = [e for e in edges if e <= cluster]
            connected = size == 1 or (
                len(inner) >= size - 1 and set().union(*inner) == cluster
            )  # up to three regions: enough
            if connected:
                for more in contiguous(left - cluster, tuple(rest), edges):
                    yield [cluster, *more]


def test_shares_of_contiguous_partitions_are_those_of_a_plain_loop(
    found, ward, published, edges
) -> None:
    sizes = tuple(Counter(published).values())
    pairs = {frozenset(p): at for at, p in enumerate(combinations(range(16), 2))}
    together = np.array(
        [[w[i] == w[j] for i, j in combinations(range(16), 2)] for w in ward.values()]
    )
    size = together.sum(axis=1)

    def mean(clusters: list) -> float:
        mine = [pairs[frozenset(p)] for c in clusters for p in combinations(sorted(c), 2)]
        expected = size * len(mine) / 120
        index = (together[:, mine].sum(axis=1) - expected) / ((size + len(mine)) / 2 - expected)
        return float(index.mean())

    real = mean([set(np.flatnonzero(published.to_numpy() == c)) for c in published.unique()])
    assert real == pytest.approx(found.own.every.mean, abs=1e-9)
    every = list(contiguous(frozenset(range(16)), sizes, edges))
    reached = [mean(clusters) >= real - 1e-9 for clusters in every]
    at = found.nulls.sets["contiguous"]
    assert (at.n, at.reached["own"]) == (len(every), sum(reached))
    cities = [list(published.index).index(city) for city in CHOICES["cities"]]
    single = [all({c} in clusters for c in cities) for clusters in every]
    at = found.nulls.sets["contiguous_cities"]
    assert (at.n, at.reached["own"]) == (
        sum(single),
        sum(s and r for s, r in zip(single, reached, strict=True)),
    )


def test_all_partitions_are_as_many_as_the_formula_says(found, published) -> None:
    sizes = Counter(published).values()
    ways = factorial(16)
    for size, times in Counter(sizes).items():
        ways //= factorial(size) ** times * factorial(times)
    assert found.nulls.sets["all"].n == ways == 378_378_000
    table = pd.read_csv(paths.PROCESSED / "nulls.csv")
    assert table["partitions"].sum() == ways
    for name, wanted in (("all", slice(None)), ("pieces", table["pieces"] == found.nulls.pieces)):
        part = table[wanted]
        assert found.nulls.sets[name].n == part["partitions"].sum()
        assert found.nulls.sets[name].reached["own"] == part["own"].sum()
    for entry in found.nulls.sets.values():
        for part, reached in entry.reached.items():
            assert entry.share[part] == pytest.approx(reached / entry.n)
    allowed = {n: e.share["own"] for n, e in found.nulls.sets.items() if e.contains_published}
    allowed["surrogates"] = found.nulls.surrogates.share
    assert found.nulls.largest == max(allowed.values()) == allowed[found.nulls.largest_of]


def test_sets_that_hold_figure_3_and_those_that_do_not(found, published, edges) -> None:
    clusters = [set(np.flatnonzero(published.to_numpy() == c)) for c in published.unique()]
    pairs = sum(len({i, j} & c) == 2 for i, j in edges for c in clusters)
    assert found.nulls.neighbouring_pairs == pairs
    whole = [c for c in clusters if len(c) == 1 or set().union(*(e for e in edges if e <= c)) == c]
    assert found.nulls.pieces == 2 * len(clusters) - len(whole)
    assert not found.nulls.sets["contiguous"].contains_published
    for name in ("all", "pieces", "neighbours", "cities", "pieces_cities", "every_property"):
        assert found.nulls.sets[name].contains_published


def test_no_set_of_groupings_with_properties_of_figure_3_agrees_more_often(found) -> None:
    table = pd.read_csv(paths.PROCESSED / "nulls.csv")
    at = found.nulls
    own = {"pieces": at.pieces, "neighbours": at.neighbouring_pairs, "alone": 2}
    for count in range(len(own) + 1):
        for names in combinations(own, count):
            part = table[
                np.logical_and.reduce([table["own"] >= 0, *(table[n] == own[n] for n in names)])
            ]
            assert part["own"].sum() / part["partitions"].sum() <= at.largest + 1e-12
    at = at.sets["every_property"]
    assert (at.n, at.reached["own"]) == (part["partitions"].sum(), part["own"].sum())


# --- other methods, errors, breaks ----------------------------------------------------------------
def test_k_means_reaches_no_less_than_the_optimum(found, tables, published) -> None:
    z = tables[STUDY.year, STUDY.scaling].to_numpy()
    best = KMeans(8, n_init=300, random_state=0).fit(z).inertia_
    at = found.kmeans
    assert at.optimum <= best + 1e-9 and at.best == pytest.approx(at.optimum, rel=1e-9)
    assert at.ward == pytest.approx(best, rel=1e-9)
    centres = pd.DataFrame(z).groupby(published.to_numpy()).mean().to_numpy()
    squares = ((z - centres[pd.factorize(published, sort=True)[0]]) ** 2).sum()
    assert at.published == pytest.approx(squares, rel=1e-9)
    fit = KMeans(8, init=centres, n_init=1).fit(z)
    assert at.from_published == pytest.approx(fit.inertia_, rel=1e-9)
    score = adjusted_rand_score(published, fit.labels_)
    assert at.from_published_index == pytest.approx(score, abs=1e-9)


def test_components_weights_and_medoids_are_those_of_other_libraries(
    found, tables, published
) -> None:
    table = tables[STUDY.year, STUDY.scaling]
    z = table.to_numpy()

    def index(x: np.ndarray) -> float:
        return adjusted_rand_score(published, fcluster(linkage(x, "ward"), 8, "maxclust"))

    for n in CHOICES["components"]:
        assert found.methods[f"pca_{n}"].index == pytest.approx(index(PCA(n).fit_transform(z)))
    d = np.sqrt(((z[:, None] - z[None]) ** 2).sum(axis=2))
    medoids = min(combinations(range(16), 8), key=lambda m: d[list(m)].min(axis=0).sum())
    nearest = d[list(medoids)].argmin(axis=0)
    score = adjusted_rand_score(published, nearest)
    assert found.methods["kmedoids"].index == pytest.approx(score, abs=1e-9)
    for pair in CHOICES["alike"]:
        halved = z * np.where(table.columns.isin(pair), np.sqrt(0.5), 1.0)
        at = found.once[" ".join(pair)]
        assert at.index == pytest.approx(index(halved), abs=1e-9)
        assert at.r == pytest.approx(np.corrcoef(table[pair[0]], table[pair[1]])[0, 1], abs=1e-9)
    without = table.drop(columns="P9").to_numpy()
    assert found.once["without P9"].index == pytest.approx(index(without), abs=1e-9)


def test_an_error_in_standard_deviations_is_drawn_with_numpy(found, tables) -> None:
    z = tables[STUDY.year, "zscore"].to_numpy()
    base = pd.factorize(fcluster(linkage(z, "ward"), 8, "maxclust"))[0]
    rng = np.random.default_rng(5)
    for level, entry in found.errors.sd.items():
        same = []
        for _ in range(300):
            moved = zscore(z + float(level) * rng.standard_normal(z.shape), ddof=1)
            labels = fcluster(linkage(moved, "ward"), 8, "maxclust")
            same.append((pd.factorize(labels)[0] == base).all())
        # five standard errors of the difference of the two shares
        error = 5 * np.sqrt(max(0.01, entry.unchanged * (1 - entry.unchanged)) / 300)
        assert entry.unchanged == pytest.approx(np.mean(same), abs=error)


def test_breaks_are_in_the_data(found) -> None:
    agriculture = found.breaks["labour-force-survey"]
    at = agriculture.years.index(2013)
    for values in agriculture.values.values():
        assert values[at + 1] < 0.8 * values[at]
    spending = pd.read_csv(paths.RAW / "local_budget_expenditure.csv").pivot(
        index="region", columns="year", values="value"
    )
    gap = spending.loc["KZ", 2015] - spending.drop("KZ")[2015].sum()
    budgets = found.breaks["budgets-of-2015"]
    assert budgets.values["KZ"][budgets.years.index(2015)] == pytest.approx(gap, abs=0.01)
    assert gap == pytest.approx(round(gap, -3), abs=0.01)
    for year in found.own.years:
        rest = [v for key, v in found.own.index.items() if not key.startswith(str(year))]
        assert found.without_year[str(year)] == pytest.approx(np.mean(rest), abs=1e-9)


def test_a_break_has_its_own_years_whatever_those_of_the_study() -> None:
    series = sources.series()
    for entry in breaks.breaks().values():
        for values in breaks.values_of(entry, series).values():
            assert len(values) == len(entry.years) and np.isfinite(values).all()


def test_the_gap_statistic_cannot_tell(found) -> None:
    """Ward's method finds the clusters that are there, the gap says one all the same."""
    at = found.gap_power
    far = max(at.recovered, key=float)
    assert at.recovered[far] > 0.95 and at.more_than_one[far] < 0.5
