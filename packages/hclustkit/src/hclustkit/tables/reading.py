"""What is known of how a table was read."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False)
class Whole:
    """A wide table with all its rows and columns, in ``df.attrs["whole"]``, to give it back.

    Attributes
    ----------
    labels : list of str
        Of every row of the year taken, those left out as well.
    label : str or None
        The column of labels.
    columns : dict
        Column to its cells, as in the file.
    """

    labels: list[str]
    label: str | None
    columns: dict[str, list[str | float]]

    def __deepcopy__(self, memo: object) -> Whole:
        """Return itself: it never changes, and pandas copies ``attrs`` at every step."""
        return self


@dataclass
class Reading:
    """How `read_table` read a file, in ``df.attrs["reading"]``.

    Attributes
    ----------
    source : str
        File name, or ``DataFrame``.
    kind : str
        ``text``, ``workbook``, ``parquet`` or ``frame``.
    encoding, separator, decimal, thousands, sheet : str or None
        As recognised or as given; None where the file does not need it.
    shape : str
        ``wide``, ``long`` or ``panel``.
    label : str or None
        The column that holds the labels; None for row numbers.
    header_row : int
        Its row in the file, from 1.
    year : int or None
        The year taken from a long table or a panel.
    missing : str
        The policy for missing cells.
    markers : dict
        How often each marker of a missing cell (``NA``, ``:``, blank, ...) was found.
    gaps : list of (label, column)
        Cells that were missing in what was asked for.
    filled : list of (label, column)
        Those of them that an imputation filled.
    left_out : dict
        Column to the reason why it is not in the table.
    dropped : dict
        Row (its label, or its number in the file) to the reason why it is not in the table.
    titles, footnotes : list of str
        Text above and below the table.
    units : dict
        Column to its unit, from a row of units or percent signs.
    notes : list of str
        What a reader of the results should know.
    """

    source: str
    kind: str
    encoding: str | None = None
    separator: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    sheet: str | None = None
    shape: str = "wide"
    label: str | None = None
    header_row: int = 1
    year: int | None = None
    missing: str = "error"
    markers: dict[str, int] = field(default_factory=dict)
    gaps: list[tuple[str, str]] = field(default_factory=list)
    filled: list[tuple[str, str]] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    footnotes: list[str] = field(default_factory=list)
    units: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
