// The address carries the state. A choice is an entry of its own in the history, so that Back
// undoes it; all of a slide is one.
"use strict";

const Address = (states) => {
  const written = [];
  let waiting = null;
  let later = 0;
  let entry = false;
  let slid = false;

  // Browsers refuse to rewrite the address some hundred times in half a minute, as dragging the
  // cut line can: after a burst, once a second.
  function tooSoon() {
    const time = performance.now();
    while (written.length && written[0] < time - 30000) written.shift();
    return written.length > 40 && time - written[written.length - 1] < 1000;
  }

  function flush() {
    clearTimeout(later);
    const hash = states.format(waiting);
    const own = entry;
    entry = false;
    if (hash === location.hash) return;
    written.push(performance.now());
    try {
      history[own ? "pushState" : "replaceState"](null, "", hash);
    } catch {
      // where a page from the disk may not do that
      location.hash = hash;
    }
  }

  function write(state, { slide = false } = {}) {
    clearTimeout(later);
    waiting = state;
    entry = entry || !(slide && slid);
    slid = slide;
    if (tooSoon()) later = setTimeout(flush, 1000);
    else flush();
  }

  // The address as it should have been: no entry of its own.
  function correct(state) {
    waiting = state;
    entry = false;
    flush();
  }

  // A new slide begins: an entry of its own.
  const begin = () => (slid = false);

  // Someone else changed the address: nothing that waits may undo that.
  function arrived() {
    clearTimeout(later);
    entry = slid = false;
  }

  return { write, begin, correct, arrived };
};
