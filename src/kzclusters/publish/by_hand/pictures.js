// SVG of the plane with the points and of the tree.
"use strict";

const Drawing = (data, speech) => {
  const { escape, px, tag } = Markup;
  const { t, number } = speech;
  const PLANE = { width: 460, height: 400, left: 46, right: 12, top: 12, foot: 42 };
  const TREE = { width: 460, left: 16, right: 20, top: 34 };
  const MOST = 7; // names of a cluster written out
  const FONT = "system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
  const text = (x, y, content, given) => tag("text", { x, y, ...given }, escape(content));
  const line = (x1, y1, x2, y2, given) => tag("line", { x1, y1, x2, y2, ...given });
  const svg = (width, height, given, ...inside) =>
    tag("svg", { viewBox: `0 0 ${px(width)} ${px(height)}`, "font-family": FONT, ...given }, ...inside);

  // Between the units of the axes and the picture.
  function scales({ x, y }) {
    const { width, height, left, right, top, foot } = PLANE;
    const between = ([low, high], from, to) => (v) => from + ((v - low) / (high - low)) * (to - from);
    const back = ([low, high], from, to) => (p) => low + ((p - from) / (to - from)) * (high - low);
    const across = [left, width - right];
    const down = [height - foot, top];
    return {
      x: between(x, ...across), y: between(y, ...down),
      fromX: back(x, ...across), fromY: back(y, ...down),
    };
  }

  // Four or five round numbers on an axis.
  function ticks([low, high]) {
    const rough = (high - low) / 5;
    const ten = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((m) => m * ten).find((s) => s >= rough);
    const found = [];
    for (let v = Math.ceil(low / step); v * step <= high; v += 1) found.push(v * step);
    return found;
  }
  const digits = (values) => (Math.max(...values.map(Math.abs)) >= 10 ? 0 : 1);

  const lookOf = (place) => data.looks[place % data.looks.length];

  function axes(state, at) {
    const { width, height, left, right, top, foot } = PLANE;
    const [xs, ys] = [ticks(state.x), ticks(state.y)];
    const soft = { class: "soft", "font-size": 11 };
    return [
      xs.map((v) => line(at.x(v), top, at.x(v), height - foot, { class: "grid" })),
      ys.map((v) => line(left, at.y(v), width - right, at.y(v), { class: "grid" })),
      xs.map((v) => text(at.x(v), height - foot + 15, number(v, digits(xs)), { ...soft, "text-anchor": "middle" })),
      ys.map((v) => text(left - 6, at.y(v) + 4, number(v, digits(ys)), { ...soft, "text-anchor": "end" })),
      text((left + width - right) / 2, height - 8, state.axes[0], { ...soft, "text-anchor": "middle", "font-size": 12 }),
      text(0, 0, state.axes[1], {
        ...soft, "text-anchor": "middle", "font-size": 12,
        transform: `translate(12 ${px((top + height - foot) / 2)}) rotate(-90)`,
      }),
    ];
  }

  // All that is equally far from a point, as scaled: a circle only where the axes count alike.
  function ring(state, model, at) {
    if (state.scaling === "rank") return "";
    const stretch = [0, 1].map((j) => {
      const column = state.points.map((point) => point[j]);
      const [low, high] = [Math.min(...column), Math.max(...column)];
      if (state.scaling === "none") return 1;
      const [i, k] = [column.indexOf(low), column.indexOf(high)];
      return (model.rows[k][j] - model.rows[i][j]) / (high - low);
    });
    const [unitX, unitY] = [at.x(1) - at.x(0), at.y(0) - at.y(1)];
    const half = [unitX / stretch[0], unitY / stretch[1]];
    const largest = Math.max(...half);
    const [rx, ry] = half.map((h) => Math.max((34 * h) / largest, 0.75));
    const centre = { cx: PLANE.width - PLANE.right - 42, cy: PLANE.top + 42 };
    return tag("g", {}, tag("ellipse", { ...centre, rx, ry, class: "equal" }),
      tag("circle", { ...centre, r: 1.5, class: "dot" }));
  }

  function cluster({ place, members }, state, at) {
    if (members.length < 2) return "";
    const centre = Steps.meanOf(members.map((i) => state.points[i]));
    const [cx, cy] = [at.x(centre[0]), at.y(centre[1])];
    const stroke = lookOf(place).color;
    return [
      members.map((i) => {
        const [x, y] = state.points[i];
        return [line(cx, cy, at.x(x), at.y(y), { class: "spoke-edge" }), line(cx, cy, at.x(x), at.y(y), { class: "spoke", stroke })];
      }),
      tag("path", { d: `M${px(cx - 5)} ${px(cy)}h10M${px(cx)} ${px(cy - 5)}v10`, class: "cross" }),
    ];
  }

  function point(i, state, model, at) {
    const [x, y] = state.points[i];
    const own = model.stages[state.step].clusters.find(({ members }) => members.includes(i));
    const alone = own.members.length < 2;
    const look = lookOf(own.place);
    const r = state.points.length > 20 ? 8 : 11;
    const name = state.names[i];
    const short = name.length <= 2;
    const chosen = state.picked.includes(own.place);
    const label = short ? { x: 0, y: 4, "text-anchor": "middle" } : { x: 0, y: -r - 4, "text-anchor": "middle" };
    return tag("g", {
      class: `point${chosen ? " picked" : ""}`, role: "button", tabindex: state.selected === i ? "0" : "-1",
      "data-point": String(i), transform: `translate(${px(at.x(x))} ${px(at.y(y))})`,
      "aria-label": t("point_label", {
        name, x: number(x, 2), y: number(y, 2), cluster: names(own, state),
      }),
      "aria-pressed": String(chosen),
    },
    tag("circle", { r: r + 5, class: "halo" }),
    tag("circle", { r, class: "disc", fill: alone ? "var(--panel)" : look.color }),
    text(label.x, label.y, name, {
      "text-anchor": "middle", "font-size": r > 8 || !short ? 12 : 9, "font-weight": 700,
      fill: alone || !short ? "var(--ink)" : look.text, class: short ? undefined : "named",
    }));
  }

  // The members of a cluster; of a large one the first and the number of all.
  function names({ members }, state) {
    const shown = members.length > MOST ? members.slice(0, MOST - 1) : members;
    const named = shown.map((i) => state.names[i]).join(", ");
    return members.length > MOST ? `${named}, … (${members.length})` : named;
  }

  function plane(state, model) {
    const at = scales(state);
    const { clusters } = model.stages[state.step];
    return svg(PLANE.width, PLANE.height, { role: "group", "aria-label": t("plane_label") },
      axes(state, at), ring(state, model, at),
      clusters.map((c) => cluster(c, state, at)),
      state.points.map((_, i) => point(i, state, model, at)));
  }

  // --------------------------------------------------------------------------------- tree

  // The axis has a root scale, so that cheap merges are seen: heights are roots of costs.
  function tree(state, model) {
    const n = state.points.length;
    const row = Math.max(9.5, Math.min(26, 340 / n));
    const size = Math.min(12, row);
    const longest = Math.max(...state.names.map((name) => name.length));
    const left = TREE.left + Math.min(180, longest * size * 0.68 + 8);
    const right = TREE.width - TREE.right;
    const foot = TREE.top + n * row;
    const geometry = Compute.geometry(model.tree, "height");
    const at = (v) => left + (v / Compute.AXIS_END) * (right - left) * 0.95;
    const down = (place) => TREE.top + (place - 0.5) * row;
    const top = Math.max(...model.costs);
    const hidden = state.predict;
    const cut = Compute.cutLine(geometry.y, n - state.step);
    const x = at(cut.position);
    const tickValues = top > 0 ? ticks([0, top]) : [0];
    const tickDigits = top >= 10 ? 0 : top >= 1 ? 1 : 3;
    const scale = (v) => at(top > 0 ? Math.sqrt(v / top) * Compute.AXIS_END : 0);
    let free = 0; // where the number before ends: none runs into the next
    const marks = tickValues.map((v) => {
      const label = number(v, tickDigits);
      const half = label.length * 3.2 + 2;
      const room = scale(v) - half >= free;
      if (room) free = scale(v) + half;
      return [
        line(scale(v), TREE.top - 4, scale(v), foot, { class: "grid" }),
        room && text(scale(v), foot + 14, label, { class: "soft", "font-size": 11, "text-anchor": "middle" }),
      ];
    });
    const branches = geometry.links.map(({ stage, x: places, y }) => {
      const made = stage <= state.step;
      if (hidden && !made) return "";
      const points = places.map((place, p) => `${px(at(y[p]))} ${px(down(place))}`);
      const latest = stage === state.step;
      return tag("path", { d: `M${points.join("L")}`, class: `branch ${made ? "made" : "later"}${latest ? " latest" : ""}` });
    });
    const leaves = geometry.order.map((leaf, place) => {
      const own = model.stages[state.step].clusters.find(({ members }) => members.includes(leaf));
      const fill = own.members.length < 2 ? "var(--panel)" : lookOf(own.place).color;
      return [
        tag("circle", { cx: left - 7, cy: down(place + 1), r: Math.min(5, row / 2 - 1), class: "disc", fill }),
        text(left - 15, down(place + 1) + size * 0.35, state.names[leaf], { "font-size": size, class: "ink", "text-anchor": "end" }),
      ];
    });
    const label = t("clusters", { k: n - state.step });
    const half = Math.max(48, label.length * 3.9 + 8);
    const middle = Math.min(Math.max(x, half + 4), TREE.width - half - 4);
    const line_ = cut.obstacle || hidden ? "" : line(x, 22, x, foot, { class: "cut-line" });
    const cutter = tag("g", {
      class: "cut", tabindex: "0", role: "slider", "aria-label": t("cut_label"), "aria-valuemin": "1",
      "aria-valuemax": String(n), "aria-valuenow": String(n - state.step), "aria-valuetext": label,
      "aria-orientation": "horizontal",
    },
    tag("rect", { x: x - 14, y: 0, width: 28, height: foot, class: "grip" }), line_,
    tag("rect", { x: middle - half, y: 2, width: 2 * half, height: 20, rx: 10, class: "tab" }),
    text(middle, 16, label, { class: "on-tab", "font-size": 12, "font-weight": 600, "text-anchor": "middle" }));
    return {
      markup: svg(TREE.width, foot + 34, { role: "group", "aria-label": t("tree_label") },
        marks, branches, leaves, hidden ? "" : cutter,
        text((left + right) / 2, foot + 30, t("cost"), { class: "soft", "font-size": 12, "text-anchor": "middle" })),
      // how many merges are to the left of a place of the picture
      stepAt: (place) => geometry.y.filter((v) => at(v) <= place).length,
      width: TREE.width, cuts: Boolean(line_),
    };
  }

  return { plane, tree, scales, names, PLANE };
};
