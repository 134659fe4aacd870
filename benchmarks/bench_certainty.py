"""The verdict on ties and the null for the choice of k beside plain loops.

    python benchmarks/bench_certainty.py

The plain loops do part of the same work with scipy and scikit-learn: trees of the rows in random
orders (which proves nothing), silhouettes and gaps of tables without clusters.
"""

from __future__ import annotations

import numpy as np
from hclustkit import uniqueness
from hclustkit.validity.null import null_for_k
from hclustkit.validity.recipe import Recipe
from scipy.cluster.hierarchy import cut_tree, linkage
from scipy.spatial.distance import pdist
from sklearn.metrics import silhouette_score
from stopwatch import seconds

SEED = 1
ORDERS = 1200
DRAWS = 200
SAMPLED = 20
"""The plain loops do every so-manieth piece and their time is scaled up."""


def scaled(x: np.ndarray) -> np.ndarray:
    """Return z-scores."""
    return (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)


def random_orders(x: np.ndarray) -> None:
    """Cluster rows in random orders."""
    rng = np.random.default_rng(SEED)
    for _ in range(ORDERS // SAMPLED):
        cut_tree(linkage(x[rng.permutation(len(x))], "ward"), 4)


def silhouettes(x: np.ndarray) -> None:
    """Take the largest silhouette of tables with shuffled columns."""
    rng = np.random.default_rng(SEED)
    for _ in range(DRAWS // SAMPLED):
        z = scaled(rng.permuted(x, axis=0))
        tree = linkage(z, "ward")
        max(silhouette_score(z, cut_tree(tree, k).ravel()) for k in range(2, 11))


def gaps(x: np.ndarray, references: int) -> None:
    """Take the largest gap of tables with shuffled columns."""
    rng = np.random.default_rng(SEED)

    def spreads(z: np.ndarray) -> np.ndarray:
        tree = linkage(z, "ward")
        labels = (cut_tree(tree, k).ravel() for k in range(1, 11))
        return np.log(
            [
                sum(pdist(z[one == c]).sum() / (one == c).sum() for c in range(one.max() + 1))
                for one in labels
            ]
        )

    for _ in range(DRAWS // SAMPLED // 10):
        z = scaled(rng.permuted(x, axis=0))
        turned = z @ np.linalg.svd(z, full_matrices=False)[2].T
        low, width = turned.min(axis=0), np.ptp(turned, axis=0)
        boxes = (low + rng.random(turned.shape) * width for _ in range(references))
        max(np.mean([spreads(box) for box in boxes], axis=0) - spreads(z))


def rows() -> list[dict]:
    """One row a comparison."""
    rng = np.random.default_rng(SEED)
    answers = rng.integers(1, 6, (300, 10)).astype(float)
    small = rng.normal(size=(16, 14))
    gap = Recipe(index="gap")
    verdict = uniqueness(answers, 4)
    ours = (
        lambda: uniqueness(answers, 4),
        lambda: null_for_k(small, draws=DRAWS, seed=SEED, separations=()),
        lambda: null_for_k(small, gap, draws=DRAWS, seed=SEED, separations=()),
    )
    for work in ours[1:]:
        work()  # compiles
    note = "every 20th, time scaled up; goal {} s"
    return [
        {
            "what": "verdict on ties, 300 x 10 answers from 1 to 5, k = 4",
            "seconds": seconds(ours[0], 3),
            "other": f"{ORDERS:,} random orders with scipy",
            "other_seconds": SAMPLED * seconds(lambda: random_orders(answers), 1),
            "note": note.format(2) + f"; {verdict.verdict} {verdict.count:,} partitions",
        },
        {
            "what": f"null for k, {DRAWS} tables of 16 x 14, silhouette",
            "seconds": seconds(ours[1], 3),
            "other": "loop with scipy and scikit-learn",
            "other_seconds": SAMPLED * seconds(lambda: silhouettes(small), 1),
            "note": note.format(1),
        },
        {
            "what": f"null for k, {DRAWS} tables of 16 x 14, gap of {gap.references} references",
            "seconds": seconds(ours[2], 1),
            "other": "loop with scipy",
            "other_seconds": 10 * SAMPLED * seconds(lambda: gaps(small, gap.references), 1),
            "note": note.format(10).replace("20th", "200th"),
        },
    ]


if __name__ == "__main__":
    from run import table

    print("\n".join(table(rows())))
