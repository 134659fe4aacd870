"""Files are written completely or not at all, and not again when nothing changed."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hclustkit import files as io


def test_an_unchanged_file_is_not_touched(tmp_path: Path) -> None:
    path = io.write_text(tmp_path / "a" / "x.txt", "one\n")
    stamp = path.stat().st_mtime_ns
    io.write_text(path, "one\n")
    assert path.stat().st_mtime_ns == stamp
    io.write_text(path, "two\n")
    umask = os.umask(0o077)
    os.umask(umask)
    assert path.read_text() == "two\n" and path.stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = io.write_text(tmp_path / "x.txt", "old\n")

    def fail(self: Path, target: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        io.write_text(path, "new\n")
    assert path.read_text() == "old\n"
    assert [item.name for item in tmp_path.iterdir()] == ["x.txt"]


def test_csv_numbers_do_not_carry_noise(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [0.1 + 0.2, -0.0, np.nan, 1e-17], "n": [1, 2, 3, 4]})
    path = io.write_csv(tmp_path / "x.csv", frame)
    assert path.read_text() == "x,n\n0.3,1\n0.0,2\n,3\n1e-17,4\n"
    assert frame["x"].iloc[0] != 0.3


def test_a_label_that_is_a_pair_is_one_cell(tmp_path: Path) -> None:
    pairs = pd.Index([(1, 2), (3, 4)], name="pair", tupleize_cols=False)
    path = io.write_csv(tmp_path / "x.csv", pd.DataFrame({"a": [5, 6]}, index=pairs), index=True)
    assert path.read_text() == 'pair,a\n"(1, 2)",5\n"(3, 4)",6\n'


def test_json_is_plain(tmp_path: Path) -> None:
    content = {"b": np.float64(0.1 + 0.2), "a": [np.int64(3), float("nan")], 5: np.array([1.5])}
    path = io.write_json(tmp_path / "x.json", content)
    assert json.loads(path.read_text()) == {"b": 0.3, "a": [3, None], "5": [1.5]}
    assert list(json.loads(path.read_text())) == ["b", "a", "5"]


LIVE = ["=1+1", "+A1", "-P9", "@SUM(A1)", "\tx", "'quoted", "''=2", "plain", "-", ""]


def test_no_text_of_a_csv_is_a_formula_and_all_are_read_back(tmp_path: Path) -> None:
    frame = pd.DataFrame({"=head": LIVE, "value": np.arange(10.0) - 5}, index=LIVE)
    frame.index.name = "@label"
    path = io.write_csv(tmp_path / "t.csv", frame, index=True)
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.reader(stream):
            for text in (row[0], row[1]):
                assert not text.startswith(("=", "+", "-", "@", "\t", "\r")), row
    read = io.read_csv(path, index_col=0, keep_default_na=False)
    pd.testing.assert_frame_equal(read, frame)
