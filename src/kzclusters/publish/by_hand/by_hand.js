// The page: points that are moved, steps forth and back, predictions.
"use strict";

(() => {
  const { $, all, fill, tell } = Page;
  const { escape, tag } = Markup;
  const data = JSON.parse($("data").textContent);
  const speech = Texts(data.texts);
  const { t } = speech;
  const drawing = Drawing(data, speech);
  const tables = Tables(drawing, speech);
  const FEWEST = 3;
  const MOST = 40;
  const LAST_ROW = 999; // of a point that was added, in an address
  const LINKAGES = Compute.LINKAGES;
  const SCALINGS = ["zscore", "range", "rank", "none"];
  const LETTERS = Array.from({ length: MOST }, (_, i) =>
    (i < 26 ? "" : String.fromCharCode(64 + Math.floor(i / 26))) + String.fromCharCode(65 + (i % 26)));
  let state = null;
  let model = null;
  let tree = null;
  let asked = null;
  let computed = ""; // what the model was computed for
  let listed = false; // whether all candidates are shown

  // names of the language, or the first that there are
  const own = (byLanguage) => byLanguage && (byLanguage[speech.language()] || Object.values(byLanguage)[0]).slice();
  const preset = (id) => data.presets.find((p) => p.id === id);

  function start(id, given = {}) {
    const { points, x, y, scaling, linkage, axes } = preset(id);
    state = {
      preset: id, points: points.map((p) => p.slice()), rows: points.map((_, i) => i),
      x, y, axes: own(axes) || [t("axis_x"), t("axis_y")], scaling, linkage, step: 0, selected: 0,
      picked: [], guess: null, score: [0, 0], predict: Boolean(state && state.predict), ...given,
    };
  }

  // ------------------------------------------------------------------------------- showing

  function compute() {
    // a step leaves the tree as it is
    const key = JSON.stringify([state.points, state.scaling, state.linkage]);
    if (model && key === computed) return "";
    computed = key;
    try {
      model = Steps.run(state.points, state.scaling, state.linkage, state.axes, state.names);
      return "";
    } catch (error) {
      if (!(error instanceof Compute.InputProblem)) throw error;
      model = null;
      return t("constant");
    }
  }

  const braced = (cluster) => `{${drawing.names(cluster, state)}}`;

  // What the step that was made did, and what is next.
  function sentences() {
    const n = state.points.length;
    const said = state.unread ? [t("points_unread")] : [];
    if (!state.step) said.push(t("at_start", { n }));
    else {
      const list = Steps.candidates(model.stages[state.step - 1]);
      const [best, second] = list;
      const cost = tables.figure(model.costs[state.step - 1]);
      said.push(t("merge_made", { stage: state.step, one: braced(best.one), other: braced(best.other), cost }));
      if (state.guess) said.push(verdict(list));
      if (model.tree.tie[state.step - 1]) said.push(t("tie"));
      if (second) said.push(t("runner_up", { one: braced(second.one), other: braced(second.other), cost: tables.figure(second.cost) }));
      if (state.linkage !== "ward") said.push(t("own_increase", { increase: tables.figure(best.increase) }));
    }
    if (state.step === n - 1) said.push(t("at_end"));
    return said.join(" ");
  }

  function verdict(list) {
    const guess = list.find((c) => c.one.place === state.guess[0] && c.other.place === state.guess[1]);
    const filled = { one: braced(guess.one), other: braced(guess.other), cost: tables.figure(guess.cost), best: tables.figure(list[0].cost) };
    const equal = guess.made || guess.cost <= list[0].cost * (1 + 1e-9);
    return t(equal ? "guess_right" : "guess_wrong", filled);
  }

  function showPrediction() {
    const last = state.step === state.points.length - 1;
    $("prediction").hidden = !state.predict || last;
    if ($("prediction").hidden) return;
    const options = (chosen) => [tag("option", { value: "" }, "…"), ...model.stages[state.step].clusters.map((c) =>
      tag("option", { value: String(c.place), selected: c.place === chosen }, escape(braced(c))))];
    ["pick-a", "pick-b"].forEach((id, at) => {
      fill(id, options(state.picked[at]));
      $(id).value = state.picked[at] === undefined ? "" : String(state.picked[at]);
    });
    const [a, b] = state.picked;
    $("guess").disabled = a === undefined || b === undefined || a === b;
    const [right, total] = state.score;
    tell("score", total ? t("score", { right, total }) : "");
  }

  function showTables() {
    const { step, predict } = state;
    const last = step === state.points.length - 1;
    // while a prediction is asked for, the costs of the step before are shown
    const shown = predict || last ? step - 1 : step;
    const hide = shown < 0;
    tell("costs-title", hide ? t("costs") : t("costs_of", { stage: shown + 1 }));
    fill("costs", hide ? tag("p", { class: "note" }, escape(t("costs_hidden"))) : tables.candidates(
      Steps.candidates(model.stages[shown]), state, { guess: shown === step - 1 ? state.guess : null, all: listed }));
    const row = step > 0 && !last ? Steps.newRow(model, step - 1) : [];
    $("row-panel").hidden = !row.length;
    if (row.length) {
      fill("new-row", tables.newRow(row, state));
      const [one, other] = model.stages[step - 1].pair.map((place) =>
        braced(model.stages[step - 1].clusters.find((c) => c.place === place)));
      tell("row-note", t("row_note", { one, other, formula: t(`formula_${state.linkage}`) }));
    }
    fill("schedule", tables.schedule(model, state));
    $("heights").hidden = !step;
    if (step) fill("height-list", tables.heights(model, state));
  }

  function keepFocus() {
    const { activeElement: before } = document;
    const own = before && before.closest("[data-point]") ? `[data-point="${before.closest("[data-point]").dataset.point}"]`
      : before && before.closest(".cut") ? ".cut" : null;
    return () => {
      const again = own && document.querySelector(own);
      if (again) again.focus({ preventScroll: true });
    };
  }

  function showControls() {
    const n = state.points.length;
    for (const id of ["preset", "linkage", "scaling"]) $(id).value = state[id];
    $("predict").checked = state.predict;
    tell("preset-note", t(`preset_${state.preset}_note`));
    tell("linkage-note", t(`linkage_${state.linkage}_note`));
    tell("scaling-note", t(`scaling_${state.scaling}_note`));
    tell("stage", t("stage_of", { step: state.step, last: n - 1 }));
    for (const id of ["first", "back"]) $(id).disabled = state.step === 0;
    for (const id of ["next", "last"]) $(id).disabled = state.step === n - 1;
    $("add").disabled = n >= MOST;
    $("remove").disabled = n <= FEWEST;
    if (document.activeElement.disabled) $("said").focus({ preventScroll: true });
  }

  function render(address = write) {
    performance.mark("by-hand-start");
    const names = own(preset(state.preset).names);
    state.names = state.rows.map((row, i) => (names ? names[row] || t("added", { number: row + 1 }) : LETTERS[i]));
    const problem = compute();
    showControls();
    $("problem").hidden = !problem;
    tell("problem", problem);
    $("results").hidden = Boolean(problem);
    if (model) {
      const giveBack = keepFocus();
      fill("plane", drawing.plane(state, model));
      tree = drawing.tree(state, model);
      fill("tree", tree.markup);
      $("ring-note").hidden = state.scaling === "rank";
      $("cut-note").hidden = !tree.cuts;
      giveBack();
      tell("said", sentences());
      showPrediction();
      showTables();
    }
    address();
    performance.measure("by-hand-step", "by-hand-start");
  }

  // ------------------------------------------------------------------------------- address

  const KEYS = { preset: () => data.presets.map((p) => p.id), linkage: () => LINKAGES, scaling: () => SCALINGS };

  // The points by their rows, those that were moved or added as row_x_y; "" where all are the preset's.
  function written() {
    const { points } = preset(state.preset);
    const parts = state.rows.map((row, i) =>
      (String(points[row]) === String(state.points[i]) ? row : [row, ...state.points[i]].join("_")));
    return parts.join() === [...points.keys()].join() ? "" : parts.join();
  }

  // The points that `written` wrote, or that they cannot be read.
  function pointsOf(text) {
    const { points, x, y } = preset(state.preset);
    const found = text.split(",").map((part) => part.split("_").map((word) => (/\d/.test(word) ? Number(word) : NaN)));
    const rows = found.map(([row]) => row);
    const inside = (at) => at.length === 2 && [x, y].every(([low, high], d) => at[d] >= low && at[d] <= high);
    const known = ([row, ...at]) => Number.isInteger(row) && row >= 0 && row <= LAST_ROW &&
      (at.length ? inside(at) : row < points.length);
    const whole = found.length >= FEWEST && found.length <= MOST && new Set(rows).size === rows.length;
    if (!whole || !found.every(known)) return { unread: true };
    return { rows, points: found.map(([row, ...at]) => (at.length ? at : points[row].slice())) };
  }

  // a browser lets a page write its address only so often, and a point is moved more often
  let later = 0;
  function writeSoon() {
    clearTimeout(later);
    later = setTimeout(write, 250);
  }

  function write() {
    clearTimeout(later);
    const parts = [...Object.keys(KEYS), "step"].map((key) => `${key}=${state[key]}`);
    if (written()) parts.push(`points=${written()}`);
    const hash = `#${[...parts, ...(asked ? [`language=${asked}`] : [])].join("&")}`;
    if (hash === location.hash) return;
    try {
      history.replaceState(null, "", hash);
    } catch {
      // a page from the disk may not do that
    }
  }

  const given = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

  function read() {
    const wished = given();
    const known = Object.keys(KEYS).filter((key) => KEYS[key]().includes(wished[key]));
    start(known.includes("preset") ? wished.preset : data.presets[0].id,
      Object.fromEntries(known.filter((key) => key !== "preset").map((key) => [key, wished[key]])));
    if (wished.points) Object.assign(state, pointsOf(wished.points));
    const step = Number(wished.step);
    if (Number.isInteger(step) && step >= 0 && step < state.points.length) state.step = step;
  }

  // -------------------------------------------------------------------------------- acting

  function change(patch) {
    listed = false;
    state = { ...state, picked: [], guess: null, unread: false, ...patch };
    render();
  }
  const go = (step) => change({ step: Math.max(0, Math.min(state.points.length - 1, step)) });

  // Within its limits, and with no more digits than an address should have.
  const placed = (v, [low, high]) => {
    const grain = (high - low) / 1e4;
    return Math.min(Math.max(Number((Math.round(v / grain) * grain).toPrecision(6)), low), high);
  };

  function move(i, x, y) {
    state.points[i] = [placed(x, state.x), placed(y, state.y)];
    Object.assign(state, { guess: null, unread: false });
    render(writeSoon);
  }

  function pick(i) {
    if (!state.predict || state.step === state.points.length - 1) return;
    const { place } = model.stages[state.step].clusters.find(({ members }) => members.includes(i));
    const picked = state.picked.includes(place) ? state.picked.filter((p) => p !== place) : [...state.picked, place].slice(-2);
    state = { ...state, picked };
    render();
  }

  function guess() {
    const asked = [...state.picked].sort((a, b) => a - b);
    const list = Steps.candidates(model.stages[state.step]);
    const found = list.find((c) => c.one.place === asked[0] && c.other.place === asked[1]);
    const right = found.made || found.cost <= list[0].cost * (1 + 1e-9);
    const score = [state.score[0] + right, state.score[1] + 1];
    change({ step: state.step + 1, guess: asked, score });
    $("said").focus();
  }

  function addPoint() {
    const i = state.points.length;
    // somewhere else each time, and always the same
    const at = ([low, high], share) => placed(low + (high - low) * (0.1 + 0.8 * (share % 1)), [low, high]);
    change({ points: [...state.points, [at(state.x, i * 0.618034), at(state.y, i * 0.754878)]], rows: [...state.rows, Math.max(...state.rows) + 1], step: 0, selected: i });
  }

  function removePoint() {
    const left = (list) => list.filter((_, i) => i !== state.selected);
    change({ points: left(state.points), rows: left(state.rows), step: 0, selected: 0 });
  }

  function pointKey(event, i) {
    const step = event.shiftKey ? 500 : 50;
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    const n = state.points.length;
    const to = { PageDown: (i + 1) % n, PageUp: (i + n - 1) % n, Home: 0, End: n - 1 }[event.key];
    if (by) {
      const [x, y] = state.points[i];
      const wide = ([low, high]) => (high - low) / step;
      move(i, x + by[0] * wide(state.x), y + by[1] * wide(state.y));
    } else if (to !== undefined) {
      state.selected = to;
      render();
      $("plane").querySelector(`[data-point="${to}"]`).focus();
    } else if (event.key === "Enter" || event.key === " ") pick(i);
    else return;
    event.preventDefault();
  }

  function listenPlane() {
    const plane = $("plane");
    let held = null;
    const pointOf = ({ target }) => target.closest && target.closest("[data-point]");
    plane.addEventListener("pointerdown", (event) => {
      const point = pointOf(event);
      if (!point) return;
      held = { i: Number(point.dataset.point), x: event.clientX, y: event.clientY, moved: false };
      state.selected = held.i;
      plane.setPointerCapture(event.pointerId);
      for (const other of all("[data-point]")) other.setAttribute("tabindex", other === point ? "0" : "-1");
      point.focus({ preventScroll: true });
      event.preventDefault();
    });
    plane.addEventListener("pointermove", (event) => {
      if (!held) return;
      held.moved = held.moved || Math.hypot(event.clientX - held.x, event.clientY - held.y) > 3;
      if (!held.moved) return;
      const box = plane.querySelector("svg").getBoundingClientRect();
      const zoom = drawing.PLANE.width / box.width;
      const at = drawing.scales(state);
      move(held.i, at.fromX((event.clientX - box.left) * zoom), at.fromY((event.clientY - box.top) * zoom));
    });
    plane.addEventListener("pointerup", () => {
      if (held && !held.moved) pick(held.i);
      held = null;
    });
    plane.addEventListener("pointercancel", () => (held = null));
    // a finger on a point moves it, elsewhere it scrolls the page
    plane.addEventListener("touchstart", (event) => pointOf(event) && event.preventDefault(), { passive: false });
    plane.addEventListener("keydown", (event) => pointOf(event) && pointKey(event, Number(pointOf(event).dataset.point)));
  }

  function listenCut() {
    const box = $("tree");
    let dragging = false;
    box.addEventListener("pointerdown", (event) => {
      if (!event.target.closest(".cut")) return;
      dragging = true;
      box.setPointerCapture(event.pointerId);
      box.querySelector(".cut").focus({ preventScroll: true });
      event.preventDefault();
    });
    box.addEventListener("pointermove", (event) => {
      if (!dragging) return;
      const { left, width } = box.querySelector("svg").getBoundingClientRect();
      const step = Math.min(tree.stepAt(((event.clientX - left) * tree.width) / width), state.points.length - 1);
      if (step !== state.step) go(step);
    });
    for (const end of ["pointerup", "pointercancel"]) box.addEventListener(end, () => (dragging = false));
    box.addEventListener("touchstart", (event) => event.target.closest(".cut") && event.preventDefault(), { passive: false });
    box.addEventListener("keydown", (event) => {
      if (!event.target.closest(".cut")) return;
      const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      const to = { Home: 0, End: state.points.length - 1 }[event.key];
      if (by === undefined && to === undefined) return;
      go(to === undefined ? state.step + by : to);
      event.preventDefault();
    });
  }

  function listen() {
    const on = (id, event, act) => $(id).addEventListener(event, act);
    on("preset", "change", ({ target }) => {
      start(target.value);
      change({});
    });
    for (const id of ["linkage", "scaling"]) on(id, "change", ({ target }) => change({ [id]: target.value, step: state.predict ? 0 : state.step }));
    on("first", "click", () => go(0));
    on("back", "click", () => go(state.step - 1));
    on("next", "click", () => go(state.step + 1));
    on("last", "click", () => go(state.points.length - 1));
    on("predict", "change", ({ target }) => change({ predict: target.checked, step: target.checked ? 0 : state.step, score: [0, 0] }));
    on("guess", "click", guess);
    ["pick-a", "pick-b"].forEach((id, at) => on(id, "change", ({ target }) => {
      state.picked[at] = target.value === "" ? undefined : Number(target.value);
      showPrediction();
      render();
    }));
    on("add", "click", addPoint);
    on("remove", "click", removePoint);
    on("again", "click", () => {
      start(state.preset);
      change({});
    });
    on("costs", "click", ({ target }) => {
      if (target.id !== "all-pairs") return;
      listed = true;
      showTables();
      $("costs").focus({ preventScroll: true });
    });
    on("language", "change", ({ target }) => speak(target.value, { keep: true }));
    window.addEventListener("hashchange", () => {
      read(); // before a view writes its own address
      if (given().language) speak(given().language);
      else render();
    });
    listenPlane();
    listenCut();
  }

  // asked: the language in the address or chosen by hand, which the address then carries
  function speak(wish, how) {
    asked = speech.known.includes(wish) ? wish : null;
    speech.choose(wish, how);
    $("language").value = speech.language();
    const options = (keys, kind) => keys.map((key) => tag("option", { value: key }, escape(t(`${kind}_${key}`))));
    fill("preset", options(KEYS.preset(), "preset"));
    fill("linkage", options(LINKAGES, "linkage"));
    fill("scaling", options(SCALINGS, "scaling"));
    if (!state) return;
    state.axes = own(preset(state.preset).axes) || [t("axis_x"), t("axis_y")];
    render();
  }

  fill("language", speech.known.map((key) => tag("option", { value: key, lang: key }, escape(data.texts[key].language))));
  speak(given().language);
  listen();
  read();
  render();
})();
