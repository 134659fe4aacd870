// The page: choices in, pictures and tables out.
"use strict";

(() => {
  const { $, all, tell, fill, onceAt, tellPhone } = Page;
  const data = JSON.parse($("data").textContent);
  const states = States(data);
  const models = Models(data, states);
  const words = Words(data);
  const pictures = Pictures(data, words);
  const tables = Tables(data, pictures, words);
  const notes = Notes(words);
  const controls = Controls(data, states, words);
  const address = Address(states);
  const say = (sentence) => ($("done").textContent = sentence);
  const saving = Saving(data, states, pictures, words, say);
  const tip = Tip($("tip"), floor);
  const moving = Moved(data, words);
  const { escape, tag } = Markup;
  const n = data.regions.length;
  const indexOf = new Map(data.regions.map((region, i) => [region.code, i]));
  const BESIDE = 1120; // as in the style sheet: dendrogram and maps side by side
  const INSPECTOR = 1400; // and: room for the column of the region
  const NARROWEST = 240;

  let state = states.baseline();
  let model = null;
  // not parts of the state: the region under the pointer or the focus, the picture in which a
  // region was last chosen, the merge that stays lit
  let pointed = null;
  let chosenIn = "map";
  let pinned = 0;
  // the view before, and what this one is compared with
  let before = null;
  let shown = null;
  let against = "before";
  // what the pictures were drawn for
  const drawn = { widths: {}, figure3: null, tree: null, region: null };
  const overlaid = () => drawn.widths.window < INSPECTOR;

  // Where the free part of the window ends: at its foot, or at the region that lies over it.
  function floor() {
    const over = overlaid() && $("inspector").hasAttribute("data-open");
    return over ? $("inspector").getBoundingClientRect().top : window.innerHeight;
  }

  // ----------------------------------------------------------------------------- pictures

  function applyTheme() {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const theme = state.theme || system;
    document.documentElement.dataset.theme = theme;
    $("theme").setAttribute("aria-pressed", String(theme === "dark"));
  }

  function drawPictures() {
    const giveBack = Walk.keptFocus();
    const { widths } = drawn;
    const beside = widths.window >= BESIDE;
    const { figure3, region } = state;
    const common = { ...pictures.inPage, live: true, region, outlines: state.map === "outlines" };
    // side by side with the maps the dendrogram takes their height
    const rowHeight = !beside ? 26 : figure3 ? 35 : 22;
    const tile = beside ? (figure3 ? 55 : 76) : null;
    drawn.tree = pictures.dendrogram(model, { ...common, width: widths.tree, figure3, rowHeight });
    const map = (width) => ({ ...common, tile, width });
    const anew = [
      fill("tree", drawn.tree.markup),
      fill("map", pictures.ourMap(model, map(widths.map)).markup),
      figure3 && fill("published", pictures.publishedMap(model, map(widths.published)).markup),
    ];
    if (!anew.some(Boolean)) return;
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

  function showPictures() {
    $("published-box").hidden = !state.figure3;
    tell("map-title", state.map === "outlines" ? "Map" : words.texts.map);
    tell("map-caption", `Here: ${words.clusters(state.k)}`);
    const order = `Clusters here are numbered in the order of their first ${words.texts.case}.`;
    tell("map-note", state.figure3 ? `${order} ${words.pairing(model)}` : order);
    fill("tree-note", notes.tree(model, state.k));
    // asking for a width in the middle of an update is slow, so only when it may have changed
    if (drawn.figure3 !== state.figure3) measure();
    drawPictures();
  }

  // --------------------------------------------------------------------------- the region

  function showRegion() {
    // what is kept stays; the tip tells of what is pointed at
    const code = state.region || pointed;
    const name = code && words.english(indexOf.get(code));
    $("inspector").toggleAttribute("data-open", Boolean(model && state.region));
    $("close").hidden = !state.region;
    tell("inspector-title", code ? words.capital(words.texts.case) : "Clusters");
    $("region-body").setAttribute("aria-label", name ? `${name}: values and sources` : `${words.capital(words.texts.cases)} of each cluster`);
    if (!model) return;
    const html = code ? tables.region(model, indexOf.get(code)) : tables.roster(model);
    fill("region-body", html);
    // asking a box to scroll lays the page out, which is slow: only for another region
    if (drawn.region !== code) $("region-body").scrollTop = 0;
    drawn.region = code;
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

  function keep(code, place) {
    const region = state.region === code ? null : code;
    chosenIn = place;
    tip.hide();
    change({ region });
    const name = words.english(indexOf.get(code));
    say(region
      ? `${name} is kept in view: its values and sources are under ${words.capital(words.texts.case)}.`
      : `${name} is released.`);
    // out from under what now lies over the page
    const shown = region && overlaid() && Walk.find({ place, region });
    if (shown) shown.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function letGo({ detail = 0 } = {}) {
    const { region } = state;
    const inside = $("inspector").contains(document.activeElement);
    change({ region: null });
    say(`${words.english(indexOf.get(region))} is released.`);
    const focused = document.activeElement;
    if (!inside || (focused !== document.body && focused.getClientRects().length)) return;
    // what had the focus is gone; after a click or a tap the page stays where it is
    const there = Walk.find({ place: chosenIn, region }) || Walk.find({ place: "map", region });
    if (there) Walk.focusOn(there, { preventScroll: detail > 0 });
  }

  function pointAt(element) {
    const { place, region } = element.dataset;
    point(region);
    if (overlaid() && state.region === region) return;
    const hint = overlaid() ? ["Click or Enter: values and sources"] : [];
    // the picture may be drawn again while the tip is shown
    tip.show(tables.regionTip(model, indexOf.get(region), hint), () => {
      const now = Walk.find({ place, region });
      return now && now.getBoundingClientRect();
    });
  }

  // ---------------------------------------------------------------------------- the merges

  // A merge in the dendrogram and its row in the schedule; 0 for none.
  function light(stage) {
    for (const element of all("#tree [data-branch], #schedule [data-stage]")) {
      const own = Number(element.dataset.branch || element.dataset.stage);
      element.classList.toggle("lit", own === stage);
    }
    for (const element of all("#tree .hit")) {
      element.setAttribute("aria-pressed", String(Number(element.dataset.stage) === pinned));
    }
  }

  function pin(stage) {
    pinned = stage;
    light(pinned);
  }

  const stageOf = (element) => Number(element.dataset.stage);

  // x and y: where the pointer is; without them beside the branch
  function tellMerge(stage, x, y) {
    const where = () => {
      const now = x === undefined && Walk.find({ place: "merges", stage });
      return now ? now.getBoundingClientRect() : null;
    };
    const still = x === undefined ? where : onceAt(new DOMRect(x - 6, y - 6, 12, 12));
    tip.show(tables.mergeTip(model, stage), still);
  }

  // ------------------------------------------------------------------------------- update

  function showNotice(problems) {
    const html = notes.notice(problems, states.absent(state), state.year);
    $("notice").hidden = !html;
    fill("notice", html);
  }

  const kept = (of, name) => ({
    membership: of.membership, looks: of.looks, ari: of.ari, name,
    recovered: of.ari === null ? undefined : words.recovered(of).length,
  });

  // What the view is compared with; nothing at the start.
  function opposite() {
    if (against === "before") return before;
    if (against === "baseline") return kept(models.of({ ...states.baseline() }), "the baseline");
    return { membership: data.published.membership, name: words.texts.referenceTitle };
  }

  function compute() {
    try {
      const key = JSON.stringify([state.year, state.scaling, state.linkage, state.k, states.taking(state)]);
      if (shown && shown.key !== key) before = shown;
      const found = models.of(state);
      model = moving.follow(found, shown);
      shown = { ...kept(model, "the view before"), key };
      const report = moving.report(model, opposite());
      model = { ...model, moved: report.moved };
      tell("moved", report.text);
      return "";
    } catch (error) {
      if (!(error instanceof Compute.InputProblem)) throw error;
      model = null;
      return error.message;
    }
  }

  function showResults() {
    showPictures();
    fill("profile", tables.profile(model));
    $("profile").classList.toggle("dense", state.k > 9);
    fill("measures", tables.measures(model));
    fill("fates", tables.fates(model));
    fill("schedule", tables.schedule(model));
    tell("schedule-note", tables.scheduleNote(model));
    light(pinned);
  }

  function summary(problem) {
    if (problem) return escape(problem);
    return `${tag("strong", {}, escape(`${words.settings(model)}.`))} ${escape(words.agreement(model))}`;
  }

  function render(problems = []) {
    performance.mark("explorer-start");
    applyTheme();
    const problem = compute();
    controls.show(state, model);
    $("problem").hidden = !problem;
    tell("problem", problem);
    $("results").hidden = Boolean(problem);
    fill("summary", summary(problem));
    if (model) showResults();
    showRegion();
    showNotice(problems);
    Scrolls.look();
    tellPhone();
    performance.measure("explorer-update", "explorer-start");
  }

  function change(patch, how) {
    state = { ...state, ...patch };
    if (!states.axes(state.linkage).includes(state.axis)) state.axis = "cumulative";
    address.write(state, how);
    render();
  }
  const slide = (k) => change({ k }, { slide: true });

  function fromHash() {
    if (tour.fromHash(location.hash)) return;
    if (location.hash === states.format(state) && model) return;
    address.arrived();
    const { state: read, problems } = states.parse(location.hash);
    state = read;
    pointed = null;
    pinned = 0;
    tip.hide();
    if (problems.length) address.correct(state);
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
    address.correct(state);
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
    on("k", "pointerdown", address.begin);
    on("k", "input", ({ target }) => slide(Number(target.value)));
    on("figure3", "change", ({ target }) => change({ figure3: target.checked }));
    on("region", "change", ({ target }) => {
      if (target.value) change({ region: target.value });
      else letGo();
    });
    for (const id of ["scaling", "linkage", "axis", "drawn"]) {
      on(id, "change", ({ target }) => change({ [id === "drawn" ? "map" : id]: target.value }));
    }
    on("indicators", "change", chooseIndicator);
    on("all", "click", () => change({ indicators: "all" }));
    on("none", "click", () => change({ indicators: [] }));
    on("against", "change", ({ target }) => {
      against = target.value;
      render();
    });
    on("close", "click", letGo);
    on("baseline", "click", () => change({ ...states.baseline(), theme: state.theme }));
    on("theme", "click", () => {
      const dark = document.documentElement.dataset.theme === "dark";
      change({ theme: dark ? "light" : "dark" });
    });
    on("copy", "click", copyLink);
    on("save-svg", "click", () => saving.svg(model, state));
    on("save-png", "click", () => saving.png(model, state));
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

  function cutKey(event) {
    // the line goes where the arrow points; to the left there are more clusters
    const step = { ArrowLeft: 1, ArrowDown: 1, ArrowRight: -1, ArrowUp: -1 }[event.key];
    const k = { Home: n, End: 1 }[event.key] || (step && state.k + step);
    if (!k && k !== 0) return;
    event.preventDefault();
    if (k >= 1 && k <= n) slide(k);
  }

  const regionAt = ({ target }) => target.closest(".region");
  const mergeAt = ({ target }) => target.closest("[data-stage]");

  // Enter and the space bar do what a click does.
  function choose(element, x, y) {
    const { place, region } = element.dataset;
    if (region) return keep(region, place);
    const stage = stageOf(element) === pinned ? 0 : stageOf(element);
    pin(stage);
    if (!stage) tip.hide();
    else if (place === "merges") tellMerge(stage, x, y);
  }

  function listenPictures() {
    const main = $("main");
    main.addEventListener("pointerover", (event) => {
      if (event.pointerType === "touch") return;
      const region = regionAt(event);
      if (region) pointAt(region);
      const merge = mergeAt(event);
      if (merge) light(stageOf(merge));
      if (merge && merge.matches(".hit")) tellMerge(stageOf(merge), event.clientX, event.clientY);
    });
    main.addEventListener("pointerout", (event) => {
      if (event.pointerType === "touch") return;
      if (regionAt(event)) {
        const focused = document.activeElement.closest(".region:focus-visible");
        point(focused ? focused.dataset.region : null);
        tip.hide();
      }
      if (mergeAt(event)) {
        light(pinned);
        tip.hide();
      }
    });
    main.addEventListener("focusin", ({ target }) => {
      if (!target.matches(":focus-visible")) return;
      if (target.matches(".region")) pointAt(target);
      if (target.matches(".hit")) {
        light(stageOf(target));
        tellMerge(stageOf(target));
      }
    });
    main.addEventListener("focusout", ({ target }) => {
      if (target.matches(".region")) point(null);
      if (target.matches(".hit")) light(pinned);
      if (target.matches(".region, .hit")) tip.hide();
    });
    document.addEventListener("click", (event) => {
      const element = regionAt(event) || mergeAt(event);
      if (element) return choose(element, event.clientX, event.clientY);
      if (pinned) {
        pin(0);
        tip.hide();
      }
    });
    main.addEventListener("keydown", (event) => {
      const element = event.target.closest(".region, .hit");
      if (event.target.closest(".cut")) return cutKey(event);
      if (!element) return;
      if (event.key === "Enter" || event.key === " ") choose(element);
      else if (!Walk.go(element, event.key)) return;
      event.preventDefault();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      tip.hide();
      if (pinned) pin(0);
      if (state.region) letGo();
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
      address.begin();
      tree.setPointerCapture(event.pointerId);
      Walk.focusOn(tree.querySelector(".cut"), { preventScroll: true });
    });
    tree.addEventListener("pointermove", (event) => {
      if (!dragging) return;
      const x = event.clientX - tree.getBoundingClientRect().left;
      const k = 1 + model.geometry.y.filter((value) => drawn.tree.at(value) > x).length;
      if (k !== state.k) slide(k);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      tree.addEventListener(end, () => (dragging = false));
    }
  }

  const tour = Tour(data.tour || [], (view) => {
    state = { ...states.parse(`#${view}`).state, theme: state.theme };
    address.write(state);
    render();
  });
  $("looks").innerHTML = pictures.patterns("look-");
  // the first page of the site lies beside this one, unless this one was taken out of it
  const has = { reference: words.hasReference, years: data.years.length > 1, map: data.map };
  for (const element of all("[data-needs]")) element.hidden = !has[element.dataset.needs];
  if ($("home")) $("home").hidden = location.protocol === "file:" && !/\/site\/[^/]*$/.test(location.pathname);
  if (window.innerWidth < 800) $("indicators-box").open = false;
  controls.build();
  fill("against", [["before", "the view before"], ["baseline", "the baseline"],
    ...(words.hasReference ? [["reference", words.texts.referenceTitle]] : [])]
    .map(([value, name]) => tag("option", { value }, escape(name))));
  document.addEventListener("scroll", () => ($("phone").hidden = true), { passive: true });
  fill("definitions", tables.definitions());
  listenControls();
  listenPictures();
  listenCut();
  window.addEventListener("hashchange", fromHash);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyTheme);
  fromHash();
  const observer = new ResizeObserver(() => {
    // the height follows from what was drawn; only a new width asks for new pictures
    if (model && measure()) {
      drawPictures();
      light(pinned);
    }
  });
  for (const id of ["main", "tree", "map", "published"]) observer.observe($(id));
  Scrolls.watch();
})();
