"""Indices made of sums of squares and scatter matrices.

T = W + B: total, pooled within-cluster and between-cluster sums of squares and products,
each p x p; tr is the trace, det the determinant, q the number of clusters, n the number of
objects, p of variables. Formulas follow Charrad et al. (2014), J. Stat. Softw. 61(6), section
2.1, and the papers named there.

Seven indices form one family: CCC, Scott, Marriot, TrCovW, TraceW, Friedman and Rubin. Scott,
Marriot, Friedman and Rubin need det W or the inverse of W and are undefined where W is singular,
which it is whenever n - q < p. The other three can be computed there, but like NbClust, which
stops, we withhold them: what they would say rests on the same within-cluster scatter, which n
objects cannot show in p dimensions. tr W itself is always available as `within_ss`.
"""

from __future__ import annotations

import math

import numpy as np

from hclustkit.arrays import Floats
from hclustkit.validity import exact
from hclustkit.validity.partition import Partition, Scatter
from hclustkit.validity.values import (
    NO_SPREAD,
    NO_WITHIN,
    ONE_CLUSTER,
    IndexValue,
    beyond,
    no_value,
)


def calinski_harabasz(this: Partition) -> IndexValue:
    """(tr B / (q - 1)) / (tr W / (n - q)). Calinski and Harabasz (1974), Commun. Stat. 3."""
    if this.k < 2:
        return no_value(ONE_CLUSTER)
    if this.within == 0:
        return no_value(NO_WITHIN)
    between = this.space.total - this.within
    return IndexValue((between / (this.k - 1)) / (this.within / (this.n - this.k)))


def hartigan(this: Partition, after: Partition | None) -> IndexValue:
    """(tr W_q / tr W_q+1 - 1)(n - q - 1). Hartigan (1975), Clustering Algorithms, p. 91."""
    if after is None:
        return beyond(this.k + 1, this.n)
    if after.within == 0:
        return no_value(NO_WITHIN)
    return IndexValue((this.within / after.within - 1) * (this.n - this.k - 1))


def krzanowski_lai(
    before: Partition | None, this: Partition, after: Partition | None
) -> IndexValue:
    """``|DIFF_q / DIFF_q+1|``, DIFF_q = (q-1)^(2/p) tr W_q-1 - q^(2/p) tr W_q.

    Krzanowski and Lai (1988), Biometrics 44, 23-34.
    """
    if before is None:
        return no_value(ONE_CLUSTER)
    if after is None:
        return beyond(this.k + 1, this.n)
    if this.space.total == 0:
        return no_value(NO_SPREAD)

    def weighted(level: Partition) -> float:
        return float(level.k ** (2 / level.p) * level.within)

    below = weighted(this) - weighted(after)
    if below == 0:
        return no_value("division by zero: the weighted sum of squares falls no further")
    return IndexValue(abs((weighted(before) - weighted(this)) / below))


def ratkowsky(this: Partition) -> IndexValue:
    """Mean over the variables of sqrt(B_jj / T_jj), over sqrt(q).

    Ratkowsky and Lance (1978), Aust. Comput. J. 10, 115-117.
    """
    if this.k < 2:
        return no_value(ONE_CLUSTER)
    total = this.space.total_by_column
    constant = np.flatnonzero(total == 0)
    if len(constant):
        name = this.space.columns[constant[0]]
        return no_value(f"division by zero: variable {name!r} is constant")
    explained = np.maximum(0.0, 1 - this.within_by_column / total)
    return IndexValue(float(np.sqrt(explained).mean() / math.sqrt(this.k)))


def ball(this: Partition) -> IndexValue:
    """tr W / q. Ball and Hall (1965), Stanford Research Institute."""
    return IndexValue(this.within / this.k)


def singularity(this: Partition) -> str:
    """Say why W has no inverse; empty where it has one."""
    if this.n - this.k < this.p:
        return (
            f"W is singular: {this.n} objects in {this.k} clusters leave {this.n - this.k} "
            f"degrees of freedom for {this.p} variables"
        )
    flat = np.flatnonzero(this.within_by_column == 0)
    if len(flat):
        name = this.space.columns[flat[0]]
        return f"W is singular: variable {name!r} does not vary inside the clusters"
    return "W is singular: the variables are linearly dependent inside the clusters"


def no_inverse(this: Partition) -> IndexValue:
    """Return the undefined value of an index that needs the inverse of W."""
    return no_value(singularity(this))


def withheld(this: Partition) -> IndexValue:
    """Return the undefined value of an index that is withheld with its family."""
    return no_value(f"withheld with its family, as in NbClust: {singularity(this)}")


def expected_r2(spread: Floats, n: int, q: int, dimensions: int) -> float:
    """Compute the expected R^2 of q clusters in a uniform box. Sarle (1983), eq. on p. 6 and 7.

    Parameters
    ----------
    spread : array
        Edge lengths of the box over the edge of a cluster, u_1 >= u_2 >= ...
    n, q : int
        Objects, clusters.
    dimensions : int
        p*, the number of dimensions in which the clusters lie apart.
    """
    near, far = spread[:dimensions], spread[dimensions:]
    lost = (1 / (n + near)).sum() + (far**2 / (n + far)).sum()
    return float(1 - lost / (spread**2).sum() * ((n - q) ** 2 / n) * (1 + 4 / n))


def ccc_from(r2: float, expected: float, n: int, dimensions: int) -> IndexValue:
    """ln((1 - E(R^2)) / (1 - R^2)) sqrt(n p* / 2) / (0.001 + E(R^2))^1.2."""
    if r2 >= 1:
        return no_value(NO_WITHIN)
    if 0.001 + expected <= 0 or expected >= 1:
        return no_value(f"the expected R squared is {expected:.4g}, outside 0..1")
    stretch = math.sqrt(n * dimensions / 2) / (0.001 + expected) ** 1.2
    return IndexValue(math.log((1 - expected) / (1 - r2)) * stretch)


def cubic_clustering_criterion(this: Partition) -> IndexValue:
    """Observed against expected R^2. Sarle (1983), SAS Technical Report A-108.

    With s_j the standard deviations along the principal axes in falling order and
    c(m) = (s_1 ... s_m / q)^(1/m), p* is the largest m < q with s_m >= c(m).
    """
    if this.k < 2:
        return no_value(ONE_CLUSTER)
    if this.scatter is None:
        return withheld(this)
    s = this.space.spread
    edge, dimensions = 1.0, 1
    for dimensions in range(min(this.p, this.k - 1), 0, -1):
        edge = math.exp((np.log(s[:dimensions]).sum() - math.log(this.k)) / dimensions)
        # m = 1 always qualifies: the edge is then s_1 / q
        if s[dimensions - 1] >= edge:
            break
    expected = expected_r2(s / edge, this.n, this.k, dimensions)
    return ccc_from(1 - this.within / this.space.total, expected, this.n, dimensions)


def _determinant_ratios(this: Partition, scatter: Scatter) -> Floats:
    """Compute numbers whose squared product is det T / det W; T is regular where W is."""
    total = np.abs(np.sqrt(this.space.total_by_column) * this.space.triangle.diagonal())
    return np.asarray(total / scatter.determinant_roots)


def scott(this: Partition) -> IndexValue:
    """n ln(det T / det W). Scott and Symons (1971), Biometrics 27, 387-397."""
    if this.scatter is None:
        return no_inverse(this)
    logs = [math.log(ratio) for ratio in _determinant_ratios(this, this.scatter)]
    return IndexValue(2 * this.n * math.fsum(logs))


def marriot(this: Partition) -> IndexValue:
    """q^2 det W. Marriott (1971), Biometrics 27, 501-514."""
    if this.scatter is None:
        return no_inverse(this)
    return IndexValue(this.k**2 * math.prod((this.scatter.determinant_roots**2).tolist()))


def tr_cov_w(this: Partition) -> IndexValue:
    """tr cov(W): the variances of the columns of W, added.

    Milligan and Cooper (1985), Psychometrika 50, 159-179, no. 20. Needs two variables.
    """
    if this.p < 2:
        return no_value("one variable: W is a single number and has no covariance")
    if this.scatter is None:
        return withheld(this)
    w = exact.product(this.residuals.T, this.residuals)
    return IndexValue(float(w.var(axis=0, ddof=1).sum()))


def trace_w(this: Partition) -> IndexValue:
    """tr W. Edwards and Cavalli-Sforza (1965), Biometrics 21, 362-375."""
    if this.scatter is None:
        return withheld(this)
    return IndexValue(this.within)


def friedman(this: Partition) -> IndexValue:
    """tr(W^-1 B). Friedman and Rubin (1967), J. Am. Stat. Assoc. 62, 1159-1178."""
    if this.scatter is None:
        return no_inverse(this)
    return IndexValue(this.scatter.trace_of_ratio(this.centre_offsets))


def rubin(this: Partition) -> IndexValue:
    """det T / det W. Friedman and Rubin (1967), J. Am. Stat. Assoc. 62, 1159-1178."""
    if this.scatter is None:
        return no_inverse(this)
    return IndexValue(math.prod((_determinant_ratios(this, this.scatter) ** 2).tolist()))
