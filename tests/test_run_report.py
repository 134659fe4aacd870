"""The runner: the report on a table of your own, and the names that a run may have."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import run_cases
from hclustkit.errors import InputError
from run_cases import own_table

from kzclusters import paths
from kzclusters.run import __main__ as front
from kzclusters.run import own

same_environment = run_cases.same_environment
asked = run_cases.asked


@pytest.fixture
def quick(asked: dict, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """Nothing executed, next to nothing drawn or resampled."""
    from hclustkit.report import analysis, write
    from hclustkit.report.budget import Budget

    def few(n: int, *_: object, **__: object) -> Budget:
        return Budget(5, n, n, ("silhouette",), 0, 1, 1, crossed=False, linkages=False)

    monkeypatch.setattr(analysis, "budget", few)
    monkeypatch.setattr(write, "pictures", lambda _: iter(()))
    return asked


def test_a_table_of_your_own_gives_the_report_and_the_notebook(
    quick: dict, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = own_table(tmp_path / "область.csv")
    assert front.main(["table", "--", str(path), "-k3", "--drop=R08"]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    page = paths.ROOT / first if not Path(first).is_absolute() else Path(first)
    assert page.is_file() and page.parent.name.startswith("область-")
    assert "article" not in page.read_text(encoding="utf-8")
    given = quick["02_ward_clustering"]
    assert given["n_clusters"] == 3 and given["table_path"].endswith(
        f"{page.parent.name}/table.csv"
    )
    assert len((page.parent / "table.csv").read_text().splitlines()) == 8
    assert front.main(["table", "--", str(path), "-k3", "--drop=R08"]) == 1
    assert front.main(["table", "--overwrite", "--", str(path), "-k3", "--drop=R08"]) == 0


def test_what_the_notebook_does_not_know_leaves_the_report(
    quick: dict, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = own_table(tmp_path / "mine.csv")
    assert front.main(["table", "--name=m", "--", str(path), "-k3", "--distance=manhattan"]) == 0
    assert quick == {} and "notebook" in capsys.readouterr().err
    assert (paths.RUNS / "m" / "report.html").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--lable=x"], "--label"), (["-kmany"], "k is"), (["--linkage=wards"], "'ward'")],
)
def test_a_wrong_option_of_your_own_table_writes_nothing(
    quick: dict, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    path = own_table(tmp_path / "mine.csv")
    assert front.main(["table", "--", str(path), *words]) == 1
    assert said in capsys.readouterr().err and not paths.RUNS.exists() and quick == {}


@pytest.mark.parametrize(
    "name",
    ["../evil", "a/b", "", "\udcff", ".", "..", ".hidden", "a\\b", "a\nb", "x" * 201, "Қ" * 150],
)
def test_a_name_that_leads_elsewhere_is_refused(asked: dict, name: str) -> None:
    with pytest.raises(InputError) as caught:
        own.run_study({"year": 2014}, name)
    assert (caught.value.rule, caught.value.value) == ("run-name", name)
    assert asked == {} and not paths.RUNS.exists()


@pytest.mark.cases(2)
@pytest.mark.parametrize("name", ["my run 2", "область", "it's", "$(touch x)", "`a`;b"])
def test_a_name_is_taken_as_it_is(asked: dict, name: str) -> None:
    assert own.run_study({"year": 2014}, name).name == name
    assert (paths.RUNS / name / own.RECORD).is_file()


def test_assignments() -> None:
    read = own.assignments
    assert read(["year=2014", "indicators=P2, P12:manufacturing", "scaling=none"]) == {
        "year": 2014,
        "indicators": ["P2", "P12:manufacturing"],
        "scaling": "none",
    }
    assert read(["indicators=all"]) == {"indicators": "all"}
    assert read(["indicators=[per head, 2010]"]) == {"indicators": ["per head", "2010"]}
    assert read(["indicators=2010"]) == {"indicators": ["2010"]}
    assert read(["table_path=my #1: data.csv"]) == {"table_path": "my #1: data.csv"}
    # numbers to YAML only: 10, 8, 16 and 63
    for text in ("1_0", "010", "0x10", "1:3"):
        assert read([f"seed={text}"]) == {"seed": text}
    with pytest.raises(InputError) as caught:
        read(["year=2013", "year=2014"])
    assert (caught.value.place, caught.value.rule) == ("year", "duplicate")


def test_run_names() -> None:
    assert own.run_name({"year": 2014, "scaling": "rank"}) == "scaling-rank_year-2014"
    named = [
        own.run_name({"table_path": path, "n_clusters": 4})
        for path in ("a/область.csv", "b/область.csv", "a/область 1.csv")
    ]
    assert len(set(named)) == 3 and all("область" in name for name in named)
    assert own.run_name({"indicators": ["P2", "P12:x"]}) != own.run_name(
        {"indicators": ["P2", "P12", "x"]}
    )
    assert all(re.fullmatch(r"[\w.-]{1,90}", name) for name in named)
