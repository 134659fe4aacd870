"""The report of a table with a map or a list of neighbours."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hclustkit.compare import renumber
from hclustkit.report.choices import Choices, settle
from hclustkit.report.clusters import prepare
from hclustkit.report.command import main
from hclustkit.report.places import find_places, locate, map_picture
from hclustkit.tree.tree import Tree
from refusals import refused

NAMES = [f"R{i:02d}" for i in range(12)]
PAIRS = [(NAMES[i], NAMES[i + 1]) for i in range(11) if i % 4 < 3]
PAIRS += [(NAMES[i], NAMES[i + 4]) for i in range(8)]
TABLE = pd.DataFrame(
    np.random.default_rng(4).normal(size=(12, 3)).round(3), index=NAMES, columns=["a", "b", "c"]
)


def pairs_file(folder: Path, pairs: list[tuple[str, ...]], head: str = "one;two") -> str:
    file = folder / "pairs.csv"
    file.write_text("\n".join([head, *(";".join(pair) for pair in pairs)]) + "\n")
    return str(file)


def squares(folder: Path, names: list[str]) -> str:
    features = []
    for i, name in enumerate(names):
        x, y = 10 + i % 4, 50 + i // 4
        ring = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        properties = {"name": name, "code": f"c{i}"}
        features.append({"type": "Feature", "properties": properties, "geometry": shape})
    file = folder / "map.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return str(file)


def test_pairs_give_contiguous_clusters_of_both_kinds(tmp_path: Path) -> None:
    file = pairs_file(tmp_path, PAIRS)
    prepared = prepare(TABLE, settle(Choices(k=4)))
    clusters = pd.Series(prepared.tree().cut(4), index=TABLE.index)
    for kind in ("hard", "soft"):
        spots = find_places(TABLE.index, neighbours=file, contiguity=kind)
        assert spots is not None and spots.outlines is None
        assert len(spots.neighbours.pairs) == len(PAIRS)
        found = locate(spots, prepared, clusters, 4)
        assert found.contiguous is not None and found.contiguous.nunique() == 4
        assert list(found.moran["column"].unique()) == ["a", "b", "c"]
        assert map_picture(found, clusters) is None
        if kind == "hard":
            assert (spots.neighbours.piece_count(found.contiguous) == 1).all()
            tree = Tree.from_table(prepared.scaled, connectivity=spots.neighbours)
            assert (
                renumber(clusters, clusters * 0 + tree.cut(4)) == found.contiguous.to_numpy()
            ).all()


def test_separate_parts_are_named_and_raise_the_number_of_clusters(tmp_path: Path) -> None:
    near = [pair for pair in PAIRS if "R05" not in pair]
    file = pairs_file(tmp_path, near[1:], head=";".join(near[0]))  # no header
    spots = find_places(TABLE.index, neighbours=file, contiguity="hard")
    assert spots is not None and len(spots.neighbours.pairs) == len(near)
    assert spots.neighbours.islands() == ["R05"] and any("R05" in note for note in spots.notes)
    prepared = prepare(TABLE, settle(Choices(k=1, distance="manhattan")))
    found = locate(spots, prepared, pd.Series(1, index=TABLE.index), 1)
    assert found.contiguous is not None and found.contiguous.nunique() == 2


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    file = pairs_file(tmp_path, [*PAIRS, ("R01", "R1x")])
    with refused("unmatched-names", place="pairs.csv"):
        find_places(TABLE.index, neighbours=file)
    with refused("own-neighbour", place="pairs.csv", value="R01"):
        find_places(TABLE.index, neighbours=pairs_file(tmp_path, [("R01", "R01")]))
    every = [(one, two, str(int((one, two) in PAIRS))) for one in NAMES for two in NAMES]
    with refused("pair-with-zero", place="row 2, column 'w'"):
        find_places(TABLE.index, neighbours=pairs_file(tmp_path, every, "one;two;w"))
    with refused("neighbours-missing"):
        find_places(TABLE.index, contiguity="hard")
    with refused("unknown-name", place="contiguity"):
        find_places(TABLE.index, neighbours=file, contiguity="firm")
    with refused("missing-file"):
        find_places(TABLE.index, neighbours=str(tmp_path / "none.csv"))
    assert find_places(TABLE.index) is None


def test_a_column_beside_the_pairs_is_named(tmp_path: Path) -> None:
    file = pairs_file(tmp_path, [(*pair, "2.5") for pair in PAIRS], "one;two;km")
    spots = find_places(TABLE.index, neighbours=file)
    assert spots is not None and len(spots.neighbours.pairs) == len(PAIRS)
    assert "Of pairs.csv only 'one' and 'two' are read, not 'km'." in spots.notes


def test_a_map_is_matched_by_name_and_drawn(tmp_path: Path) -> None:
    pytest.importorskip("geopandas")
    names = [*NAMES[::-1], "elsewhere"]
    spots = find_places(TABLE.index, map_file=squares(tmp_path, names), map_label="name")
    assert spots is not None and list(spots.neighbours.labels) == NAMES
    assert "elsewhere" in spots.notes[0] and spots.outlines is not None
    with refused("unmatched-names") as caught:
        find_places(TABLE.index, map_file=squares(tmp_path, ["R0", *NAMES[1:]]), map_label="name")
    assert caught.value.value == {"table": {"R00": "R0"}, "map": {"R0": "R00"}}


@pytest.mark.long("a report with a map", "hclustkit report --map --contiguity, whole", only=True)
def test_a_report_shows_the_map(tmp_path: Path) -> None:
    pytest.importorskip("geopandas")
    TABLE.rename_axis("name").to_csv(tmp_path / "table.csv")
    words = ["report", str(tmp_path / "table.csv"), "-k", "3", "-o", str(tmp_path / "out")]
    words += ["--map", squares(tmp_path, NAMES), "--map-label", "name", "--contiguity", "hard"]
    assert main(words) == 0
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Where they lie" in page and "Contiguous clusters" not in page.split("<style>")[0]
    written = pd.read_csv(tmp_path / "out" / "contiguous.csv")
    assert list(written.columns) == ["name", "cluster", "contiguous"]
    assert (tmp_path / "out" / "figures" / "map.svg").is_file()
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert results["places"]["neighbours"] == "queen"


def test_regions_over_one_another_are_named(tmp_path: Path) -> None:
    pytest.importorskip("geopandas")
    file = Path(squares(tmp_path, NAMES))
    spots = find_places(TABLE.index, map_file=str(file), map_label="name")
    assert spots is not None and not [note for note in spots.notes if "overlap" in note]
    content = json.loads(file.read_text())
    content["features"][1]["geometry"] = content["features"][0]["geometry"]
    file.write_text(json.dumps(content))
    spots = find_places(TABLE.index, map_file=str(file), map_label="name")
    assert spots is not None and "overlap on the map: R00 and R01." in spots.notes[0]
