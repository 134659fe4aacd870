"""The four resampling schemes of Hennig (2007): which objects, or which changed table.

Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics &
Data Analysis 52, 258-271. The defaults are those of the function ``clusterboot`` of the R
package fpc.
"""

from __future__ import annotations

import numpy as np

SCHEMES = ("boot", "subset", "noise", "jitter")
"""``boot``: n objects drawn with replacement, each kept once; ``subset``: a share of the
objects drawn without replacement; ``noise``: some objects replaced by uniform noise;
``jitter``: a little normal noise added to every object."""


def boot_draws(n: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw bootstrap samples; mark the objects drawn at least once.

    Returns
    -------
    bool array, shape (draws, n)
    """
    drawn = np.zeros((draws, n), dtype=bool)
    np.put_along_axis(drawn, rng.integers(n, size=(draws, n)), True, axis=1)
    return drawn


def subset_draws(n: int, draws: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Draw ``size`` of n objects without replacement, and mark them.

    Returns
    -------
    bool array, shape (draws, n)
    """
    drawn = np.zeros((draws, n), dtype=bool)
    order = rng.random((draws, n)).argsort(axis=1, kind="stable")
    np.put_along_axis(drawn, order[:, :size], True, axis=1)
    return drawn


def principal_directions(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute the eigenvalues (p,) and eigenvectors (p, p; columns) of the covariances (n - 1).

    Each vector's largest entry is positive: the sign, otherwise a matter of the linear
    algebra library, would decide which noise a seed makes.
    """
    variances, directions = np.linalg.eigh(
        np.cov(values, rowvar=False, ddof=1).reshape(values.shape[1], values.shape[1])
    )
    largest = np.abs(directions).argmax(axis=0)
    directions = directions * np.where(
        directions[largest, np.arange(len(variances))] < 0, -1.0, 1.0
    )
    return np.maximum(variances, 0.0), directions


def noise_tables(
    values: np.ndarray, draws: int, share: float, reach: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Make tables in which some objects are replaced by uniform noise.

    Each object is replaced with probability ``share``. Noise is uniform on the box along
    the principal directions that reaches ``reach`` standard deviations to both sides of
    the mean.

    Returns
    -------
    tables : float64 array, shape (draws, n, p)
    kept : bool array, shape (draws, n)
        The objects not replaced.
    """
    n, p = values.shape
    variances, directions = principal_directions(values)
    kept = rng.random((draws, n)) >= share
    box = rng.uniform(-reach, reach, size=(draws, n, p)) * np.sqrt(variances)
    noise = box @ directions.T + values.mean(axis=0)
    return np.where(kept[:, :, None], values, noise), kept


def jitter_tables(
    values: np.ndarray, draws: int, quantile: float, rng: np.random.Generator
) -> np.ndarray:
    """Make tables with normal noise added to every object.

    Along each principal direction the standard deviation of the noise is the given quantile
    of the positive gaps between neighbouring objects (0 if all objects coincide there).

    Returns
    -------
    float64 array, shape (draws, n, p)
    """
    n, p = values.shape
    _, directions = principal_directions(values)
    spread = np.zeros(p)
    for direction, projected in enumerate((values @ directions).T):
        gaps = np.diff(np.sort(projected))
        gaps = gaps[gaps > 0]
        if gaps.size:
            spread[direction] = np.quantile(gaps, quantile)
    noise = rng.standard_normal((draws, n, p)) * spread
    jittered: np.ndarray = values + noise @ directions.T
    return jittered
