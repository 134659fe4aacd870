// The elements of the page, and writing into them.
"use strict";

const Page = (() => {
  const $ = (id) => document.getElementById(id);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const written = new Map();

  // Text or markup into an element, only where it says something else than before: what is
  // written again is read out again, and loses the focus.
  function write(id, content, property) {
    if (written.get(id) === content) return false;
    written.set(id, content);
    $(id)[property] = content;
    return true;
  }
  const tell = (id, text) => write(id, text, "textContent");
  const fill = (id, html) => write(id, [html].flat(Infinity).filter(Boolean).join(""), "innerHTML");

  // On a telephone the pictures are far below the choices: say there what happened.
  function tellPhone() {
    const far = $("main").getBoundingClientRect().top > window.innerHeight * 0.6;
    const text = $("moved").textContent || $("problem").textContent;
    $("phone").hidden = !(far && text);
    $("phone").textContent = text;
  }

  return { $, all, tell, fill, tellPhone };
})();
