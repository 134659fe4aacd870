// The page: choices in, pictures and tables out.
"use strict";

(() => {
  const { $, all, tell, fill, tellPhone } = Page;
  const data = JSON.parse($("data").textContent);
  const speech = Texts(data.texts);
  const { t } = speech;
  const words = Words(data, speech);
  const states = States(data, t);
  const models = Models(data, states, words);
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
  let spoken = null;
  // what the pictures were drawn for
  const drawn = { widths: {}, figure3: null, tree: null, region: null };
  const overlaid = () => drawn.widths.window < INSPECTOR;

  // Where the free part of the window ends: at its foot, or at the region that lies over it.
  function floor() {
    // from 800 pixels on it is a card in a corner
    const over = drawn.widths.window < 800 && $("inspector").hasAttribute("data-open");
    return over ? $("inspector").getBoundingClientRect().top : window.innerHeight;
  }

  // ----------------------------------------------------------------------------- pictures

  function applyTheme() {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const theme = state.theme || system;
    document.documentElement.dataset.theme = theme;
    $("theme").setAttribute("aria-pressed", String(theme === "dark"));
  }

  // Everything that is written once is written again in another language.
  function applyLanguage() {
    if (spoken === state.language && spoken !== null) return;
    spoken = state.language || "";
    speech.choose(state.language);
    $("language").value = speech.language();
    controls.build();
    const others = words.hasReference ? ["reference"] : [];
    const names = { before: "view_before", baseline: "the_baseline", reference: "reference_title" };
    fill("against", ["before", "baseline", ...others].map((value) =>
      tag("option", { value, selected: value === against }, escape(t(names[value])))));
    fill("definitions", tables.definitions());
    tour.speak();
  }

  function drawPictures() {
    const giveBack = Walk.keptFocus();
    const { widths } = drawn;
    const beside = widths.window >= BESIDE;
    const { figure3, region } = state;
    const common = { ...pictures.inPage, live: true, region, outlines: state.map === "outlines" };
    // side by side with the maps the dendrogram takes their height
    const rowHeight = !beside ? 26 : figure3 ? 28 : 22;
    const tile = beside ? (figure3 ? 44 : 76) : null;
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
    tell("map-title", t(`map_${state.map}`));
    tell("map-caption", t("map_caption", { clusters: words.clusters(state.k) }));
    tell("map-note", t("numbered") + (state.figure3 ? ` ${words.pairing(model)}` : ""));
    fill("tree-note", notes.tree(model, state.k));
    // asking for a width in the middle of an update is slow, so only when it may have changed
    if (drawn.figure3 !== state.figure3) measure();
    drawPictures();
  }

  // --------------------------------------------------------------------------- the region

  function showRegion() {
    // what is kept stays; the tip tells of what is pointed at
    const code = state.region || pointed;
    const name = code && words.called(indexOf.get(code));
    $("inspector").toggleAttribute("data-open", Boolean(model && state.region));
    $("close").hidden = !state.region;
    tell("inspector-title", t(code ? "case_title" : "clusters_title"));
    $("region-body").setAttribute("aria-label", name ? t("values_of", { name }) : t("cases_of"));
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
    const name = words.called(indexOf.get(code));
    say(t(region ? "kept" : "released", { name }));
    // out from under what now lies over the page
    const shown = region && overlaid() && Walk.find({ place, region });
    if (shown) shown.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function letGo({ detail = 0 } = {}) {
    const { region } = state;
    const inside = $("inspector").contains(document.activeElement);
    change({ region: null });
    say(t("released", { name: words.called(indexOf.get(region)) }));
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
    const hint = overlaid() ? [t("tip_hint")] : [];
    tip.show(tables.regionTip(model, indexOf.get(region), hint), () => around({ place, region }));
  }

  // The places of what a tip is about; in the tree the whole tree is kept clear. The picture may be
  // drawn again while the tip is shown.
  function around(wanted) {
    const now = Walk.find(wanted);
    const tree = now && now.closest("#tree svg");
    return now && { at: now.getBoundingClientRect(), clear: tree && tree.getBoundingClientRect() };
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

  const tellMerge = (stage) =>
    tip.show(tables.mergeTip(model, stage), () => around({ place: "merges", stage }));

  // ------------------------------------------------------------------------------- update

  function showNotice(problems) {
    const html = notes.notice(problems, states.absent(state), state.year);
    $("notice").hidden = !html;
    fill("notice", html);
  }

  const kept = (of) => ({
    membership: of.membership, looks: of.looks, ari: of.ari, recovered: words.recovered(of).length,
  });

  const baseline = () => kept(models.of(states.baseline()));

  // What the view is compared with; nothing at the start.
  function opposite() {
    if (against === "before") return before && { ...before, name: t("view_before") };
    if (against === "baseline") return { ...baseline(), name: t("the_baseline") };
    return { membership: data.published.membership, name: t("reference_title") };
  }

  function compute() {
    try {
      const key = JSON.stringify([state.year, state.scaling, state.linkage, state.k, states.taking(state)]);
      if (shown && shown.key !== key) before = shown;
      const found = models.of(state);
      model = moving.follow(found, shown);
      shown = { ...kept(model), key };
      const report = moving.report(model, opposite(), before || baseline());
      model = { ...model, moved: report.moved };
      tell("moved", report.text);
      return "";
    } catch (error) {
      if (!(error instanceof Compute.InputProblem)) throw error;
      model = null;
      tell("moved", "");
      return t(error.key, error.filled);
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
    applyLanguage();
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
    const wished = /[#&]language=(\w+)/.exec(location.hash);
    if (wished && speech.known.includes(wished[1])) state.language = wished[1];
    if (tour.fromHash(location.hash)) return;
    if (location.hash === states.format(state) && model) return;
    address.arrived();
    state = states.parse(location.hash).state;
    applyLanguage();
    // what is wrong with an address is said in its language
    const { problems } = states.parse(location.hash);
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
    let sentence = t("copied");
    try {
      await navigator.clipboard.writeText(location.href);
    } catch {
      sentence = t("copy_by_hand");
    }
    $("copy").textContent = sentence;
    say(sentence);
    setTimeout(() => ($("copy").textContent = t("copy")), 2500);
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
    on("baseline", "click", () => change({ ...states.baseline(), theme: state.theme, language: state.language }));
    on("language", "change", ({ target }) => {
      speech.choose(target.value, { keep: true });
      change({ language: target.value });
    });
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

  const regionAt = ({ target }) => target.closest(".region");
  const mergeAt = ({ target }) => target.closest("[data-stage]");

  // Enter and the space bar do what a click does.
  function choose(element) {
    const { place, region } = element.dataset;
    if (region) return keep(region, place);
    const stage = stageOf(element) === pinned ? 0 : stageOf(element);
    pin(stage);
    if (!stage) tip.hide();
    else if (place === "merges") tellMerge(stage);
  }

  function listenPictures() {
    const main = $("main");
    main.addEventListener("pointerover", (event) => {
      if (event.pointerType === "touch") return;
      const region = regionAt(event);
      if (region) pointAt(region);
      const merge = mergeAt(event);
      if (merge) light(stageOf(merge));
      if (merge && merge.matches(".hit")) tellMerge(stageOf(merge));
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
      if (element) return choose(element);
      if (pinned) {
        pin(0);
        tip.hide();
      }
    });
    main.addEventListener("keydown", (event) => {
      const element = event.target.closest(".region, .hit");
      if (event.target.closest(".cut")) return;
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

  const tour = Tour(data.tour || [], speech, (view) => {
    // the stops of the tour are compared with the baseline
    $("against").value = against = view ? "baseline" : "before";
    if (view) state = { ...states.parse(`#${view}`).state, theme: state.theme, language: state.language };
    address.write(state);
    render();
  }, () => ({
    year: state.year,
    alone: words.joined((model ? model.members : []).flatMap((members) => (members.length > 1 ? [] : words.called(members[0])))),
  }));
  $("looks").innerHTML = pictures.patterns("look-");
  // the first page of the site lies beside this one, unless this one was taken out of it
  const has = { reference: words.hasReference, years: data.years.length > 1, map: data.map };
  for (const element of all("[data-needs]")) element.hidden = !has[element.dataset.needs];
  if ($("home")) $("home").hidden = location.protocol === "file:" && !/\/site\/[^/]*$/.test(location.pathname);
  if (window.innerWidth < 800) $("indicators-box").open = false;
  $("language").hidden = speech.known.length < 2;
  fill("language", speech.known.map((key) =>
    tag("option", { value: key, lang: key }, escape(data.texts[key].language))));
  document.addEventListener("scroll", () => ($("phone").hidden = true), { passive: true });
  listenControls();
  listenPictures();
  Cutting({ n, k: () => state.k, tree: () => drawn.tree, model: () => model, begin: address.begin, slide });
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
