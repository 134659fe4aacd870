// The choices at the side: made once, and shown as the state has them.
"use strict";

const Controls = (data, states, words) => {
  const { $, tell, fill } = Page;
  const { escape, tag, unseen } = Markup;
  const { t, said } = words;

  const options = (keys, name) =>
    keys.map((key) => tag("option", { value: key }, escape(name(key)))).join("");

  function indicatorItem(indicator, variant) {
    const id = `in-${variant.id.replace(":", "-")}`;
    const under = `${id}-under`;
    const box = { type: "checkbox", id, value: variant.id, "aria-describedby": under };
    const label = [
      variant.name && unseen(`${t("variant_of")} `),
      tag("span", { class: "code" }, escape(indicator.code)), " ", escape(said(variant.label)),
      variant.status === "proxy" && ` ${tag("span", { class: "tag" }, escape(said("proxy")))}`,
    ];
    return tag("div", { class: variant.name ? "item variant" : "item", "data-id": variant.id },
      tag("input", box),
      tag("label", { for: id }, label),
      tag("span", { class: "under", id: under }));
  }

  function build() {
    fill("years", data.years.map((year) =>
      tag("label", {}, tag("input", { type: "radio", name: "year", value: String(year) }), year)));
    fill("scaling", options(Compute.SCALINGS, (key) => t(`scaling_${key}`)));
    fill("linkage", options(Compute.LINKAGES, (key) => t(`linkage_${key}`)));
    $("k").max = data.regions.length;
    const names = new Map(data.regions.map(({ code }, i) => [code, words.called(i)]));
    fill("region", [
      tag("option", { value: "" }, escape(t("keep_one"))),
      options([...names.keys()], (code) => names.get(code)),
    ]);
    const groups = new Map();
    for (const indicator of data.indicators) {
      const items = indicator.variants.map((variant) => indicatorItem(indicator, variant));
      groups.set(indicator.group, [...(groups.get(indicator.group) || []), ...items]);
    }
    fill("indicators", [...groups].map(([group, items]) =>
      tag("fieldset", { class: "group" }, tag("legend", {}, escape(words.capital(said(group)))), items)));
  }

  // A bar and a number: how much of all squared distance is this indicator's.
  function shareOf(variant, model) {
    const at = model ? model.ids.indexOf(variant.id) : -1;
    if (at < 0) return "";
    const percent = model.shares[at] * 100;
    const bar = tag("svg",
      { viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
      tag("rect", { class: "rail", width: 100, height: 4 }),
      tag("rect", { width: percent, height: 4 }));
    const name = unseen(`${t("share_of")} `);
    return bar + name + t("percent", { number: words.number(percent, percent < 0.1 ? 2 : 1) });
  }

  function showIndicators(state, model) {
    const taking = new Set(states.taking(state));
    const there = new Set(states.available(state.year));
    tell("indicators-count", t("take_part", { count: taking.size }));
    for (const item of $("indicators").querySelectorAll(".item")) {
      const { indicator, variant } = states.columns.get(item.dataset.id);
      const has = there.has(variant.id);
      const box = item.querySelector("input");
      box.disabled = !has;
      box.checked = taking.has(variant.id);
      item.classList.toggle("absent", !has);
      item.querySelector(".under").innerHTML = has
        ? shareOf(variant, model)
        : escape(words.absence(indicator, variant, state.year));
    }
  }

  function show(state, model) {
    for (const input of $("years").querySelectorAll("input")) {
      input.checked = Number(input.value) === state.year;
    }
    $("scaling").value = state.scaling;
    tell("scaling-note", t(`scaling_${state.scaling}_note`, { n: data.regions.length }));
    $("linkage").value = state.linkage;
    tell("linkage-note", t(`linkage_${state.linkage}_note`));
    $("k").value = state.k;
    $("k").setAttribute("aria-valuetext", words.clusters(state.k));
    tell("k-shown", String(state.k));
    $("figure3").checked = state.figure3;
    $("drawn").value = state.map;
    $("region").value = state.region || "";
    fill("axis", options(states.axes(state.linkage), (key) => t(`axis_${key}`)));
    $("axis").value = state.axis;
    showIndicators(state, model);
    for (const id of ["save-svg", "save-png", "save-csv"]) $(id).disabled = !model;
  }

  return { build, show };
};
