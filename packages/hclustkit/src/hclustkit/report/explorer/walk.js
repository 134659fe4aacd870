// The keyboard in the pictures. Of each picture one element is in the order of the Tab key: the
// one that had the focus last; the arrow keys go on from there.
"use strict";

const Walk = (() => {
  const { all } = Page;
  const inPlace = (place) => all(`[data-place="${place}"]`);

  function find({ place, region, stage }) {
    const own = region ? `[data-region="${region}"]` : stage ? `[data-stage="${stage}"]` : "";
    return place ? document.querySelector(`[data-place="${place}"]${own}`) : null;
  }

  function focusOn(element, options) {
    for (const other of inPlace(element.dataset.place)) {
      other.setAttribute("tabindex", other === element ? "0" : "-1");
    }
    element.focus(options);
  }

  // New markup takes the focus away: remember where it was, and give it back.
  function keptFocus() {
    const before = { ...document.activeElement.dataset };
    return () => {
      const again = find(before);
      if (again) focusOn(again, { preventScroll: true });
    };
  }

  // Where a key leads from a tile: sideways within its row, up and down to the next row that
  // has tiles, there to the nearest column. Between outlines: to what lies in that quarter.
  function neighbour(tiles, tile, key) {
    const { row, column, free } = tile.dataset;
    const away = (other) => {
      const down = other.dataset.row - row;
      const right = other.dataset.column - column;
      const sideways = key === "ArrowLeft" || key === "ArrowRight";
      const along = { ArrowUp: -down, ArrowDown: down, ArrowLeft: -right, ArrowRight: right }[key];
      const across = Math.abs(sideways ? down : right);
      if (free) return along > 0 && across <= along ? along + across : Infinity;
      if (along <= 0 || (sideways && down)) return Infinity;
      return along * 100 + across;
    };
    const nearest = tiles.reduce((best, other) => (away(other) < away(best) ? other : best));
    return away(nearest) < Infinity ? nearest : null;
  }

  const STEPS = {
    dendrogram: { ArrowUp: -1, ArrowDown: 1 },
    merges: { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 },
  };

  // Goes where the key leads; whether it was a key of this picture.
  function go(element, key) {
    const { place } = element.dataset;
    const others = inPlace(place).sort((a, b) => a.dataset.order - b.dataset.order);
    let next;
    if (key === "Home") next = others[0];
    else if (key === "End") next = others[others.length - 1];
    else if (!/^Arrow/.test(key)) return false;
    else if (!STEPS[place]) next = neighbour(others, element, key);
    else next = others[others.indexOf(element) + (STEPS[place][key] || 0)];
    if (next) focusOn(next);
    return true;
  }

  return { find, focusOn, keptFocus, go };
})();
