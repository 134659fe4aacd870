// What a browser forbids or ignores where a page is opened from the disk.
const fromDisk = window.location.protocol === "file:";

// A page may not read its neighbours: search results cannot quote them.
if (fromDisk && typeof DOCUMENTATION_OPTIONS === "object") {
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
}

// Formulas that scroll are to be reached by keyboard; the theme sees to its own boxes.
function reachFormulas() {
  for (const box of document.querySelectorAll("div.math")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

document.addEventListener("DOMContentLoaded", () => {
  // `download` has no effect: say where the file is
  for (const note of document.querySelectorAll(".from-disk")) note.hidden = !fromDisk;
  // the search takes the place in a page for a selector, which "sec:data" is not
  if (typeof Search === "object") {
    const read = Search.htmlToText;
    Search.htmlToText = (page, place) => read(page, place && `#${CSS.escape(place.slice(1))}`);
  }
  reachFormulas();
});
window.addEventListener("resize", reachFormulas);

// The theme looks for boxes that scroll when the window changes; a table that was folded away has
// no width until it is opened.
document.addEventListener("toggle", () => window.dispatchEvent(new Event("resize")), true);
