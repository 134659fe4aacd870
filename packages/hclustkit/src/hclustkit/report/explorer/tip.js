// The small box of words beside what is pointed at. It never covers that, and follows it when
// the page is scrolled.
"use strict";

const Tip = (box, floor) => {
  const GAP = 8;
  const EDGE = 6;
  let anchor = null;
  let asked = 0;

  function hide() {
    box.hidden = true;
    anchor = null;
  }

  function place() {
    const at = anchor && anchor();
    const bottom = floor();
    if (!at) return hide();
    // it may be on its way into the window
    box.hidden = at.bottom < 0 || at.top > bottom;
    if (box.hidden) return;
    const { width, height } = box.getBoundingClientRect();
    const right = document.documentElement.clientWidth - EDGE;
    const between = (value, low, high) => Math.max(Math.min(value, high), low);
    const x = between(at.left + at.width / 2 - width / 2, EDGE, right - width);
    const y = between(at.top + at.height / 2 - height / 2, EDGE, bottom - EDGE - height);
    const places = [
      { x, y: at.top - GAP - height, fits: at.top - GAP - height >= EDGE },
      { x, y: at.bottom + GAP, fits: at.bottom + GAP + height <= bottom - EDGE },
      { x: at.right + GAP, y, fits: at.right + GAP + width <= right },
      { x: at.left - GAP - width, y, fits: at.left - GAP - width >= EDGE },
    ];
    const found = places.find(({ fits }) => fits) || places[0];
    box.style.transform = `translate(${Math.round(found.x)}px, ${Math.round(found.y)}px)`;
  }

  // where: a function that gives the rectangle now, or null once it is gone
  function show(html, where) {
    box.innerHTML = html;
    anchor = where;
    place();
  }

  function follow() {
    if (!anchor || asked) return;
    asked = requestAnimationFrame(() => {
      asked = 0;
      place();
    });
  }
  document.addEventListener("scroll", follow, { capture: true, passive: true });
  window.addEventListener("resize", follow);

  return { show, hide };
};
