// The small box of words beside what is pointed at. It never covers that, nor, where there is room,
// the picture around it that is to be kept clear. It follows when the page is scrolled.
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
    const { at, clear } = (anchor && anchor()) || {};
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
    const around = ({ left, right: end, top, bottom: foot }) => [
      { x, y: top - GAP - height, fits: top - GAP - height >= EDGE },
      { x, y: foot + GAP, fits: foot + GAP + height <= bottom - EDGE },
      // at the sides
      { x: end + GAP, y, fits: end + GAP + width <= right },
      { x: left - GAP - width, y, fits: left - GAP - width >= EDGE },
    ];
    const places = [...(clear ? around(clear).slice(2).reverse() : []), ...around(at)];
    const found = places.find(({ fits }) => fits) || { x, y: EDGE };
    box.style.transform = `translate(${Math.round(found.x)}px, ${Math.round(found.y)}px)`;
  }

  // where: a function that gives the rectangles now, `at` and what is to be kept `clear`, or null
  // once they are gone
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
