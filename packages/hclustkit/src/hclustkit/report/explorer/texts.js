// The texts of the page in the language chosen, and numbers as that language writes them.
"use strict";

const Texts = (spoken) => {
  const known = Object.keys(spoken);
  const stored = () => {
    try {
      return localStorage.getItem("language");
    } catch {
      return null;
    }
  };
  const wished = [stored(), ...navigator.languages.map((l) => l.slice(0, 2))];
  const usual = () => wished.find((l) => known.includes(l)) || known[0];
  let language = usual();
  const formats = new Map();
  const FORMS = ["one", "few"];

  // A list has a form for each of the numbers that the language tells apart.
  function t(key, filled = {}, count = filled.count) {
    let text = spoken[language][key];
    if (text === undefined) throw new Error(`no text ${key} in ${language}`);
    if (Array.isArray(text)) {
      const form = FORMS.indexOf(new Intl.PluralRules(language).select(count));
      text = text[form < 0 ? text.length - 1 : Math.min(form, text.length - 1)];
    }
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in filled ? filled[name] : whole));
  }

  function number(value, digits) {
    // browsers do not know the marks of every language
    if (!formats.has(digits)) {
      const both = { minimumFractionDigits: digits, maximumFractionDigits: digits };
      formats.set(digits, new Intl.NumberFormat("en", both));
    }
    const marks = { ".": t("decimal"), ",": t("thousands") };
    return formats.get(digits).format(value).replace("-", "−").replace(/^−(0(\.0+)?)$/, "$1")
      .replace(/[.,]/g, (mark) => marks[mark]);
  }

  // "a, b and c"
  const joined = (items) => (items.length < 2 ? items.join("")
    : t("and", { some: items.slice(0, -1).join(", "), last: items[items.length - 1] }));

  // Markup of a text in which [words](address) is a link within the site.
  const linked = (text) => Markup.escape(text)
    .replace(/\[([^\]]+)\]\(([\w./#=-]+)\)/g, '<a href="$2">$1</a>');

  // The fixed texts of the page: data-t names the text of an element, data-t-links one with
  // links, data-t-label its name.
  function show() {
    document.documentElement.lang = language;
    document.title = t("title");
    for (const element of document.querySelectorAll("[data-t]")) {
      element.textContent = t(element.dataset.t);
    }
    for (const element of document.querySelectorAll("[data-t-label]")) {
      element.setAttribute("aria-label", t(element.dataset.tLabel));
    }
    for (const element of document.querySelectorAll("[data-t-links]")) {
      element.innerHTML = linked(t(element.dataset.tLinks));
    }
  }

  // The language of an address, or of this reader where there is none.
  function choose(wish, { keep = false } = {}) {
    language = known.includes(wish) ? wish : usual();
    if (keep) {
      wished[0] = language;
      try {
        localStorage.setItem("language", language);
      } catch {
        // a page from the disk may not keep anything
      }
    }
    show();
  }

  return { t, number, joined, linked, show, choose, known, language: () => language };
};
