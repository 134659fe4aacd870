// What the reader has chosen, and how the address bar carries it. Everything that decides what
// is seen is in the state, and nothing else is.
"use strict";

const States = (data, t) => {
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
    map: data.map ? "outlines" : "tiles",
    region: null,
    theme: null,
    language: null,
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
    if (state.map !== baseline().map) parts.map = state.map;
    if (state.region) parts.region = state.region;
    if (state.theme) parts.theme = state.theme;
    if (state.language) parts.language = state.language;
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
    figure3: (text) => ({ 0: false, 1: data.published.numerals.length > 0 })[text],
    map: oneOf(data.map ? ["outlines", "tiles"] : ["tiles"]),
    region: oneOf(codes),
    theme: oneOf(["light", "dark"]),
    language: oneOf(Object.keys(data.texts)),
  };

  // What is used where the baseline has no word for it.
  const standing = { figure3: () => "0", region: () => t("used_none"), theme: () => t("used_system"), language: () => t("used_system") };

  function readIndicators(text, problems) {
    if (text === "all") return "all";
    if (text === "none") return [];
    const wanted = [...new Set(text.split(",").filter(Boolean))];
    const every = wanted.includes("all");
    const unknown = wanted.filter((id) => id !== "all" && !columns.has(id));
    if (unknown.length) {
      const named = unknown.map((id) => t("quoted", { text: id.length > 60 ? `${id.slice(0, 60)}…` : id })).join(", ");
      problems.push(t("unknown_variables", { named }, unknown.length));
    }
    if (every && !wanted.some((id) => columns.has(id))) return "all";
    const known = [...columns.keys()].filter((id) => wanted.includes(id));
    if (!known.length) {
      problems.push(t("unknown_all"));
      return "all";
    }
    return every ? ["all", ...known] : known;
  }

  // "all" beside names means the main indicators of the year, which may come later in the
  // address.
  function spelledOut({ year, indicators }) {
    if (!indicators.includes("all") || indicators === "all") return indicators;
    const main = new Set(taking({ year, indicators: "all" }));
    return [...columns.keys()].filter((id) => main.has(id) || indicators.includes(id));
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
        // a broken escape: the message names the text as it is
      }
      const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
      if (seen.has(key)) {
        problems.push(t("given_twice", { key }));
      } else if (key === "indicators") {
        state.indicators = readIndicators(text, problems);
      } else if (Object.hasOwn(readers, key)) {
        const value = readers[key](text);
        if (value === undefined) {
          const used = standing[key] ? standing[key]() : state[key];
          problems.push(t("no_value", { value: shown, key, used }));
        } else state[key] = value;
      } else {
        problems.push(t("unknown_key", { key: key.slice(0, 60) }));
      }
      seen.add(key);
    }
    state.indicators = spelledOut(state);
    if (!axes(state.linkage).includes(state.axis)) {
      problems.push(t("axis_replaced"));
      state.axis = "cumulative";
    }
    return { state, problems };
  }

  return { baseline, parse, format, taking, absent, available, columns, axes };
};
