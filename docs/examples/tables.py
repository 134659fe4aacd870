"""Write the two tables of "Your own table in five minutes" into the folder where this is run.

``регионы.csv``: the 16 regions with statistics of one year from ``data/raw``, as a Russian
spreadsheet saves them: Cyrillic, semicolons, decimal commas, a total row, a footnote.
``us_counties.csv``: the counties of the United States; its source is in ``us_counties.md``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
COUNTIES = Path(__file__).with_name("us_counties.csv")
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


if __name__ == "__main__":
    Path("регионы.csv").write_text(regions(), encoding="utf-8", newline="")
    shutil.copyfile(COUNTIES, "us_counties.csv")
