"""How much a report computes: a stated function of the number of rows."""

from __future__ import annotations

from dataclasses import dataclass

from hclustkit.validity import INDICES

WHOLE = 200
"""Up to this many rows nothing is cut."""
MATRIX = 2_000
"""Up to this many rows all pairs are held in memory, for every distance and index."""
LARGE = 20_000
"""Above this many rows there are a tree, labels and a profile only."""
PROXIMITY = 1_000
"""Up to this many rows the matrix of distances is written."""
LEFT_OUT = 50
"""Most rows and columns left out one at a time above `WHOLE` rows."""
QUICK_INDICES = ("ch", "db", "silhouette", "ratkowsky", "ball")


@dataclass(frozen=True)
class Budget:
    """What a report computes.

    Attributes
    ----------
    draws : int
        Draws of the bootstrap; 0 for none.
    drawn_rows : int
        Rows of each draw: all, with replacement, or a subset without.
    silhouette_rows : int
        Rows, drawn once, on which silhouettes are computed; 0 for none.
    indices : tuple of str
        Indices for the number of clusters.
    references : int
        Reference tables of the gap statistic.
    rows_left_out, columns_left_out : int
        How many are left out one at a time.
    crossed : bool
        Columns are left out under every scaling and linkage, not in the chosen one only.
    linkages : bool
        Other linkages than the chosen one are tried.
    """

    draws: int = 0
    drawn_rows: int = 0
    silhouette_rows: int = 0
    indices: tuple[str, ...] = ()
    references: int = 0
    rows_left_out: int = 0
    columns_left_out: int = 0
    crossed: bool = False
    linkages: bool = False

    def sentences(self, n: int) -> list[str]:
        """Say what is computed and what is not."""
        if not self.draws:
            return [
                f"{n:,} rows: tree, clusters and profile only, without stability and sensitivity.",
                f"Silhouettes are computed on {self.silhouette_rows:,} rows drawn once.",
            ]
        drawn = "with replacement" if self.drawn_rows == n else "without replacement"
        found = [
            f"Bootstrap: {self.draws:,} draws of {self.drawn_rows:,} rows {drawn}.",
            f"Left out one at a time: {self.columns_left_out:,} columns and "
            f"{self.rows_left_out:,} rows.",
            f"Indices for the number of clusters: {len(self.indices)}.",
        ]
        if self.silhouette_rows < n:
            found.append(f"Silhouettes are computed on {self.silhouette_rows:,} rows drawn once.")
        return found


def budget(n: int, p: int, *, thorough: bool = False) -> Budget:
    """Say how much a report on n rows and p columns computes.

    Up to 200 rows everything: 1,000 bootstrap draws, thirty indices with 500 reference tables,
    every row and column left out. Above: 200,000 / n draws, at least 20, of at most 2,000
    rows; five indices; at most 50 rows and 50 columns left out, in the chosen specification
    only. Above 2,000 rows no other linkage is tried, and 100,000 / n are left out. Above
    20,000 rows nothing is computed beside tree, clusters and profile.

    Parameters
    ----------
    n, p : int
        Rows and columns.
    thorough : bool
        As up to 200 rows, whatever n is, as far as memory allows.

    Returns
    -------
    Budget

    Examples
    --------
    >>> budget(16, 14).draws, budget(2000, 14).draws, budget(30000, 14).draws
    (1000, 100, 0)
    """
    if n > LARGE:
        return Budget(silhouette_rows=MATRIX)
    rows, fits = min(n, MATRIX), n <= MATRIX
    everything = thorough or n <= WHOLE
    if everything:
        draws, references, left_out, indices = 1000, 500, max(n, p), INDICES
    else:
        draws, references, indices = max(20, WHOLE * 1000 // n), 0, QUICK_INDICES
        left_out = LEFT_OUT if fits else max(2, LEFT_OUT * MATRIX // n)
    return Budget(
        draws=draws,
        drawn_rows=rows,
        silhouette_rows=rows,
        indices=indices if fits else QUICK_INDICES[:1],
        references=references,
        rows_left_out=min(left_out, n),
        columns_left_out=min(left_out, p),
        crossed=everything,
        linkages=fits,
    )
