"""The table of corrections, ``docs/corrections.csv``: a test for each of its rows."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from kzclusters import paths
from kzclusters.wording import signed

CORRECTIONS = pd.read_csv(paths.ROOT / "docs" / "corrections.csv")
FINDINGS = {f"A{n}" for n in range(1, 11)}


def text(*names: str) -> str:
    """Read texts with every stretch of white space as one space."""
    return " ".join(
        " ".join((paths.ROOT / name).read_text(encoding="utf-8").split()) for name in names
    )


def found(name: str) -> Any:
    return json.loads((paths.PROCESSED / f"{name}.json").read_text(encoding="utf-8"))


def claims() -> pd.DataFrame:
    table = pd.read_csv(paths.RAW / "claims.csv", index_col="id", keep_default_na=False)
    decided = pd.read_csv(paths.PROCESSED / "claims.csv", index_col="id", keep_default_na=False)
    return table.join(decided[["verdict", "missing"]])


def evidence(claim: str, level: str) -> pd.DataFrame:
    rows = pd.read_csv(paths.PROCESSED / "claims_evidence.csv")
    year = found("results")["baseline"]["year"]
    return rows[(rows["claim"] == claim) & (rows["year"] == year) & (rows["level"] == level)]


PAPER = ("paper/paper.md", "paper/supplement.md")


def test_every_finding_has_a_row_and_every_row_a_test() -> None:
    assert {row.split(".")[0] for row in CORRECTIONS["id"]} == FINDINGS
    assert CORRECTIONS["id"].is_unique and not CORRECTIONS.isna().any(axis=None)
    assert set(CORRECTIONS["answer"]) <= {"done", "kept"}
    for name in CORRECTIONS["test"]:
        assert callable(globals()[name]), name
    for where in CORRECTIONS["where"]:
        assert (paths.ROOT / where.split()[0]).is_file(), where


def test_contiguous_groupings_are_listed() -> None:
    test, nulls = found("robustness")["permutation"]["contiguous"], found("setting")["nulls"]
    at = nulls["sets"]["contiguous"]
    assert (test["sampler"], test["draws"]) == ("every one", at["n"])
    assert test["mean"]["p"] == pytest.approx(at["reached"]["grid"] / at["n"], rel=1e-9)
    reached = test["max"]["p"] * at["n"]  # a share of the list, and not of draws
    assert reached == pytest.approx(round(reached), abs=1e-6)
    assert not at["contains_published"]
    assert "growing clusters" not in text(*PAPER)


def test_one_cluster_means_cannot_tell() -> None:
    power = found("setting")["gap_power"]
    for factor, recovered in power["recovered"].items():
        if recovered > 0.95:  # the clusters are there to be seen
            assert power["more_than_one"][factor] < 0.5
    words = text(*PAPER)
    assert "The votes and the gap say the same" not in words
    assert "cannot tell" in words


def test_researchers_miss_the_national_row_and_it_is_said() -> None:
    package = json.loads((paths.RAW / "datapackage.json").read_text(encoding="utf-8"))
    (entry,) = (r for r in package["resources"] if r["name"] == "researchers_per_million")
    (checked,) = (c for c in entry["checks_made"] if "Weighted by population" in c)
    rates = pd.read_csv(paths.RAW / entry["path"]).pivot(
        index="region", columns="year", values="value"
    )
    people = pd.read_csv(paths.RAW / "population_1_january.csv").pivot(
        index="region", columns="year", values="value"
    )
    for year in rates:
        weight = (people[year] + people[year + 1]).drop("KZ")
        mean = np.average(rates[year].drop("KZ"), weights=weight.loc[rates.index.drop("KZ")])
        gap = 100 * (mean / rates.loc["KZ", year] - 1)
        if abs(gap) > 0.04:
            assert f"{signed(gap, 1)}%" in checked, (year, gap)
    rules = yaml.safe_load(
        (paths.ROOT / "src/kzclusters/evidence/content_rules.yml").read_text(encoding="utf-8")
    )
    (case,) = (c for c in rules["regions-mean"]["cases"] if c["series"] == entry["name"])
    assert set(case["exceptions"]) == {"KZ 2013", "KZ 2014", "KZ 2015"}


def test_the_first_trial_is_reported() -> None:
    words = text(*PAPER, "README.md")
    assert not re.search(r"never tuned|fixed (by rule )?beforehand", words)
    assert "first trial" in text("paper/paper.md") and "first trial" in text("README.md")
    assert "first trial" in text("notebooks/04_robustness.ipynb")


def test_not_supported_does_not_mean_contradicted() -> None:
    captions = yaml.safe_load((paths.FIGURES / "manifest.yml").read_text(encoding="utf-8"))
    for entry in captions["figures"]:
        said = f"{entry['caption']} {entry['alt']}"
        assert not re.search(r"contradict the others", said), entry["name"]


def test_c29_hangs_on_the_reading() -> None:
    entry = found("setting")["hanging"]["C29"]
    assert entry["verdict"] == claims().loc["C29", "verdict"] == "not supported"
    assert {"n", "margin"} <= set(entry["others"])
    z = evidence("C29", "indicator")["statistic"].item()
    margin = found("results")["claims"]["z_margin"]
    assert 0 < margin - z < 0.01
    regions = len(pd.read_csv(paths.RAW / "regions.csv"))
    assert z * np.sqrt(regions / (regions - 1)) >= margin


def best_pair(values: pd.Series, cluster: str) -> float:
    """The mean z-score of the highest group of a cluster's size, in clusters of several."""
    published = pd.read_csv(paths.RAW / "published_clusters.csv", index_col="region")["cluster"]
    z = (values - values.mean()) / values.std()
    several = published.index[published.duplicated(keep=False)]
    return float(z[several].nlargest((published == cluster).sum()).mean())


def test_claims_that_no_group_could_meet_are_untestable() -> None:
    """C23: in every year even the densest pair of oblasts is not high."""
    row = claims().loc["C23"]
    assert row["verdict"] == "untestable" and row["missing"]
    people = pd.read_csv(paths.RAW / "population_1_january.csv").query("region != 'KZ'")
    people = people.pivot(index="region", columns="year", values="value")
    area = pd.read_csv(paths.RAW / "land_area.csv")
    area = area.pivot(index="region", columns="year", values="value")
    margin = found("results")["claims"]["z_margin"]
    for year in found("setting")["own"]["years"]:
        density = people[[year, year + 1]].mean(axis=1) / area[year]
        assert best_pair(density, "V") < margin


def test_c27_is_judged_in_every_year() -> None:
    """C27: some years show that a pair can be high, so that the others are findings."""
    wide = pd.read_csv(paths.PROCESSED / "indicators.csv").query("indicator == 'P2'")
    wide = wide[wide["variant"].isna()].pivot(index="region", columns="year", values="value")
    margin = found("results")["claims"]["z_margin"]
    reached = {year: best_pair(wide[year], "VI") >= margin for year in wide}
    assert any(reached.values()) and not reached[found("results")["baseline"]["year"]]
    rows = pd.read_csv(paths.PROCESSED / "claims_evidence.csv")
    rows = rows[(rows["claim"] == "C27") & (rows["level"] == "claim")].set_index("year")["verdict"]
    assert "untestable" not in set(rows)
    assert {year for year, verdict in rows.items() if verdict == "supported"} <= {
        year for year, can in reached.items() if can
    }
    assert {"margin", "log", "rank"} <= set(found("setting")["hanging"]["C27"]["others"])


def leaves(content: Any, path: str = "") -> dict[str, Any]:
    """Every value of the findings by its path."""
    if not isinstance(content, dict | list):
        return {path: content}
    steps = content.items() if isinstance(content, dict) else enumerate(content)
    return {k: v for s, part in steps for k, v in leaves(part, f"{path}.{s}".strip(".")).items()}


def test_every_number_that_changed_is_listed_with_its_cause() -> None:
    """All numbers of the findings before the report, beside those of now."""
    before = pd.read_csv(paths.ROOT / "tests" / "before_the_referee.csv", dtype=str)
    listed = pd.read_csv(paths.ROOT / "docs" / "changed_numbers.csv", dtype=str)
    assert not listed.isna().any(axis=None)
    now = {name: leaves(found(name)) for name in set(before["file"]) | set(listed["file"])}

    def same(old: str, new: Any) -> bool:
        return new == old if isinstance(new, str) else new == pytest.approx(float(old), rel=1e-9)

    changed = {
        (row.file, row.number): row.value
        for row in before.itertuples()
        if not same(row.value, now[row.file][row.number])
    }
    rows = listed.set_index(["file", "number"])
    assert {key: rows["old"][key] for key in changed} == changed
    for (file, number), row in rows.iterrows():
        assert same(row["new"], now[file][number]), number
        assert (file, number) in changed or file == "setting"
    known = {word for cause in listed["cause"] for word in re.findall(r"A\d+(?:\.C\d+)?", cause)}
    assert known <= set(CORRECTIONS["id"])


def test_concentration_rests_on_businesses() -> None:
    for claim in ("C09", "C14", "C18", "C38"):
        assert claims().loc[claim, "indicators"] == "P10 P11"
    judged = {entry["claim"] for entry in found("missing")["claims"]}
    assert judged == {"C09", "C14", "C18", "C38"}


def test_both_members_of_c25_are_below_the_nation() -> None:
    rows = evidence("C25", "member")
    assert len(rows) == 2 and (rows["value"] < rows["reference"]).all()
    share = rows.set_index("region").loc["KZ-KZY"]
    assert 0.9 < share["value"] / share["reference"] < 1 and share["rank"] == 8


def test_the_cities_are_nearest_to_each_other() -> None:
    first, second = (evidence(c, "claim")["statistic"].item() for c in ("C30", "C35"))
    assert first == pytest.approx(second, rel=1e-12)
    decided = pd.read_csv(paths.PROCESSED / "claims.csv", index_col="id")["evidence"]
    assert "is Almaty city" in decided["C30"] and "is Astana" in decided["C35"]


def test_personnel_is_researchers() -> None:
    assert claims().loc["C41", "indicators"] == "P3"


def test_the_p_of_a_border_is_the_share_of_pairs_with_one() -> None:
    n = len(pd.read_csv(paths.RAW / "regions.csv"))
    borders = len(pd.read_csv(paths.RAW / "neighbours.csv"))
    row = evidence("C11", "claim").iloc[0]
    assert row["p"] == pytest.approx(borders / (n * (n - 1) / 2))
    assert row["verdict"] == "supported"


def test_missed_and_merged_claims_are_there() -> None:
    table = claims()
    assert "industrialised" in table.loc["C05", "claim"] and "base" not in table.loc["C05", "claim"]
    assert "production potential" in table.loc["C47", "claim"]
    assert "innovative development" in table.loc["C48", "claim"]
    for word in ("scientific", "personnel", "financial", "density"):
        assert word in table.loc["C46", "claim"]


def test_faults_of_the_copy_are_not_counted() -> None:
    table = pd.read_csv(paths.RAW / "errata.csv", index_col="id")
    copy = table["basis"] == "copy read"
    assert {"E032", "E043", "E089"} <= set(table.index[copy])
    counted = found("results")["errata"]
    assert (counted["n"], counted["n_copy"]) == ((~copy).sum(), copy.sum())
    assert "Becattini" in table.loc["E104", "problem"] and "70th" in table.loc["E105", "says"]


def test_the_record_names_packages_with_their_versions() -> None:
    from kzclusters.publish.paper.material import Material
    from kzclusters.publish.paper.project import Project
    from kzclusters.publish.paper.tables.data import software_table

    (row,) = (r for r in software_table(Material(Project(paths.ROOT), None)) if r[0] == "typst")
    lock = (paths.ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert f"typst=={row[1]}" in lock and "package" in row[2]


def test_variance_shares_cite_dependent_inputs() -> None:
    words = text("packages/hclustkit/src/hclustkit/multiverse/shares.py")
    assert "Owen, A. B., & Prieur, C. (2017)" in words and "(2014)" not in words
    assert "@song2016" in text(*PAPER) and "@owen2017" in text(*PAPER)
