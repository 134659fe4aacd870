// Names of the choices, numbers as they are printed, and sentences about a model.
"use strict";

const Words = (data, speech) => {
  const { t, number, joined, language } = speech;
  const hasReference = data.published.numerals.length > 0;

  // Words of the table itself, where they have been translated.
  const said = (text) => ((data.names || {})[text] || {})[language()] || text;
  const ownName = (i) => data.regions[i].others.find(({ lang }) => lang === language());
  // what a case is called: in a sentence, and where there is little room
  function called(i) {
    const own = ownName(i);
    return own ? own.short || own.name : data.regions[i].en;
  }
  const shorter = (i) => (ownName(i) || data.regions[i]).shorter;
  const shortest = (i) => (ownName(i)
    ? called(i).match(/\p{L}{2,}|$/u)[0].slice(0, 3).toUpperCase() : data.regions[i].code.replace(/^.*-/, ""));
  // its names in all languages, that of the page first
  function names(i) {
    const { en, others } = data.regions[i];
    return [{ lang: "en", name: en }, ...others]
      .sort((a, b) => (b.lang === language()) - (a.lang === language()));
  }

  function signed(value) {
    if (value === null) return "";
    return (value >= 0.005 ? "+" : "") + number(value, 2);
  }

  // Decimals for a column of numbers, so that three or four digits tell them apart.
  function digitsFor(numbers) {
    const largest = Math.max(...numbers.map(Math.abs));
    if (largest >= 1000) return 0;
    if (largest >= 10) return 1;
    return largest >= 1 ? 2 : 4;
  }

  const clusters = (k) => t("clusters", { k }, k);
  const capital = (words) => words[0].toUpperCase() + words.slice(1);
  const numeral = (c) => data.published.numerals[c - 1];
  const method = (linkage) => t(`method_${linkage}`);
  const variableCount = ({ ids }) => t("variables_count", { count: ids.length });

  // What was chosen, with the variables counted, or named by `which`.
  function settings(model, which = variableCount(model)) {
    const chosen = [t(`scaling_${model.scaling}`), method(model.linkage), which, clusters(model.k)];
    return (data.years.length > 1 ? [String(model.year), ...chosen] : chosen).join(", ");
  }

  function axisNote({ axis, linkage }) {
    // without a sum of squares coefficient and height are the same
    return t("axis_sentence", { note: t(`axis_${linkage === "ward" ? axis : "distance"}_note`) });
  }

  // Why no straight line cuts the tree into these clusters; nothing if one does.
  const noLine = ({ k, cutLine }) => cutLine.obstacle && t(cutLine.obstacle, { clusters: clusters(k) });

  // What the same look in the two maps means.
  function pairing({ alone }) {
    const named = joined(alone.map(numeral));
    return t("pairing") + (alone.length ? ` ${t("pairing_alone", { named }, alone.length)}` : "");
  }

  // A unit is not repeated: "employed per 1,000 inhabitants, per 1,000 inhabitants".
  const ownUnit = (label, unit) => (label.includes(unit) ? "" : said(unit));

  // A side of a merge: its lowest case, and since when there are more.
  const side = (lowest, stage) =>
    (stage ? t("merged_at", { name: called(lowest - 1), stage }) : called(lowest - 1));
  const mergeLabel = (row) => t("merge_label", {
    stage: row.stage, one: side(row.cluster_1, row.first_appears_1),
    other: side(row.cluster_2, row.first_appears_2), value: number(row.coefficient, 3),
  });

  const recovered = (model) => model.fates.filter((fate) => fate.relation === "recovered");

  function agreement(model) {
    if (!hasReference) return "";
    const found = recovered(model);
    const named = found.map((fate) => numeral(fate.cluster)).join(", ");
    const exact = found.length ? t("exact", { count: found.length, named }) : t("exact_none");
    const all = clusters(data.published.numerals.length);
    return t("agreement", { ari: number(model.ari, 3), clusters: all, exact });
  }

  const FATES = { "split and merged": "both" };

  // Where the cases of a cluster of the reference are; `named` writes the number of a cluster.
  function fate({ relation, clusters: parts, company }, named) {
    const others = company.map(called);
    return t(`fate_${FATES[relation] || relation}`, {
      here: joined(parts.map(named)),
      company: others.length > 5 ? t("others", { count: others.length }) : joined(others),
    });
  }

  // Why a variant has no values in a year.
  function absence(indicator, variant, year) {
    const gaps = variant.gaps[year];
    if (gaps) {
      const empty = data.regions.flatMap(({ code }, i) => (gaps.includes(code) ? [called(i)] : []));
      return t("no_number", { names: joined(empty), year });
    }
    const reason = said(indicator.missing);
    return reason ? t("absent_since", { year, reason }) : t("absent", { year });
  }

  return {
    t, number, joined, language, said, called, shorter, shortest, names, signed, digitsFor, ownUnit, hasReference,
    clusters, capital, numeral, method, settings, axisNote, noLine, pairing, mergeLabel,
    recovered, agreement, fate, absence,
  };
};
