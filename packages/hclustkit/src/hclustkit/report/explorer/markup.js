// Pieces of HTML and SVG as text. Text from outside goes through `escape`.
"use strict";

const Markup = (() => {
  const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ENTITIES[c]);
  const VOID = new Set(["input"]);
  const px = (number) => String(Math.round(number * 100) / 100);

  // An element. Attributes: numbers are rounded, undefined, null and false are left out, true is
  // the bare name. Children: markup, or lists of it; what is null, undefined or false is nothing.
  function tag(name, given = {}, ...children) {
    const attributes = Object.entries(given)
      .filter(([, value]) => value !== undefined && value !== null && value !== false)
      .map(([key, value]) => {
        if (value === true) return ` ${key}`;
        return ` ${key}="${escape(typeof value === "number" ? px(value) : value)}"`;
      });
    const opening = `<${name}${attributes.join("")}>`;
    if (VOID.has(name)) return opening;
    const inside = children.flat(Infinity).filter((child) => child || child === 0);
    return `${opening}${inside.join("")}</${name}>`;
  }

  // Words that only a screen reader says.
  const unseen = (words) => tag("span", { class: "unseen" }, escape(words));

  return { escape, px, tag, unseen };
})();
