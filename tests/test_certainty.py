"""What the study says of ties and of tables without clusters."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hclustkit import standardize, uniqueness
from hclustkit.tree.cut import cut
from hclustkit.tree.linkage import linkage
from hclustkit.validity import mean_silhouette

from kzclusters import paths, study
from kzclusters.analysis import baseline, certainty, store
from kzclusters.analysis.findings import NullOfK, Uniqueness

pytestmark = pytest.mark.fast
NAMES = {"a": "Alpha", "b": "Beta", "c": "Gamma"}


def frame(*values: float) -> pd.DataFrame:
    return pd.DataFrame({"x": values}, index=list("abcdefgh")[: len(values)])


def test_the_baseline_is_the_only_partition_that_its_table_allows() -> None:
    setting = study.read()
    raw = baseline.read_year(paths.resolve(setting.table_path), setting.year, setting.indicators)
    z = standardize(raw, setting.scaling)
    table = certainty.uniqueness_table(z, [setting.n_clusters], setting.linkage, setting.seed)
    found = certainty.uniqueness(table, setting.n_clusters, {})
    assert (found.verdict, found.n_partitions) == ("unique", 1)
    assert found.margin is not None and 0 < found.margin < 1
    shuffled = uniqueness(z.sample(frac=1, random_state=1), setting.n_clusters, setting.linkage)
    assert shuffled.unique and shuffled.margin == pytest.approx(found.margin, rel=1e-9)


def test_a_unique_partition_and_its_margin() -> None:
    table = certainty.uniqueness_table(frame(0, 1, 3, 9), [1, 2, 3], "single", 1)
    found = certainty.uniqueness(table, 3, NAMES)
    assert found == Uniqueness("unique", 1, 0.5, 1, ("Alpha", "Beta"), ("Beta", "Gamma"))
    text = certainty.uniqueness_text(found, 3)
    assert "is unique" in text and "50.0%" in text and "Beta with Gamma" in text
    alone = certainty.uniqueness(table, 1, NAMES)
    assert alone.margin is None and alone.merged == ()
    assert "Nor does any change" in certainty.uniqueness_text(alone, 1)


def test_partitions_that_are_not_unique(tmp_path) -> None:
    table = certainty.uniqueness_table(frame(0, 1, 2), [2], "ward", 1)
    table.to_csv(tmp_path / "t.csv", index=False)
    found = certainty.uniqueness(pd.read_csv(tmp_path / "t.csv"), 2, NAMES)
    assert (found.verdict, found.n_partitions, found.margin) == ("exactly", 2, 0.0)
    assert "one of exactly 2" in certainty.uniqueness_text(found, 2)
    assert store.from_mapping(Uniqueness, store.as_mapping(found)) == found


def test_the_null_speaks_of_the_chosen_and_of_the_fixed_number() -> None:
    raw = pd.DataFrame(np.random.default_rng(4).normal(size=(12, 3)))
    table = certainty.null_table(
        raw, range(2, 6), 4, scaling="zscore", linkage="ward", draws=19, seed=2
    )
    found = certainty.null_of_k(table)
    z = standardize(raw)
    widths = {k: mean_silhouette(z, cut(linkage(z), k)) for k in range(2, 6)}
    assert found.chosen == max(widths, key=widths.__getitem__) and found.fixed == 4
    assert found.silhouette == pytest.approx(max(widths.values()))
    assert found.silhouette_fixed == pytest.approx(widths[4])
    assert list(found.p) == list(found.p_fixed) == list(table["reference"])
    assert all(0.05 <= p <= 1 for p in [*found.p.values(), *found.p_fixed.values()])
    assert store.from_mapping(NullOfK, store.as_mapping(found)) == found


def test_the_sentence_says_what_is_told_apart() -> None:
    p = {"independent": 0.01, "gaussian": 0.2}
    text = certainty.null_text(NullOfK(99, 3, 0.4, p, 8, 0.3, dict.fromkeys(p, 0.01)), 0.05)
    first, second, last = text.splitlines()
    assert "k = 3" in first and "told apart from independent only" in first
    assert "k = 8" in second and "told apart from all of these" in second
    assert "does not mean that there are no clusters" in last
    none = certainty.null_text(NullOfK(99, 3, 0.4, dict.fromkeys(p, 0.5), 8, 0.3, p), 0.05)
    assert "told apart from none of these" in none and "not the one that this index" in none
    same = certainty.null_text(NullOfK(99, 3, 0.4, p, 3, 0.4, p), 0.05).splitlines()[1]
    assert "also the one that this index chooses" in same
