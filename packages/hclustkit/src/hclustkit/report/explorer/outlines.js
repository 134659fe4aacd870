// The regions by their outlines: shapes in the units of data.map, the number of its cluster in
// each, and the names where there is room. A region too small for its number has a square on the
// map and its number and name below it.
"use strict";

const Outlines = (data, { called, language }, { look, chip, target, text, widthOf, fitted, svg }) => {
  const { escape, px, tag } = Markup;
  const shapes = (data.map ? data.map.shapes : []).map((shape, i) => ({ ...shape, i }));
  [...shapes].sort((a, b) => a.y - b.y || a.x - b.x).forEach((shape, order) => (shape.order = order));
  shapes.sort((a, b) => b.area - a.area); // a small region lies on top of the one around it
  const TALLEST = 1.25; // height of a map by its width
  const NARROW = 20; // pixels: no number in a region that is narrower
  const MOST = 8; // small regions that are named below the map; where there are more, none is
  const ROW = 24;
  const [W, H] = [32, 19]; // room for a number

  // From steps in the units of the map to places in pixels, so that the hatch keeps its size.
  function outline({ rings }, at) {
    return rings.map((ring) => {
      let [x, y] = [0, 0];
      const places = [];
      for (let step = 0; step < ring.length; step += 2) {
        x += ring[step];
        y += ring[step + 1];
        places.push(at({ x, y }).map(px).join(" "));
      }
      return `M${places.join("L")}z`;
    }).join("");
  }

  // Where everything is at a width: the same whatever the clusters.
  function lay(width) {
    const scale = Math.min((width - 8) / data.map.width, (TALLEST * width) / data.map.height);
    const left = (width - data.map.width * scale) / 2;
    const at = ({ x, y }) => [left + x * scale, 4 + y * scale];
    const foot = data.map.height * scale + 8;
    const taken = [];
    const free = ([x, y, w, h]) => x >= 0 && y >= 0 && x + w <= width && y + h <= foot &&
      taken.every(([X, Y, A, B]) => x + w <= X || X + A <= x || y + h <= Y || Y + B <= y);
    const placed = shapes.map((shape) => {
      const [x, y] = at(shape);
      const room = shape.room * scale;
      const box = [x - W / 2, y - H / 2, W, H];
      const small = room < NARROW || !free(box);
      if (!small) taken.push(box);
      return { ...shape, x, y, room, small, d: outline(shape, at) };
    });
    const small = placed.filter((shape) => shape.small).sort((a, b) => a.x - b.x);
    if (small.length > MOST) {
      for (const shape of small.splice(0)) Object.assign(shape, { small: false, bare: true });
    }
    for (const { x, y } of small) taken.push([x - 5, y - 5, 10, 10]);
    for (const shape of [...small, ...placed.filter((other) => !other.small)]) {
      shape.name = named(shape, free, taken, width);
    }
    return { placed, height: below(small, foot, width) };
  }

  // A name below its mark, above or beside it, whole or shorter, or none.
  function named({ i, x, y, room, small, bare }, free, taken, width) {
    const half = bare ? -6 : small ? 6 : H / 2;
    for (const space of small ? [Infinity] : [Infinity, 1.1 * room, 0.9 * room, 0.7 * room, 0]) {
      const { size, lines } = fitted(i, space, width < 400 ? 11 : 12);
      const w = Math.max(...lines.map((line) => widthOf(line, size, 500)));
      const h = lines.length * (size + 1);
      if (!small && w > Math.max(room * 1.3, 44)) continue;
      const beside = y - h / 2;
      const places = [0, -W / 2, W / 2].flatMap((shift) =>
        [[x - w / 2 + shift, y + half], [x - w / 2 + shift, y - half - h]]);
      if (small) places.unshift([x + half + 1, beside], [x - half - 1 - w, beside]);
      for (const [left, top] of places) {
        const box = [left, top, w, h];
        if (!free(box)) continue;
        taken.push(box);
        return { size, lines, top, middle: left + w / 2 };
      }
    }
    return null;
  }

  // Places below the map for the numbers and names of small regions; the height of it all.
  function below(small, foot, width) {
    if (!small.length) return foot;
    let [row, end] = [0, 4];
    for (const shape of small) {
      const w = W + 8 + widthOf(called(shape.i), 12);
      if (end > 4 && end + w > width) [row, end] = [row + 1, 4];
      shape.below = { x: end, y: foot + 4 + row * ROW };
      end += w + 16;
    }
    return foot + (row + 1) * ROW + 6;
  }

  const known = new Map();
  function layout(width) {
    const key = `${width} ${language()}`;
    if (!known.has(key)) known.set(key, lay(width));
    return known.get(key);
  }

  // options and grouping as those of the tile map
  function outlineMap(model, options, { membership, labels, looks, place, title, moved = [] }) {
    const { width, palette, prefix, live, region } = options;
    const { placed, height } = layout(width);

    function one(shape) {
      const { i, d, x, y, small, bare, order } = shape;
      const number = looks[membership[i] - 1];
      const fill = `url(#${prefix}${number})`;
      const chosen = region === data.regions[i].code;
      const edge = {
        stroke: chosen ? palette.ink : palette.edge, "stroke-width": chosen ? 3 : 1,
        "stroke-linejoin": "round", "fill-rule": "evenodd",
      };
      const mark = chip(0, 0, number, labels[membership[i] - 1], options);
      const spot = bare ? null : small ? shape.below : { x: x - mark.width / 2, y: y - 8.5 };
      const put = spot && { x: px(spot.x), y: px(spot.y) };
      const square = `M${px(x - 4)} ${px(y - 4)}h8v8h-8z`;
      const inside = [
        tag("path", { d: small ? d + square : d, fill, ...edge, "fill-rule": small ? "nonzero" : "evenodd" }),
        put && tag("g", { transform: `translate(${put.x} ${put.y})` }, mark.markup),
        put && moved.includes(i) &&
          tag("path", { d: `M${px(spot.x + mark.width)} ${px(spot.y - 5)}l5 5l-5 5l-5-5z`, class: "moved" }),
        // room for a finger around a square
        live && small && tag("rect", { x: x - 11, y: y - 11, width: 22, height: 22, fill: "transparent" }),
        live && (small
          ? put && tag("rect", { x: spot.x - 2, y: spot.y - 2, width: mark.width + 4, height: 21, rx: 5, class: "ring" })
          : tag("path", { d, "fill-rule": "evenodd", class: "ring" })),
      ];
      const where = { "data-row": String(Math.round(y)), "data-column": String(Math.round(x)), "data-free": "1" };
      return live ? target(model, i, place, order, region, where, inside) : inside;
    }

    // In a halo of the colour of its region.
    function name({ i, small, name: fit }) {
      if (!fit) return null;
      const { color, text: dark } = look(looks[membership[i] - 1]);
      const [fill, stroke] = small ? [palette.ink, palette.paper] : [dark, color];
      return fit.lines.map((line, l) => tag("text", {
        x: fit.middle, y: fit.top + (l + 0.82) * (fit.size + 1), "font-size": fit.size, "font-weight": 500,
        "text-anchor": "middle", fill, stroke, "stroke-width": 3, "stroke-linejoin": "round",
        "paint-order": "stroke",
      }, escape(line)));
    }

    function nameBelow({ i, below: spot }) {
      if (!spot) return null;
      const { width: wide } = chip(0, 0, 1, labels[membership[i] - 1], options);
      const given = { x: spot.x + wide + 5, y: spot.y + 13, "font-size": 12, fill: palette.ink };
      return text(given.x, given.y, called(i), given);
    }

    const given = { role: live ? "group" : "img", "aria-label": title };
    const over = { "aria-hidden": live && "true", "pointer-events": "none" };
    const names = tag("g", over, placed.map(name), placed.map(nameBelow));
    return { width, height, markup: svg(width, height, given, placed.map(one), names) };
  }

  return outlineMap;
};
