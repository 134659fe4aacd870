"""Names for the array types of the package, and what no table of numbers may look like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from hclustkit.errors import refusal

if TYPE_CHECKING:
    import pandas as pd

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
AnyArray: TypeAlias = npt.NDArray[Any]

Labels: TypeAlias = "Sequence[Any] | npt.NDArray[Any] | pd.Series[Any]"
"""One cluster label per object: the labels are names, not numbers."""

ROUNDING = 1e-8
"""What differs by a smaller share is equal in a matrix of distances."""


def refuse_distances(x: FloatArray) -> None:
    """Raise if a table looks like a matrix of distances that was given as observations.

    What differs by rounding only is equal, and what is missing on both sides.

    Raises
    ------
    InputError
        With rule ``distances-or-observations``; the value is the shape.
    """
    if not 1 < x.shape[0] == x.shape[1]:
        return
    slack = ROUNDING * float(np.nanmax(np.abs(x), initial=0.0))
    apart = max(np.nanmax(odd, initial=0.0) for odd in (np.abs(np.diag(x)), x - x.T, -x))
    if slack > 0 and apart <= slack:
        text = (
            f"the table of {len(x)} rows and as many columns is symmetric with a zero diagonal. "
            "If it holds distances, say metric='precomputed' (in a report distance='precomputed'); "
            "if it holds observations, give its columns in another order, which changes no "
            "distance"
        )
        raise refusal(text, "table", "distances-or-observations", x.shape)
