// The cut line of the dendrogram: it follows the pointer and the arrow keys. k, tree and model are
// functions that give what is shown now.
"use strict";

const Cutting = ({ n, k, tree, model, begin, slide }) => {
  const box = Page.$("tree");
  let dragging = false;

  box.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".cut")) return;
    event.preventDefault();
    dragging = true;
    begin();
    box.setPointerCapture(event.pointerId);
    Walk.focusOn(box.querySelector(".cut"), { preventScroll: true });
  });
  // as many clusters as branches that the line crosses
  box.addEventListener("pointermove", (event) => {
    if (!dragging) return;
    const x = event.clientX - box.getBoundingClientRect().left;
    const crossed = 1 + model().geometry.y.filter((value) => tree().at(value) > x).length;
    if (crossed !== k()) slide(crossed);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    box.addEventListener(end, () => (dragging = false));
  }
  box.addEventListener("keydown", (event) => {
    if (!event.target.closest(".cut")) return;
    // the line goes where the arrow points; to the left there are more clusters
    const step = { ArrowLeft: 1, ArrowDown: 1, ArrowRight: -1, ArrowUp: -1 }[event.key];
    const to = { Home: n, End: 1 }[event.key] || (step && k() + step);
    if (to === undefined) return;
    event.preventDefault();
    if (to >= 1 && to <= n) slide(to);
  });
};
