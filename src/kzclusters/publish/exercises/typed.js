// Reads a typed answer as tests/typed_answers.py does. A value is { kind, ... }: "number" with
// value and whole, "text" with text, "truth", "none", "dots", or "list", "tuple", "set" with items.
"use strict";

const Typed = (() => {
  const TOKEN = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])|("[^"]*"|'[^']*')|(True|False|None|\.\.\.)(?!\w)|(\*\*|[-+*/^(),[\]{}]))/uy;
  const LARGEST = 2 ** 53;
  const GROUPS = [, "number", "text", "name", "sign"];
  const number = (value, whole = false) => ({ kind: "number", value, whole });
  const NAMES = {
    True: { kind: "truth", value: true }, False: { kind: "truth", value: false },
    None: { kind: "none" }, "...": { kind: "dots" },
  };
  const CLOSE = { "(": ")", "[": "]", "{": "}" };

  class NoExpression extends Error {}
  const fail = () => {
    throw new NoExpression();
  };
  const numeric = (v) => (v.kind === "number" ? v : fail());
  const joint = (a, b, act) => number(act(numeric(a).value, numeric(b).value), a.whole && b.whole);

  function tokensOf(text) {
    const found = [];
    TOKEN.lastIndex = 0;
    const end = text.trimEnd().length;
    while (TOKEN.lastIndex < end) {
      const match = TOKEN.exec(text);
      if (!match) fail();
      const group = GROUPS.findIndex((_, g) => g && match[g] !== undefined);
      found.push([GROUPS[group], match[group]]);
    }
    found.push(["end", ""]);
    return found;
  }

  function power(base, exponent) {
    const [b, e] = [base.value, exponent.value];
    if (b === 0 && e < 0) return number(NaN);
    const value = b ** e;
    return number(value, base.whole && exponent.whole && e >= 0 && value < LARGEST);
  }

  function expression(text) {
    const tokens = tokensOf(text);
    const next = (kind, sign) => tokens[0][0] === kind && tokens[0][1] === sign;
    const take = (...signs) => (tokens[0][0] === "sign" && signs.includes(tokens[0][1]) ? tokens.shift()[1] : "");

    function items(kind, end) {
      const found = [];
      let commas = 0;
      while (!next(kind, end)) {
        found.push(exclusive());
        if (!take(",")) break;
        commas += 1;
      }
      if (!found.length) fail();
      return commas ? { kind: "tuple", items: found } : found[0];
    }
    function exclusive() {
      let value = sum();
      while (take("^")) {
        const other = sum();
        for (const v of [value, other]) if (!v.whole || v.value < 0 || v.value >= 2 ** 31) fail();
        value = number(value.value ^ other.value, true);
      }
      return value;
    }
    function sum() {
      let value = product();
      let sign;
      while ((sign = take("+", "-"))) value = joint(value, product(), sign === "+" ? (a, b) => a + b : (a, b) => a - b);
      return value;
    }
    function product() {
      let value = signed();
      let sign;
      while ((sign = take("*", "/"))) {
        const other = signed();
        if (sign === "*") value = joint(value, other, (a, b) => a * b);
        else value = number(joint(value, other, (a, b) => (b ? a / b : NaN)).value);
      }
      return value;
    }
    function signed() {
      const sign = take("+", "-");
      if (sign) {
        const v = numeric(signed());
        return number(sign === "+" ? v.value : -v.value, v.whole);
      }
      const value = single();
      return take("**") ? power(numeric(value), numeric(signed())) : value;
    }
    function single() {
      const [kind, text_] = tokens.shift();
      if (kind === "number") return number(Number(text_), /^\d+$/.test(text_) && Number(text_) < LARGEST);
      if (kind === "text") return { kind: "text", text: text_.slice(1, -1) };
      if (kind === "name") return NAMES[text_];
      const close = CLOSE[text_];
      if (!close || kind !== "sign") fail();
      if (text_ !== "{" && take(close)) return { kind: text_ === "[" ? "list" : "tuple", items: [] };
      const found = items("sign", close);
      if (!take(close)) fail();
      if (text_ === "(") return found;
      const inside = found.kind === "tuple" ? found.items : [found];
      if (text_ === "[") return { kind: "list", items: inside };
      if (inside.some(({ items: own }) => own)) fail();
      const distinct = new Map(inside.map((v) => [JSON.stringify(v.text !== undefined ? v.text : [v.value]), v]));
      return { kind: "set", items: [...distinct.values()] };
    }
    const value = items("end", "");
    if (tokens[0][0] !== "end") fail();
    return value;
  }

  function attempt(text, otherwise) {
    try {
      return expression(text);
    } catch (error) {
      if (!(error instanceof NoExpression)) throw error;
      return otherwise();
    }
  }

  function read(typed) {
    const text = typed.replace(/−/g, "-").trim();
    if (!text) return { kind: "none" };
    return attempt(text, () => {
      const bare = text.replace(/^[[\](){}]+|[[\](){}]+$/g, "");
      const parts = bare.split(text.includes(";") ? /\s*;\s*/ : /\s*,\s*|\s+and\s+/).filter((part) => part.trim());
      const words = parts.map((part) =>
        attempt(part, () => ({ kind: "text", text: part.trim().replace(/^["']+|["']+$/g, "") })));
      return words.length === 1 ? words[0] : { kind: "list", items: words };
    });
  }

  return { read };
})();
