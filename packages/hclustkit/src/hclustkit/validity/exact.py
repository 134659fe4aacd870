"""Linear algebra in a fixed order: the same bits on every processor and library build.

BLAS and LAPACK choose their kernels by processor, so the last digits of their results differ
from machine to machine. The matrices here have few columns; plain sums in a fixed order serve.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.spatial.distance import squareform

from hclustkit.arrays import Floats

_EPS = float(np.finfo(np.float64).eps)


def product(a: Floats, b: Floats) -> Floats:
    """Multiply an (n, m) by an (m, p) matrix."""
    result = np.zeros((len(a), b.shape[1]))
    for j in range(a.shape[1]):
        result += a[:, j, None] * b[j]
    return result


def distances(x: Floats) -> Floats:
    """Compute the Euclidean distances of all pairs of rows, condensed as in scipy."""
    parts = [np.sqrt(((x[i + 1 :] - x[i]) ** 2).sum(axis=1)) for i in range(len(x) - 1)]
    return np.concatenate(parts) if parts else np.zeros(0)


def square(condensed: Floats) -> Floats:
    """Expand condensed distances to a symmetric matrix."""
    return np.asarray(squareform(condensed), dtype=np.float64)


def triangle(x: Floats) -> Floats:
    """Compute R of x = QR, shape (p, p), by Householder reflections; n >= p is needed."""
    r = x.copy()
    p = r.shape[1]
    for j in range(p):
        v = r[j:, j].copy()
        v[0] += math.copysign(math.sqrt(math.fsum((v * v).tolist())), v[0])
        size = math.fsum((v * v).tolist())
        if size > 0:
            r[j:, j:] -= v[:, None] * (2 / size * (v[:, None] * r[j:, j:]).sum(axis=0))
    return r[:p]


def solve_transposed(r: Floats, b: Floats) -> Floats:
    """Solve R' y = b for upper triangular R, shape (p, p), and b, shape (p, m)."""
    y = np.zeros_like(b)
    for j in range(len(r)):
        y[j] = (b[j] - (r[:j, j, None] * y[:j]).sum(axis=0)) / r[j, j]
    return y


def principal_axes(x: Floats, sweeps: int = 60) -> tuple[Floats, Floats]:
    """Compute singular values and right singular vectors, by Jacobi rotations.

    Parameters
    ----------
    x : array, shape (n, p)
    sweeps : int
        The largest number of passes over all pairs of columns; a handful is enough.

    Returns
    -------
    values : array, shape (min(n, p),), falling
    axes : array, shape (p, min(n, p))
        One a column; the first sizeable weight is positive. Zero where the value is zero.
    """
    wide = x.shape[0] < x.shape[1]
    exponent = np.frexp(np.abs(x).max(initial=0.0))[1]
    u = np.ldexp(x.T if wide else x, -exponent, order="C")  # exact, and squares stay in range
    m = u.shape[1]
    turned = np.eye(m)
    for _ in range(sweeps):
        if not _sweep(u, turned):
            break
    values = np.sqrt((u**2).sum(axis=0))
    order = np.argsort(-values, kind="stable")
    values = values[order]
    vectors = turned[:, order]
    if wide:
        kept = values > m * _EPS * values[0]
        vectors = np.where(kept, u[:, order] / np.where(kept, values, 1.0), 0.0)
    sizeable = np.abs(vectors) > np.abs(vectors).max(axis=0) / 2
    vectors *= np.sign(vectors[sizeable.argmax(axis=0), np.arange(m)])
    return np.ldexp(values, exponent), vectors


def _sweep(u: Floats, turned: Floats) -> bool:
    """Rotate each pair of columns of ``u`` to right angles; False where none needed it."""
    rotated = False
    for i in range(u.shape[1] - 1):
        for j in range(i + 1, u.shape[1]):
            a, b = float((u[:, i] ** 2).sum()), float((u[:, j] ** 2).sum())
            c = float((u[:, i] * u[:, j]).sum())
            if abs(c) <= _EPS * math.sqrt(a * b):
                continue
            rotated = True
            zeta = (b - a) / (2 * c)
            t = math.copysign(1 / (abs(zeta) + math.hypot(1.0, zeta)), zeta)
            cosine = 1 / math.hypot(1.0, t)
            for matrix in (u, turned):
                left, right = matrix[:, i].copy(), matrix[:, j].copy()
                matrix[:, i] = cosine * (left - t * right)
                matrix[:, j] = cosine * (right + t * left)
    return rotated
