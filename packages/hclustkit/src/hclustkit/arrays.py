"""Names for the array types of the package."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
AnyArray: TypeAlias = npt.NDArray[Any]

Labels: TypeAlias = "Sequence[Any] | npt.NDArray[Any] | pd.Series[Any]"
"""One cluster label per object: the labels are names, not numbers."""
