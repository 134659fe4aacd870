"""Figures drawn from made-up data, and what is to be read in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hclustkit.draw import style
from hclustkit.published import companions, pair_table
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from report_cases import drawn_texts
from scipy.cluster.hierarchy import dendrogram as scipy_dendrogram
from scipy.cluster.hierarchy import fcluster
from scipy.cluster.hierarchy import linkage as scipy_linkage

from kzclusters import figures
from kzclusters.figures import claim_figures, multiverse_figures

ROOT = Path(__file__).parents[1]
RAW = ROOT / "data" / "raw"
LABELS = [f"KZ-{letter}{letter}{letter}" for letter in "ABCDEFGHIJKLMNOP"]
NAMES = dict(
    zip(
        LABELS,
        (
            "North Kazakhstan",
            "Alpha",
            "South Kazakhstan",
            "Beta",
            "Gamma",
            "Delta",
            "Mangystau",
            "Epsilon",
            "West Kazakhstan",
            "Zeta",
            "Eta",
            "Theta",
            "Iota",
            "Kappa",
            "Lambda",
            "My",
        ),
        strict=True,
    )
)
COLUMNS = [f"P{i}" for i in (2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14)]


@pytest.fixture(scope="module")
def z() -> pd.DataFrame:
    generator = np.random.default_rng(7)
    centres = np.repeat(generator.normal(0, 3, size=(6, len(COLUMNS))), [4, 3, 3, 3, 2, 1], axis=0)
    table = pd.DataFrame(centres + generator.normal(size=(16, len(COLUMNS))), LABELS, COLUMNS)
    return (table - table.mean()) / table.std()


@pytest.fixture(scope="module")
def tree(z) -> np.ndarray:
    return scipy_linkage(z.to_numpy(), "ward")


def cut(tree: np.ndarray, k: int) -> pd.Series:
    """Clusters numbered by first case, made by scipy alone."""
    return pd.Series(pd.factorize(fcluster(tree, k, "maxclust"))[0] + 1, index=LABELS)


@pytest.fixture(scope="module")
def clusters(tree) -> pd.Series:
    return cut(tree, 6)


@pytest.fixture(scope="module")
def order(tree) -> list[str]:
    return [LABELS[i] for i in scipy_dendrogram(tree, no_plot=True)["leaves"]]


@pytest.fixture(scope="module")
def published() -> pd.Series:
    return pd.Series([style.roman(1 + i // 2) for i in range(16)], index=LABELS)


@pytest.fixture(scope="module")
def schedule(tree) -> pd.DataFrame:
    return pd.DataFrame({"stage": np.arange(1, 16), "coefficient": np.cumsum(tree[:, 2] ** 2 / 2)})


GRID = pd.DataFrame(
    {"region": LABELS, "row": 1 + np.arange(16) // 4, "column": 1 + np.arange(16) % 4}
)
UNITS = dict.fromkeys(COLUMNS, "thousand KZT per person")
INDICATOR_NAMES = dict.fromkeys(COLUMNS, "Private investment")


def infrastructure(published: pd.Series) -> pd.DataFrame:
    rows = []
    for place, cluster in enumerate(sorted(published.unique(), key=style.from_roman)):
        for reading, many in (("both", 6), ("figure", place % 3), ("text", place % 2)):
            rows += [
                {
                    "cluster": cluster,
                    "organisation": f'JSC "NC" SEC "Organisation {reading} {i}"',
                    "count": 4 if i == 1 else None,
                    "reading": reading,
                }
                for i in range(many)
            ]
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def content() -> dict:
    return {
        "figure1": {
            "nodes": [
                {"id": "business", "text": "Companies and industries"},
                {"id": "government", "text": "Local and regional government"},
                {"id": "science", "text": "Research"},
                {"id": "cluster", "text": "Clusters and innovation system"},
            ]
        },
        "triple_helix": [
            {"id": "business", "text": "firms", "members": ["large enterprises", "associations"]},
            {"id": "government", "text": "authorities", "members": ["local authorities"]},
            {"id": "science", "text": "scholars", "members": ["universities", "institutes"]},
            {"id": "others", "text": "Others", "members": ["financial institutions"]},
        ],
        "figure2": {
            "nodes": [
                {"id": f"s{i}", "text": f"Step {word}: it goes on for a while"}
                for i, word in enumerate(("one", "two", "three", "four"))
            ],
            "edges": [
                {
                    "from": f"s{i}",
                    "to": f"s{(i + 1) % 4}",
                    "text": f"way {i}",
                    "basis": "stated" if i % 2 else "formula",
                }
                for i in range(4)
            ],
        },
    }


def multiverse_tables(published: pd.Series) -> dict[str, pd.DataFrame]:
    generator = np.random.default_rng(3)
    n = 3000
    agreement = pd.Series(generator.uniform(-0.1, 1, n))
    choices = pd.DataFrame(
        {
            "year": generator.integers(2010, 2016, n),
            "linkage": generator.choice(["ward", "average"], n),
            "P3": generator.choice(["absent", "main", "per_million"], n),
        }
    )
    edges = np.linspace(-0.1, 1, 23)
    curve, shares = multiverse_figures.specification_bins(agreement, choices, bins=40, baseline=5)
    numerals = sorted(published.unique(), key=style.from_roman)
    draws = generator.normal(0.2, 0.05, 500).clip(-0.1, 1)
    pair = generator.uniform(0, 1, (16, 16))
    return {
        "agreement": agreement,
        "choices": choices,
        "curve": curve,
        "shares": shares,
        "histogram": pd.concat(
            [
                multiverse_figures.bin_counts(
                    agreement[choices["linkage"] == name], edges, group=name
                )
                for name in ("ward", "average")
            ]
        ),
        "coassociation": pd.DataFrame((pair + pair.T) / 2, LABELS, LABELS),
        "recovery": pd.DataFrame(
            [
                {"cluster": numeral, "linkage": name, "share": generator.uniform()}
                for name in ("ward", "average")
                for numeral in numerals
            ]
        ),
        "variance": pd.DataFrame(
            {"shapley": [0.5, 0.3, 0.2], "first_order": [0.4, 0.2, 0.1], "total": [0.7, 0.5, 0.3]},
            index=["P3", "year", "linkage"],
        ),
        "sets": pd.DataFrame(
            [
                {"null": null, "n": 4996, "holds_real": real, "over": over, "share": 0.002}
                for null, real in (("all", True), ("every cluster in one piece", False))
                for over in ("own setting", "the whole grid")
            ]
        ),
        "surrogates": multiverse_figures.bin_counts(draws, edges),
        "leave": pd.DataFrame(
            [
                {
                    "kind": kind,
                    "left_out": f"{kind} {i}",
                    "ari_reference": generator.uniform(),
                    "ari_baseline": generator.uniform(),
                }
                for kind in ("indicator", "group", "object")
                for i in range(4)
            ]
        ),
    }


CLAIMS = pd.DataFrame(
    [
        (
            "I",
            "They are alike in everything that was measured, and in more.",
            "supported",
            "p = 0.011",
        ),
        ("I", "They are high.", "partly", "1 of 2 supported"),
        ("II", "They are low.", "not supported", "mean z +0.108"),
        ("II", "They share a border.", "supported", "1 of 1 borders shared, p = 0.2"),
        ("I", "They share a past.", "untestable", ""),
        ("III", "It is alone.", "supported", "rank 1 of 16"),
    ],
    columns=["cluster", "claim", "verdict", "in_short"],
    index=[f"C{i}" for i in range(1, 7)],
).assign(reason="Needed: a measure of a common past")


def verdicts_by_year() -> pd.DataFrame:
    other = list(claim_figures.VERDICT_LOOKS)
    return pd.DataFrame(
        {2012: [other[i % 4] for i in range(6)], 2013: CLAIMS["verdict"].to_numpy()}, CLAIMS.index
    )


def claim_places() -> pd.DataFrame:
    """Two rows for C1 and C2, one for C3 and C6, none for C4 and C5."""
    rows = []
    for at, row, low, high in (
        ("C1", "P2", None, None),
        ("C1", "-P9", None, None),
        ("C2", "P2", 0.5, None),
        ("C2", "density", 0.5, None),
        ("C3", "P4", None, -0.5),
        ("C6", "nearest", None, None),
    ):
        for i, z in enumerate(np.linspace(-1.5, 2.5, 16)):
            rows.append((at, row, "member" if i in (3, 5) else "other", z, low, high))
        if row != "nearest":
            kind = "mean of regions" if row == "-P9" else "national"
            rows.append((at, row, kind, 0.25, low, high))
    return pd.DataFrame(rows, columns=["claim", "row", "kind", "z", "low", "high"]).astype(
        {"low": float, "high": float}
    )


def missing_cells():
    """Cells of one reading, and what one free column can do."""
    rows = [
        (
            "legal",
            columns,
            scaling,
            year,
            share,
            share == 1,
            "insensitive" if share == 1 else "depends",
        )
        for columns, share in (("P10", 1.0), ("P11", 0.37), ("P10 P11", 0.0))
        for scaling in ("zscore", "rank")
        for year in (2012, 2013)
    ]
    names = ["reading", "columns", "scaling", "year", "unchanged", "proved", "verdict"]
    statuses = [
        ("zscore", 2012, "impossible"),
        ("zscore", 2013, "open"),
        ("rank", 2013, "reachable"),
    ]
    free = pd.DataFrame(statuses, columns=["scaling", "year", "status"])
    return pd.DataFrame(rows, columns=names), free


DRAWN: dict[str, Figure] = {}


@pytest.fixture(scope="module")
def drawn(z, tree, clusters, order, published, schedule, content) -> dict[str, Figure]:
    """Every figure once, whichever files of tests ask for them."""
    if not DRAWN:
        DRAWN.update(every_figure(z, tree, clusters, order, published, schedule, content))
    return DRAWN


def every_figure(z, tree, clusters, order, published, schedule, content) -> dict[str, Figure]:
    """Every figure, from made-up data."""
    tables = multiverse_tables(published)
    other = scipy_linkage(z.to_numpy(), "average")
    proximity = pd.DataFrame(
        ((z.to_numpy()[:, None] - z.to_numpy()) ** 2).sum(axis=2), LABELS, LABELS
    )
    silhouettes = pd.Series(np.linspace(-0.3, 0.8, 16), index=LABELS)
    survival = pd.DataFrame(
        [
            {"level": level, "cluster": number, "survived": 1 - 5 * level, "jaccard": 1 - 3 * level}
            for level in (0.01, 0.05, 0.1)
            for number in sorted(clusters.unique())
        ]
    )
    values = z * 100 + 500
    status = pd.DataFrame(
        [["as defined", "proxy"], ["missing", "as defined"]], ["P1", "P2"], [2012, 2013]
    )
    shares = pd.DataFrame({"none": [0.9, 0.1], "z-score": [0.5, 0.5]}, index=["P2", "P3"])
    return {
        "dendrogram": figures.dendrogram(tree, LABELS, clusters, names=NAMES),
        "icicle": figures.icicle(tree, LABELS, clusters, names=NAMES),
        "proximity_heatmap": figures.proximity_heatmap(proximity, order, clusters, names=NAMES),
        "scree": figures.scree(schedule, 6),
        "silhouette_plot": figures.silhouette_plot(silhouettes, clusters, mean=0.2, names=NAMES),
        "tanglegram": figures.tanglegram(
            tree,
            other,
            LABELS,
            clusters,
            left_title="ward",
            right_title="average",
            methods=("ward", "average"),
            entanglement=0.25,
            names=NAMES,
        ),
        "tile_map_pair": figures.tile_map_pair(
            GRID, published, clusters, titles=("Left", "Right"), names=NAMES
        ),
        "tile_value_map": figures.tile_value_map(
            GRID, values[["P2"]], units={"P2": "KZT"}, titles=INDICATOR_NAMES
        ),
        "indicator_heatmap": figures.indicator_heatmap(
            z,
            order,
            clusters,
            columns=["P1", *COLUMNS],
            names=NAMES,
            indicator_names=INDICATOR_NAMES,
        ),
        "cluster_profiles": figures.cluster_profiles(
            z, clusters, z.groupby(clusters).mean(), names=NAMES
        ),
        "missing_ranges": figures.missing_ranges(*missing_cells()),
        "missingness_grid": figures.missingness_grid(status),
        "distributions": figures.distributions(values, units=UNITS, names=NAMES),
        "correlation_heatmap": figures.correlation_heatmap(z.corr()),
        "scaling_comparison": figures.scaling_comparison(shares),
        "claim_matrix": figures.claim_matrix(
            verdicts_by_year(), CLAIMS, baseline=2013, members={"I": ["North Kazakhstan", "Alpha"]}
        ),
        "claim_strips": figures.claim_strips(CLAIMS, claim_places()),
        "figure1": figures.figure1(content),
        "figure2": figures.figure2(content),
        "figure3": figures.figure3(published, infrastructure(published), clusters, names=NAMES),
        "agreement_distribution": figures.agreement_distribution(
            tables["histogram"], 0.5, below=0.7
        ),
        "specification_curve": figures.specification_curve(
            tables["curve"], tables["shares"], baseline=0.5
        ),
        "coassociation_pair": figures.coassociation_pair(
            tables["coassociation"], published, names=NAMES
        ),
        "recovery_bars": figures.recovery_bars(tables["recovery"], published, names=NAMES),
        "variance_share_bars": figures.variance_share_bars(tables["variance"]),
        "null_shares": figures.null_shares(tables["sets"], tables["surrogates"], 0.8),
        "noise_survival_plot": figures.noise_survival_plot(survival, clusters, names=NAMES),
        "leave_out_plot": figures.leave_out_plot(tables["leave"], 0.5),
        "pair_picture": pair_picture(published),
    }


def pair_picture(published: pd.Series) -> Figure:
    """Twenty-four partitions in six groups: as wide as the one that is published."""
    rng = np.random.default_rng(4)
    columns = pd.MultiIndex.from_product(
        [range(2010, 2016), ["z-scores", "0 to 1", "ranks", "log z-scores"]]
    )
    found = pd.DataFrame(rng.integers(0, 5, (16, 24)), index=published.index, columns=columns)
    pairs, cases = pair_table(published, found), companions(published, found)
    return figures.pair_picture(pairs, cases, published=published, names=NAMES)


def texts(figure: Figure) -> list[Text]:
    """Visible, non-empty text artists."""
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


def strings(figure: Figure) -> list[str]:
    return [text.get_text() for text in texts(figure)]


def boxes(figure: Figure) -> list[tuple[str, Bbox, float]]:
    """Every text that is really drawn: text, box, rotation."""
    seen = drawn_texts(figure)
    renderer = figure.canvas.get_renderer()
    return [
        (text.get_text(), text.get_window_extent(renderer), text.get_rotation()) for text in seen
    ]
