// Names of the choices, numbers as they are printed, and sentences about a model.
"use strict";

const Words = (data) => {
  const scalings = {
    zscore: { name: "z-scores", note: "(x − mean) / s, with s over n − 1" },
    range: { name: "range 0 to 1", note: "(x − min) / (max − min)" },
    rank: { name: "ranks", note: `1 to ${data.regions.length}, equal values share their average rank` },
    "log-zscore": { name: "z-scores of logarithms", note: "z-scores of ln x" },
    none: { name: "no scaling", note: "as measured: the largest numbers decide nearly all" },
  };
  const linkages = {
    ward: { name: "Ward", note: "least increase of the within-cluster sum of squares" },
    average: { name: "average", note: "mean distance between members (UPGMA)" },
    complete: { name: "complete", note: "distance of the farthest members" },
    single: { name: "single", note: "distance of the nearest members" },
    weighted: { name: "weighted", note: "mean of the two parts’ distances (McQuitty, WPGMA)" },
    centroid: { name: "centroid", note: "distance between means; heights may invert" },
    median: { name: "median", note: "distance between midpoints; heights may invert" },
  };
  const axes = { cumulative: "coefficient", increment: "increment", height: "height" };
  const axisNotes = {
    cumulative: "the coefficients of the schedule, each the sum of squares so far",
    increment: "what each merge adds to the sum of squares",
    height: "√(2 × what each merge adds to the sum of squares)",
  };

  // ------------------------------------------------------------------------------ numbers

  const minus = (words) => words.replace("-", "−");
  const fixed = (number, digits) =>
    // no minus before a zero
    minus(number.toFixed(digits).replace(/^-(0(\.0+)?)$/, "$1"));
  function signed(number) {
    if (number === null) return "";
    return (number >= 0.005 ? "+" : "") + fixed(number, 2);
  }
  const formats = [0, 1, 2, 3, 4].map((digits) => {
    const both = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return new Intl.NumberFormat("en", both);
  });
  const grouped = (number, digits) =>
    minus(formats[digits].format(number)).replace(/,/g, "\u202f");

  // Decimals for a column of numbers, so that three or four digits tell them apart.
  function digitsFor(numbers) {
    const largest = Math.max(...numbers.map(Math.abs));
    if (largest >= 1000) return 0;
    if (largest >= 10) return 1;
    return largest >= 1 ? 2 : 4;
  }

  // -------------------------------------------------------------------------------- words

  const joined = (items) =>
    items.length < 2
      ? items.join("")
      : `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
  const clusters = (k) => (k === 1 ? "1 cluster" : `${k} clusters`);
  const capital = (words) => words[0].toUpperCase() + words.slice(1);
  const numeral = (c) => data.published.numerals[c - 1];
  const english = (i) => data.regions[i].en;
  const { texts } = data;
  const hasReference = data.published.numerals.length > 0;
  const count = (n, one, many) => `${n} ${n === 1 ? one : many}`;
  const indicatorCount = ({ ids }) => count(ids.length, texts.variable, texts.variables);

  // "Ward's method", "average linkage".
  const method = (linkage) => (linkage === "ward" ? "Ward's method" : `${linkage} linkage`);

  // What was chosen, with the indicators counted, or named by `which`.
  function settings(model, which = indicatorCount(model)) {
    const scaling = scalings[model.scaling].name;
    const year = data.years.length > 1 ? `${model.year}, ` : "";
    return `${year}${scaling}, ${method(model.linkage)}, ${which}, ${clusters(model.k)}`;
  }

  function axisNote({ axis, linkage }) {
    // without a sum of squares coefficient and height are the same
    const note = linkage === "ward" ? axisNotes[axis] : "distances at which clusters are merged";
    return `Axis: ${note}, rescaled so that the highest is 25.`;
  }

  // Why no straight line cuts the tree into these clusters; nothing if one does.
  const noLine = ({ k, cutLine }) => ({
    inverted: `Heights invert: no straight line cuts this tree into ${clusters(k)}.`,
    equal: `Two merges of the same height lie on either side of this cut: no line gives ${clusters(k)}.`,
    zero: `${capital(texts.cases)} kept apart by this cut do not differ (height 0): no line gives ${clusters(k)}.`,
  })[cutLine.obstacle];

  // What the same look in the two maps means.
  function pairing({ alone }) {
    const one = alone.length === 1;
    return [
      `Same colour and hatching: a cluster here and the cluster of ${texts.reference} that is paired with it.`,
      `The pairs are those that share the most ${texts.cases} in all.`,
      alone.length > 0 && `${joined(alone.map(numeral))} ${one ? "has" : "have"} no partner and ` +
        `${one ? "a look" : "looks"} that no cluster here has.`,
    ].filter(Boolean).join(" ");
  }

    // A unit is not repeated: "employed per 1,000 inhabitants, per 1,000 inhabitants".
  const ownUnit = (label, unit) => (label.includes(unit) ? "" : unit);

  // What a stage of the schedule merges, in parts.
  function merge(row) {
    const side = (lowest, stage) =>
      english(lowest - 1) + (stage ? ` and those merged at stage ${stage}` : "");
    return [
      `Stage ${row.stage}`,
      side(row.cluster_1, row.first_appears_1),
      `+ ${side(row.cluster_2, row.first_appears_2)}`,
      `coefficient ${grouped(row.coefficient, 3)}`,
    ];
  }

  const recovered = (model) => model.fates.filter((fate) => fate.relation === "recovered");

  function agreement(model) {
    if (!hasReference) return "";
    const exact = recovered(model);
    const named = exact.length ? ` (${exact.map((fate) => numeral(fate.cluster)).join(", ")})` : "";
    return (
      `Adjusted Rand index with ${texts.reference}: ${fixed(model.ari, 3)}. ` +
      `Of the ${clusters(data.published.numerals.length)} of ${texts.reference}, ` +
      `${exact.length} ${exact.length === 1 ? "is" : "are"} recovered exactly${named}.`
    );
  }

  // Where the cases of a cluster of the reference are; `named` writes the number of a cluster.
  function fate({ relation, clusters: parts, company }, named) {
    const others = company.map(english);
    const with_ = others.length > 5 ? `${others.length} other ${texts.cases}` : joined(others);
    const where = joined(parts.map(named));
    return {
      recovered: `recovered exactly: cluster ${where}`,
      merged: `merged into cluster ${where}, joined by ${with_}`,
      split: `split over clusters ${where}, no other ${texts.case} among them`,
      "split and merged": `split over clusters ${where}, joined by ${with_}`,
    }[relation];
  }

  // Why a variant has no values in a year.
  function absence(indicator, variant, year) {
    const gaps = variant.gaps[year];
    if (gaps) {
      const regions = data.regions.filter((region) => gaps.includes(region.code));
      return `no number for ${joined(regions.map((region) => region.en))} in ${year}`;
    }
    return `no data in ${year}${indicator.missing ? `: ${indicator.missing}` : ""}`;
  }

  return {
    scalings, linkages, axes, axisNote, noLine, pairing, fixed, signed, grouped, digitsFor,
    ownUnit, texts, hasReference, count, joined, clusters, capital, numeral, english, method, settings, merge,
    recovered, agreement, fate, absence,
  };
};
