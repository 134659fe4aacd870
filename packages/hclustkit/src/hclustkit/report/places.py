"""Where the rows of a table lie: its map, its neighbours, contiguous clusters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import squareform

from hclustkit.arguments import check_choice
from hclustkit.compare import adjusted_rand_index, renumber
from hclustkit.draw.maps import cluster_maps
from hclustkit.draw.style import aligned_styles
from hclustkit.errors import refusal
from hclustkit.report.clusters import Prepared
from hclustkit.report.pictures import Picture
from hclustkit.space.association import JoinCounts, join_counts, moran_table
from hclustkit.space.map_files import plain_name, read_map
from hclustkit.space.maps import Outlines, list_names, outlines, require
from hclustkit.space.polygons import neighbours_from_polygons
from hclustkit.space.soft import choose_alpha, mixing_table
from hclustkit.tables.cells import check_file, read_cells
from hclustkit.tables.layout import lay_out, text_of
from hclustkit.tables.numerals import parse
from hclustkit.tree.neighbours import Neighbours, name_parts, neighbours_from_pairs
from hclustkit.tree.tree import Tree

KINDS = ("hard", "soft")
DRAWS = 9_999
OVERLAP = 0.01
"""Regions with a larger share of the smaller one in common are named."""
SMALL = 500
"""Up to this many rows all random orders are drawn; above it a tenth of them."""


@dataclass(frozen=True, eq=False)
class Spots:
    """The rows on the map, as asked for.

    Attributes
    ----------
    neighbours : Neighbours
        In the order of the table.
    outlines : Outlines or None
    notes : list of str
        What a reader should know.
    contiguity : str or None
        One of `KINDS`.
    """

    neighbours: Neighbours
    outlines: Outlines | None
    notes: list[str]
    contiguity: str | None


@dataclass(frozen=True, eq=False)
class Places:
    """What a report says about where its rows lie.

    Attributes
    ----------
    spots : Spots
    moran : DataFrame
        See `hclustkit.space.moran_table`.
    joins : JoinCounts
        Pairs of neighbours that the clusters of the report keep together.
    contiguous : Series or None
        Contiguous clusters by label.
    sentences : list of str
    """

    spots: Spots
    moran: pd.DataFrame
    joins: JoinCounts
    contiguous: pd.Series[int] | None
    sentences: list[str]


def find_places(
    labels: pd.Index,
    *,
    map_file: str | None = None,
    map_label: str | None = None,
    neighbours: str | None = None,
    contiguity: str | None = None,
    repair: bool = False,
) -> Spots | None:
    """Read a map, a list of neighbours, or both, and match their names with the rows.

    Parameters
    ----------
    labels : Index
        Labels of the table.
    map_file, map_label, repair
        See `hclustkit.space.read_map`; neighbours are regions with a common point.
    neighbours : str, optional
        A file with two columns of labels, used in place of the borders of the map.
    contiguity : {"hard", "soft"}, optional

    Returns
    -------
    Spots or None
        None where nothing was asked for.

    Raises
    ------
    InputError
        A file breaks a rule, or a row of the table is not among its names.
    """
    if contiguity is not None:
        check_choice(contiguity, KINDS, "contiguity")
    if map_file is None and neighbours is None:
        if contiguity or map_label:
            text = "contiguity and map_label need a map or a file of neighbours"
            raise refusal(text, "contiguity", "neighbours-missing", contiguity)
        return None
    names = pd.Index(list(map(plain_name, labels)))
    notes, drawn, near = [], None, None
    if map_file is not None:
        shapes = read_map(map_file, map_label, repair=repair, labels=names)
        others, merged = shapes.attrs["others"], shapes.attrs["merged"]
        if others:
            notes.append(f"On the map only, and left out: {list_names(others)}.")
        if merged:
            notes.append(
                f"Of several shapes on the map, taken as one region: {list_names(merged)}."
            )
        shapes = shapes.loc[list(names)]
        drawn = outlines(shapes)
        notes += _overlaps(shapes)
        if neighbours is None:
            near = neighbours_from_polygons(shapes)
    if neighbours is not None:
        near = _read_neighbours(Path(neighbours), names, notes)
    assert near is not None
    if near.islands() or len(near.components()) > 1:
        notes.append(f"{name_parts(near)[0].upper()}{name_parts(near)[1:]}.")
    if neighbours is None and len(near.islands()) > near.n / 2:
        notes.append(
            "Most rows have no neighbour: where borders on the map leave gaps, a file of "
            "neighbours can say who is next to whom."
        )
    return Spots(near, drawn, notes, contiguity)


def _overlaps(shapes: Any) -> list[str]:
    """Name regions that lie over one another, as the same region under two names does."""
    shapely = require("shapely")
    array = np.asarray(shapes.geometry, dtype=object)
    one, two = shapely.STRtree(array).query(array, predicate="intersects")
    one, two = one[one < two], two[one < two]
    least = np.minimum(shapely.area(array[one]), shapely.area(array[two]))
    over = shapely.area(shapely.intersection(array[one], array[two])) > OVERLAP * least
    first, second = shapes.index[one[over]], shapes.index[two[over]]
    pairs = [f"{a} and {b}" for a, b in zip(first, second, strict=True)]
    more = f" and {len(pairs) - 10} more pairs" if pairs[10:] else ""
    return [f"Regions that overlap on the map: {'; '.join(pairs[:10])}{more}."] if pairs else []


def _read_neighbours(path: Path, names: pd.Index, notes: list[str]) -> Neighbours:
    """Read the first two columns of a file; its first line counts if it holds two labels."""
    check_file(path)
    rows, reading = read_cells(path, sheet=None, sep=None, encoding=None)
    grid = lay_out(rows, reading)
    columns = list(grid.columns.items())
    if len(columns) < 2:
        raise grid.fault("two columns of labels are needed", "pair", "neighbours")
    (one, first), (two, second), *others = columns
    zeros = [
        (at, x) for x, cells in others for at, cell in enumerate(cells) if parse(cell, ".") == 0
    ]
    if zeros:
        text = "pairs with 0 are not neighbours: keep the pairs of neighbours only"
        raise grid.fault(text, "pair-with-zero", grid.place(*zeros[0]), 0)
    if others:
        ignored = ", ".join(repr(name) for name, _ in others)
        notes.append(f"Of {path.name} only {one!r} and {two!r} are read, not {ignored}.")
    pairs = [(text_of(a).strip(), text_of(b).strip()) for a, b in zip(first, second, strict=True)]
    head = [(one, two)] if one in names and two in names else []
    return neighbours_from_pairs(
        head + [pair for pair in pairs if any(pair)], names, place=path.name
    )


def locate(spots: Spots, prepared: Prepared, clusters: pd.Series[int], k: int) -> Places:
    """Compute association and contiguous clusters.

    Parameters
    ----------
    spots : Spots
    prepared : Prepared
    clusters : Series
        The clusters of the report.
    k : int

    Returns
    -------
    Places
    """
    near = spots.neighbours
    draws, seed = DRAWS if near.n <= SMALL else DRAWS // 10, prepared.choices.seed
    table = prepared.table.select_dtypes("number").dropna(axis=1).set_axis(near.labels)
    if prepared.choices.distance == "precomputed" or not len(near.pairs):
        moran = pd.DataFrame(columns=["column", "weights", "objects", "value", "p"])
    else:
        moran = moran_table(table, near, draws=draws, seed=seed)
    joins = join_counts(clusters.to_numpy(), near, draws=draws, seed=seed)
    scattered = [str(key) for key, pieces in joins.pieces.items() if pieces > 1]
    said = [
        f"{near.n:,} rows, {joins.pairs:,} pairs of neighbours (rule: {near.rule}).",
        *spots.notes,
        f"The clusters keep {joins.same:,} pairs of neighbours together; {joins.expected:.1f} "
        f"would be expected by chance (p = {joins.p:.4f}, {draws:,} random orders).",
        f"Of several pieces: {', '.join(scattered)}." if scattered else "Each is one piece.",
    ]
    found = None
    if spots.contiguity:
        found, words = _contiguous(spots, prepared, k)
        found = renumber(clusters, found)
        ari = adjusted_rand_index(clusters, found)
        said += [words, f"Adjusted Rand index with the clusters of the report: {ari:.2f}."]
    return Places(spots, moran, joins, found, said)


def _contiguous(spots: Spots, prepared: Prepared, k: int) -> tuple[pd.Series[int], str]:
    near, method = spots.neighbours, str(prepared.choices.linkage)
    index = prepared.table.index
    if spots.contiguity == "soft":
        between = squareform(prepared.between(), checks=False)
        mixture = mixing_table(between, near.steps(), k, scale="inertia")
        alpha = choose_alpha(mixture.table)
        words = (
            f"Contiguity counts: the borders to cross between two rows are mixed with their "
            f"distance, Ward's method, with a share of {alpha:g} for space (the share at which "
            "the worse served of the two sides is served best)."
        )
        return pd.Series(mixture.partitions[alpha].to_numpy(), index=index), words
    least = len(near.components())
    given: Any = prepared.distances
    if given is None:
        assert prepared.scaled is not None
        tree = Tree.from_table(prepared.scaled.to_numpy(), method, connectivity=near)
    else:
        tree = Tree.from_table(given, method, metric="precomputed", connectivity=near)
    used = max(k, least)
    words = f"Only neighbours merge: {used} contiguous clusters."
    if used > k:
        words += f" There cannot be {k}, since the neighbours form {least} separate parts."
    inverted = len(tree.inversions())
    if inverted:
        words += f" {inverted} merges lie below one of their clusters; cuts go by their order."
    return pd.Series(tree.cut(used), index=index), words


def map_picture(places: Places, clusters: pd.Series[int]) -> Picture | None:
    """Draw the map of the clusters, and below it that of the contiguous ones."""
    shapes = places.spots.outlines
    if shapes is None:
        return None
    named = clusters.set_axis(places.spots.neighbours.labels)
    maps, looks = {"": named}, [None]
    data = named.rename("cluster").to_frame()
    if places.contiguous is not None:
        other = places.contiguous.set_axis(named.index)
        maps = {"The clusters": named, "Contiguous clusters": other}
        looks.append(aligned_styles(named, other))  # type: ignore[arg-type]
        data["contiguous"] = other
    figure = cluster_maps(shapes, maps, styles=looks, width=7.0)
    below = "; below it the contiguous clusters" if len(maps) > 1 else ""
    alt = f"Map of {len(named):,} regions, coloured and hatched by cluster{below}."
    return Picture("map", "Map", alt, figure, data.rename_axis("label").reset_index())
