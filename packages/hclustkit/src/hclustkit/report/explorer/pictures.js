// SVG of the dendrogram, the tile maps and the view that is saved. Colours come in as a palette
// and are in attributes: in the page they name the colours of the style sheet, which follow
// theme, paper and contrast; a saved picture needs no style sheet.
"use strict";

const Pictures = (data, words) => {
  const { escape, px, tag } = Markup;
  const { t } = words;
  const FONT = "-apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif";
  // strokes of the hatches of kzclusters.figures.style on a tile of 8 x 8, by their character
  const STROKES = {
    "": "",
    "/": "M-2 2l4-4M0 8l8-8M6 10l4-4",
    "\\": "M-2 6l4 4M0 0l8 8M6-2l4 4",
    x: "M-2 2l4-4M0 8l8-8M6 10l4-4M-2 6l4 4M0 0l8 8M6-2l4 4",
    ".": "M2 2h.01M6 6h.01",
    o: "M2 4a2 2 0 1 0 4 0a2 2 0 1 0-4 0",
    "-": "M0 2h8M0 6h8",
    "|": "M2 0v8M6 0v8",
    "+": "M0 4h8M4 0v8",
  };

  const COLOURS = {
    ink: "--ink", soft: "--soft", line: "--line", grid: "--grid", edge: "--edge",
    branch: "--branch", accent: "--accent", onAccent: "--on-accent", paper: "--panel",
  };
  const paletteOf = (value) =>
    Object.fromEntries(Object.entries(COLOURS).map(([key, name]) => [key, value(name)]));
  const inPage = { palette: paletteOf((name) => `var(${name})`), prefix: "look-" };
  // what is saved is light, as #looks always is
  function lightPalette() {
    const style = getComputedStyle(document.getElementById("looks"));
    return paletteOf((name) => style.getPropertyValue(name).trim());
  }

  const text = (x, y, content, given) => tag("text", { x, y, ...given }, escape(content));
  const rect = (x, y, width, height, given) => tag("rect", { x, y, width, height, ...given });
  const path = (d, given) => tag("path", { d, fill: "none", ...given });
  const middle = { "text-anchor": "middle" };

  function svg(width, height, given, ...inside) {
    return tag("svg", {
      xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${px(width)} ${px(height)}`,
      width, height, "font-family": FONT, ...given,
    }, ...inside);
  }

  const ruler = document.createElement("canvas").getContext("2d");
  const measured = new Map();
  function widthOf(content, size, weight = 400) {
    const key = `${weight} ${size} ${content}`;
    if (!measured.has(key)) {
      ruler.font = `${weight} ${size}px ${FONT}`;
      measured.set(key, ruler.measureText(content).width);
    }
    return measured.get(key);
  }

  // -------------------------------------------------------------------------------- looks

  const look = (number) => data.looks[(number - 1) % data.looks.length];
  const lookOf = ({ looks }, cluster) => (looks ? looks[cluster - 1] : cluster);

  // The hatched fills; `prefix` keeps a saved picture apart from the page it came from.
  function patterns(prefix) {
    const all = data.looks.map(({ color, hatch, hatchColor }, i) => {
      const dots = hatch === ".";
      const strokes = STROKES[hatch] && path(STROKES[hatch], {
        stroke: hatchColor, "stroke-width": dots ? 2.2 : 1.2, "stroke-linecap": dots && "round",
      });
      const given = { id: `${prefix}${i + 1}`, width: 8, height: 8, patternUnits: "userSpaceOnUse" };
      return tag("pattern", given, rect(0, 0, 8, 8, { fill: color }), strokes);
    });
    return tag("defs", {}, all);
  }

  // A cluster's mark: its fill, with its number on a plate of the plain colour.
  function chip(x, y, number, label, { palette, prefix }) {
    const height = 17;
    const size = 11.5;
    const plate = Math.max(height - 4, widthOf(label, size, 700) + 6);
    const width = Math.max(24, plate + 8);
    const { color, text: ink } = look(number);
    const fill = `url(#${prefix}${number})`;
    return {
      width,
      markup:
        rect(x, y, width, height, { rx: 3, fill, stroke: palette.edge, "stroke-width": 1 }) +
        rect(x + (width - plate) / 2, y + 2, plate, height - 4, { rx: 2, fill: color }) +
        text(x + width / 2, y + 12.6, label, {
          ...middle, "font-size": size, "font-weight": 700, fill: ink,
        }),
    };
  }

  // A mark for running text and tables.
  function inlineChip(number, label) {
    const { width, markup } = chip(0.5, 0.5, number, label, inPage);
    const given = { class: "chip", width: width + 1, height: 18, "font-family": FONT };
    return tag("svg", { ...given, "aria-hidden": "true" }, markup);
  }

  // ------------------------------------------------------------------------------ regions

  const numeralOf = (i) => words.numeral(data.published.membership[i]);

  // A region that can be pointed at, focused and kept. What a screen reader says of it names
  // both groupings.
  function target(model, i, place, order, region, given, inside) {
    const { code } = data.regions[i];
    const named = { name: words.called(i), cluster: model.membership[i], k: model.k };
    const label = words.hasReference
      ? t("region_label_reference", { ...named, there: numeralOf(i) }) : t("region_label", named);
    return tag("g", {
      class: "region", role: "button", tabindex: order ? "-1" : "0",
      "data-place": place, "data-order": String(order), "data-region": code,
      "aria-pressed": String(region === code), "aria-label": label, ...given,
    }, inside);
  }

  // --------------------------------------------------------------------------- dendrogram

  // options: width, rowHeight, palette, prefix; figure3 adds the published clusters; live makes
  // targets of regions, merges and the cut line; region is the one kept in view.
  function dendrogram(model, options) {
    const { width, rowHeight, palette, figure3, live, region } = options;
    const { order, links } = model.geometry;
    const { k, cutLine } = model;
    const n = order.length;
    const size = width < 420 ? 12 : 13;
    const top = 46;
    const foot = top + n * rowHeight + 8;
    const marks = 29 + (figure3 ? 38 : 0);
    const left = marks + Math.max(...data.regions.map((_, i) => widthOf(words.called(i), size))) + 20;
    const right = width - 16;
    // a cut into one cluster lies a little beyond 25
    const at = (value) => left + (value / Compute.AXIS_END) * (right - left) * 0.955;
    const down = (place) => top + (place - 0.5) * rowHeight;

    function axis() {
      const ticks = [];
      for (let tick = 0; tick <= Compute.AXIS_END; tick += 5) {
        ticks.push(path(`M${px(at(tick))} ${top - 5}V${px(foot - 8)}`, { stroke: palette.grid }));
        // no number runs into the next
        if (tick % 10 && at(5) - at(0) < 18) continue;
        ticks.push(text(at(tick), top - 10, tick, { ...middle, "font-size": 11, fill: palette.soft }));
      }
      return ticks;
    }

    function nearTick(x) {
      const tick = Math.min(Math.round((x - left) / (at(5) - left)) * 5, Compute.AXIS_END);
      return Math.abs(x - at(tick)) < widthOf(tick, 11) / 2 + 3;
    }

    function separators() {
      return order.map((leaf, place) => {
        const same = place && model.membership[leaf] === model.membership[order[place - 1]];
        const d = `M0 ${px(top + place * rowHeight)}H${px(right)}`;
        return place > 0 && !same && path(d, { stroke: palette.line, "stroke-dasharray": "2 3" });
      });
    }

    // merges inside the clusters strong, those above the cut thin
    function branches() {
      const drawn = links.map((link) => {
        const points = link.x.map((place, p) => `${px(at(link.y[p]))} ${px(down(place))}`);
        const d = `M${points.join("L")}`;
        const inside = link.stage <= n - k;
        return {
          line: path(d, {
            stroke: inside ? palette.ink : palette.branch, "stroke-width": inside ? 2 : 1.25,
            "stroke-linejoin": "round", "data-branch": live && String(link.stage),
          }),
          hit: live && path(d, {
            stroke: "transparent", "stroke-width": 9, class: "hit", role: "button",
            tabindex: link.stage > 1 ? "-1" : "0", "aria-pressed": "false",
            "aria-label": words.mergeLabel(model.schedule[link.stage - 1]),
            "data-place": "merges", "data-stage": String(link.stage),
          }),
        };
      });
      return { lines: drawn.map(({ line }) => line).reverse(), hits: drawn.map(({ hit }) => hit) };
    }

    function leaf(i, place) {
      const level = down(place + 1);
      const cluster = model.membership[i];
      const published = data.published.membership[i];
      const { code } = data.regions[i];
      const inside = [
        live && rect(0, level - rowHeight / 2, left - 4, rowHeight, { rx: 4, class: "ring" }),
        chip(1, level - 8.5, lookOf(model, cluster), String(cluster), options).markup,
        figure3 &&
          chip(31, level - 8.5, model.publishedLooks[published - 1], numeralOf(i), options).markup,
        live && (model.moved || []).includes(i) &&
          tag("path", { d: `M${px(left - 11)} ${px(level - 5)}l5 5l-5 5l-5-5z`, class: "moved" }),
        text(marks + 2, level + size * 0.35, words.called(i), {
          "font-size": size, fill: palette.ink, "font-weight": region === code ? 700 : 400,
        }),
      ];
      return live ? target(model, i, "dendrogram", place, region, {}, inside) : inside;
    }

    // Where no line cuts the tree its label stays, says so, and still takes the keys.
    function cut() {
      const none = Boolean(cutLine.obstacle);
      const x = at(cutLine.position);
      const label = none ? t("no_line", { clusters: words.clusters(k) }) : words.clusters(k);
      const half = widthOf(label, 11.5, 600) / 2;
      const centre = Math.min(Math.max(x, left + half - 20), width - half - 7);
      const stroke = { stroke: palette.accent, "stroke-width": 2 };
      const line = [
        !none && [
          path(`M${px(x)} ${top - 6}V${px(foot - 2)}`, { ...stroke, "stroke-dasharray": "6 4" }),
          // a number of the axis is not struck through
          path(`M${px(x)} 20V${nearTick(x) ? top - 22 : top - 6}`, stroke),
        ],
        rect(centre - half - 6, 1, 2 * half + 12, 19, { rx: 9.5, fill: palette.accent }),
        text(centre, 14.5, label, {
          ...middle, "font-size": 11.5, "font-weight": 600, fill: palette.onAccent,
        }),
      ];
      if (!live) return line;
      return tag("g", {
        class: "cut", role: "slider", tabindex: "0", "data-place": "cut",
        "aria-label": t("cut_label"), "aria-orientation": "horizontal",
        "aria-valuemin": "0", "aria-valuemax": String(n - 1), "aria-valuenow": String(n - k),
        "aria-valuetext": label,
      },
      none
        ? rect(centre - half - 9, 0, 2 * half + 18, 24, { class: "ring" })
        : rect(x - 12, 0, 24, foot, { class: "ring" }),
      line);
    }

    const drawn = branches();
    return {
      width, height: foot, at,
      markup: svg(width, foot, {
        role: live ? "group" : "img",
        "aria-label": t("tree_label", { method: words.method(model.linkage), clusters: words.clusters(k) }),
      }, axis(), separators(), drawn.lines, order.map(leaf), drawn.hits, cut()),
    };
  }

  // ----------------------------------------------------------------------------- tile map

  // A name on at most two lines of `room`, not under 10 pixels; shorter forms where it must be.
  function fitted(i, room, largest) {
    const short = words.shortest(i);
    for (const form of [words.called(i), words.shorter(i), short].filter(Boolean)) {
      const parts = form.split(/ |(?<=[^ -]-)/);
      for (let size = largest; size >= 10; size -= 0.5) {
        for (const lines of parts.length > 1 ? [[form], parts] : [parts]) {
          if (lines.every((line) => widthOf(line, size, 500) <= room)) return { size, lines };
        }
      }
    }
    return { size: 10, lines: [short] };
  }

  const tilesInReadingOrder = data.regions
    .map((region, i) => ({ ...region, i }))
    .sort((a, b) => a.row - b.row || a.column - b.column);
  const tileRows = Math.max(...data.regions.map((region) => region.row));
  const tileColumns = Math.max(...data.regions.map((region) => region.column));

  // options: width, palette, prefix, live, region as above; tile: height of a tile.
  // grouping: membership, and of each cluster its label and its look; place and title.
  function tileMap(model, options, { membership, labels, looks, place, title, moved = [] }) {
    const { width, palette, prefix, live, region } = options;
    const gap = width < 320 ? 2 : width < 400 ? 3 : 4;
    const w = (width - 4 - gap * (tileColumns - 1)) / tileColumns;
    const h = options.tile || Math.min(Math.max(w * 0.8, 50), 66);
    const band = h * 0.42;
    const height = tileRows * h + (tileRows - 1) * gap + 4;

    function tile(given, order) {
      const { i, row, column, code } = given;
      const x = 2 + (column - 1) * (w + gap);
      const y = 2 + (row - 1) * (h + gap);
      const centre = x + w / 2;
      const number = looks[membership[i] - 1];
      const label = labels[membership[i] - 1];
      const { color, text: ink } = look(number);
      const { size, lines } = fitted(i, w - 3, width < 400 ? 11 : 12);
      const plate = Math.max(22, widthOf(label, 12.5, 700) + 10);
      const corner = `M${px(x)} ${px(y + band)}v${px(5 - band)}a5 5 0 0 1 5-5`;
      const name = (line, l) => {
        const level = y + (band + h) / 2 + (l - (lines.length - 1) / 2) * (size + 0.5);
        const style = { ...middle, "font-size": size, "font-weight": 500, fill: ink };
        return text(centre, level + size * 0.32, line, style);
      };
      const chosen = region === code;
      const inside = [
        rect(x, y, w, h, { rx: 5, fill: color }),
        tag("path", {
          d: `${corner}h${px(w - 10)}a5 5 0 0 1 5 5v${px(band - 5)}z`, fill: `url(#${prefix}${number})`,
        }),
        rect(centre - plate / 2, y + band / 2 - 8.5, plate, 17, { rx: 8.5, fill: color }),
        text(centre, y + band / 2 + 4.5, label, {
          ...middle, "font-size": 12.5, "font-weight": 700, fill: ink,
        }),
        lines.map(name),
        rect(x, y, w, h, {
          rx: 5, fill: "none",
          stroke: chosen ? palette.ink : palette.edge, "stroke-width": chosen ? 3 : 1,
        }),
        moved.includes(i) && tag("path", { d: `M${px(x + w - 9)} ${px(y + 2)}l7 7l-7 7l-7-7z`, class: "moved" }),
        live && rect(x - 1, y - 1, w + 2, h + 2, { rx: 6, class: "ring" }),
      ];
      const where = { "data-row": String(row), "data-column": String(column) };
      return live ? target(model, i, place, order, region, where, inside) : inside;
    }

    const given = { role: live ? "group" : "img", "aria-label": title };
    return { width, height, markup: svg(width, height, given, tilesInReadingOrder.map(tile)) };
  }

  const outlineMap = Outlines(data, words, { look, chip, target, text, widthOf, fitted, svg });
  const mapOf = (options) => (options.outlines ? outlineMap : tileMap);

  // the cases that moved are marked in the page, not in what is saved
  const live = (options, model) => (options.live && model.moved) || [];

  function ourMap(model, options) {
    const numbers = model.members.map((_, c) => c + 1);
    return mapOf(options)(model, options, {
      membership: model.membership, labels: numbers.map(String), place: "map",
      looks: numbers.map((c) => lookOf(model, c)), moved: live(options, model),
      title: t("map_label", { clusters: words.clusters(model.k) }),
    });
  }

  function publishedMap(model, options) {
    return mapOf(options)(model, options, {
      membership: data.published.membership, labels: data.published.numerals,
      looks: model.publishedLooks, place: "published",
      title: t("reference_label"),
    });
  }

  // -------------------------------------------------------------------- the view to save

  // Title, settings, dendrogram, map or maps, and agreement in one picture.
  function view(model, { figure3, outlines, title, settings, agreement, address }) {
    const palette = lightPalette();
    const prefix = "saved-";
    const margin = 28;
    const top = 108;
    const [treeWidth, mapWidth] = [640, 440];
    const right = margin * 2 + treeWidth;
    const width = right + mapWidth + margin;
    const tree = dendrogram(model, {
      width: treeWidth, palette, prefix, figure3, rowHeight: figure3 ? 38 : 27,
    });
    const plain = { width: mapWidth, palette, prefix, outlines };
    const maps = [[t("clusters_here"), ourMap(model, plain)]];
    if (figure3) maps.push([t("reference_title"), publishedMap(model, plain)]);

    const ink = { fill: palette.ink };
    const soft = { fill: palette.soft };
    const heading = (x, y, content) =>
      text(x, y, content, { "font-size": 14, "font-weight": 700, ...ink });
    const placed = ({ markup }, x, y) => markup.replace("<svg ", `<svg x="${px(x)}" y="${px(y)}" `);
    const step = maps[0][1].height + 44;
    const below = Math.max(top + 6 + tree.height, top + maps.length * step - 44) + 34;
    const notes = [
      words.noLine(model), words.axisNote(model), figure3 && words.pairing(model),
      t("source"), t("credit"),
      // where the page lies on the reader's own disk is of no use to others
      location.href.replace(/#.*/, "").replace(/^file:.*[/]/, "") + address,
    ].filter(Boolean);
    const height = below + 24 + notes.length * 17;
    const description = `${settings}. ${agreement}`;
    const markup = svg(width, height, { role: "img", "aria-label": `${title}. ${description}` },
      tag("title", {}, escape(title)),
      tag("desc", {}, escape(description)),
      patterns(prefix),
      rect(0, 0, width, height, { fill: palette.paper }),
      text(margin, 42, title, { "font-size": 22, "font-weight": 700, ...ink }),
      text(margin, 66, settings, { "font-size": 13, ...soft }),
      heading(margin, top - 8, t("saved_tree", { axis: t(`axis_${model.axis}`) })),
      placed(tree, margin, top + 6),
      maps.map(([name, map], m) => [
        heading(right, top + m * step - 8, name), placed(map, right, top + m * step + 6),
      ]),
      text(margin, below, agreement, { "font-size": 13, ...ink }),
      notes.map((note, at) => text(margin, below + 20 + at * 17, note, { "font-size": 11, ...soft }))
    );
    return { width, height, markup };
  }

  return { inPage, dendrogram, ourMap, publishedMap, view, inlineChip, patterns };
};
