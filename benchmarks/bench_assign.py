"""New rows put to the clusters of a tree, beside scikit-learn's nearest centres and neighbours."""

from __future__ import annotations

import argparse

import numpy as np
from hclustkit import Tree
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from stopwatch import seconds

TRAINING, NEW, COLUMNS, K = 2000, 100_000, 14, 8


def rows(quick: bool = False) -> list[dict]:
    """Time the assignment of 10^5 rows; the peers answer the same question for two linkages."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(TRAINING, COLUMNS))
    new = rng.normal(size=(NEW // 10 if quick else NEW, COLUMNS))
    found = []
    for method in ("ward", "centroid", "average", "complete", "single"):
        tree = Tree.from_table(x, method)
        labels = tree.cut(K)
        other, theirs = "", 0.0
        if method == "centroid":
            peer = NearestCentroid().fit(x, labels)
            other, theirs = "sklearn NearestCentroid", seconds(lambda p=peer: p.predict(new), 3)
        elif method == "single":
            peer = KNeighborsClassifier(1, algorithm="brute", n_jobs=1).fit(x, labels)
            other, theirs = "sklearn, nearest neighbour", seconds(lambda p=peer: p.predict(new), 3)
        found.append(
            {
                "what": f"assign {len(new)} rows to {K} clusters of {TRAINING}, {method}",
                "seconds": seconds(lambda t=tree: t.assign(new, K), 3),
                "other": other,
                "other_seconds": theirs,
                "note": "ours also finds the second nearest cluster, ties, and which rows return",
            }
        )
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    for row in rows(parser.parse_args().quick):
        print(row)
