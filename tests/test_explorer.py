"""The explorer: one file, no request, and in a real browser the numbers of the package.

Where there is no Chromium, the browser tests are left out, and the test run says so.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import itertools
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import unquote

import hclustkit
import numpy as np
import pandas as pd
import pytest
from hclustkit import Tree, compare, cut, standardize
from hclustkit.draw.style import aligned_styles, cluster_numbers, cluster_style
from hclustkit.errors import InputError
from hclustkit.files import write_csv
from hclustkit.report import ExplorerTexts, cluster_looks, explorer_content, explorer_page
from hclustkit.scaling import SCALINGS
from hclustkit.tables import read_table
from hclustkit.tree.geometry import AXES, dendrogram_geometry
from hclustkit.tree.linkage import LINKAGES, merges
from PIL import Image
from scale import scale

from kzclusters import paths
from kzclusters import wording as words
from kzclusters.analysis.results import profile
from kzclusters.evidence import article, indicators, sources
from kzclusters.publish import texts
from kzclusters.publish.explorer import build

YEARS = range(2010, 2016)
N_RANDOM = scale(100, 3000)
DESKTOP = {"width": 1440, "height": 900}
TELEPHONE = {"width": 360, "height": 740}
LAPTOP = {"width": 1280, "height": 900}
TABLET = {"width": 820, "height": 1000}
HANDSET = {"width": 390, "height": 844}


# ------------------------------------------------------------------------------ the file


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The long table of indicators, written as the notebook writes it."""
    path = tmp_path_factory.mktemp("explorer") / "indicators.csv"
    return write_csv(path, indicators.build(sources.series(), YEARS))


@pytest.fixture(scope="module")
def file(values: Path) -> Path:
    return build.build(values.with_name("explorer.html"), values)


@pytest.fixture(scope="module")
def html(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def blocks(html: str) -> dict[str, str]:
    """The inline style, data and program of the page."""
    return {
        "style": re.search(r"<style>(.*?)</style>", html, re.DOTALL).group(1),
        "data": re.search(
            r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL
        ).group(1),
        "script": re.search(r"<script>(.*?)</script>", html, re.DOTALL).group(1),
    }


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


Open = Callable[..., Any]


@pytest.fixture
def open_page(browser: Any, file: Path) -> Iterator[Open]:
    """Opens the page from the disk with the network off; afterwards: no request, no error."""
    contexts, requests, errors = [], [], []

    def opened(
        fragment: str = "", *, path: Path = file, viewport: dict[str, int] = DESKTOP, **options: Any
    ) -> Any:
        context = browser.new_context(viewport=viewport, offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda message: (
                errors.append(message.text) if message.type in ("error", "warning") else None
            ),
        )
        page.goto(path.as_uri() + fragment)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []
    # pictures on their way to a PNG are data inside the page
    outside = [url for url in requests if not url.startswith(("data:", "blob:"))]
    assert all(
        url.startswith("file:///") and url.split("#")[0].endswith(".html") for url in outside
    ), outside
    assert len(outside) <= len(contexts) + sum("#" in url for url in outside)


def fragment(page: Any) -> dict[str, str]:
    text = unquote(page.evaluate("location.hash")).removeprefix("#")
    return dict(part.split("=", 1) for part in text.split("&") if part)


def results(page: Any) -> str:
    """The pictures and tables, without what the focus, the width and the view before leave."""
    left = (
        r' (?:tabindex|data-left|data-right|fill|stroke)="[^"]*"|<path [^>]*class="moved"></path>'
    )
    return re.sub(left, "", page.inner_html("#results"))


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


@functools.cache
def year_table(path: Path, year: int) -> pd.DataFrame:
    """All main indicators and variants that have data, read as the notebooks read them."""
    long = pd.read_csv(path).fillna({"variant": ""}).query("year == @year")
    names = long["indicator"] + np.where(long["variant"] == "", "", ":" + long["variant"])
    complete = long["value"].notna().groupby(names, sort=False).all()
    columns = list(complete.index[complete])
    return read_table(path, year=year, columns=columns)


def random_specifications(path: Path, count: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(20131231)
    found = []
    for _ in range(count):
        year = int(rng.integers(YEARS.start, YEARS.stop))
        there = list(year_table(path, year).columns)
        size = int(rng.integers(1, len(there) + 1))
        chosen = set(rng.choice(there, size, replace=False))
        linkage = str(rng.choice(LINKAGES))
        axes = [axis for axis in AXES if axis != "increment" or linkage == "ward"]
        found.append(
            {
                "year": year,
                "scaling": str(rng.choice(SCALINGS)),
                "linkage": linkage,
                "k": int(rng.integers(1, 17)),
                "indicators": [column for column in there if column in chosen],
                "axis": str(rng.choice(axes)),
            }
        )
    return found


def as_fragment(specification: dict[str, Any]) -> str:
    given = {**specification, "indicators": ",".join(specification["indicators"])}
    return "#" + "&".join(f"{key}={value}" for key, value in given.items())


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


def test_the_address_carries_the_whole_state(open_page: Open) -> None:
    page = open_page()
    page.locator("#years label", has_text="2014").click()
    page.select_option("#scaling", "log-zscore")
    page.select_option("#linkage", "average")
    page.locator("#k").fill("5")
    page.check("#figure3")
    page.uncheck("#in-P9")
    page.locator('[data-place="map"][data-region="KZ-ATY"]').click()
    page.click("#theme")
    page.mouse.move(5, 5)
    address = page.evaluate("location.hash")
    other = open_page(address)
    assert other.evaluate("location.hash") == address
    assert results(other) == results(page)
    assert other.inner_text("#inspector") == page.inner_text("#inspector")
    assert (
        other.get_attribute("html", "data-theme")
        == page.get_attribute("html", "data-theme")
        == "dark"
    )
    assert not other.is_checked("#in-P9") and other.is_checked("#in-P8")
    # a year without P8: named, left out, and back with its year
    other.evaluate("location.hash = location.hash.replace('2014', '2012')")
    other.wait_for_selector("#notice:not([hidden])")
    assert other.inner_text("#notice p") == "P8 has no data in 2012 and takes no part."
    other.locator("#years label", has_text="2014").click()
    assert other.locator("#notice").is_hidden() and results(other) == results(page)


BAD_ADDRESSES = {
    "#year=1999": "“1999” is not a value of year; 2013 is used.",
    "#k=0&linkage=ward": "“0” is not a value of k; 8 is used.",
    "#k=8.5": "“8.5” is not a value of k; 8 is used.",
    "#linkage=constructor": "“constructor” is not a value of linkage; ward is used.",
    "#indicators=P2,P99": "There is no indicator “P99”; left out.",
    "#indicators=P99,P2,P98": "There are no indicators “P99”, “P98”; left out.",
    "#indicators=all,P99": "There is no indicator “P99”; left out.",
    "#theme=blue": "“blue” is not a value of theme; that of the system is used.",
    "#figure3=yes": "“yes” is not a value of figure3; 0 is used.",
    "#indicators=,,": "No known indicator was named; all with data take part.",
    "#year=2014&year=2015": "“year” is given twice; the first counts.",
    "#__proto__=1": "“__proto__” is not known and was left out.",
    "#scaling=%E0%A4%A": "“%E0%A4%A” is not a value of scaling; zscore is used.",
    "#region=<img src=x>": "“<img src=x>” is not a value of region; none is used.",
    "#linkage=single&axis=increment": (
        "The increment axis is defined for Ward only; the cumulative one is used."
    ),
    "#" + "x" * 5000: "“" + "x" * 60 + "” is not known and was left out.",
}


def test_a_bad_address_is_named_and_the_page_works(open_page: Open) -> None:
    page = open_page("#year=&k=&=&&==")
    for bad, said in BAD_ADDRESSES.items():
        page.evaluate("(hash) => { location.hash = hash; }", bad)
        page.wait_for_selector(f'#notice p:text-is("{said}")')
        assert page.locator("#tree svg").is_visible() and page.locator("#notice img").count() == 0
        # the address says again what is shown
        assert fragment(page)["k"] == "8"
    page.click("#dismiss")
    assert page.locator("#notice").is_hidden()
    other = open_page("#k=99")
    assert BAD_ADDRESSES["#k=0&linkage=ward"].replace("0", "99", 1) in other.inner_text("#notice")


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


def downloaded(page: Any, button: str) -> tuple[str, bytes]:
    with page.expect_download() as waiting:
        page.click(button)
    download = waiting.value
    return download.suggested_filename, Path(download.path()).read_bytes()


def test_a_view_is_saved(open_page: Open, values: Path) -> None:
    page = open_page("#figure3=1&k=7", accept_downloads=True)
    name, content = downloaded(page, "#save-svg")
    assert name == "kazakhstan-regions-2013-zscore-ward-k7-all-figure3.svg"
    svg = ElementTree.fromstring(content)
    texts = [element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")]
    for expected in (
        "Regions of Kazakhstan in 7 clusters",
        "VIII",
        "7 clusters",
        "Figure 3 as published",
        "Dendrogram, axis: coefficient, rescaled 0 to 25",
    ):
        assert expected in texts
    assert texts.count("Pavlodar") == 3  # dendrogram, map, published map
    references = set(re.findall(r"url\(#([\w-]+)\)", content.decode()))
    assert references <= {element.get("id") for element in svg.iter()} - {None}
    assert not re.search(r"(?:href|tabindex|role=\"button)", content.decode())
    name, content = downloaded(page, "#save-png")
    assert name.endswith(".png") and content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == tuple(round(2 * float(svg.get(side))) for side in ("width", "height"))
    assert len(content) > 50_000

    table = read_table(values, year=2013, columns="all")
    scaled = standardize(table)
    membership = pd.Series(cut(hclustkit.linkage(scaled), 7), table.index)
    names = sources.regions()

    def csv(button: str) -> pd.DataFrame:
        name, content = downloaded(page, button)
        assert name.startswith("kazakhstan-regions-2013-zscore-ward-k7-all-")
        assert name.endswith(".csv") and content.startswith("\ufeff".encode())
        return pd.read_csv(io.BytesIO(content))

    def without_choices(frame: pd.DataFrame) -> pd.DataFrame:
        chosen = ["year", "scaling", "linkage", "n_clusters", "indicators"]
        assert list(frame.columns[-5:]) == chosen
        rows = frame[chosen].drop_duplicates().to_numpy().tolist()
        assert rows == [[2013, "zscore", "ward", 7, " ".join(table.columns)]]
        return frame.drop(columns=chosen)

    regions = without_choices(csv("#save-csv")).set_index("region")
    assert list(regions.index) == list(table.index)
    assert list(regions["cluster"]) == list(membership)
    assert list(regions["name_kk"]) == list(names["name_kk"])
    assert list(regions["published_cluster"]) == list(article.published_clusters()[table.index])
    np.testing.assert_allclose(regions[table.columns], table, rtol=1e-11)
    pd.testing.assert_frame_equal(
        without_choices(csv("#csv-schedule")),
        Tree.from_table(scaled).schedule(),
        check_dtype=False,
        check_index_type=False,
        rtol=1e-9,
    )
    saved = without_choices(csv("#csv-profile"))
    expected = profile(table, scaled, membership)
    order = expected.sort_values("cluster", kind="stable")
    assert list(saved["indicator"]) == list(order["indicator"])
    assert list(saved["cluster"]) == list(order["cluster"])
    np.testing.assert_allclose(
        saved[["mean", "mean_z"]], order[["mean", "z"]], rtol=1e-9, atol=1e-12
    )
    measures = csv("#csv-agreement").set_index("measure")["value"]
    ari = compare.adjusted_rand_index(article.published_clusters()[table.index], membership)
    assert float(measures["adjusted Rand index"]) == pytest.approx(ari, rel=1e-9)
    assert measures["indicators"] == " ".join(table.columns)
    page.select_option("#language", "kk")  # what a program reads is in English
    assert csv("#csv-agreement").set_index("measure")["value"].equals(measures)
    fates = compare.best_match(article.published_clusters()[table.index], membership)
    for numeral, fate in fates.iterrows():
        said, *company = measures[f"published cluster {numeral}"].split(" + ")
        assert said == f"{fate['relation']}: {' '.join(map(str, sorted(fate['parts'])))}"
        assert sorted(company) == sorted(fate["joined_by"])


# ------------------------------------------------------------------- everyone, everywhere


def test_by_keyboard_alone(open_page: Open) -> None:
    page = open_page()
    press = page.keyboard.press

    def focused(expression: str) -> Any:
        return page.evaluate(
            f"(() => {{ const e = document.activeElement; return {expression}; }})()"
        )

    press("Tab")
    assert focused("e.id") == "skip"
    press("Enter")
    assert focused("e.id") == "main" and page.evaluate("location.hash") == ""
    page.keyboard.press("Shift+Tab")
    visited = []
    page.evaluate("document.activeElement.blur(); document.getElementById('skip').focus()")
    for _ in range(80):
        press("Tab")
        visited.append(
            focused(
                "e.dataset.place || e.id || e.tagName + (e.getAttribute('aria-labelledby') || '')"
            )
        )
    for needed in (
        *("theme", "scaling", "linkage", "k", "figure3", "in-P2", "save-svg", "save-png", "copy"),
        *(
            "axis",
            "drawn",
            "dendrogram",
            "merges",
            "cut",
            "map",
            "csv-schedule",
            "region",
            "region-body",
        ),
    ):
        assert needed in visited, needed
    # years are one group of radio buttons; its arrows choose
    page.focus("#years input:checked")
    press("ArrowRight")
    assert fragment(page)["year"] == "2014"
    # the cut line
    page.focus('[data-place="cut"]')
    press("ArrowLeft")
    assert (
        fragment(page)["k"] == "9" and focused("e.getAttribute('aria-valuetext')") == "9 clusters"
    )
    press("ArrowRight")
    press("ArrowRight")
    assert fragment(page)["k"] == "7" and focused("e.dataset.place") == "cut"
    press("Home")
    assert fragment(page)["k"] == "16"
    press("End")
    assert fragment(page)["k"] == "1"
    # a map: arrows go where they point, Enter keeps, Escape lets go
    page.select_option("#drawn", "tiles")
    assert fragment(page)["map"] == "tiles"
    page.locator('[data-place="map"][tabindex="0"]').focus()
    places = []
    for key in (
        "ArrowDown",
        "ArrowRight",
        "ArrowRight",
        "ArrowDown",
        "ArrowLeft",
        "ArrowUp",
        "Home",
        "End",
    ):
        press(key)
        places.append(focused("e.dataset.region"))
    assert places == [
        "KZ-AKM",
        "KZ-AST",
        "KZ-PAV",
        "KZ-VOS",
        "KZ-KAR",
        "KZ-AKM",
        "KZ-SEV",
        "KZ-ALA",
    ]
    assert page.inner_text("#region-body h3") == "Almaty city"
    assert page.locator("#tip").is_visible()
    press("Enter")
    assert fragment(page)["region"] == "KZ-ALA" and focused("e.dataset.region") == "KZ-ALA"
    assert "Almaty city is kept in view" in page.inner_text("#done")
    press("Escape")
    assert "region" not in fragment(page) and focused("e.dataset.region") == "KZ-ALA"
    page.locator('[data-place="dendrogram"][tabindex="0"]').focus()
    press("End")
    assert focused("e.dataset.order") == "15"
    press(" ")
    assert page.input_value("#region") == focused("e.dataset.region")


def test_the_cut_line_can_be_dragged(open_page: Open) -> None:
    page = open_page()
    box = page.locator('[data-place="cut"] .ring').bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100)
    page.mouse.down()
    plot = page.locator("#tree svg").bounding_box()
    page.mouse.move(plot["x"] + plot["width"] - 60, box["y"] + 100, steps=5)
    page.mouse.up()
    assert fragment(page)["k"] == "2"


@pytest.mark.cases(2)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, TELEPHONE], ids=["desktop", "telephone"])
def test_axe_finds_no_violation(open_page: Open, scheme: str, viewport: dict[str, int]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(
        "#figure3=1&year=2012&indicators=P2,P8,P12:manufacturing&region=KZ-AST&scaling=rank",
        viewport=viewport,
        color_scheme=scheme,
    )
    assert page.get_attribute("html", "data-theme") == scheme
    page.eval_on_selector_all("details", "(all) => all.forEach((e) => (e.open = true))")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    # nothing is wider than the screen
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_on_a_telephone_a_tap_brings_the_values(open_page: Open) -> None:
    page = open_page("", viewport=TELEPHONE, has_touch=True, is_mobile=True)
    assert page.locator("#inspector").is_hidden()
    page.tap('[data-place="map"][data-region="KZ-YUZ"]')
    assert page.inner_text("#region-body h3") == "South Kazakhstan"
    page.tap("#close")
    assert page.locator("#inspector").is_hidden()
    small = page.evaluate("""() => {
      const side = ({ width, height }) => Math.min(width, height);
      return [...document.querySelectorAll("button, select, summary, .segments label, .region")]
        .filter((e) => e.checkVisibility() && side(e.getBoundingClientRect()) < 24)
        .map((e) => e.outerHTML.slice(0, 80));
    }""")
    assert small == []


def test_dark_by_the_system_or_by_hand(open_page: Open) -> None:
    page = open_page(color_scheme="dark")
    assert page.get_attribute("html", "data-theme") == "dark"
    ink = page.evaluate("getComputedStyle(document.body).color")
    page.click("#theme")
    assert (
        page.get_attribute("html", "data-theme") == "light" and fragment(page)["theme"] == "light"
    )
    assert page.evaluate("getComputedStyle(document.body).color") != ink
    other = open_page(color_scheme="light")
    other.emulate_media(color_scheme="dark")
    other.wait_for_selector("html[data-theme=dark]")


@pytest.mark.long("every case", "all cases of those tests of which a short run draws some")
def test_time_from_choice_to_picture(open_page: Open) -> None:
    """Measured and printed, not judged: a busy machine says nothing about the page."""
    page = open_page("#figure3=1")
    times = page.evaluate(
        """async (count) => {
      const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      const choose = (id, value) => {
        const field = document.getElementById(id);
        field.value = value;
        field.dispatchEvent(new Event(id === "k" ? "input" : "change", { bubbles: true }));
      };
      const times = [];
      const linkages = [...document.getElementById("linkage").options].map((o) => o.value);
      for (let i = 0; i < count; i += 1) {
        await frame();
        const start = performance.now();
        if (i % 2) choose("linkage", linkages[i % linkages.length]);
        else choose("k", 2 + (i % 14));
        await frame();
        times.push(performance.now() - start);
      }
      return times;
    }""",
        count := scale(6, 24),
    )
    assert len(times) == count
    middle, slowest = median(times), max(times)
    print(f"\nfrom a choice to its picture: median {middle:.0f} ms, slowest {slowest:.0f} ms")


# ------------------------------------------------------------------------- touch and pointer


def box(page: Any, selector: str) -> dict[str, float]:
    return page.locator(selector).first.bounding_box()


def active(page: Any, expression: str) -> Any:
    """An expression over ``e``, the element that has the focus."""
    return page.evaluate(f"(() => {{ const e = document.activeElement; return {expression}; }})()")


def settled(page: Any) -> None:
    """Wait until a smooth scroll has come to rest."""
    page.evaluate("""async () => {
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      for (let still = 0, last = -1; still < 5; ) {
        await frame();
        still = scrollY === last ? still + 1 : 0;
        last = scrollY;
      }
    }""")


def test_the_cut_line_follows_a_finger(open_page: Open) -> None:
    page = open_page("", viewport=HANDSET, has_touch=True, is_mobile=True)
    page.locator("#tree").scroll_into_view_if_needed()
    settled(page)
    page.evaluate("""() => {
      window.cancelled = 0;
      addEventListener("pointercancel", () => (window.cancelled += 1), true);
    }""")
    line = box(page, '[data-place="cut"] .ring')
    plot = box(page, "#tree svg")
    x, y = line["x"] + line["width"] / 2, line["y"] + 60
    end = plot["x"] + plot["width"] - 30
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": x, "y": y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    touch("touchStart", (x, y))
    for step in range(1, 13):
        touch("touchMove", (x + (end - x) * step / 12, y))
    touch("touchEnd")
    assert page.evaluate("window.cancelled") == 0
    assert fragment(page)["k"] == "2"


def test_a_merge_is_described_to_finger_and_keyboard(open_page: Open) -> None:
    page = open_page("", viewport=HANDSET, has_touch=True, is_mobile=True)
    page.locator("#tree").scroll_into_view_if_needed()
    page.locator('#tree .hit[data-stage="14"]').dispatch_event("click")
    assert "Stage 14" in page.inner_text("#tip") and page.locator("#tip").is_visible()
    lit = '#schedule tr.lit, #tree [data-branch="14"].lit'
    assert page.locator(lit).count() == 2
    page.tap('#schedule tr[data-stage="12"] th')
    assert page.locator('#tree [data-branch="12"].lit').count() == 1
    page.tap("#profile-title")
    assert page.locator(".lit").count() == 0

    page = open_page()
    page.locator('[data-place="merges"][tabindex="0"]').focus()
    page.keyboard.press("End")
    assert active(page, "e.dataset.stage") == "15"
    page.keyboard.press("ArrowLeft")
    assert active(page, "e.getAttribute('aria-label')").startswith("Stage 14: Atyrau and those")
    assert "Stage 14" in page.inner_text("#tip")
    page.keyboard.press("Enter")
    assert active(page, "e.getAttribute('aria-pressed')") == "true"
    page.locator("#k").press("ArrowRight")
    assert page.get_attribute("#schedule tr.lit", "data-stage") == "14"
    page.keyboard.press("Escape")
    assert page.locator(".lit").count() == 0


@pytest.mark.cases(1)
@pytest.mark.parametrize("viewport", [HANDSET, TABLET, LAPTOP], ids=["390", "820", "1280"])
def test_the_tip_is_beside_its_region(open_page: Open, viewport: dict[str, int]) -> None:
    page = open_page("#figure3=1", viewport=viewport)

    def beside() -> None:
        tip, own = box(page, "#tip"), page.locator(".region:focus > .ring").bounding_box()
        across = max(tip["x"] - own["x"] - own["width"], own["x"] - tip["x"] - tip["width"])
        down = max(tip["y"] - own["y"] - own["height"], own["y"] - tip["y"] - tip["height"])
        assert 0 <= max(across, down) < 40, (tip, own)
        if place == "dendrogram" and viewport is not HANDSET:
            assert tip["x"] + tip["width"] <= box(page, "#tree svg")["x"]

    for place in ("dendrogram", "map", "published"):
        page.locator(f'[data-place="{place}"][tabindex="0"]').focus()
        for key in ("End", "Home", "ArrowDown", "ArrowDown"):
            page.keyboard.press(key)
            settled(page)
            beside()
        page.mouse.wheel(0, 40)
        settled(page)
        beside()
    page.evaluate("window.scrollTo({ top: 1e6, behavior: 'instant' })")
    page.wait_for_selector("#tip", state="hidden")


# ----------------------------------------------------------------------------- one region


def test_a_long_region_is_scrolled_by_keyboard(open_page: Open) -> None:
    page = open_page("#region=KZ-AKM", viewport={"width": 1280, "height": 640})
    body = page.locator("#region-body")
    assert body.evaluate("(e) => e.scrollHeight > e.clientHeight + 100")
    assert body.get_attribute("role") == "group" and body.get_attribute("tabindex") == "0"
    assert body.get_attribute("aria-label") == "Akmola: values and sources"
    body.focus()
    page.keyboard.press("End")
    page.wait_for_function(
        "() => { const e = document.getElementById('region-body');"
        " return e.scrollTop + e.clientHeight >= e.scrollHeight - 1; }"
    )
    page.click("#close")
    assert "region" not in fragment(page) and page.locator("#close").is_hidden()
    assert body.get_attribute("aria-label") == "Regions of each cluster"


COVERED = """() => {
  const e = document.activeElement;
  const sheet = document.getElementById("inspector");
  if (e === document.body || sheet.contains(e)) return null;
  const own = (e.querySelector(".ring") || e).getBoundingClientRect();
  const over = sheet.getBoundingClientRect();
  const below = Math.min(own.bottom, own.top + 200) > over.top + 1;
  const beside = own.right > over.left && own.left < over.right;
  return below && beside ? e.outerHTML.slice(0, 120) : null;
}"""


@pytest.mark.cases(1)
@pytest.mark.parametrize("viewport", [HANDSET, TABLET], ids=["390", "820"])
def test_what_has_the_focus_is_not_under_the_region(
    open_page: Open, viewport: dict[str, int]
) -> None:
    page = open_page("#region=KZ-AKM&figure3=1", viewport=viewport, reduced_motion="reduce")
    assert page.locator("#inspector").is_visible()
    covered = []
    seen = set()
    page.focus("#baseline")
    for _ in range(26):
        page.keyboard.press("Tab")
        settled(page)
        covered.append(page.evaluate(COVERED))
        seen.add(active(page, "e.dataset.place || e.id"))
    assert [found for found in covered if found] == []
    assert {"map", "published", "csv-schedule"} <= seen
    page.locator('[data-place="published"][tabindex="0"]').focus()
    for key in ("End", "Home", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
        settled(page)
        assert page.evaluate(COVERED) is None


@pytest.mark.parametrize("viewport", [HANDSET, TABLET], ids=["390", "820"])
def test_the_tapped_region_stays_in_sight(open_page: Open, viewport: dict[str, int]) -> None:
    page = open_page("", viewport=viewport, has_touch=True, is_mobile=True)
    tile = '[data-place="map"][data-region="KZ-ALA"]'
    bottom = page.evaluate(
        "(s) => document.querySelector(s).getBoundingClientRect().bottom + scrollY", tile
    )
    # at the foot of the window, where the region will be
    page.evaluate("(y) => scrollTo({ top: y, behavior: 'instant' })", bottom - viewport["height"])
    page.tap(f"{tile} > .ring")
    settled(page)
    own, over = box(page, f"{tile} > .ring"), box(page, "#inspector")
    assert own["y"] >= 0 and own["y"] + own["height"] <= over["y"]


@pytest.mark.parametrize("viewport", [HANDSET, LAPTOP], ids=["390", "1280"])
def test_the_focus_returns_to_the_region(open_page: Open, viewport: dict[str, int]) -> None:
    page = open_page("#figure3=1", viewport=viewport)
    there = '[data-place="published"][data-region="KZ-KAR"]'

    def leave(act: Callable[[], Any]) -> None:
        page.locator(there).focus()
        page.keyboard.press("Enter")
        assert fragment(page)["region"] == "KZ-KAR"
        act()
        assert "region" not in fragment(page)
        assert active(page, "[e.dataset.place, e.dataset.region]") == ["published", "KZ-KAR"]

    leave(lambda: page.locator("#close").press("Enter"))
    leave(lambda: page.click("#close"))
    # once is enough, wherever the focus is in the region
    leave(lambda: page.locator("#close").press("Escape"))
    leave(lambda: page.keyboard.press("Escape"))
    if viewport == HANDSET:
        leave(lambda: page.locator("#region-body").press("Escape"))
        leave(lambda: page.select_option("#region", ""))


# ------------------------------------------------------------------------------- the cut


NO_LINE = {
    "#year=2013&scaling=zscore&linkage=centroid&k=9": "Heights invert",
    # ranks of one indicator: every merge of single linkage has the same height
    "#scaling=rank&linkage=single&indicators=P2&k=8": "Two merges of the same height",
}


@pytest.mark.parametrize(("address", "reason"), NO_LINE.items())
def test_where_no_line_cuts_the_page_and_the_file_say_so(
    open_page: Open, address: str, reason: str
) -> None:
    page = open_page(address, accept_downloads=True)
    k = fragment(page)["k"]
    assert reason in page.inner_text("#tree-note")
    assert page.locator(".cut path").count() == 0
    assert page.get_attribute(".cut", "aria-valuetext") == f"{k} clusters: no line"
    _, content = downloaded(page, "#save-svg")
    assert reason in content.decode() and f"{k} clusters: no line" in content.decode()


def test_the_keys_go_on_where_the_line_vanishes(open_page: Open) -> None:
    page = open_page("#year=2013&scaling=zscore&linkage=centroid&k=10")
    assert page.locator(".cut path").count() == 2
    page.locator(".cut").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".cut path").count() == 0
    assert active(page, "e.dataset.place") == "cut"
    page.keyboard.press("ArrowLeft")
    assert fragment(page)["k"] == "10" and active(page, "e.dataset.place") == "cut"


def test_the_cut_line_strikes_through_no_number(open_page: Open) -> None:
    page = open_page()
    struck = 0
    for k in range(1, 17):
        page.locator("#k").fill(str(k))
        found = page.evaluate("""() => {
          const lines = [...document.querySelectorAll(".cut path")];
          const numbers = [...document.querySelectorAll("#tree svg > text")];
          const box = (e) => e.getBoundingClientRect();
          const meet = (a, b) => a.left < b.right && b.left < a.right + 1 &&
            a.top < b.bottom - 3 && b.top + 3 < a.bottom;
          const near = (a, b) => a.left < b.right && b.left < a.right + 1;
          const some = (test) => lines.some((l) => numbers.some((t) => test(box(l), box(t))));
          return [some(meet), some(near)];
        }""")
        assert not found[0], k
        struck += found[1]
    assert struck  # some line is under a number


# ------------------------------------------------------------------- history and the address


def test_back_undoes_a_choice(open_page: Open) -> None:
    page = open_page()
    page.select_option("#linkage", "average")
    page.check("#figure3")
    for _ in range(4):
        page.locator("#k").press("ArrowRight")
    page.select_option("#scaling", "rank")
    expected = [
        {"k": "12", "scaling": "zscore", "figure3": "1"},
        {"k": "8", "figure3": "1", "linkage": "average"},
        {"figure3": "0", "linkage": "average"},
    ]
    for found in expected:
        page.go_back()
        page.wait_for_selector(f'#k-shown:text-is("{found.get("k", "8")}")')
        assert found.items() <= fragment(page).items()
        assert page.is_checked("#figure3") == (found["figure3"] == "1")
    page.go_back()
    page.wait_for_function("document.getElementById('linkage').value === 'ward'")
    page.go_forward()
    page.wait_for_function("document.getElementById('linkage').value === 'average'")


def test_a_drag_is_one_step_back(open_page: Open) -> None:
    page = open_page()
    before = page.evaluate("history.length")
    line, plot = box(page, '[data-place="cut"] .ring'), box(page, "#tree svg")
    page.mouse.move(line["x"] + line["width"] / 2, line["y"] + 100)
    page.mouse.down()
    page.mouse.move(plot["x"] + plot["width"] - 60, line["y"] + 100, steps=12)
    page.mouse.up()
    assert fragment(page)["k"] == "2" and page.evaluate("history.length") == before + 1
    page.go_back()
    page.wait_for_selector('#k-shown:text-is("8")')


def test_all_indicators_and_one_more(open_page: Open) -> None:
    page = open_page("#indicators=all,P3:per_million&year=2010")
    assert page.locator("#notice").is_hidden()
    assert page.is_checked("#in-P3-per_million") and page.is_checked("#in-P2")
    assert page.inner_text("#indicators-count") == "11 take part"


def test_the_way_to_the_other_pages(open_page: Open, file: Path) -> None:
    assert open_page().locator("#home").is_hidden()  # this file lies alone
    folder = file.parent / "site"
    folder.mkdir(exist_ok=True)
    beside = folder / "explorer.html"
    beside.write_bytes(file.read_bytes())
    page = open_page(path=beside)
    assert page.locator("#home a").is_visible()
    assert page.get_attribute("#home a", "href") == "index.html"


# ------------------------------------------------------------------------------ the words


def test_scalings_and_linkages_are_called_as_in_the_package(open_page: Open) -> None:
    found = open_page().evaluate("""() => {
      const { t } = Texts(JSON.parse(document.getElementById("data").textContent).texts);
      const names = Compute.SCALINGS.map((key) => [key, t(`scaling_${key}`)]);
      const methods = Compute.LINKAGES.map((key) => [key, t(`method_${key}`)]);
      return { scalings: Object.fromEntries(names), linkages: Object.fromEntries(methods) };
    }""")
    assert found["scalings"] == words.SCALINGS
    assert found["linkages"] == {name: words.linkage(name) for name in LINKAGES}


def test_equal_colours_are_explained_and_ties_go_to_the_first(
    open_page: Open, values: Path
) -> None:
    page = open_page("#figure3=1")
    fills = {
        place: dict(
            page.eval_on_selector_all(
                f'[data-place="{place}"]',
                "(all) => all.map((e) => [e.dataset.region,"
                " e.querySelector('path').getAttribute('fill')])",
            )
        )
        for place in ("map", "published")
    }
    table = standardize(read_table(values, year=2013, columns="all"))
    ours = pd.Series(cut(hclustkit.linkage(table), 8), table.index)
    published = article.published_clusters()[table.index]
    # VI is Atyrau, here cluster 4, and Mangystau, here cluster 6
    assert compare.matching(published, ours)["VI"] == 4
    for region in ("KZ-ATY", "KZ-MAN"):
        assert fills["published"][region] == fills["map"]["KZ-ATY"] != fills["map"]["KZ-MAN"]
    note = page.inner_text("#map-note")
    alone = sorted(set(published) - set(compare.matching(published, ours)))
    assert "Same colour and hatching" in note
    assert f"{alone[0]} has no partner and a look that no cluster here has." in note
    page.uncheck("#figure3")
    assert "hatching" not in page.inner_text("#map-note")


def test_statuses_are_not_said_again(open_page: Open) -> None:
    page = open_page()
    assert page.get_attribute("#k-shown", "aria-live") == "off"
    page.evaluate("""() => {
      window.rewritten = [];
      for (const id of ["summary", "notice", "problem", "k-shown"]) {
        const note = () => window.rewritten.push(id);
        new MutationObserver(note).observe(document.getElementById(id),
          { childList: true, characterData: true, subtree: true });
      }
    }""")
    page.select_option("#region", "KZ-PAV")
    page.check("#figure3")
    page.select_option("#axis", "height")
    page.click("#theme")
    page.wait_for_timeout(50)
    assert page.evaluate("window.rewritten") == []
    page.locator("#k").press("ArrowRight")
    page.wait_for_timeout(50)
    assert set(page.evaluate("window.rewritten")) == {"summary", "k-shown"}


def test_notes_fit_the_choices(open_page: Open) -> None:
    page = open_page("#linkage=average&axis=height&indicators=P3:per_million,P4")
    note = page.inner_text("#tree-note")
    assert "distances at which clusters are merged" in note and "squares" not in note
    # a unit is not repeated
    for text in (page.text_content("#definitions"), page.text_content("#profile")):
        for unit in ("per 1,000 inhabitants", "per million inhabitants"):
            assert unit in text and f"{unit}, {unit}" not in text and unit * 2 not in text


def test_the_profile_names_the_members(open_page: Open, values: Path) -> None:
    page = open_page("#linkage=single&k=5", viewport=HANDSET)
    table = standardize(read_table(values, year=2013, columns="all"))
    ours = pd.Series(cut(hclustkit.linkage(table, "single"), 5), table.index)
    names = sources.regions()["name_en"]
    assert page.locator("#profile .members").all_text_contents() == [
        ", ".join(names[code] for code in table.index[ours == cluster]) for cluster in range(1, 6)
    ]


def test_a_button_without_use_looks_so(open_page: Open) -> None:
    page = open_page()

    def look(selector: str) -> dict[str, str]:
        return page.eval_on_selector(
            selector,
            "(e) => { const s = getComputedStyle(e);"
            " return { cursor: s.cursor, border: s.borderStyle, opacity: s.opacity }; }",
        )

    before = look("#save-svg")
    page.click("#none")
    after = look("#save-svg")
    assert all(after[key] != before[key] for key in before)
    assert page.locator("#region").is_hidden()


# ------------------------------------------------------------------- narrow, paper, contrast


@pytest.mark.cases(3)
@pytest.mark.parametrize("width", [320, 390, 640, 820, 1024, 1280, 1440])
def test_tiles_carry_whole_names(open_page: Open, width: int) -> None:
    page = open_page("#figure3=1&map=tiles", viewport={"width": width, "height": 900})
    names = dict(sources.regions()["name_en"])
    for place in ("map", "published"):
        tiles = page.eval_on_selector_all(
            f'[data-place="{place}"]',
            """(all) => all.map((e) => {
              const [, ...name] = e.querySelectorAll("text");
              const tile = e.querySelector("rect").getBoundingClientRect();
              const widest = Math.max(...name.map((t) => t.getBoundingClientRect().width));
              return [e.dataset.region, name.map((t) => t.textContent).join(" "),
                widest <= tile.width, Math.min(...name.map((t) => t.getAttribute("font-size")))];
            })""",
        )
        assert len(tiles) == len(names)
        for code, text, fits, size in tiles:
            assert text.replace("Kaz.", "Kazakhstan") == names[code] and fits and size >= 10
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    one, other = box(page, "#map svg"), box(page, "#published svg")
    # side by side they are level, and wide enough for the names
    assert one["y"] == other["y"] if one["x"] != other["x"] else one["y"] < other["y"]
    assert one["width"] >= 290 or width < 390


@pytest.mark.cases(1)
@pytest.mark.parametrize("width", [320, 1280])
def test_the_map_shows_every_region_and_its_number(open_page: Open, html: str, width: int) -> None:
    data = json.loads(blocks(html)["data"])
    assert len(json.dumps(data["map"])) < 60_000 and len(html.encode()) < 300_000
    page = open_page("#figure3=1", viewport={"width": width, "height": 900})
    frames = page.eval_on_selector_all(
        "#map svg, #published svg", "(all) => all.map((e) => e.getAttribute('viewBox'))"
    )
    for place, frame in zip(("map", "published"), frames, strict=True):
        boxes = page.eval_on_selector_all(
            f'[data-place="{place}"] > path:first-child',
            "(all) => all.map((e) => ['x', 'y', 'width', 'height'].map((s) => e.getBBox()[s]))",
        )
        assert len(boxes) == 16
        across, down = map(float, frame.split()[2:])
        for x, y, w, h in boxes:
            assert x >= 0 and y >= 0 and x + w <= across + 0.1 and y + h <= down + 0.1
        # numbers and names lie apart from each other
        texts = page.eval_on_selector_all(
            f"#{place} text",
            "(all) => all.map((e) => [e.textContent, ...['x', 'y', 'width', 'height'].map("
            "(side) => e.getBoundingClientRect()[side])])",
        )
        assert {"Astana", "Almaty city"} <= {text for text, *_ in texts}
        for (_, x, y, w, h), (_, X, Y, W, H) in itertools.combinations(texts, 2):
            beside = x + w <= X + 1 or x + 1 >= X + W
            assert beside or y + h <= Y + 4 or y + 4 >= Y + H
    # the arrow keys reach every region
    page.locator('[data-place="map"][tabindex="0"]').focus()
    reached, waiting = set(), [page.evaluate("document.activeElement.dataset.region")]
    while waiting:
        at = waiting.pop()
        if at in reached:
            continue
        reached.add(at)
        for key in ("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"):
            page.locator(f'[data-place="map"][data-region="{at}"]').focus()
            page.keyboard.press(key)
            waiting.append(page.evaluate("document.activeElement.dataset.region"))
    assert len(reached) == 16


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_every_region_has_a_name_on_the_map(open_page: Open, html: str, language: str) -> None:
    page = open_page(f"#language={language}", viewport={"width": 1280, "height": 900})
    lines = "#map svg > g[aria-hidden] > text"
    shown = " ".join(page.eval_on_selector_all(lines, "(all) => all.map((e) => e.textContent)"))
    for region in json.loads(blocks(html)["data"])["regions"]:
        own = {other["lang"]: other for other in region["others"]}.get(
            language, {"short": region["en"], "shorter": region["shorter"], "name": region["en"]}
        )
        names = (own["short"], own["shorter"], own["name"], own["name"][:3].upper())
        assert any(name in shown.replace("- ", "-") for name in names), region


def test_what_lies_beyond_an_edge_is_marked(open_page: Open) -> None:
    page = open_page("#k=12", viewport=HANDSET)
    wide = page.locator(".wide:has(#profile)")
    page.wait_for_selector(".wide[data-right]:has(#profile)")
    assert wide.get_attribute("data-left") is None
    mark = "(e) => getComputedStyle(e, '::after').borderRightWidth"
    assert wide.evaluate(mark) == "2px"
    page.eval_on_selector(".scroll:has(#profile)", "(e) => e.scrollTo(1e6, 0)")
    page.wait_for_selector(".wide[data-left]:not([data-right]):has(#profile)")
    # the coefficients are seen without scrolling
    schedule = box(page, ".scroll:has(#schedule)")
    for row in page.locator("#schedule tr[data-stage]").all():
        cell = row.locator("td").nth(2).bounding_box()
        assert cell["x"] + cell["width"] <= schedule["x"] + schedule["width"]
    # on a narrow telephone and in the longest words too
    for language in texts.LANGUAGES:
        narrow = open_page(f"#language={language}", viewport=TELEPHONE)
        schedule = box(narrow, ".scroll:has(#schedule)")
        cell = box(narrow, "#schedule thead th:nth-child(4)")
        assert cell["x"] + cell["width"] <= schedule["x"] + schedule["width"], language
    # where there is room nothing is cut off
    other = open_page("#k=8", viewport=LAPTOP)
    other.wait_for_timeout(100)
    assert other.locator(".wide[data-right]").count() == 0


PAPER = {"width": 700, "height": 1000}  # A4 between the margins


@pytest.mark.parametrize(
    ("k", "region"), [(16, ""), (9, ""), (8, "&region=KZ-AKM")], ids=["k16", "k9", "kept"]
)
def test_on_paper(open_page: Open, values: Path, k: int, region: str) -> None:
    everything = ",".join(year_table(values, 2013).columns)
    page = open_page(
        f"#k={k}&figure3=1&theme=dark&indicators={everything}{region}",
        viewport=PAPER,
        color_scheme="dark",
    )
    page.emulate_media(media="print", color_scheme="dark")
    hidden = [
        "#save-svg",
        "#axis",
        "#region",
        "#close",
        "#theme",
        "#language",
        ".terms",
        ".controls",
        ".bar .note",
        ".screen",
    ]
    assert [selector for selector in hidden if page.locator(selector).is_visible()] == []
    styles = "(all) => [...new Set(all.map((e) => getComputedStyle(e).fill))]"
    dark_ink = page.eval_on_selector_all(
        '#tree [data-place="dendrogram"] > text:last-child', styles
    )
    assert dark_ink == ["rgb(26, 26, 26)"]
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(26, 26, 26)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    # everything is between the margins
    beyond = page.evaluate("""() =>
      [...document.querySelectorAll("table, svg, th, td")]
        .filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1)
        .map((e) => e.outerHTML.slice(0, 80))""")
    assert beyond == []
    inspector = page.locator("#inspector")
    assert inspector.is_visible() == bool(region)
    if region:
        assert inspector.evaluate("(e) => getComputedStyle(e).position") == "static"
        assert inspector.evaluate(
            "(e) => e.scrollHeight <= e.clientHeight"
            " && e.lastElementChild.scrollHeight <= e.lastElementChild.clientHeight"
        )


def test_what_is_saved_is_light(open_page: Open) -> None:
    dark, light = (
        open_page(f"#theme={theme}", accept_downloads=True) for theme in ("dark", "light")
    )
    assert downloaded(dark, "#save-svg") == downloaded(light, "#save-svg")
    _, content = downloaded(dark, "#save-svg")
    assert b"var(" not in content and b"#ffffff" in content


def test_file_names_tell_the_choices_apart(open_page: Open) -> None:
    addresses = [
        "#",
        "#figure3=1",
        "#axis=increment",
        "#indicators=P2,P3",
        "#indicators=P2,P12:manufacturing",
    ]
    names = [
        downloaded(open_page(address, accept_downloads=True), "#save-svg")[0]
        for address in addresses
    ]
    assert len(set(names)) == len(addresses)
    assert names[-1] == "kazakhstan-regions-2013-zscore-ward-k8-P2_P12.manufacturing.svg"


def test_the_choice_is_seen_in_forced_colours(open_page: Open) -> None:
    page = open_page(forced_colors="active")
    # what is painted: the computed style does not know of the forced colours
    with Image.open(io.BytesIO(page.screenshot())) as shown:
        places = page.eval_on_selector_all(
            ".segments label",
            """(all) => all.map((e) => {
              const { left, top, height } = e.getBoundingClientRect();
              return [Math.round(left + 8), Math.round(top + height / 2)];
            })""",
        )
        colours = [shown.getpixel(tuple(place)) for place in places]
    chosen = page.eval_on_selector_all(
        ".segments input", "(all) => all.findIndex((e) => e.checked)"
    )
    assert colours.count(colours[chosen]) == 1
    # text and ground of a picture are those of the system as well
    ink, ground = page.evaluate("""() => [
      getComputedStyle(document.querySelector("#tree .region > text")).fill,
      getComputedStyle(document.querySelector(".panel")).backgroundColor,
    ]""")
    assert ink == page.evaluate("getComputedStyle(document.body).color") != ground


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
