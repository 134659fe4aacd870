"""The explorer: one file, no request, and in a real browser the numbers of the package.

The browser tests need Debian's (or another) Chromium on the PATH and are skipped without it.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import json
import re
import shutil
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest

from kzclusters import agreement, article, indicators, paths, sources, ward
from kzclusters.errors import InputError
from kzclusters.explorer import build
from kzclusters.figures.style import cluster_style
from kzclusters.io import write_csv
from kzclusters.results import profile
from kzclusters.tables import read_table

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox", "--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
YEARS = range(2010, 2016)
N_RANDOM = 3000
DESKTOP = {"width": 1440, "height": 900}
TELEPHONE = {"width": 360, "height": 740}

browser_needed = pytest.mark.skipif(
    CHROMIUM is None,
    reason="there is no chromium on the PATH: the explorer was not tried in a browser",
)


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


def test_the_library_is_the_one_described_and_brings_its_licence(html: str) -> None:
    folder = build.HERE / "vendor"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    library = (folder / "ml-hclust.js").read_bytes()
    assert re.search(r"SHA-256 \| `(\w+)`", readme).group(1) == hashlib.sha256(library).hexdigest()
    packages = re.findall(r"^\| (\S+) \| ([\d.]+) \| `sha512-", readme, re.MULTILINE)
    notice = build.licence()
    assert packages and all(
        re.search(rf"^\s*{name} {version}\s+\S", notice, re.MULTILINE) for name, version in packages
    )
    assert f"ml-hclust {build.library_version()}" in readme.replace(
        "](https://github.com/mljs/hclust)", ""
    ).replace("[", "")
    assert "Permission is hereby granted" in notice and notice.split("\n")[-1] in html


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


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
    return page.inner_html("#results")


# The page's own path from the text of an address to the numbers. Text goes in and out: the
# driver is slow with long lists.
RUN = """(fragments) => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const states = States(data);
  const models = Models(data, states);
  return JSON.stringify(JSON.parse(fragments).map((fragment) => {
    const { state, problems } = states.parse(fragment);
    const { ids, scaled, tree, membership, schedule, geometry, second, ...model } = models.of(state);
    const { ari, vi, moves, fates } = model;
    return {
      problems, ids, scaled, heights: tree.heights, pairs: tree.pairs, membership, schedule,
      order: geometry.order, links: geometry.links, second, ari, vi, moves, fates,
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
        linkage = str(rng.choice(ward.LINKAGES))
        axes = [axis for axis in ward.AXES if axis != "increment" or linkage == "ward"]
        found.append(
            {
                "year": year,
                "scaling": str(rng.choice(ward.SCALINGS)),
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


@browser_needed
def test_the_numbers_are_those_of_the_package(open_page: Open, values: Path) -> None:
    """Random years, indicators, variants, scalings, linkages, cuts: trees to the last stage."""
    specifications = random_specifications(values, N_RANDOM)
    page = open_page()
    found = json.loads(page.evaluate(RUN, json.dumps([as_fragment(s) for s in specifications])))
    codes = list(sources.regions().index)
    published = article.published_clusters()[codes]
    rand = functools.cache(
        lambda membership: agreement.adjusted_rand_index(published.to_numpy(), membership)
    )
    tied = checked = 0
    for number, (given, here) in enumerate(zip(specifications, found, strict=True)):
        assert here["problems"] == [] and here["ids"] == given["indicators"]
        table = ward.standardize(
            year_table(values, given["year"])[given["indicators"]], given["scaling"]
        )
        assert list(table.index) == codes
        same(here["scaled"], table.to_numpy(), given)
        Z, tie = ward.merge_tree(table.to_numpy(), given["linkage"])
        same(here["heights"], Z[:, 2], given)
        assert here["pairs"] == Z[:, :2].astype(int).tolist(), given
        schedule = ward.agglomeration_schedule(table, given["linkage"])
        for column in SCHEDULE:
            assert [row[column] for row in here["schedule"]] == schedule[column].tolist(), given
        same(
            [row["coefficient"] for row in here["schedule"]],
            schedule["coefficient"].to_numpy(),
            given,
        )
        membership = ward.cut(Z, given["k"])
        assert here["membership"] == membership.tolist(), given
        assert abs(here["ari"] - rand(tuple(membership.tolist()))) < 1e-9
        if number % 2:
            geometry = ward.dendrogram_geometry(Z, codes, given["axis"], given["linkage"])
            assert here["order"] == geometry.order.tolist()
            links = geometry.links.to_numpy()
            assert [link["x"] for link in here["links"]] == links[:, 3:7].tolist()
            same([link["y"] for link in here["links"]], links[:, 7:11], given)
        elif number % 16 == 0:
            compare_with_published(here, published, pd.Series(membership, codes))
        tied += tie.any()
        # the library's own tree, which the page asks wherever no rule for ties is needed
        assert (here["second"] is None) == tie.any()
        if here["second"] is not None:
            checked += 1
            assert here["second"] < 1e-9
    print(
        f"\n{N_RANDOM} random choices equal; {tied} with ties; {checked} equal to ml-hclust as well"
    )
    assert tied > 50 and checked > N_RANDOM / 2


def same(here: Any, expected: np.ndarray, given: Any) -> None:
    """Equal to 1e-9, of each number and of the largest."""
    difference = np.abs(np.asarray(here, dtype=np.float64) - expected)
    assert (difference <= 1e-9 * np.abs(expected) + 1e-15 * np.abs(expected).max()).all(), given


def compare_with_published(
    here: dict[str, Any], published: pd.Series, membership: pd.Series
) -> None:
    codes = list(published.index)
    assert here["vi"] == pytest.approx(
        agreement.variation_of_information(published, membership), abs=1e-9
    )
    assert here["moves"] == agreement.minimum_moves(published, membership)
    fates = agreement.best_match(published, membership)
    for numeral, fate in fates.iterrows():
        own = here["fates"][article.CLUSTERS.index(numeral)]
        assert own["relation"] == fate["relation"]
        assert own["clusters"] == sorted(fate["parts"])
        assert [codes[i] for i in own["company"]] == sorted(fate["joined_by"], key=codes.index)


@browser_needed
def test_ties_and_tables_that_cannot_be_scaled(open_page: Open) -> None:
    """Small whole numbers: most trees hold ties, some tables cannot be scaled at all."""
    rng = np.random.default_rng(7)
    cases = []
    for _ in range(400):
        n, p = int(rng.integers(2, 20)), int(rng.integers(1, 4))
        cases.append(
            {
                "rows": rng.integers(0, 4, (n, p)).astype(float).tolist(),
                "scaling": str(rng.choice(ward.SCALINGS)),
                "linkage": str(rng.choice(ward.LINKAGES)),
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
            scaled = ward.standardize(table, case["scaling"])
        except InputError:
            refused += 1
            assert isinstance(here, str) and "x" in here, case
            continue
        Z, tie = ward.merge_tree(scaled.to_numpy(), case["linkage"])
        assert here["pairs"] == Z[:, :2].astype(int).tolist(), case
        assert here["tie"] == tie.tolist(), case
        np.testing.assert_allclose(here["heights"], Z[:, 2], rtol=1e-9, atol=1e-9)
        ties += tie.any()
    assert refused > 20 and ties > 150


@browser_needed
def test_what_is_shown_is_what_was_computed(open_page: Open, values: Path) -> None:
    """The page read as a reader reads it, for a few of the random choices."""
    page = open_page()
    published = article.published_clusters()
    names = sources.regions()["name_en"]
    for given in random_specifications(values, N_RANDOM)[:15]:
        page.evaluate("(hash) => { location.hash = hash; }", as_fragment(given))
        page.wait_for_selector(f'#k-shown:text-is("{given["k"]}")')
        page.wait_for_function(
            "(y) => document.querySelector('input[name=year]:checked').value === String(y)",
            arg=given["year"],
        )
        raw = year_table(values, given["year"])[given["indicators"]]
        table = ward.standardize(raw, given["scaling"])
        membership = pd.Series(
            ward.cut(ward.linkage(table, given["linkage"]), given["k"]), raw.index
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
        ari = agreement.adjusted_rand_index(published[raw.index], membership)
        assert page.inner_text("#ari").split("\n")[0].replace(
            "−", "-"
        ) == f"{ari + 0.0:.3f}".replace("-0.000", "0.000")
        schedule = ward.agglomeration_schedule(table, given["linkage"])
        rows = page.eval_on_selector_all(
            "#schedule tr[data-stage]",
            "(all) => all.map((row) => [...row.children].map((cell) => cell.innerText))",
        )
        assert [int(row[1].split()[0]) for row in rows] == list(schedule["cluster_1"])
        assert [int(row[2].split()[0]) for row in rows] == list(schedule["cluster_2"])
        assert [int(row[-1].replace("–", "0")) for row in rows] == list(schedule["next_stage"])
        assert page.locator("#profile tbody tr").count() == raw.shape[1]
        assert page.locator("#profile thead th").count() == given["k"] + 1


@browser_needed
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


@browser_needed
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
    "#year=1999": "“1999” is no value of year; 2013 is used.",
    "#k=0&linkage=ward": "“0” is no value of k; 8 is used.",
    "#k=8.5": "“8.5” is no value of k; 8 is used.",
    "#linkage=constructor": "“constructor” is no value of linkage; ward is used.",
    "#indicators=P2,P99": "There is no indicator “P99”; left out.",
    "#indicators=,,": "No known indicator was named; all with data take part.",
    "#year=2014&year=2015": "“year” stands twice; the first counts.",
    "#__proto__=1": "“__proto__” is not known and was left out.",
    "#scaling=%E0%A4%A": "“%E0%A4%A” is no value of scaling; zscore is used.",
    "#region=<img src=x>": "“<img src=x>” is no value of region; none is used.",
    "#linkage=single&axis=increment": (
        "The increment axis is defined for Ward only; the cumulative one is used."
    ),
    "#" + "x" * 5000: "“" + "x" * 60 + "” is not known and was left out.",
}


@browser_needed
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


@browser_needed
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


@browser_needed
def test_pointing_at_a_region_shows_values_and_sources(open_page: Open, values: Path) -> None:
    page = open_page()
    page.hover('[data-place="map"][data-region="KZ-PAV"]')
    tip = page.inner_text("#tip")
    row = sources.regions().loc["KZ-PAV"]
    assert tip.split("\n")[:3] == [row["name_en"], row["name_kk"], row["name_ru"]]
    shown = page.inner_text("#inspector")
    assert all(row[name] in shown for name in ("name_en", "name_kk", "name_ru", "centre"))
    table = read_table(values, year=2013)
    z = ward.standardize(table)
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


@browser_needed
def test_number_and_pattern_besides_colour(open_page: Open) -> None:
    page = open_page("#k=16")
    fills = page.eval_on_selector_all(
        '#map .region path[fill^="url"]', "(all) => all.map((e) => e.getAttribute('fill'))"
    )
    assert len(set(fills)) == 16
    looks = page.eval_on_selector_all("#looks pattern", "(all) => all.map((e) => e.innerHTML)")
    assert len(set(looks)) == len(looks) == build.LOOKS
    # every hatch of the package has its strokes in the page
    plain = [not cluster_style(number + 1).hatch for number in range(build.LOOKS)]
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


@browser_needed
def test_a_view_is_saved(open_page: Open, values: Path) -> None:
    page = open_page("#figure3=1&k=7", accept_downloads=True)
    name, content = downloaded(page, "#save-svg")
    assert name == "kazakhstan-regions-2013-zscore-ward-k7.svg"
    svg = ElementTree.fromstring(content)
    words = [element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")]
    for expected in (
        "Regions of Kazakhstan in 7 clusters",
        "VIII",
        "7 clusters",
        "Figure 3 as published",
    ):
        assert expected in words
    assert words.count("Pavlodar") == 3  # dendrogram, map, published map
    references = set(re.findall(r"url\(#([\w-]+)\)", content.decode()))
    assert references <= {element.get("id") for element in svg.iter()} - {None}
    assert not re.search(r"(?:href|tabindex|role=\"button)", content.decode())
    name, content = downloaded(page, "#save-png")
    assert name.endswith(".png") and content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == tuple(round(2 * float(svg.get(side))) for side in ("width", "height"))
    assert len(content) > 50_000

    table = read_table(values, year=2013)
    scaled = ward.standardize(table)
    membership = pd.Series(ward.cut(ward.linkage(scaled), 7), table.index)
    names = sources.regions()

    def csv(button: str) -> pd.DataFrame:
        name, content = downloaded(page, button)
        assert name.endswith(".csv")
        return pd.read_csv(io.BytesIO(content))

    regions = csv("#save-csv").set_index("region")
    assert list(regions.index) == list(table.index)
    assert list(regions["cluster"]) == list(membership)
    assert list(regions["name_kk"]) == list(names["name_kk"])
    assert list(regions["published_cluster"]) == list(article.published_clusters()[table.index])
    np.testing.assert_allclose(regions[table.columns], table, rtol=1e-11)
    pd.testing.assert_frame_equal(
        csv("#csv-schedule"),
        ward.agglomeration_schedule(scaled),
        check_dtype=False,
        check_index_type=False,
        rtol=1e-9,
    )
    saved = csv("#csv-profile")
    expected = profile(table, scaled, membership)
    order = expected.sort_values("cluster", kind="stable")
    assert list(saved["indicator"]) == list(order["indicator"])
    assert list(saved["cluster"]) == list(order["cluster"])
    np.testing.assert_allclose(
        saved[["mean", "mean_z"]], order[["mean", "z"]], rtol=1e-9, atol=1e-12
    )
    measures = csv("#csv-agreement").set_index("measure")["value"]
    ari = agreement.adjusted_rand_index(article.published_clusters()[table.index], membership)
    assert float(measures["adjusted Rand index"]) == pytest.approx(ari, rel=1e-9)
    assert measures["indicators"] == " ".join(table.columns)


# ------------------------------------------------------------------- everyone, everywhere


@browser_needed
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
    for _ in range(60):
        press("Tab")
        visited.append(
            focused(
                "e.dataset.place || e.id || e.tagName + (e.getAttribute('aria-labelledby') || '')"
            )
        )
        if visited[-1] == "region":
            break
    for needed in (
        *("theme", "scaling", "linkage", "k", "figure3", "in-P2", "save-svg", "save-png", "copy"),
        *("axis", "dendrogram", "cut", "map", "csv-schedule", "region"),
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
    press("Escape")
    assert "region" not in fragment(page)
    page.locator('[data-place="dendrogram"][tabindex="0"]').focus()
    press("End")
    assert focused("e.dataset.order") == "15"
    press(" ")
    assert page.input_value("#region") == focused("e.dataset.region")


@browser_needed
def test_the_cut_line_can_be_dragged(open_page: Open) -> None:
    page = open_page()
    box = page.locator('[data-place="cut"] .ring').bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100)
    page.mouse.down()
    plot = page.locator("#tree svg").bounding_box()
    page.mouse.move(plot["x"] + plot["width"] - 60, box["y"] + 100, steps=5)
    page.mouse.up()
    assert fragment(page)["k"] == "2"


@browser_needed
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


@browser_needed
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


@browser_needed
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


@browser_needed
def test_time_from_choice_to_picture(open_page: Open) -> None:
    """Measured and printed, not judged: a busy machine says nothing about the page."""
    page = open_page("#figure3=1")
    times = page.evaluate("""async () => {
      const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      const choose = (id, value) => {
        const field = document.getElementById(id);
        field.value = value;
        field.dispatchEvent(new Event(id === "k" ? "input" : "change", { bubbles: true }));
      };
      const times = [];
      const linkages = [...document.getElementById("linkage").options].map((o) => o.value);
      for (let i = 0; i < 24; i += 1) {
        await frame();
        const start = performance.now();
        if (i % 2) choose("linkage", linkages[i % linkages.length]);
        else choose("k", 2 + (i % 14));
        await frame();
        times.push(performance.now() - start);
      }
      return times;
    }""")
    assert len(times) == 24
    middle, slowest = median(times), max(times)
    print(f"\nfrom a choice to its picture: median {middle:.0f} ms, slowest {slowest:.0f} ms")
