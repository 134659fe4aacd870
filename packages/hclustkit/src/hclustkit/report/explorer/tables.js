// HTML of the tables, of the region and of the tips.
"use strict";

const Tables = (data, pictures, words) => {
  const { escape, tag, unseen } = Markup;
  const { english, numeral } = words;
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
      tag("b", {}, codeOf(variant)), " ", escape(variant.short), marks,
      unit && tag("span", { class: "unit" }, escape(unit)),
    ]);
  }

  function profile(model) {
    const heads = model.members.map((members, c) => {
      const names = escape(members.map(english).join(", "));
      const inside = [ours(model, c + 1), unseen(`Cluster ${c + 1}: `), tag("span", { class: "members" }, names)];
      return th(inside, { class: members.length > 4 && "many" });
    });
    const rows = model.variants.map((variant, j) => {
      const digits = words.digitsFor(column(model, j));
      const cells = model.means.map((means, c) => {
        const z = model.zMeans[j] && model.zMeans[j][c];
        const inside = [words.grouped(means[j], digits), tag("span", {}, words.signed(z))];
        return td(inside, { class: tint(z) });
      });
      return tag("tr", {}, indicatorHead(variant), cells);
    });
    return table([th(escape(words.capital(words.texts.variable))), heads], rows);
  }

  // ---------------------------------------------------------------------------- agreement

  function measures(model) {
    if (!words.hasReference) return "";
    const exact = words.recovered(model);
    const named = words.joined(exact.map((fate) => numeral(fate.cluster)));
    const most = words.fixed(Math.log(data.regions.length), 3);
    const one = (id, name, value, note) =>
      tag("div", {}, tag("dt", {}, name), tag("dd", { id }, value, tag("small", {}, note)));
    return [
      one("ari", "Adjusted Rand index", words.fixed(model.ari, 3), "1 the same, about 0 by chance"),
      one("vi", "Variation of information", words.fixed(model.vi, 3),
        `nats; 0 the same, at most ${most}`),
      one("recovered", "Recovered exactly", `${exact.length} of ${model.fates.length}`,
        exact.length ? `cluster${exact.length === 1 ? "" : "s"} ${named}` : "none"),
      one("moves", `${words.capital(words.texts.cases)} to move`, String(model.moves),
        "the fewest that turn one grouping into the other"),
    ].join("");
  }

  function fates(model) {
    const rows = model.fates.map((fate) => {
      const c = fate.cluster;
      const members = data.published.membership.flatMap((m, i) => (m === c ? [english(i)] : []));
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
    return table([th(escape(words.texts.reference)), th(escape(words.capital(words.texts.cases))), th("Here")], rows);
  }

  // ----------------------------------------------------------------------------- schedule

  function schedule(model) {
    const last = Math.max(...model.schedule.map((row) => row.coefficient));
    const digits = last >= 1e4 ? 0 : last >= 100 ? 2 : 3;
    const who = (lowest) => {
      const name = escape(english(lowest - 1));
      return td(`${tag("span", { class: "case" }, lowest)} ${name}`, { class: "who" });
    };
    const stage = (value) => td(value || "–", number);
    const star = tag("abbr", { title: "another pair was equally near" }, "*");
    const cut = tag("tr", { class: "cut-row" },
      td(`cut: ${words.clusters(model.k)}`, { colspan: 7 }));
    const rows = model.schedule.map((row) => [
      row.stage === data.regions.length - model.k + 1 && cut,
      tag("tr", { "data-stage": row.stage },
        rowHead([row.stage, row.tie && star], number),
        who(row.cluster_1), who(row.cluster_2),
        td(words.grouped(row.coefficient, digits), number),
        stage(row.first_appears_1), stage(row.first_appears_2), stage(row.next_stage)
      ),
    ]);
    const heads = ["Coefficient", "1 first appears", "2 first appears", "Next stage"];
    const first = [th("Stage", number), th("Cluster 1"), th("Cluster 2")];
    return table([first, heads.map((head) => th(head, number))], rows);
  }

  function scheduleNote(model) {
    const what = model.linkage === "ward"
      ? "total within-cluster sum of squares after the merge"
      : "distance at which the two were merged";
    const tie = model.schedule.some((row) => row.tie)
      ? " An asterisk marks a stage at which another pair was equally near." : "";
    return `Clusters are named by their lowest case. Coefficient: ${what}.${tie}`;
  }

  // -------------------------------------------------------------------------- definitions

  function definitions() {
    const rows = data.indicators.flatMap((indicator) =>
      indicator.variants.map((variant) => {
        const status = variant.anyData
          ? [variant.status, variant.differs] : ["missing", indicator.missing];
        return tag("tr", {},
          rowHead([escape(indicator.code), variant.name && ` ${tag("small", {}, escape(variant.name))}`]),
          td(escape(indicator.definition)),
          td(escape([variant.label, words.ownUnit(variant.label, variant.unit)].filter(Boolean).join(", "))),
          td(tag("code", {}, escape(variant.formula))),
          td(escape(status.filter(Boolean).join(": ")))
        );
      })
    );
    const heads = [words.capital(words.texts.variable), ...words.texts.definition];
    return table(heads.map((head) => th(escape(head))), rows);
  }

  // --------------------------------------------------------------------- clusters, region

  function roster(model) {
    const hint =
      `Point at a ${words.texts.case} in a picture, or move to it with the keyboard: its values and their ` +
      "sources are then shown here. A click or Enter keeps it.";
    const items = model.members.map((members, c) =>
      tag("li", {},
        ours(model, c + 1),
        tag("span", {}, unseen(`Cluster ${c + 1}: `), escape(members.map(english).join(", "))))
    );
    return tag("p", { class: "note" }, escape(hint)) + tag("ul", { class: "roster" }, items);
  }

  function values(model, i, letter) {
    const rows = model.variants.map((variant, j) => {
      const digits = words.digitsFor(column(model, j));
      const marks = ` ${tag("sup", {}, variant.series.map(letter).join(" "))}`;
      return tag("tr", {},
        indicatorHead(variant, marks),
        td(words.grouped(model.values[i][j], digits), number),
        td(words.signed(model.zScores[j] && model.zScores[j][i]), number)
      );
    });
    const heads = [th(data.years.length > 1 ? model.year : escape(words.capital(words.texts.variable))), th("Value", number), th("z-score", number)];
    return tag("table", {}, table(heads, rows));
  }

  // The series behind the values, by publisher, each with the letter it has in the table.
  function sources(letters) {
    const publishers = new Map();
    for (const [name, sign] of letters) {
      const { title, publisher, table: official } = data.series[name];
      const item = tag("li", {},
        tag("b", {}, sign),
        tag("span", {}, tag("i", {}, escape(title)), `. ${escape(official)}.`)
      );
      publishers.set(publisher, [...(publishers.get(publisher) || []), item]);
    }
    return [...publishers].map(
      ([publisher, items]) =>
        tag("p", { class: "note publisher" }, escape(publisher)) +
        tag("ul", { class: "sources" }, items)
    );
  }

  function region(model, i) {
    const { en, others, about } = data.regions[i];
    const cluster = model.membership[i];
    const published = data.published.membership[i];
    const letters = new Map();
    const letter = (name) => {
      if (!letters.has(name)) letters.set(name, String.fromCharCode(97 + letters.size));
      return letters.get(name);
    };
    return [
      tag("h3", {}, escape(en)),
      others.length > 0 && tag("p", { class: "names" }, others.map(({ lang, name }, place) =>
        [place > 0 && " · ", tag("span", { lang }, escape(name))])),
      about && tag("p", { class: "names" }, escape(about)),
      tag("p", { class: "belongs" },
        tag("span", {}, ours(model, cluster), ` cluster ${cluster} here`),
        words.hasReference && tag("span", {},
          theirs(model, published), ` cluster ${numeral(published)} in ${words.texts.reference}`)),
      values(model, i, letter),
      letters.size > 0 && tag("h3", { class: "unseen" }, "Sources"),
      ...sources(letters),
    ].filter(Boolean).join("");
  }

  // --------------------------------------------------------------------------------- tips

  const lines = (items) => items.map((item) => tag("span", {}, escape(item))).join("");

  function regionTip(model, i, hint) {
    const { en, others } = data.regions[i];
    const there = words.hasReference
      ? `, ${numeral(data.published.membership[i])} in ${words.texts.reference}` : "";
    return (
      tag("b", {}, escape(en)) +
      others.map(({ lang, name }) => tag("span", { lang }, escape(name))).join("") +
      lines([`Cluster ${model.membership[i]} here${there}`, ...hint])
    );
  }

  const listed = (cases) => (cases.length > 5
    ? `${words.joined(cases.slice(0, 4).map(english))} and ${cases.length - 4} more` : words.joined(cases.map(english)));

  // What a stage merges, member by member, what it adds, and which pair was the runner-up.
  function mergeTip(model, stage) {
    const row = model.schedule[stage - 1];
    const { members: [one, other], second } = model.merges[stage - 1];
    const ward = model.linkage === "ward";
    const before = stage > 1 ? model.schedule[stage - 2].coefficient : 0;
    const added = (d) => words.grouped(ward ? d / 2 : Compute.SQUARED.has(model.linkage) ? Math.sqrt(Math.max(d, 0)) : d, 3);
    return tag("b", {}, escape(`Stage ${row.stage}`)) + lines([
      listed(one), `+ ${listed(other)}`,
      ward && `increase ${words.grouped(row.coefficient - before, 3)}`,
      `coefficient ${words.grouped(row.coefficient, 3)}`,
      second && `runner-up: ${listed(second.members[0])} + ${listed(second.members[1])}, ${added(second.d)}`,
    ].filter(Boolean));
  }

  return {
    profile, measures, fates, schedule, scheduleNote, definitions, roster, region,
    regionTip, mergeTip,
  };
};
