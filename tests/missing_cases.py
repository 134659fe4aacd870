"""The counts, tables and findings that the tests of what is missing share."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.stats import rankdata, zscore

from kzclusters import paths, study
from kzclusters.analysis import store
from kzclusters.analysis.missing import counts
from kzclusters.analysis.missing.findings import Missing
from kzclusters.analysis.missing.given import Given
from kzclusters.evidence import article, sources

STUDY = study.read()
REGIONS = sources.regions()
PUBLISHED = article.published_clusters().reindex(REGIONS.index)
SETS = ("logical", "double", "half", "seen")
SCALINGS = ("zscore", "range", "rank", "log-zscore")
SCALED = {
    "zscore": lambda x: zscore(x, ddof=1),
    "log-zscore": lambda x: zscore(np.log(x), ddof=1),
    "range": lambda x: (x - x.min(axis=0)) / np.ptp(x, axis=0),
    "rank": lambda x: rankdata(x, axis=0),
}


def raw(name: str) -> pd.DataFrame:
    return pd.read_csv(paths.RAW / f"{name}.csv")


@cache
def known() -> counts.Counts:
    return counts.read(STUDY.years)


@cache
def tables() -> dict[int, pd.DataFrame]:
    """Straight from the long table, not through the functions under test."""
    long = pd.read_csv(paths.PROCESSED / "indicators.csv")
    main = long[long["variant"].isna()]
    return {
        int(year): rows.pivot(index="region", columns="indicator", values="value")
        .loc[REGIONS.index]
        .dropna(axis=1)
        for year, rows in main.groupby("year")
    }


@cache
def found() -> Missing:
    content = store.read_json(paths.PROCESSED, "missing.json")
    return store.from_mapping(Missing, content, "missing.json")


def ward(values: np.ndarray, scaling: str, k: int = 8) -> np.ndarray:
    tree = linkage(SCALED[scaling](values), "ward")
    return pd.factorize(fcluster(tree, k, "maxclust"))[0]


def settings(**changed: object) -> Given:
    usual = {
        "published": PUBLISHED,
        "cities": ["KZ-AST", "KZ-ALA"],
        "years": STUDY.years,
        "scalings": STUDY.grid["scalings"],
        "year": STUDY.year,
        "scaling": STUDY.scaling,
        "linkage": STUDY.linkage,
        "k": STUDY.n_clusters,
        "seed": STUDY.seed,
        "choices": study.MissingChoices(**STUDY.missing),
    }
    return Given(**{**usual, **changed})
