"""The explorer: one file, no request, and in a real browser the numbers of the package.

Where there is no Chromium, the browser tests are left out, and the test run says so.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import explorer_pages
import hclustkit
import numpy as np
import pandas as pd
import pytest
from explorer_pages import (
    Open,
    as_fragment,
    blocks,
    fragment,
    random_specifications,
    results,
    year_table,
)
from hclustkit import Tree, compare, cut, standardize
from hclustkit.draw.style import aligned_styles, cluster_numbers, cluster_style
from hclustkit.errors import InputError
from hclustkit.files import write_csv
from hclustkit.report import ExplorerTexts, cluster_looks, explorer_content, explorer_page
from hclustkit.scaling import SCALINGS
from hclustkit.tables import read_table
from hclustkit.tree.geometry import dendrogram_geometry
from hclustkit.tree.linkage import LINKAGES, merges
from scale import scale

from kzclusters import paths
from kzclusters.evidence import article, indicators, sources
from kzclusters.publish.explorer import build

values = explorer_pages.values
file = explorer_pages.file
html = explorer_pages.html
open_page = explorer_pages.open_page

N_RANDOM = scale(100, 3000)


# ------------------------------------------------------------------------------ the file


def test_the_same_bytes_again_and_less_than_three_megabytes(file: Path, values: Path) -> None:
    again = build.build(file.with_name("again.html"), values)
    assert again.read_bytes() == file.read_bytes()
    assert len(file.read_bytes()) < 3_000_000


def test_the_policy_allows_the_two_blocks_and_nothing_else(html: str) -> None:
    policy = re.search(r'http-equiv="Content-Security-Policy" content="(.*?)"', html).group(1)
    found = blocks(html)

    def allowed(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    assert dict(part.split(" ", 1) for part in policy.split("; ")) == {
        "default-src": "'none'",
        "script-src": allowed(found["script"]),
        "style-src": allowed(found["style"]),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert not re.search(r'<[^>]+\sstyle="', html.replace(found["script"], ""))


def test_no_address_outside_the_file(html: str) -> None:
    """Only the namespace of SVG, which is a name and never loaded."""
    addresses = set(re.findall(r"(?:https?:)?//[\w-]+(?:\.[\w-]+)+[^\s\"'<)]*", html))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<(?:link|script|img|iframe|object)[^>]+(?:href|src)=\"(?!data:|#)", html)
    assert "@import" not in html and "url(" not in blocks(html)["style"]


def test_the_page_knows_what_the_package_knows(html: str, values: Path) -> None:
    data = json.loads(blocks(html)["data"])
    regions = sources.regions()
    assert [region["code"] for region in data["regions"]] == list(regions.index)
    published = article.published_clusters()
    numerals = data["published"]["numerals"]
    assert [numerals[c - 1] for c in data["published"]["membership"]] == list(
        published[regions.index]
    )
    assert [entry["code"] for entry in data["indicators"]] == list(indicators.registry())
    long = pd.read_csv(values).fillna({"variant": ""})
    for entry in data["indicators"]:
        for variant in entry["variants"]:
            rows = long[(long["indicator"] == entry["code"]) & (long["variant"] == variant["name"])]
            for year, group in rows.groupby("year"):
                if group["value"].notna().all():
                    assert variant["values"][str(year)] == group["value"].tolist()
                else:
                    assert str(year) not in variant["values"]
            assert set(variant["series"]) <= set(data["series"])


def test_a_missing_or_foreign_table_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=r"indicators\.csv: the file is missing; `make` builds it"):
        build.payload(tmp_path / "indicators.csv")
    (tmp_path / "indicators.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 1: the columns are region, year, indicator"):
        build.payload(tmp_path / "indicators.csv")
    monkeypatch.setattr(paths, "PROCESSED", tmp_path)
    assert build.main(["--out", str(tmp_path / "page.html")]) == 1
    assert capsys.readouterr().err.startswith("error: ")
    assert not (tmp_path / "page.html").exists()


# --------------------------------------------------------------------------- the browser

# The page's own path from the text of an address to the numbers. Text goes in and out: the
# driver is slow with long lists.
RUN = """(fragments) => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const speech = Texts(data.texts);
  const states = States(data, speech.t);
  const models = Models(data, states, Words(data, speech));
  return JSON.stringify(JSON.parse(fragments).map((fragment) => {
    const { state, problems } = states.parse(fragment);
    const { ids, scaled, tree, membership, schedule, geometry, ...model } = models.of(state);
    const { ari, vi, moves, fates, publishedLooks } = model;
    return {
      problems, ids, scaled, heights: tree.heights, pairs: tree.pairs, membership, schedule,
      order: geometry.order, links: geometry.links, ari, vi, moves, fates, publishedLooks,
    };
  }));
}"""

SCHEDULE = [
    "stage",
    "cluster_1",
    "cluster_2",
    "first_appears_1",
    "first_appears_2",
    "next_stage",
    "tie",
]


@pytest.mark.long("explorer choices", "the page computes the trees that the package computes")
def test_the_numbers_are_those_of_the_package(
    open_page: Open, values: Path, record_property: Callable[[str, object], None]
) -> None:
    """Random years, indicators, variants, scalings, linkages, cuts: trees to the last stage."""
    specifications = random_specifications(values, N_RANDOM)
    page = open_page()
    found = json.loads(page.evaluate(RUN, json.dumps([as_fragment(s) for s in specifications])))
    codes = list(sources.regions().index)
    published = article.published_clusters()[codes]
    rand = functools.cache(
        lambda membership: compare.adjusted_rand_index(published.to_numpy(), membership)
    )
    tied = 0
    for number, (given, here) in enumerate(zip(specifications, found, strict=True)):
        assert here["problems"] == [] and here["ids"] == given["indicators"]
        table = standardize(
            year_table(values, given["year"])[given["indicators"]], given["scaling"]
        )
        assert list(table.index) == codes
        same(here["scaled"], table.to_numpy(), given)
        Z, tie = merges(table.to_numpy(), given["linkage"])
        same(here["heights"], Z[:, 2], given)
        assert here["pairs"] == Z[:, :2].astype(int).tolist(), given
        schedule = Tree.from_table(table, given["linkage"]).schedule()
        for column in SCHEDULE:
            assert [row[column] for row in here["schedule"]] == schedule[column].tolist(), given
        same(
            [row["coefficient"] for row in here["schedule"]],
            schedule["coefficient"].to_numpy(),
            given,
        )
        membership = cut(Z, given["k"])
        assert here["membership"] == membership.tolist(), given
        assert abs(here["ari"] - rand(tuple(membership.tolist()))) < 1e-9
        if number % 2:
            geometry = dendrogram_geometry(Z, codes, given["axis"], given["linkage"])
            assert here["order"] == geometry.order.tolist()
            links = geometry.links.to_numpy()
            assert [link["x"] for link in here["links"]] == links[:, 3:7].tolist()
            same([link["y"] for link in here["links"]], links[:, 7:11], given)
        elif number % 16 == 0:
            compare_with_published(here, published, pd.Series(membership, codes))
        tied += tie.any()
    record_property("result", f"{N_RANDOM:,} choices, 0 differ, {tied:,} of them with ties")
    assert tied > N_RANDOM / 60


def same(here: Any, expected: np.ndarray, given: Any) -> None:
    """Equal to 1e-9, of each number and of the largest."""
    difference = np.abs(np.asarray(here, dtype=np.float64) - expected)
    assert (difference <= 1e-9 * np.abs(expected) + 1e-15 * np.abs(expected).max()).all(), given


def compare_with_published(
    here: dict[str, Any], published: pd.Series, membership: pd.Series
) -> None:
    codes = list(published.index)
    assert here["vi"] == pytest.approx(
        compare.variation_of_information(published, membership), abs=1e-9
    )
    assert here["moves"] == compare.minimum_moves(published, membership)
    looks = aligned_styles(membership, cluster_numbers(published))
    assert [cluster_style(look) for look in here["publishedLooks"]] == list(looks.values())
    fates = compare.best_match(published, membership)
    for numeral, fate in fates.iterrows():
        own = here["fates"][article.CLUSTERS.index(numeral)]
        assert own["relation"] == fate["relation"]
        assert own["clusters"] == sorted(fate["parts"])
        assert [codes[i] for i in own["company"]] == sorted(fate["joined_by"], key=codes.index)


def test_ties_and_tables_that_cannot_be_scaled(open_page: Open) -> None:
    """Small whole numbers: most trees hold ties, some tables cannot be scaled at all."""
    rng = np.random.default_rng(7)
    cases = []
    for _ in range(400):
        n, p = int(rng.integers(4, 20)), int(rng.integers(1, 4))  # no square tables
        cases.append(
            {
                "rows": rng.integers(0, 4, (n, p)).astype(float).tolist(),
                "scaling": str(rng.choice(SCALINGS)),
                "linkage": str(rng.choice(LINKAGES)),
            }
        )
    found = open_page().evaluate(
        """(cases) => JSON.stringify(JSON.parse(cases).map(({ rows, scaling, linkage }) => {
          try {
            const names = rows[0].map((_, j) => `x${j}`);
            const scaled = Compute.standardize(rows, scaling, names, rows.map((_, i) => `r${i}`));
            return Compute.mergeTree(scaled, linkage);
          } catch (error) {
            if (error instanceof Compute.InputProblem) return error.message;
            throw error;
          }
        }))""",
        json.dumps(cases),
    )
    refused = ties = 0
    for case, here in zip(cases, json.loads(found), strict=True):
        table = pd.DataFrame(case["rows"]).add_prefix("x")
        try:
            scaled = standardize(table, case["scaling"])
        except InputError:
            refused += 1
            assert isinstance(here, str) and "x" in here, case
            continue
        Z, tie = merges(scaled.to_numpy(), case["linkage"])
        assert here["pairs"] == Z[:, :2].astype(int).tolist(), case
        assert here["tie"] == tie.tolist(), case
        np.testing.assert_allclose(here["heights"], Z[:, 2], rtol=1e-9, atol=1e-9)
        ties += tie.any()
    assert refused > 20 and ties > 150


@pytest.mark.long("every case", "all cases of those tests of which a short run draws some")
def test_what_is_shown_is_what_was_computed(open_page: Open, values: Path) -> None:
    """The page read as a reader reads it, for a few of the random choices."""
    page = open_page()
    published = article.published_clusters()
    names = sources.regions()["name_en"]
    for given in random_specifications(values, scale(6, 15)):
        page.evaluate("(hash) => { location.hash = hash; }", as_fragment(given))
        page.wait_for_selector(f'#k-shown:text-is("{given["k"]}")')
        page.wait_for_function(
            "(y) => document.querySelector('input[name=year]:checked').value === String(y)",
            arg=given["year"],
        )
        raw = year_table(values, given["year"])[given["indicators"]]
        table = standardize(raw, given["scaling"])
        membership = pd.Series(
            cut(hclustkit.linkage(table, given["linkage"]), given["k"]), raw.index
        )
        for place in ("dendrogram", "map"):
            spoken = page.eval_on_selector_all(
                f'[data-place="{place}"]',
                "(all) => all.map((e) => [e.dataset.region, e.getAttribute('aria-label')])",
            )
            assert dict(spoken) == {
                code: f"{names[code]}, cluster {membership[code]} of {given['k']}, "
                f"in Figure 3 cluster {published[code]}"
                for code in raw.index
            }
        ari = compare.adjusted_rand_index(published[raw.index], membership)
        assert page.inner_text("#ari").split("\n")[0].replace(
            "−", "-"
        ) == f"{ari + 0.0:.3f}".replace("-0.000", "0.000")
        schedule = Tree.from_table(table, given["linkage"]).schedule()
        rows = page.eval_on_selector_all(
            "#schedule tr[data-stage]",
            "(all) => all.map((row) => [...row.children].map((cell) => cell.innerText))",
        )
        assert [int(row[1].split()[0]) for row in rows] == list(schedule["cluster_1"])
        assert [int(row[2].split()[0]) for row in rows] == list(schedule["cluster_2"])
        assert [int(row[-1].replace("–", "0")) for row in rows] == list(schedule["next_stage"])
        assert page.locator("#profile tbody tr").count() == raw.shape[1]
        assert page.locator("#profile thead th").count() == given["k"] + 1


def test_choices_change_the_picture_and_the_address(open_page: Open) -> None:
    page = open_page()
    before = results(page)

    def changed(act: Callable[[], Any], **expected: str) -> None:
        nonlocal before
        act()
        after = results(page)
        assert after != before
        before = after
        assert expected.items() <= fragment(page).items()

    changed(lambda: page.locator("#years label", has_text="2011").click(), year="2011")
    changed(lambda: page.select_option("#scaling", "rank"), scaling="rank")
    changed(lambda: page.select_option("#linkage", "complete"), linkage="complete")
    changed(lambda: page.locator("#k").press("ArrowRight"), k="9")
    changed(lambda: page.check("#figure3"), figure3="1")
    assert page.locator("#published svg").is_visible()
    changed(lambda: page.uncheck("#in-P2"), indicators="P3,P4,P5,P6,P7,P9,P12,P13,P14")
    changed(
        lambda: page.check("#in-P12-manufacturing"),
        indicators="P3,P4,P5,P6,P7,P9,P12,P12:manufacturing,P13,P14",
    )
    changed(lambda: page.select_option("#linkage", "ward"), linkage="ward")
    changed(lambda: page.select_option("#axis", "increment"), axis="increment")
    changed(lambda: page.select_option("#linkage", "median"), axis="cumulative")
    changed(
        lambda: page.click("#baseline"),
        year="2013",
        linkage="ward",
        k="8",
        indicators="all",
        figure3="0",
    )
    # no indicator: a sentence instead of pictures, and back
    page.click("#none")
    assert page.inner_text("#problem") == "Choose at least one indicator."
    assert page.locator("#results").is_hidden() and page.locator("#save-svg").is_disabled()
    page.click("#all")
    assert results(page) == before


def test_indicators_without_data_say_why_and_work_when_data_arrive(
    open_page: Open, values: Path, tmp_path: Path
) -> None:
    page = open_page("#year=2010")
    for code in ("P1", "P8", "P10", "P11"):
        assert page.is_disabled(f"#in-{code}")
        reason = page.inner_text(f"#in-{code}-under")
        assert indicators.registry()[code].missing in reason
    long = pd.read_csv(values).fillna({"variant": ""})
    arrived = (long["indicator"] == "P1") & (long["year"] == 2010)
    long.loc[arrived, "value"] = np.linspace(0.5, 30, 16)
    partly = (long["indicator"] == "P10") & (long["year"] == 2010) & (long["region"] != "KZ-AKT")
    long.loc[partly, "value"] = 1.0
    new = build.build(tmp_path / "explorer.html", write_csv(tmp_path / "indicators.csv", long))
    other = open_page("#year=2010", path=new)
    assert other.is_checked("#in-P1") and other.is_enabled("#in-P1")
    assert other.inner_text("#in-P10-under") == "no number for Aktobe in 2010"
    assert "P1 Patents" in other.inner_text("#profile")


def test_pointing_at_a_region_shows_values_and_sources(open_page: Open, values: Path) -> None:
    page = open_page()
    page.hover('[data-place="map"][data-region="KZ-PAV"]')
    tip = page.inner_text("#tip")
    row = sources.regions().loc["KZ-PAV"]
    assert tip.split("\n")[:3] == [row["name_en"], row["name_kk"], row["name_ru"]]
    shown = page.inner_text("#inspector")
    assert all(row[name] in shown for name in ("name_en", "name_kk", "name_ru", "centre"))
    table = read_table(values, year=2013, columns="all")
    z = standardize(table)
    rows = page.eval_on_selector_all(
        "#region-body tbody tr",
        "(all) => all.map((e) => [...e.querySelectorAll('b, td')].map((cell) => cell.innerText))",
    )
    assert [cells[0] for cells in rows] == list(table.columns)
    for code, value, score in rows:
        assert float(value.replace("\u202f", "")) == pytest.approx(
            table.at["KZ-PAV", code], abs=0.5, rel=5e-3
        )
        assert float(score.replace("−", "-")) == pytest.approx(z.at["KZ-PAV", code], abs=0.0051)
    used = {name for code in table.columns for name in indicators.registry()[code].main.series}
    for resource in sources.resources():
        if resource["name"] in used:
            assert resource["title"] in shown and resource["official_table"] in shown
            assert resource["publisher"] in shown
    assert page.locator("#region-body .sources li").count() == len(used)
    page.mouse.move(5, 5)
    assert page.locator("#tip").is_hidden() and "Pavlodar, " in page.inner_text("#region-body")
    # a merge: its stage, and its row
    page.locator('#tree .hit[data-stage="12"]').dispatch_event("pointerover")
    assert "Stage 12" in page.inner_text("#tip")
    assert page.get_attribute("#schedule tr.lit", "data-stage") == "12"


def test_number_and_pattern_besides_colour(open_page: Open) -> None:
    page = open_page("#k=16")
    fills = page.eval_on_selector_all(
        '#map .region path[fill^="url"]', "(all) => all.map((e) => e.getAttribute('fill'))"
    )
    assert len(set(fills)) == 16
    looks = page.eval_on_selector_all("#looks pattern", "(all) => all.map((e) => e.innerHTML)")
    assert len(set(looks)) == len(looks) == len(cluster_looks())
    # every hatch of the package has its strokes in the page
    plain = [not cluster_style(number + 1).hatch for number in range(len(cluster_looks()))]
    assert ["<path" not in look for look in looks] == plain
    numbers = page.eval_on_selector_all(
        "#map .region text:first-of-type", "(all) => all.map((e) => e.textContent)"
    )
    assert sorted(map(int, numbers)) == list(range(1, 17))


@pytest.mark.parametrize("with_reference", [False, True])
def test_any_table_has_a_page(browser: Any, tmp_path: Path, with_reference: bool) -> None:
    """Without a study: no map of its own, one year, a reference or none."""
    rng = np.random.default_rng(4)
    names = [f"person {i}" for i in range(7)]
    table = pd.DataFrame(rng.normal(size=(7, 3)), index=names, columns=["age", "income", "rent"])
    reference = pd.Series(list("aabbccc"), index=names) if with_reference else None
    content = explorer_content(table, reference=reference, units={"rent": "euro"}, k=3)
    texts = ExplorerTexts("Seven people", case="person", cases="persons")
    path = tmp_path / "any.html"
    path.write_text(explorer_page(content, texts), encoding="utf-8")
    html = path.read_text(encoding="utf-8")
    for word in ("Kazakh", "Figure 3", "oblast"):
        assert word.lower() not in html.lower().replace('"figure3', "").replace("figure3", "")
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_selector("#tree svg")
    assert page.inner_text("#summary").startswith(
        "z-scores, Ward's method, 3 variables, 3 clusters"
    )
    shown = page.is_visible("#agreement-title"), page.is_visible("#figure3")
    assert shown == (with_reference, with_reference)
    tree = hclustkit.linkage(standardize(table))
    expected = Tree.from_table(standardize(table)).schedule()["coefficient"].iloc[-1]
    assert f"{expected:.3f}" in page.inner_text("#schedule") and len(tree) == 6
    page.select_option("#region", "person 4")
    assert "person 4" in page.inner_text("#region-body") and "euro" in page.inner_text("#profile")
    page.close()
    assert errors == []
