// What the reader has chosen, and how the address bar carries it. Everything that decides what
// is seen is in the state, and nothing else is.
"use strict";

const States = (data) => {
  const columns = new Map();
  for (const indicator of data.indicators) {
    for (const variant of indicator.variants) columns.set(variant.id, { indicator, variant });
  }
  const codes = data.regions.map((region) => region.code);
  const axes = (linkage) =>
    Compute.AXES.filter((axis) => axis !== "increment" || linkage === "ward");

  const baseline = () => ({
    ...data.baseline,
    axis: "cumulative",
    figure3: false,
    region: null,
    theme: null,
  });

  // Ids whose indicator has a number in every region in that year.
  const available = (year) =>
    [...columns.keys()].filter((id) => columns.get(id).variant.values[year]);

  // Ids that take part: what was chosen, as far as that year has it, in the order of the registry.
  function taking(state) {
    const there = available(state.year);
    if (state.indicators === "all") return there.filter((id) => !columns.get(id).variant.name);
    return there.filter((id) => state.indicators.includes(id));
  }

  // Chosen by name, but without data in that year.
  function absent(state) {
    if (state.indicators === "all") return [];
    const there = available(state.year);
    return state.indicators.filter((id) => !there.includes(id));
  }

  const safe = (text) => encodeURIComponent(text).replace(/%3A/g, ":").replace(/%2C/g, ",");

  function format(state) {
    const parts = {
      year: state.year,
      scaling: state.scaling,
      linkage: state.linkage,
      k: state.k,
      indicators: state.indicators === "all" ? "all" : state.indicators.join(",") || "none",
      axis: state.axis,
      figure3: state.figure3 ? 1 : 0,
    };
    if (state.region) parts.region = state.region;
    if (state.theme) parts.theme = state.theme;
    return (
      "#" +
      Object.entries(parts)
        .map(([key, value]) => `${key}=${safe(String(value))}`)
        .join("&")
    );
  }

  // One reader a key: returns the value, or undefined where the text is none.
  const oneOf = (list) => (text) => list.find((item) => String(item) === text);
  const readers = {
    year: oneOf(data.years),
    scaling: oneOf(Compute.SCALINGS),
    linkage: oneOf(Compute.LINKAGES),
    k: oneOf(codes.map((_, i) => i + 1)),
    axis: oneOf(Compute.AXES),
    figure3: (text) => ({ 0: false, 1: true })[text],
    region: oneOf(codes),
    theme: oneOf(["light", "dark"]),
  };

  function readIndicators(text, problems) {
    if (text === "all") return "all";
    if (text === "none") return [];
    const wanted = text.split(",").filter(Boolean);
    const unknown = wanted.filter((id) => !columns.has(id));
    if (unknown.length) problems.push(`There is no indicator “${unknown.join("”, “")}”; left out.`);
    const known = [...columns.keys()].filter((id) => wanted.includes(id));
    if (!known.length) {
      problems.push("No known indicator was named; all with data take part.");
      return "all";
    }
    return known;
  }

  // The state a hash names. What it does not name, or names wrongly, is as in the baseline;
  // each thing that is wrong adds a sentence to `problems`.
  function parse(hash) {
    const state = baseline();
    const problems = [];
    const seen = new Set();
    for (const part of hash.replace(/^#/, "").split("&").filter(Boolean)) {
      const at = part.indexOf("=");
      const key = at < 0 ? part : part.slice(0, at);
      let text = at < 0 ? "" : part.slice(at + 1);
      try {
        text = decodeURIComponent(text);
      } catch {
        // a broken escape: the text as it stands is named in the message
      }
      const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
      if (seen.has(key)) {
        problems.push(`“${key}” stands twice; the first counts.`);
      } else if (key === "indicators") {
        state.indicators = readIndicators(text, problems);
      } else if (Object.hasOwn(readers, key)) {
        const value = readers[key](text);
        if (value === undefined) {
          const used = state[key] === null ? "none" : state[key] === false ? "0" : state[key];
          problems.push(`“${shown}” is no value of ${key}; ${used} is used.`);
        } else state[key] = value;
      } else {
        problems.push(`“${key.slice(0, 60)}” is not known and was left out.`);
      }
      seen.add(key);
    }
    if (!axes(state.linkage).includes(state.axis)) {
      problems.push("The increment axis is defined for Ward only; the cumulative one is used.");
      state.axis = "cumulative";
    }
    return { state, problems };
  }

  return { baseline, parse, format, taking, absent, available, columns, axes };
};
