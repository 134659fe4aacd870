// Marks at the edges of what is wider than its box: there is more.
"use strict";

const Scrolls = (() => {
  const { all } = Page;
  const boxes = all(".scroll");

  function mark(box) {
    const rest = box.scrollWidth - box.clientWidth;
    box.parentElement.toggleAttribute("data-left", box.scrollLeft > 1);
    box.parentElement.toggleAttribute("data-right", box.scrollLeft < rest - 1);
  }

  // Not in the middle of an update, where asking for widths is slow.
  let asked = 0;
  function look() {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(() => boxes.forEach(mark));
  }

  function watch() {
    const observer = new ResizeObserver(look);
    for (const box of boxes) {
      observer.observe(box);
      box.addEventListener("scroll", () => mark(box), { passive: true });
    }
  }

  return { look, watch };
})();
