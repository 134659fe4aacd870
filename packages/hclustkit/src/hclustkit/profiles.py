"""What the clusters of a table are like, variable by variable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arguments import as_table, check_whole
from hclustkit.arrays import Floats, Labels
from hclustkit.compare.labels import align, factorize
from hclustkit.kinds import explain_type_errors
from hclustkit.scaling import exact_sums, is_flat

ALMOST_NOTHING = 1e-12
"""A standardized difference below this is rounding."""


@dataclass(frozen=True, eq=False)
class Profile:
    """Clusters described by the variables of a table.

    There is no test and no p-value here: clusters are formed so that they differ on these
    variables, and a test of that would always find a difference.

    Attributes
    ----------
    sizes : Series of int
        Rows in each cluster; the index names the clusters, sorted if they are numbers,
        otherwise by first row. The index of the three tables is the same.
    members : dict
        Cluster to the list of its labels, in row order.
    means : DataFrame, clusters x variables
        In units of the table.
    deviations : DataFrame, clusters x variables
        Standard deviations over n - 1 within each cluster, in units of the table; NaN in a
        cluster of one row.
    differences : DataFrame, clusters x variables
        (mean of the cluster - mean of all rows) / standard deviation of all rows (n - 1). No
        unit; NaN for a variable that does not vary.
    shares : DataFrame, clusters x variables
        n (mean of the cluster - mean of all rows)^2 / total sum of squares: what each cluster
        adds to the share of the variance that lies between the clusters (eta squared), which
        is the sum of its column. NaN for a variable that does not vary.
    overall : DataFrame, variables x (mean, sd)
        Means and standard deviations of all rows.
    """

    sizes: pd.Series[int]
    members: dict[Any, list[Any]]
    means: pd.DataFrame
    deviations: pd.DataFrame
    differences: pd.DataFrame
    shares: pd.DataFrame
    overall: pd.DataFrame

    def between(self) -> pd.Series[float]:
        """Return the share of the variance between the clusters, 0..1, for each variable."""
        return self.shares.sum(skipna=False).rename("between")

    def distinguishing(self, most: int = 3) -> pd.DataFrame:
        """List what sets each cluster apart: its largest standardized differences.

        Parameters
        ----------
        most : int
            Variables named for each cluster, at most; those on which it does not differ are
            left out.

        Returns
        -------
        DataFrame
            One row a cluster and variable, the largest difference first, of equal ones the
            earlier column: ``cluster``, ``variable``, ``direction`` ("above" or "below" the
            mean of all rows), ``difference``, ``mean``, ``overall_mean``.
        """
        most = check_whole(most, "most", 1)
        rows = []
        for cluster, differences in self.differences.iterrows():
            size = differences.abs().fillna(0.0)
            # rounded, so that two differences that are equal keep the order of the columns
            order = np.argsort(-size.round(9).to_numpy(), kind="stable")[:most]
            for name in differences.index[order]:
                if size[name] > ALMOST_NOTHING:
                    direction = "above" if differences[name] > 0 else "below"
                    means = self.means.loc[cluster, name], self.overall.loc[name, "mean"]
                    rows.append((cluster, name, direction, differences[name], *means))
        columns = ["cluster", "variable", "direction", "difference", "mean", "overall_mean"]
        return pd.DataFrame(rows, columns=columns)

    def table(self) -> pd.DataFrame:
        """Lay everything out in one long table, one row a cluster and variable.

        Returns
        -------
        DataFrame
            Columns ``cluster``, ``size``, ``variable``, ``mean``, ``sd``, ``difference``,
            ``share``, ``overall_mean``, ``overall_sd``.
        """
        clusters, p = self.sizes.index, len(self.overall)
        return pd.DataFrame(
            {
                "cluster": clusters.repeat(p),
                "size": np.repeat(self.sizes.to_numpy(), p),
                "variable": np.tile(self.overall.index.to_numpy(), len(clusters)),
                "mean": self.means.to_numpy().ravel(),
                "sd": self.deviations.to_numpy().ravel(),
                "difference": self.differences.to_numpy().ravel(),
                "share": self.shares.to_numpy().ravel(),
                "overall_mean": np.tile(self.overall["mean"].to_numpy(), len(clusters)),
                "overall_sd": np.tile(self.overall["sd"].to_numpy(), len(clusters)),
            }
        )


def profile(table: Any, labels: Labels) -> Profile:
    """Describe the clusters of a table by its variables.

    Parameters
    ----------
    table : DataFrame or array, shape (n, p)
        In units that a reader knows: the table before it was standardized. It may hold
        variables that had no part in the clustering.
    labels : sequence of n cluster labels, or Series matched by index
        The cluster of each row.

    Returns
    -------
    Profile

    Raises
    ------
    InputError
        If a row has no cluster, or the table breaks a rule of `hclustkit.tables.check_table`.

    Examples
    --------
    >>> found = profile(pd.DataFrame({"x": [1.0, 2.0, 9.0]}, index=list("abc")), [1, 1, 2])
    >>> found.means["x"].tolist(), found.members[2]
    ([1.5, 9.0], ['c'])
    >>> found.distinguishing(1)[["cluster", "variable", "direction"]].to_numpy().tolist()
    [[1, 'x', 'below'], [2, 'x', 'above']]
    """
    table = as_table(table)
    _, labels = align(pd.Series(0, index=table.index), labels)
    codes, names = factorize(pd.Series(labels, index=table.index))
    if all(isinstance(name, (int, np.integer)) for name in names):
        order = np.argsort(names)
        codes, names = np.argsort(order)[codes], [int(names[at]) for at in order]
    clusters = pd.Index(names, name="cluster", tupleize_cols=False)
    # a power of two changes no digit and keeps sums and squares in range
    x = table.to_numpy()
    exponent = np.frexp(np.abs(x).max(axis=0))[1]
    flat, x = is_flat(x), np.ldexp(x, -exponent)
    mean, squares = _moments(x)
    parts = [_moments(x[codes == code]) for code in range(len(names))]
    means, within = (np.vstack([part[at] for part in parts]) for at in (0, 1))
    sizes = np.bincount(codes)
    with np.errstate(divide="ignore", invalid="ignore"):
        sd = np.sqrt(squares / (len(x) - 1))
        away = np.where(flat, np.nan, means - mean)
        deviations = np.sqrt(within / (sizes - 1)[:, None])
        differences, shares = away / sd, sizes[:, None] * away**2 / squares

    def frame(values: Floats) -> pd.DataFrame:
        return pd.DataFrame(values, index=clusters, columns=table.columns)

    return Profile(
        sizes=pd.Series(sizes, index=clusters, name="size"),
        members={name: table.index[codes == code].tolist() for code, name in enumerate(names)},
        means=frame(np.ldexp(means, exponent)),
        deviations=frame(np.ldexp(deviations, exponent)),
        differences=frame(differences),
        shares=frame(shares),
        overall=pd.DataFrame(
            {"mean": np.ldexp(mean, exponent), "sd": np.ldexp(sd, exponent)}, index=table.columns
        ),
    )


def _moments(x: Floats) -> tuple[Floats, Floats]:
    """Return the mean and the sum of squares about it of each column."""
    mean = exact_sums(x)[0] / len(x)
    return mean, exact_sums((x - mean) ** 2)[0]


explain_type_errors(globals(), ["profile"])
