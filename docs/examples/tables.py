"""Write the two tables of "Your own table in five minutes" into the folder where this is run.

``регионы.csv``: the 16 regions with statistics of one year from ``data/raw``, as a Russian
spreadsheet saves them: Cyrillic, semicolons, decimal commas, a total row, a footnote.
``municipalities.csv``: 3,000 made-up municipalities of six kinds.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
YEAR = 2013
COLUMNS = {
    "ВРП на душу населения": "grp_per_capita",
    "Инвестиции в основной капитал": "fixed_investment",
    "Экономически активное население": "labour_force",
    "Занято в промышленности": "employed_industry",
}
"""Heading to series of the raw data."""


def regions() -> str:
    """Return the text of ``регионы.csv``."""
    names = pd.read_csv(RAW / "regions.csv").set_index("region")["name_ru"]
    codes = [*names.index, "KZ"]
    columns = {}
    for heading, name in COLUMNS.items():
        series = pd.read_csv(RAW / f"{name}.csv")
        columns[heading] = series[series["year"] == YEAR].set_index("region")["value"]
    table = pd.DataFrame(columns).reindex(codes).dropna()
    table.index = [names.get(code, "Всего") for code in table.index]
    text = table.to_csv(sep=";", decimal=",", index_label="Регион", lineterminator="\r\n")
    return f"{text}Источник: Бюро национальной статистики, {YEAR}\r\n"


def municipalities(rows: int = 3000, seed: int = 1) -> str:
    """Return the text of ``municipalities.csv``."""
    draw = np.random.default_rng(seed)
    kind = draw.integers(0, 6, rows)
    centres = draw.normal(size=(6, 5)) * 2
    values = centres[kind] + draw.normal(size=(rows, 5))
    table = pd.DataFrame(
        {
            "Municipality": [f"Municipality {i}" for i in range(1, rows + 1)],
            "Population": np.exp(9 + values[:, 0] / 2).round(),
            "Income per head": (20_000 + 3_000 * values[:, 1]).round(2),
            "Unemployment, %": (6 + values[:, 2] / 2).round(2),
            "Over 65, %": (18 + 2 * values[:, 3]).round(2),
            "Commuters, %": (35 + 5 * values[:, 4]).round(2),
        }
    )
    return table.to_csv(index=False)


if __name__ == "__main__":
    Path("регионы.csv").write_text(regions(), encoding="utf-8", newline="")
    Path("municipalities.csv").write_text(municipalities(), encoding="utf-8", newline="")
