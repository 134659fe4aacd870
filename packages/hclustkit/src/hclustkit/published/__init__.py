"""A published partition beside a table: pair by pair, and beside partitions by chance.

Somebody published clusters of objects that a table describes. What do tables scaled and clustered
in every reasonable way find of them, pair by pair, and how special are they among all groupings?

Examples
--------
Six districts on a line, published in three clusters, and a table of two variables:

>>> import pandas as pd
>>> from hclustkit import Tree, standardize
>>> from hclustkit.draw import pair_picture
>>> districts = list("abcdef")
>>> published = pd.Series([1, 1, 2, 2, 3, 3], index=districts)
>>> table = pd.DataFrame(
...     {"x": [1.0, 1.4, 3.0, 3.9, 8.0, 8.3], "y": [2.0, 1.0, 6.0, 5.0, 2.5, 2.0]},
...     index=districts,
... )
>>> borders = pd.DataFrame({"one": list("abcde"), "other": list("bcdef")})

Every scaling gives a partition into as many clusters:

>>> scaled = {name: standardize(table, name) for name in ("zscore", "range", "rank")}
>>> found = pd.DataFrame(
...     {name: Tree.from_table(t).cut(3) for name, t in scaled.items()}, index=districts
... )

The pairs that are found again, and the companions of each district; both in one picture:

>>> pairs, cases = pair_table(published, found), companions(published, found)
>>> pairs.sum(axis=1).tolist()
[3, 3, 3]
>>> figure = pair_picture(pairs, cases, noun="district")

All partitions into clusters of these sizes, those with connected clusters, and tables with the same
pattern on the map and the same correlations:

>>> every = every_partition(published, {"mine": (found.T, [1, 1, 1])}, neighbours=borders)
>>> every.among().share["mine"], every.among(pieces=3).n
(0.06666666666666667, 1)
>>> index = spectral_surrogates(scaled, published, borders, k=3).mean(axis=1)
>>> float((index >= index[0]).mean())
0.1875
"""

from hclustkit.kinds import explain_type_errors
from hclustkit.published.chance import Among, EveryPartition, every_partition
from hclustkit.published.enumeration import count_partitions
from hclustkit.published.pairs import companions, pair_table
from hclustkit.published.surrogates import map_components, spectral_surrogates

__all__ = [
    "Among",
    "EveryPartition",
    "companions",
    "count_partitions",
    "every_partition",
    "map_components",
    "pair_table",
    "spectral_surrogates",
]

explain_type_errors(globals(), __all__)
