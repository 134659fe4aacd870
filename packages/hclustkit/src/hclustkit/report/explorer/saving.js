// Files for the reader: the view as SVG or PNG, the numbers as CSV.
"use strict";

const Saving = (data, states, pictures, words, say) => {
  const PNG_SCALE = 2;
  const { t } = words;
  // what a program reads is in English whatever the page speaks
  const { columns } = data;

  function download(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    say(t("saved", { name }));
  }

  // Every choice that decides what is in the file; the indicators by code, unless they are all.
  function fileName(model, what, ending) {
    const all = states.taking({ year: model.year, indicators: "all" }).join();
    const indicators = model.ids.join() === all ? "all" : model.ids.join("_").replace(/:/g, ".");
    const parts = [model.year, model.scaling, model.linkage, `k${model.k}`, indicators, ...what];
    return `${columns.file}-${parts.filter(Boolean).join("-")}.${ending}`;
  }

  const view = (model, { figure3, map }) =>
    pictures.view(model, {
      figure3,
      outlines: map === "outlines",
      title: t("saved_title", { clusters: words.clusters(model.k) }),
      settings: words.settings(model, t("variables_named", { named: model.ids.join(" ") })),
      agreement: words.agreement(model),
      address: states.format({
        ...states.baseline(), year: model.year, scaling: model.scaling, linkage: model.linkage,
        k: model.k, indicators: model.ids, axis: model.axis, figure3, map,
        language: Object.keys(data.texts).length > 1 ? words.language() : null,
      }),
    });

  const shown = (model, { figure3, map }) => [
    model.axis !== "cumulative" && `axis.${model.axis}`, figure3 && "figure3",
    data.map && map === "tiles" && "tiles",
  ];

  function svg(model, state) {
    const { markup } = view(model, state);
    const content = `<?xml version="1.0" encoding="UTF-8"?>\n${markup}\n`;
    const blob = new Blob([content], { type: "image/svg+xml" });
    download(blob, fileName(model, shown(model, state), "svg"));
  }

  function png(model, state) {
    const { markup, width, height } = view(model, state);
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(width * PNG_SCALE);
      canvas.height = Math.round(height * PNG_SCALE);
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      const name = fileName(model, shown(model, state), "png");
      canvas.toBlob((blob) => download(blob, name), "image/png");
    };
    image.onerror = () => say(t("not_saved"));
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(markup)}`;
  }

  // ---------------------------------------------------------------------------------- CSV

  // 12 significant digits, as in the files of the package
  function cell(value) {
    if (value === null) return "";
    const text = typeof value === "number" ? String(Number(value.toPrecision(12))) : String(value);
    return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  }

  // without this mark Excel takes the Cyrillic letters for something else
  const BOM = "\ufeff";

  function csv(model, what, header, rows) {
    const lines = [header, ...rows].map((row) => `${row.map(cell).join(",")}\n`);
    const blob = new Blob([BOM, ...lines], { type: "text/csv;charset=utf-8" });
    download(blob, fileName(model, [what], "csv"));
  }

  // What was chosen is in the last columns of every row.
  function chosen(model, what, header, rows) {
    const { year, scaling, linkage, k } = model;
    const choices = [year, scaling, linkage, k, model.ids.join(" ")];
    const names = ["year", "scaling", "linkage", "n_clusters", "indicators"];
    csv(model, what, [...header, ...names], rows.map((row) => [...row, ...choices]));
  }

  function regions(model) {
    const { hasReference } = words;
    const languages = data.regions[0].others.map(({ lang }) => `name_${lang}`);
    const theirs = hasReference ? [`${columns.adjective}_cluster`] : [];
    const header = [columns.case, "name_en", ...languages, "cluster", ...theirs];
    const rows = data.regions.map(({ code, en, others }, i) => {
      const published = hasReference ? [words.numeral(data.published.membership[i])] : [];
      const names = others.map(({ name }) => name);
      return [code, en, ...names, model.membership[i], ...published, ...model.values[i]];
    });
    chosen(model, columns.cases, [...header, ...model.ids], rows);
  }

  function profile(model) {
    const rows = model.means.flatMap((means, c) =>
      model.variants.map(({ id, unit }, j) => {
        const z = model.zMeans[j] && model.zMeans[j][c];
        return [c + 1, model.members[c].length, id, unit, means[j], z];
      })
    );
    chosen(model, "profile", ["cluster", "n", columns.variable, "unit", "mean", "mean_z"], rows);
  }

  function agreement(model) {
    const fates = model.fates.map((fate) => [
      `${columns.adjective} cluster ${words.numeral(fate.cluster)}`,
      [`${fate.relation}: ${fate.clusters.join(" ")}`, ...fate.company.map((i) => data.regions[i].code)].join(" + "),
    ]);
    csv(model, "agreement", ["measure", "value"], [
      ["year", model.year],
      ["scaling", model.scaling],
      ["linkage", model.linkage],
      ["n_clusters", model.k],
      ["indicators", model.ids.join(" ")],
      ["adjusted Rand index", model.ari],
      ["variation of information, nats", model.vi],
      [`${columns.adjective} clusters recovered exactly`, words.recovered(model).length],
      ["minimum moves", model.moves],
      ...fates,
    ]);
  }

  // The columns of the agglomeration schedule, then the choices.
  function schedule(model) {
    const header = [
      "stage", "cluster_1", "cluster_2", "coefficient", "first_appears_1", "first_appears_2",
      "next_stage", "label_1", "label_2", "tie",
    ];
    const rows = model.schedule.map((row) => {
      const labels = [row.cluster_1, row.cluster_2].map((lowest) => data.regions[lowest - 1].code);
      const { tie } = row;
      return [...header.slice(0, 7).map((name) => row[name]), ...labels, tie ? "True" : "False"];
    });
    chosen(model, "schedule", header, rows);
  }

  return { svg, png, regions, profile, agreement, schedule };
};
