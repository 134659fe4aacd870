// HTML of the tables, of the region and of the tips.
"use strict";

const Tables = (data, pictures, words) => {
  const { escape, tag, unseen } = Markup;
  const { called, numeral, said, t } = words;
  const th = (inside, given = {}) => tag("th", { scope: "col", ...given }, inside);
  const rowHead = (inside, given = {}) => tag("th", { scope: "row", ...given }, inside);
  const td = (inside, given = {}) => tag("td", given, inside);
  const number = { class: "number" };
  const table = (head, rows) =>
    tag("thead", {}, tag("tr", {}, head)) + tag("tbody", {}, rows);

  const codeOf = (variant) => escape(variant.id.split(":")[0]);
  const column = (model, j) => model.values.map((row) => row[j]);
  const ours = (model, c) => pictures.inlineChip(model.looks ? model.looks[c - 1] : c, String(c));
  const theirs = (model, c) => pictures.inlineChip(model.publishedLooks[c - 1], numeral(c));

  // ------------------------------------------------------------------------------ profile

  // How far a z-score is from 0, in three steps, for the tint of its cell.
  function tint(z) {
    if (z === null || Math.abs(z) < 0.25) return undefined;
    const step = Math.abs(z) < 0.75 ? 1 : Math.abs(z) < 1.5 ? 2 : 3;
    return `z-${z < 0 ? "low" : "high"}-${step}`;
  }

  function indicatorHead(variant, marks = "") {
    const unit = words.ownUnit(variant.short, variant.unit);
    return rowHead([
      tag("b", {}, codeOf(variant)), " ", escape(said(variant.short)), marks,
      unit && tag("span", { class: "unit" }, escape(unit)),
    ]);
  }

  function profile(model) {
    const heads = model.members.map((members, c) => {
      const names = escape(members.map(called).join(", "));
      const inside = [ours(model, c + 1), unseen(`${t("cluster_name", { c: c + 1 })} `), tag("span", { class: "members" }, names)];
      return th(inside, { class: members.length > 4 && "many" });
    });
    const rows = model.variants.map((variant, j) => {
      const digits = words.digitsFor(column(model, j));
      const cells = model.means.map((means, c) => {
        const z = model.zMeans[j] && model.zMeans[j][c];
        const inside = [words.number(means[j], digits), tag("span", {}, words.signed(z))];
        return td(inside, { class: tint(z) });
      });
      return tag("tr", {}, indicatorHead(variant), cells);
    });
    return table([th(escape(t("variable_head"))), heads], rows);
  }

  // ---------------------------------------------------------------------------- agreement

  function measures(model) {
    if (!words.hasReference) return "";
    const exact = words.recovered(model);
    const named = words.joined(exact.map((fate) => numeral(fate.cluster)));
    const one = (id, value, note) => tag("div", {}, tag("dt", {}, escape(t(id))),
      tag("dd", { id }, escape(value), tag("small", {}, escape(note))));
    return [
      one("ari", words.number(model.ari, 3), t("ari_note")),
      one("vi", words.number(model.vi, 3), t("vi_note", { most: words.number(Math.log(data.regions.length), 3) })),
      one("recovered", t("recovered_of", { count: exact.length, all: model.fates.length }),
        exact.length ? t("recovered_note", { named }, exact.length) : t("recovered_none")),
      one("moves", String(model.moves), t("moves_note")),
    ].join("");
  }

  function fates(model) {
    const rows = model.fates.map((fate) => {
      const c = fate.cluster;
      const members = data.published.membership.flatMap((m, i) => (m === c ? [called(i)] : []));
      // numbers are marked, so that a chip can take their place after escaping
      const here = escape(words.fate(fate, (part) => `#${part}#`)).replace(
        /#(\d+)#/g, (_, part) => ours(model, Number(part)) + unseen(part)
      );
      return tag("tr", {},
        rowHead([theirs(model, c), unseen(numeral(c))]),
        td(escape(members.join(", "))),
        td(here, { class: fate.relation === "recovered" ? "exact" : undefined })
      );
    });
    return table(["reference_head", "cases_head", "here"].map((key) => th(escape(t(key)))), rows);
  }

  // ----------------------------------------------------------------------------- schedule

  function schedule(model) {
    const last = Math.max(...model.schedule.map((row) => row.coefficient));
    const digits = last >= 1e4 ? 0 : last >= 100 ? 2 : 3;
    const who = (lowest) => {
      const name = escape(called(lowest - 1));
      return td(`${tag("span", { class: "case" }, lowest)} ${name}`, { class: "who" });
    };
    const stage = (value) => td(value || "–", number);
    const star = tag("abbr", { title: t("tied") }, "*");
    const cut = tag("tr", { class: "cut-row" },
      td(escape(t("cut_row", { clusters: words.clusters(model.k) })), { colspan: 7 }));
    const rows = model.schedule.map((row) => [
      row.stage === data.regions.length - model.k + 1 && cut,
      tag("tr", { "data-stage": row.stage },
        rowHead([row.stage, row.tie && star], number),
        who(row.cluster_1), who(row.cluster_2),
        td(words.number(row.coefficient, digits), number),
        stage(row.first_appears_1), stage(row.first_appears_2), stage(row.next_stage)
      ),
    ]);
    const heads = ["stage", "cluster_1", "cluster_2", "coefficient", "first_appears_1", "first_appears_2", "next_stage"];
    return table(heads.map((key) => th(escape(t(key)), key.startsWith("cluster") ? {} : number)), rows);
  }

  function scheduleNote(model) {
    const what = t(`schedule_${model.linkage === "ward" ? "ward" : "distance"}`);
    const tie = model.schedule.some((row) => row.tie) ? ` ${t("schedule_tie")}` : "";
    return t("schedule_note", { what }) + tie;
  }

  // -------------------------------------------------------------------------- definitions

  function definitions() {
    const rows = data.indicators.flatMap((indicator) =>
      indicator.variants.map((variant) => {
        const status = variant.anyData
          ? [said(variant.status), said(variant.differs)] : [t("missing"), said(indicator.missing)];
        return tag("tr", {},
          rowHead([escape(indicator.code), variant.name && ` ${tag("code", {}, escape(variant.name))}`]),
          td(escape(said(indicator.definition))),
          td(escape([said(variant.label), words.ownUnit(variant.label, variant.unit)].filter(Boolean).join(", "))),
          td(tag("code", {}, escape(variant.formula))),
          td(escape(status.filter(Boolean).join(": ")))
        );
      })
    );
    const heads = ["variable_head", ...[1, 2, 3, 4].map((at) => `definition_${at}`)];
    return table(heads.map((key) => th(escape(t(key)))), rows);
  }

  // --------------------------------------------------------------------- clusters, region

  function roster(model) {
    const items = model.members.map((members, c) =>
      tag("li", {},
        ours(model, c + 1),
        tag("span", {}, unseen(`${t("cluster_name", { c: c + 1 })} `), escape(members.map(called).join(", "))))
    );
    return tag("p", { class: "note" }, escape(t("roster_hint"))) + tag("ul", { class: "roster" }, items);
  }

  function values(model, i, letter) {
    const rows = model.variants.map((variant, j) => {
      const digits = words.digitsFor(column(model, j));
      const marks = ` ${tag("sup", {}, variant.series.map(letter).join(" "))}`;
      return tag("tr", {},
        indicatorHead(variant, marks),
        td(words.number(model.values[i][j], digits), number),
        td(words.signed(model.zScores[j] && model.zScores[j][i]), number)
      );
    });
    const heads = [th(data.years.length > 1 ? model.year : escape(t("variable_head"))),
      th(escape(t("value")), number), th(escape(t("z_score")), number)];
    return tag("table", {}, table(heads, rows));
  }

  // The series behind the values, by publisher, each with the letter it has in the table.
  function sources(letters) {
    const publishers = new Map();
    for (const [name, sign] of letters) {
      const { title, publisher, table: official } = data.series[name];
      const item = tag("li", {},
        tag("b", {}, sign),
        tag("span", {}, tag("i", {}, escape(said(title))), `. ${escape(said(official))}.`)
      );
      publishers.set(publisher, [...(publishers.get(publisher) || []), item]);
    }
    return [...publishers].map(
      ([publisher, items]) =>
        tag("p", { class: "note publisher" }, escape(said(publisher))) +
        tag("ul", { class: "sources" }, items)
    );
  }

  function region(model, i) {
    const [, ...others] = words.names(i);
    const about = said(data.regions[i].about);
    const cluster = model.membership[i];
    const published = data.published.membership[i];
    const letters = new Map();
    const letter = (name) => {
      if (!letters.has(name)) letters.set(name, String.fromCharCode(97 + letters.size));
      return letters.get(name);
    };
    return [
      tag("h3", {}, escape(called(i))),
      others.length > 0 && tag("p", { class: "names" }, others.map(({ lang, name }, place) =>
        [place > 0 && " · ", tag("span", { lang }, escape(name))])),
      about && tag("p", { class: "names" }, escape(about)),
      tag("p", { class: "belongs" },
        tag("span", {}, ours(model, cluster), ` ${escape(t("cluster_here", { c: cluster }))}`),
        words.hasReference && tag("span", {},
          theirs(model, published), ` ${escape(t("cluster_there", { c: numeral(published) }))}`)),
      values(model, i, letter),
      letters.size > 0 && tag("h3", { class: "unseen" }, escape(t("sources"))),
      ...sources(letters),
    ].filter(Boolean).join("");
  }

  // --------------------------------------------------------------------------------- tips

  const lines = (items) => items.map((item) => tag("span", {}, escape(item))).join("");

  function regionTip(model, i, hint) {
    const [, ...others] = words.names(i);
    const given = { c: model.membership[i], there: words.hasReference && numeral(data.published.membership[i]) };
    return (
      tag("b", {}, escape(called(i))) +
      others.map(({ lang, name }) => tag("span", { lang }, escape(name))).join("") +
      lines([t(words.hasReference ? "tip_there" : "tip_here", given), ...hint])
    );
  }

  const listed = (cases) => (cases.length > 16
    ? t("tip_more", { some: cases.slice(0, 15).map(called).join(", "), count: cases.length - 15 })
    : words.joined(cases.map(called)));

  // What a stage merges, member by member, what it adds, and which pair was the runner-up.
  function mergeTip(model, stage) {
    const row = model.schedule[stage - 1];
    const { members: [one, other], second } = model.merges[stage - 1];
    const ward = model.linkage === "ward";
    const before = stage > 1 ? model.schedule[stage - 2].coefficient : 0;
    const added = (d) => words.number(ward ? d / 2 : Compute.SQUARED.has(model.linkage) ? Math.sqrt(Math.max(d, 0)) : d, 3);
    return tag("b", {}, escape(t("tip_stage", { stage: row.stage }))) + lines([
      listed(one), `+ ${listed(other)}`,
      ward && t("tip_increase", { value: words.number(row.coefficient - before, 3) }),
      t("tip_coefficient", { value: words.number(row.coefficient, 3) }),
      second && t("tip_second", { one: listed(second.members[0]), other: listed(second.members[1]), value: added(second.d) }),
    ].filter(Boolean));
  }

  return {
    profile, measures, fates, schedule, scheduleNote, definitions, roster, region,
    regionTip, mergeTip,
  };
};
