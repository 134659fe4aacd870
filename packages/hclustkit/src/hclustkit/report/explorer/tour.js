// A tour of a few views: each is an address of this page with a few sentences.
"use strict";

const Tour = (stops, show) => {
  const { $, tell } = Page;
  let at = -1;

  function go(stop) {
    at = Math.max(-1, Math.min(stops.length - 1, stop));
    $("tour").hidden = at < 0;
    $("tour-start").hidden = at >= 0 || !stops.length;
    if (at < 0) return;
    tell("tour-place", `${at + 1} of ${stops.length}`);
    tell("tour-title", stops[at].title);
    tell("tour-text", stops[at].text);
    $("tour-back").disabled = at === 0;
    $("tour-next").textContent = at === stops.length - 1 ? "End" : "Next";
    show(stops[at].view);
  }

  $("tour-start").hidden = !stops.length;
  $("tour-start").addEventListener("click", () => {
    go(0);
    $("tour-next").focus();
  });
  $("tour-back").addEventListener("click", () => go(at - 1));
  $("tour-next").addEventListener("click", () => go(at === stops.length - 1 ? -1 : at + 1));
  $("tour-close").addEventListener("click", () => {
    go(-1);
    $("tour-start").focus();
  });

  // Takes "tour=2" out of an address and goes there; returns whether it was there.
  function fromHash(hash) {
    const found = /^#tour=(\d+)$/.exec(hash);
    if (!found || !stops.length) return false;
    go(Number(found[1]) - 1);
    return true;
  }

  return { fromHash };
};
