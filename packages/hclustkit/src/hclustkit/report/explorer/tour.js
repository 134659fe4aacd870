// A tour of a few views: each is an address of this page, and there are a few sentences on it.
"use strict";

const Tour = (stops, { t, linked }, show, facts) => {
  const { $, tell, fill } = Page;
  let at = -1;

  function go(stop) {
    at = Math.max(-1, Math.min(stops.length - 1, stop));
    $("tour").hidden = at < 0;
    $("tour-start").hidden = at >= 0 || !stops.length;
    show(at < 0 ? null : stops[at].view);
    if (at < 0) return $("tour-start").focus();
    $("tour-back").disabled = at === 0;
    if (document.activeElement.disabled) $("tour-next").focus();
    speak();
  }

  // The texts may name what belongs to the view, and what is true of it.
  function speak() {
    if (at < 0) return;
    const filled = { ...stops[at], ...facts() };
    $("tour-place").href = `#tour=${at + 1}`;
    tell("tour-place", t("tour_place", { at: at + 1, count: stops.length }));
    tell("tour-title", t(`tour_${at + 1}`, filled));
    fill("tour-text", linked(t(`tour_${at + 1}_text`, filled)));
    $("tour-next").textContent = t(at === stops.length - 1 ? "end" : "next");
  }

  $("tour-start").hidden = !stops.length;
  $("tour-start").addEventListener("click", () => {
    go(0);
    $("tour-next").focus();
  });
  $("tour-back").addEventListener("click", () => go(at - 1));
  $("tour-next").addEventListener("click", () => go(at === stops.length - 1 ? -1 : at + 1));
  $("tour-close").addEventListener("click", () => go(-1));

  // Takes "tour=2" out of an address and goes there; returns whether it was there.
  function fromHash(hash) {
    const found = /^#tour=(\d+)(?:&|$)/.exec(hash);
    if (!found || !stops.length) return false;
    go(Number(found[1]) - 1);
    return true;
  }

  return { fromHash, speak };
};
