"""A reviewer's shortest way: Figure 3 from the raw data, and how it compares, on one screen.

``make figure3`` reads and checks ``data/raw``, computes the baseline of the study file without the
notebooks, writes ``build/figure3.svg`` and ``.png``, and says whether the committed figure shows
the same.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

import pandas as pd
from hclustkit import cut, linkage, standardize
from hclustkit.files import write_csv
from hclustkit.tables import read_table

from kzclusters import figures, paths, study
from kzclusters.analysis import results
from kzclusters.command import command, fail
from kzclusters.evidence import article, indicators, sources
from kzclusters.figures import manifest


def compute() -> tuple[dict[str, Any], pd.Series, pd.Series]:
    """Compute the comparison from the raw files.

    Returns
    -------
    found : dict
        Sections of the results, as `kzclusters.analysis.results.comparison` returns them.
    published, clusters : Series, index the regions
        The published clusters and ours.

    Raises
    ------
    InputError
        A rule of a raw file or of the study file is broken.
    """
    sources.check()
    chosen = study.parameters()
    names = sources.regions()["name_en"]
    long = indicators.build(sources.series(), [chosen["year"]])
    with tempfile.TemporaryDirectory() as folder:
        # Written and read back: the same rounding and the same checks as between the notebooks.
        table = write_csv(Path(folder) / "indicators.csv", long)
        raw = read_table(table, year=chosen["year"], columns=chosen["indicators"])
    tree = linkage(standardize(raw, chosen["scaling"]), chosen["linkage"])
    clusters = pd.Series(cut(tree, chosen["n_clusters"]), index=raw.index, name="cluster")
    published = article.published_clusters().reindex(raw.index)
    found = results.comparison(
        raw.columns,
        published,
        clusters,
        names,
        order=article.CLUSTERS,
        registry=list(indicators.registry()),
        **{key: chosen[key] for key in ("indicators", "year", "scaling", "linkage", "n_clusters")},
    )
    return found, published, clusters


def screen(found: dict[str, Any], width: int = 78) -> str:
    """Write the comparison as text for one screen."""
    base, agree, fates = found["baseline"], found["agreement"], found["published"]
    members = {numeral: ", ".join(fate["members"]) for numeral, fate in fates.items()}
    first = 7 + max(map(len, members.values()))
    second = 2 + max(len(fate["relation"]) for fate in fates.values())

    def wrapped(text: str, indent: int = 0) -> list[str]:
        return textwrap.wrap(text, width, subsequent_indent=" " * indent)

    lines = [
        f"Figure 3 rebuilt: {base['year']}, {base['n_indicators']} of "
        f"{base['n_indicators_article']} indicators, {base['scaling_text']}, "
        f"{base['linkage_text']}, {base['n_clusters']} clusters",
        "",
        f"{'published':<{first}}{'came out':<{second}}ours",
    ]
    for numeral, fate in fates.items():
        ours = ", ".join(map(str, fate["ours"]))
        cluster = f"{numeral:<5}{members[numeral]:<{first - 5}}"
        lines.append(f"{cluster}{fate['relation']:<{second}}{ours}")
        if fate["joined_by"]:
            together = f"together with {', '.join(fate['joined_by'])}"
            lines += textwrap.wrap(
                together, width, initial_indent=" " * 5, subsequent_indent=" " * 7
            )
    moved = f" (for instance {results.listing(agree['moved'])})" if agree["moved"] else ""
    recovered = found["recovered"]
    exact = f" ({recovered['text']})" if recovered["n"] else ""
    lines += [
        "",
        *wrapped(
            f"recovered exactly         {recovered['n']} of {recovered['n_published']}{exact}", 26
        ),
        f"adjusted Rand index       {agree['adjusted_rand_index']:.3f} (same grouping 1, chance 0)",
        f"variation of information  {agree['variation_of_information']:.3f} nats (same grouping 0)",
        *wrapped(f"regions that have to move {agree['minimum_moves']}{moved}", 26),
        "",
    ]
    missing = f"Missing indicators: {base['missing_text']}. " if base["missing"] else ""
    lines += wrapped(
        f"{missing}What differs from the article and why: data/README.md. "
        "How far the result depends on the choices: notebooks/04_robustness.ipynb."
    )
    return "\n".join(lines) + "\n"


@command
def main(arguments: list[str] | None = None) -> int:
    """Compute, draw, print; 1 when a file is wrong or the committed figure shows something else."""
    argparse.ArgumentParser(
        "kzclusters.publish.metadata.figure3", description=__doc__.split("\n")[0]
    ).parse_args(arguments)
    found, published, clusters = compute()
    entries = manifest.read(paths.FIGURES / "manifest.yml")
    entry = manifest.fill({"figure3": entries["figure3"]}, found)["figure3"]
    names = sources.regions()["name_en"].to_dict()
    infrastructure = article.infrastructure()
    written = figures.save(
        figures.figure3(published, infrastructure, clusters, names=names),
        "figure3",
        figures.figure3_data(published, infrastructure, clusters),
        paths.BUILD,
        title=entry.title,
        alt=entry.alt,
    )
    print(screen(found))
    print("drawn: " + ", ".join(paths.from_root(path) for path in written))
    committed = [paths.FIGURES / path.name for path in written]
    wrong = [
        paths.from_root(kept)
        for path, kept in zip(written, committed, strict=True)
        if not kept.is_file() or kept.read_bytes() != path.read_bytes()
    ]
    if wrong:
        return fail(f"not the same as the committed {', '.join(wrong)}")
    print("the same, byte for byte, as the committed figure")
    return 0


if __name__ == "__main__":
    sys.exit(main())
