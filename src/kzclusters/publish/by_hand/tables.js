// HTML of the tables: candidates, the new row, the schedule, the heights of other programs.
"use strict";

const Tables = (drawing, speech) => {
  const { escape, tag } = Markup;
  const { t, number } = speech;
  const MOST = 60; // candidates shown at once
  const head = (keys) => tag("thead", {}, tag("tr", {}, keys.map((key) => (key ? tag("th", { scope: "col" }, escape(key)) : tag("td", {})))));
  const cells = (values) => values.map((value) => tag("td", { class: typeof value === "number" ? "number" : undefined },
    typeof value === "number" ? figure(value) : value));
  // four digits that count, as many decimals as that takes
  const decimals = (v) => (v === 0 || Math.abs(v) >= 1000 ? 0 : Math.max(0, Math.min(6, 3 - Math.floor(Math.log10(Math.abs(v))))));
  const figure = (v) => number(v, decimals(v));
  const braced = (cluster, state) => escape(`{${drawing.names(cluster, state)}}`);

  function candidates(list, state, { guess = null, all = false } = {}) {
    const shown = all ? list : list.slice(0, MOST);
    const ward = state.linkage === "ward";
    const rows = shown.map((c) => {
      const guessed = guess && c.one.place === guess[0] && c.other.place === guess[1];
      const mark = [c.made && t("merged_mark"), guessed && t("guess_mark")].filter(Boolean).join(" · ");
      return tag("tr", { class: [c.made && "best", guessed && "guess"].filter(Boolean).join(" ") || undefined },
        tag("th", { scope: "row" }, `${braced(c.one, state)} + ${braced(c.other, state)}`),
        cells([`${c.one.members.length}, ${c.other.members.length}`, c.cost]), ward ? "" : cells([c.increase]),
        cells([escape(mark)]));
    });
    const more = list.length > shown.length
      ? tag("button", { type: "button", id: "all-pairs" }, escape(t("all_pairs", { count: list.length }))) : "";
    const heads = [t("pair"), t("sizes"), t("cost"), ...(ward ? [] : [t("increase")]), ""];
    return tag("table", {}, head(heads), tag("tbody", {}, rows)) + more;
  }

  // The formula with its numbers; average linkage is a mean of distances, not of their squares.
  function filled(linkage, { a, b, h, p, q, r }) {
    const [A, B, H] = [a, b, h].map((v) => figure(linkage === "average" || linkage === "weighted" ? Math.sqrt(2 * v) : v));
    return {
      ward: `((${p} + ${r}) × ${A} + (${q} + ${r}) × ${B} − ${r} × ${H}) / (${p} + ${q} + ${r})`,
      average: `(${p} × ${A} + ${q} × ${B})² / (${p} + ${q})² / 2`,
      complete: `max(${A}; ${B})`,
      single: `min(${A}; ${B})`,
      weighted: `((${A} + ${B}) / 2)² / 2`,
      centroid: `(${p} × ${A} + ${q} × ${B}) / (${p} + ${q}) − ${p} × ${q} × ${H} / (${p} + ${q})²`,
      median: `(${A} + ${B}) / 2 − ${H} / 4`,
    }[linkage];
  }

  function newRow(list, state) {
    const rows = list.map((row) => tag("tr", {},
      tag("th", { scope: "row" }, braced(row.third, state)), cells([row.a, row.b]),
      tag("td", { class: "formula" }, escape(filled(state.linkage, row))), cells([row.result])));
    return tag("table", {}, head([t("third"), t("to_first"), t("to_second"), t("formula"), t("new_cost")]), tag("tbody", {}, rows));
  }

  function schedule(model, state) {
    let total = 0;
    const rows = model.schedule.slice(0, state.predict ? state.step : undefined).map((row, at) => {
      const made = Steps.made(model.stages[at]);
      total += made.increase;
      return tag("tr", { class: row.stage === state.step ? "best" : row.stage > state.step ? "later" : undefined },
        tag("th", { scope: "row" }, row.stage),
        cells([`${braced(made.one, state)} + ${braced(made.other, state)}`, model.costs[at], total]));
    });
    return tag("table", {}, head([t("stage"), t("merged"), t("cost"), t("sum_of_squares")]), tag("tbody", {}, rows));
  }

  // The latest height as other programs print it.
  function heights(model, state) {
    const cost = model.costs[state.step - 1];
    const item = (name, value) => tag("div", {}, tag("dt", {}, escape(name)), tag("dd", {}, figure(value)));
    const ward = state.linkage === "ward";
    const squared = Compute.SQUARED.has(state.linkage);
    return [
      item("scipy, R hclust (ward.D2)", Math.sqrt(2 * cost)),
      squared && item("R hclust (ward.D, d²)", 2 * cost),
      ward && item("SPSS", model.costs.slice(0, state.step).reduce((a, b) => a + b, 0)),
    ].filter(Boolean).join("").replace(/ \(ward\.D2\)/, ward ? " (ward.D2)" : "").replace("(ward.D, d²)", ward ? "(ward.D, d²)" : "(d²)");
  }

  return { candidates, newRow, schedule, heights, figure, braced };
};
