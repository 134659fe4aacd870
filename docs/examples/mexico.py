"""Write the table and the map of "Your own map in five minutes" into the folder where this is run.

``mexico.csv``: gross domestic product a head of the 32 states of Mexico in seven years.
``mexico.geojson``: their borders. Both are an example of the package libpysal (BSD 3-Clause
licence), used by Rey and Sastre Gutierrez (2010), Interregional inequality dynamics in Mexico,
Spatial Economic Analysis 5, 277-298.
"""

from __future__ import annotations

from pathlib import Path

import geopandas
from libpysal import examples


def main(folder: Path = Path()) -> None:
    """Write both files."""
    states = geopandas.read_file(examples.get_path("mexicojoin.shp"))
    years = [column for column in states.columns if column.startswith("PCGDP")]
    table = states.set_index("NAME")[years].rename(columns=lambda name: f"GDP a head {name[5:]}")
    table.to_csv(folder / "mexico.csv", index_label="state")
    shapes = states[["NAME", "geometry"]].rename(columns={"NAME": "state"}).set_crs(4326)
    shapes.to_file(folder / "mexico.geojson", driver="GeoJSON")


if __name__ == "__main__":
    main()
