// The page: choices in, pictures and tables out.
"use strict";

(() => {
  const $ = (id) => document.getElementById(id);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const data = JSON.parse($("data").textContent);
  const states = States(data);
  const models = Models(data, states);
  const words = Words(data);
  const pictures = Pictures(data, words);
  const tables = Tables(data, pictures, words);
  const say = (sentence) => ($("done").textContent = sentence);
  const saving = Saving(data, pictures, words, say);
  const { escape, tag, unseen } = Markup;
  const n = data.regions.length;
  const indexOf = new Map(data.regions.map((region, i) => [region.code, i]));
  const BESIDE = 1400; // as in the style sheet: dendrogram and maps side by side
  const INSPECTOR = 1120; // and: room for the column of the region

  const NARROWEST = 240;

  let state = states.baseline();
  let model = null;
  // the region under the pointer or the focus, not a part of the state
  let pointed = null;
  // what the pictures were drawn for
  const drawn = { widths: {}, figure3: null, tree: null };

  // ----------------------------------------------------------------------------- controls

  function option(value, name) {
    const made = document.createElement("option");
    made.value = value;
    made.textContent = name;
    return made;
  }

  function indicatorItem(indicator, variant) {
    const id = `in-${variant.id.replace(":", "-")}`;
    const under = `${id}-under`;
    const box = { type: "checkbox", id, value: variant.id, "aria-describedby": under };
    const label = [
      variant.name && unseen("Variant of "),
      tag("span", { class: "code" }, indicator.code), " ", escape(variant.label),
      variant.status === "proxy" && ` ${tag("span", { class: "tag" }, "proxy")}`,
    ];
    return tag("div", { class: variant.name ? "item variant" : "item", "data-id": variant.id },
      tag("input", box),
      tag("label", { for: id }, label),
      tag("span", { class: "under", id: under }));
  }

  function buildControls() {
    $("years").innerHTML = data.years
      .map((year) => `<label><input type="radio" name="year" value="${year}">${year}</label>`)
      .join("");
    const fill = (id, keys, labels) => $(id).append(...keys.map((key) => option(key, labels[key].name)));
    fill("scaling", Compute.SCALINGS, words.scalings);
    fill("linkage", Compute.LINKAGES, words.linkages);
    $("k").max = n;
    const regions = data.regions.map((region) => option(region.code, region.en));
    $("region").append(option("", "Keep a region…"), ...regions);

    const groups = new Map();
    for (const indicator of data.indicators) {
      const items = indicator.variants.map((variant) => indicatorItem(indicator, variant));
      groups.set(indicator.group, [...(groups.get(indicator.group) || []), ...items]);
    }
    $("indicators").innerHTML = [...groups]
      .map(([group, items]) =>
        tag("fieldset", { class: "group" }, tag("legend", {}, escape(words.capital(group))), items))
      .join("");
    $("definitions").innerHTML = tables.definitions();
  }

  // A bar and a number: how much of all squared distance is this indicator's.
  function shareOf(variant) {
    const at = model ? model.ids.indexOf(variant.id) : -1;
    if (at < 0) return "";
    const percent = model.shares[at] * 100;
    const bar = tag("svg",
      { viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
      tag("rect", { class: "rail", width: 100, height: 4 }),
      tag("rect", { width: percent, height: 4 }));
    const name = unseen("share of all squared distance ");
    return `${bar}${name}${percent.toFixed(percent < 0.1 ? 2 : 1)} %`;
  }

  function showIndicators() {
    const taking = new Set(states.taking(state));
    const there = new Set(states.available(state.year));
    $("indicators-count").textContent = taking.size === 1 ? "1 takes part" : `${taking.size} take part`;
    for (const item of $("indicators").querySelectorAll(".item")) {
      const { indicator, variant } = states.columns.get(item.dataset.id);
      const has = there.has(variant.id);
      const box = item.querySelector("input");
      box.disabled = !has;
      box.checked = taking.has(variant.id);
      item.classList.toggle("absent", !has);
      item.querySelector(".under").innerHTML = has
        ? shareOf(variant)
        : escape(words.absence(indicator, variant, state.year));
    }
  }

  function showControls() {
    for (const input of $("years").querySelectorAll("input")) {
      input.checked = Number(input.value) === state.year;
    }
    $("scaling").value = state.scaling;
    $("scaling-note").textContent = words.scalings[state.scaling].note;
    $("linkage").value = state.linkage;
    $("linkage-note").textContent = words.linkages[state.linkage].note;
    $("k").value = state.k;
    $("k").setAttribute("aria-valuetext", words.clusters(state.k));
    $("k-shown").textContent = state.k;
    $("figure3").checked = state.figure3;
    $("region").value = state.region || "";
    const axes = states.axes(state.linkage);
    $("axis").replaceChildren(...axes.map((axis) => option(axis, words.axes[axis].name)));
    $("axis").value = state.axis;
    showIndicators();
  }

  // ----------------------------------------------------------------------------- pictures

  // Read once a theme: asking for a style in the middle of an update is slow.
  let palette = null;
  function readPalette() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(`--${name}`).trim();
    palette = Object.fromEntries(
      ["ink", "soft", "line", "grid", "edge", "branch", "accent"].map((name) => [name, read(name)])
    );
    palette.paper = read("panel");
    palette.onAccent = read("on-accent");
  }

  function applyTheme() {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const theme = state.theme || system;
    if (document.documentElement.dataset.theme === theme) return;
    document.documentElement.dataset.theme = theme;
    $("theme").setAttribute("aria-pressed", String(theme === "dark"));
    readPalette();
  }

  // New markup takes the focus away: remember where it was, and give it back.
  function keptFocus() {
    const { place, region } = document.activeElement.dataset;
    const selector = `[data-place="${place}"]${region ? `[data-region="${region}"]` : ""}`;
    return () => {
      const again = place && document.querySelector(selector);
      if (again) focusOn(again);
    };
  }

  function drawPictures() {
    const giveBack = keptFocus();
    const { widths } = drawn;
    const beside = widths.window >= BESIDE;
    const { figure3, region } = state;
    const common = { palette, prefix: "look-", live: true, region };
    // side by side with the maps the dendrogram takes their height
    const rowHeight = beside && figure3 ? 35 : 26;
    const tile = beside ? (figure3 ? 55 : 76) : null;
    drawn.tree = pictures.dendrogram(model, { ...common, width: widths.tree, figure3, rowHeight });
    $("tree").innerHTML = drawn.tree.markup;
    const map = (width) => ({ ...common, tile, width });
    $("map").innerHTML = pictures.ourMap(model, map(widths.map)).markup;
    if (figure3) $("published").innerHTML = pictures.publishedMap(model, map(widths.published)).markup;
    showPointed();
    giveBack();
  }

  // Whether the room for the pictures is another than before.
  function measure() {
    const before = JSON.stringify(drawn.widths);
    drawn.figure3 = state.figure3;
    // a page that is not laid out yet has no width, and nothing can be drawn in none
    const width = (id) => Math.max($(id).clientWidth, NARROWEST);
    drawn.widths = {
      tree: width("tree"),
      map: width("map"),
      published: width("published"),
      window: window.innerWidth,
    };
    return JSON.stringify(drawn.widths) !== before;
  }

  function treeNote() {
    const inverted = Compute.cutPosition(model.geometry.y, state.k) === null;
    const ties = model.tree.tie.slice(0, n - state.k).filter(Boolean).length;
    const merges = ties === 1 ? "One merge below the cut was" : `${ties} merges below the cut were`;
    return [
      inverted && `Heights invert: no straight line cuts this tree into ${words.clusters(state.k)}.`,
      `Axis: ${words.axes[state.axis].note}, rescaled so that the highest is 25.`,
      "Strong lines: merges inside the clusters.",
      !inverted && "The cut line can be dragged.",
      ties > 0 && `${merges} decided between pairs equally near.`,
    ].filter(Boolean).join(" ");
  }

  function showPictures() {
    $("published-box").hidden = !state.figure3;
    $("map-caption").textContent =
      `${words.clusters(state.k)}, numbered in the order of their first region`;
    $("tree-note").textContent = treeNote();
    // asking for a width in the middle of an update is slow, so only when it may have changed
    if (drawn.figure3 !== state.figure3) measure();
    drawPictures();
  }

  // --------------------------------------------------------------------------- the region

  function showRegion() {
    const code = pointed || state.region;
    $("inspector").toggleAttribute("data-open", Boolean(model && state.region));
    $("inspector-title").textContent = code ? "Region" : "Clusters";
    if (!model) $("region-body").replaceChildren();
    else if (code) $("region-body").innerHTML = tables.region(model, indexOf.get(code), palette);
    else $("region-body").innerHTML = tables.roster(model, palette);
  }

  function showPointed() {
    for (const element of all(".region")) {
      element.classList.toggle("pointed", element.dataset.region === pointed);
    }
  }

  function point(code) {
    if (pointed === code) return;
    pointed = code;
    showPointed();
    showRegion();
  }

  function keep(code) {
    const region = state.region === code ? null : code;
    change({ region });
    const name = words.english(indexOf.get(code));
    say(region
      ? `${name} is kept in view: its values and sources stand under Region.`
      : `${name} is let go.`);
  }

  function showTip(html, box) {
    const tip = $("tip");
    tip.innerHTML = html;
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    const last = document.documentElement.clientWidth - width - 6;
    const x = Math.min(Math.max(box.left + box.width / 2 - width / 2, 6), last);
    const above = box.top - height - 8;
    const y = above > 4 ? above : box.bottom + 8;
    tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }
  const hideTip = () => ($("tip").hidden = true);

  function pointAt(element) {
    const { region } = element.dataset;
    const hint = drawn.widths.window < INSPECTOR ? ["Click or Enter: values and sources"] : [];
    point(region);
    showTip(tables.regionTip(model, indexOf.get(region), hint), element.getBoundingClientRect());
  }

  // A merge in the dendrogram and its row in the schedule; 0 for none.
  function light(stage) {
    for (const element of all("#tree [data-branch], #schedule [data-stage]")) {
      const own = Number(element.dataset.branch || element.dataset.stage);
      element.classList.toggle("lit", own === stage);
    }
  }

  // ------------------------------------------------------------------------------- update

  function showNotice(problems) {
    const absent = states.absent(state);
    const one = absent.length === 1;
    const missing = `${words.joined(absent)} ${one ? "has" : "have"} no data in ${state.year} ` +
      `and ${one ? "takes" : "take"} no part.`;
    const html = [...problems, ...(absent.length ? [missing] : [])]
      .map((sentence) => tag("p", {}, escape(sentence)))
      .join("");
    const box = $("notice");
    box.hidden = !html;
    // what already stands there is not said again
    if (box.dataset.said === html) return;
    box.dataset.said = html;
    const dismiss = tag("button", { type: "button", class: "quiet", id: "dismiss" }, "Dismiss");
    box.innerHTML = html && tag("div", {}, html) + dismiss;
  }

  function compute() {
    try {
      model = models.of(state);
      return "";
    } catch (error) {
      if (!(error instanceof Compute.InputProblem)) throw error;
      model = null;
      return error.message;
    }
  }

  function showResults() {
    const chosen = tag("strong", {}, escape(`${words.settings(model)}.`));
    $("summary").innerHTML = `${chosen} ${escape(words.agreement(model))}`;
    showPictures();
    $("profile").innerHTML = tables.profile(model, palette);
    $("measures").innerHTML = tables.measures(model);
    $("fates").innerHTML = tables.fates(model, palette);
    $("schedule").innerHTML = tables.schedule(model);
    $("schedule-note").textContent = tables.scheduleNote(model);
    $("check").textContent = tables.check(model);
    if (model.second > 1e-9) throw new Error("the two computations of the tree differ");
  }

  function render(problems = []) {
    performance.mark("explorer-start");
    applyTheme();
    const problem = compute();
    showControls();
    $("problem").hidden = !problem;
    $("problem").textContent = problem;
    $("results").hidden = Boolean(problem);
    for (const id of ["save-svg", "save-png", "save-csv"]) $(id).disabled = Boolean(problem);
    if (model) showResults();
    else $("summary").textContent = problem;
    showRegion();
    showNotice(problems);
    performance.measure("explorer-update", "explorer-start");
  }

  // Browsers refuse to rewrite the address some hundred times in half a minute, as dragging the
  // cut line can: after a burst, once a second.
  const written = [];
  let later = 0;
  function writeHash(now = false) {
    clearTimeout(later);
    const hash = states.format(state);
    if (hash === location.hash) return;
    const time = performance.now();
    while (written.length && written[0] < time - 30000) written.shift();
    if (!now && written.length > 40 && time - written[written.length - 1] < 1000) {
      later = setTimeout(() => writeHash(true), 1000);
      return;
    }
    written.push(time);
    try {
      history.replaceState(null, "", hash);
    } catch {
      // where a page from the disk may not do that
      location.hash = hash;
    }
  }

  function change(patch) {
    state = { ...state, ...patch };
    if (!states.axes(state.linkage).includes(state.axis)) state.axis = "cumulative";
    writeHash();
    render();
  }

  function fromHash() {
    if (location.hash === states.format(state) && model) return;
    const { state: read, problems } = states.parse(location.hash);
    state = read;
    pointed = null;
    if (problems.length) writeHash(true);
    render(problems);
  }

  // ---------------------------------------------------------------------------- listening

  function chooseIndicator({ target }) {
    // one that has no data this year stays chosen for the years that have
    const chosen = new Set([...states.taking(state), ...states.absent(state)]);
    if (target.checked) chosen.add(target.value);
    else chosen.delete(target.value);
    change({ indicators: [...states.columns.keys()].filter((id) => chosen.has(id)) });
  }

  async function copyLink() {
    writeHash(true);
    let sentence = "Link copied";
    try {
      await navigator.clipboard.writeText(location.href);
    } catch {
      sentence = "Copy it from the address bar";
    }
    $("copy").textContent = sentence;
    say(sentence);
    setTimeout(() => ($("copy").textContent = "Copy link"), 2500);
  }

  function listenControls() {
    const on = (id, event, act) => $(id).addEventListener(event, act);
    on("choices", "submit", (event) => event.preventDefault());
    on("years", "change", ({ target }) => change({ year: Number(target.value) }));
    on("k", "input", ({ target }) => change({ k: Number(target.value) }));
    on("figure3", "change", ({ target }) => change({ figure3: target.checked }));
    on("region", "change", ({ target }) => change({ region: target.value || null }));
    for (const id of ["scaling", "linkage", "axis"]) {
      on(id, "change", ({ target }) => change({ [id]: target.value }));
    }
    on("indicators", "change", chooseIndicator);
    on("all", "click", () => change({ indicators: "all" }));
    on("none", "click", () => change({ indicators: [] }));
    on("close", "click", () => change({ region: null }));
    on("baseline", "click", () => change({ ...states.baseline(), theme: state.theme }));
    on("theme", "click", () => {
      const dark = document.documentElement.dataset.theme === "dark";
      change({ theme: dark ? "light" : "dark" });
    });
    on("copy", "click", copyLink);
    on("save-svg", "click", () => saving.svg(model, state.figure3, palette));
    on("save-png", "click", () => saving.png(model, state.figure3, palette));
    on("save-csv", "click", () => saving.regions(model));
    for (const what of ["regions", "profile", "agreement", "schedule"]) {
      on(`csv-${what}`, "click", () => saving[what](model));
    }
    on("notice", "click", ({ target }) => {
      if (target.id !== "dismiss") return;
      $("notice").hidden = true;
      $("main").focus();
    });
    on("skip", "click", (event) => {
      // the address carries the state, so the link must not change it
      event.preventDefault();
      $("main").focus();
    });
  }

  // One region of each picture is in the order of the Tab key: the one that had the focus last.
  function focusOn(element) {
    if (element.classList.contains("region")) {
      for (const other of all(`.region[data-place="${element.dataset.place}"]`)) {
        other.setAttribute("tabindex", other === element ? "0" : "-1");
      }
    }
    element.focus();
  }

  // Where a key leads from a tile: sideways within its row, up and down to the next row that
  // has tiles, there to the nearest column.
  function neighbour(tiles, tile, key) {
    const { row, column } = tile.dataset;
    const away = (other) => {
      const down = other.dataset.row - row;
      const right = other.dataset.column - column;
      const sideways = key === "ArrowLeft" || key === "ArrowRight";
      const along = { ArrowUp: -down, ArrowDown: down, ArrowLeft: -right, ArrowRight: right }[key];
      if (along <= 0 || (sideways && down)) return Infinity;
      return along * 100 + Math.abs(sideways ? 0 : right);
    };
    const nearest = tiles.reduce((best, other) => (away(other) < away(best) ? other : best));
    return away(nearest) < Infinity ? nearest : null;
  }

  function regionKey(event, region) {
    const { place, order } = region.dataset;
    const others = all(`.region[data-place="${place}"]`);
    let next;
    if (event.key === "Enter" || event.key === " ") keep(region.dataset.region);
    else if (event.key === "Home") next = others[0];
    else if (event.key === "End") next = others[others.length - 1];
    else if (!/^Arrow/.test(event.key)) return;
    else if (place !== "dendrogram") next = neighbour(others, region, event.key);
    else next = others[Number(order) + ({ ArrowUp: -1, ArrowDown: 1 }[event.key] || 0)];
    event.preventDefault();
    if (next) focusOn(next);
  }

  function cutKey(event) {
    // the line goes where the arrow points; to the left there are more clusters
    const step = { ArrowLeft: 1, ArrowDown: 1, ArrowRight: -1, ArrowUp: -1 }[event.key];
    const k = { Home: n, End: 1 }[event.key] || (step && state.k + step);
    if (!k && k !== 0) return;
    event.preventDefault();
    if (k >= 1 && k <= n) change({ k });
  }

  function listenPictures() {
    const main = $("main");
    const regionAt = ({ target }) => target.closest(".region");
    main.addEventListener("pointerover", (event) => {
      const region = regionAt(event);
      if (region && event.pointerType !== "touch") pointAt(region);
      const merge = event.target.closest("[data-stage]");
      if (merge) light(Number(merge.dataset.stage));
      if (merge && merge.matches(".hit")) {
        const here = new DOMRect(event.clientX, event.clientY, 0, 0);
        showTip(tables.mergeTip(model.schedule[merge.dataset.stage - 1]), here);
      }
    });
    main.addEventListener("pointerout", (event) => {
      if (regionAt(event)) {
        const focused = document.activeElement.closest(".region:focus-visible");
        point(focused ? focused.dataset.region : null);
        hideTip();
      }
      if (event.target.closest("[data-stage]")) {
        light(0);
        hideTip();
      }
    });
    main.addEventListener("focusin", (event) => {
      const region = regionAt(event);
      if (region && region.matches(":focus-visible")) pointAt(region);
    });
    main.addEventListener("focusout", (event) => {
      if (!regionAt(event)) return;
      point(null);
      hideTip();
    });
    main.addEventListener("click", (event) => {
      const region = regionAt(event);
      if (region) keep(region.dataset.region);
    });
    main.addEventListener("keydown", (event) => {
      const region = regionAt(event);
      if (region) regionKey(event, region);
      else if (event.target.closest(".cut")) cutKey(event);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      if (!$("tip").hidden) hideTip();
      else if (state.region) change({ region: null });
    });
  }

  // The cut line follows the pointer: as many clusters as branches it crosses.
  function listenCut() {
    const tree = $("tree");
    let dragging = false;
    tree.addEventListener("pointerdown", (event) => {
      if (!event.target.closest(".cut")) return;
      event.preventDefault();
      dragging = true;
      tree.setPointerCapture(event.pointerId);
      focusOn(tree.querySelector(".cut"));
    });
    tree.addEventListener("pointermove", (event) => {
      if (!dragging) return;
      const x = event.clientX - tree.getBoundingClientRect().left;
      const k = 1 + model.geometry.y.filter((value) => drawn.tree.at(value) > x).length;
      if (k !== state.k) change({ k });
    });
    for (const end of ["pointerup", "pointercancel"]) {
      tree.addEventListener(end, () => (dragging = false));
    }
  }

  $("looks").innerHTML = pictures.patterns("look-");
  if (window.innerWidth < 800) $("indicators-box").open = false;
  buildControls();
  listenControls();
  listenPictures();
  listenCut();
  window.addEventListener("hashchange", fromHash);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => render());
  fromHash();
  const observer = new ResizeObserver(() => {
    // the height follows from what was drawn; only a new width asks for new pictures
    if (model && measure()) drawPictures();
  });
  for (const id of ["main", "tree", "map", "published"]) observer.observe($(id));
})();
