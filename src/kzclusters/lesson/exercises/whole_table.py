"""Exercises 8 to 13: all regions and all indicators, with the computer."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from hclustkit import Tree, compare, cut, linkage, validity

from kzclusters.lesson import answers
from kzclusters.lesson.data import LessonData
from kzclusters.lesson.exercises.exercise import SHARE, Exercise, Texts, moves_asked


def last_coefficient(data: LessonData) -> Exercise:
    """Ask for the last coefficient of the whole schedule, without a merge."""
    texts = Texts("last_coefficient")
    n, p = data.whole.shape
    slips = [
        ("ddof", n * p),
        ("mean", p),
        ("one indicator", n - 1),
        ("one indicator/n", n),
        ("one less in all", n * p - 1),
        ("swapped", n * (p - 1)),
        ("pairs", n * p * (n - 1)),
    ]
    return texts.count(p * (n - 1), texts.mistakes(slips), n=n, p=p)


def explained(data: LessonData) -> Exercise:
    """Ask for the share of the sum of squares between the clusters."""
    texts = Texts("explained")
    coefficients = Tree.from_table(data.z_whole).schedule()["coefficient"].to_numpy()
    n, k, total = len(data.whole), data.n_clusters, float(coefficients[-1])
    within = {m: 0.0 if m == n else float(coefficients[n - m - 1]) for m in range(1, n + 1)}
    right = 1 - within[k] / total
    others = [m for m in range(2, n) if m != k]
    slips = [
        *(("cluster count", 1 - within[m] / total) for m in others),
        ("complement", within[k] / total),
        ("percent", 100 * right),
        ("percent/complement", 100 * within[k] / total),
        ("sum for share", within[k]),
        ("sum for share/between", total - within[k]),
        *(("cluster count/complement", within[m] / total) for m in others),
    ]
    return texts.number(right, texts.mistakes(slips), SHARE, k=k)


def lone_regions(data: LessonData) -> Exercise:
    """Ask what single linkage leaves over."""
    texts = Texts("lone_regions")
    k = data.n_clusters

    def sizes(table: pd.DataFrame, method: str) -> np.ndarray:
        return np.bincount(cut(linkage(table, method), k))

    def lone(method: str, table: pd.DataFrame = data.z_whole) -> int:
        return int((sizes(table, method) == 1).sum())

    single = sizes(data.z_whole, "single")
    right, largest = lone("single"), int(single.max())
    slips = [
        ("unscaled", lone("single", data.whole)),
        ("cluster count/largest" if largest == k else "cluster count", k),
        ("largest", largest),
        ("complement", int((single[1:] > 1).sum())),
    ]
    mistakes = [
        texts.mistake("other linkage", lone("ward"), name="Ward's method"),
        *texts.mistakes(slips),
        *(
            texts.mistake("other linkage", lone(method), name=f"{method} linkage")
            for method in ("complete", "average")
        ),
        *texts.mistakes([("miscounted", right - 1), ("miscounted", right + 1)]),
    ]
    return texts.count(right, mistakes, k=k)


def best_silhouette(data: LessonData) -> Exercise:
    """Ask for the number of clusters that the mean silhouette prefers."""
    texts = Texts("best_silhouette")
    widths = data.by_k(validity.mean_silhouette)
    tree = linkage(data.whole)
    unscaled = {k: validity.mean_silhouette(data.whole, cut(tree, k).tolist()) for k in data.ks}
    right, low, high = int(widths.idxmax()), data.ks[0], data.ks[-1]
    slips = [
        ("smallest", int(widths.idxmin())),
        ("jump", int(data.jumps().idxmax())),
        ("position", right - low),
        ("position", right - low + 1),
        ("unscaled", max(unscaled, key=lambda k: unscaled[k])),
        ("article", data.n_clusters),
    ]
    find = answers.judge_count(
        right,
        texts.mistakes(slips),
        near=texts.nearly("silhouette", widths),
        low=low,
        high=high,
        outside=texts.messages["range"].format(low=low, high=high),
    )
    return texts.exercise(find, find.known, low=low, high=high)


def moves(data: LessonData) -> Exercise:
    """Ask how many regions another year moves."""
    a, b = data.clusters, data.other_clusters
    # the regions whose cluster has other members
    changed = sum(set(a.index[a == a[label]]) != set(b.index[b == b[label]]) for label in a.index)
    stayed = changed == len(a) - compare.minimum_moves(a, b)
    more = [("companions or stayed" if stayed else "companions", changed)]
    if changed == int((a != b).sum()) and not stayed:
        more = []  # the numbers of the clusters explain it as well
    years = {"year": data.year, "other_year": data.other_year}
    return moves_asked("moves", data, b, more, **years)


def orders(data: LessonData) -> Exercise:
    """Ask how many leaf orders one tree has."""
    texts = Texts("orders")
    n = len(data.whole)
    slips = [
        ("all orders", math.factorial(n)),
        ("leaves for joints", 2**n),
        ("sum for product", 2 * (n - 1)),
        ("exclusive or", 2 ^ (n - 1)),
        ("pairs", n * (n - 1)),
        ("pairs/unordered", n * (n - 1) // 2),
        ("joints", n - 1),
        ("small table", 2 ** (len(data.small) - 1)),
        ("mirror", 2 ** (n - 2)),
    ]
    return texts.count(2 ** (n - 1), texts.mistakes(slips), n=n)
