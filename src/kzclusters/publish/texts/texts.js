// The texts of the page in the language chosen, and numbers as that language writes them.
"use strict";

const Texts = (spoken, { remember } = {}) => {
  const known = Object.keys(spoken);
  const stored = () => {
    try {
      return localStorage.getItem("language");
    } catch {
      return null;
    }
  };
  const wanted = [remember && stored(), ...navigator.languages.map((l) => l.slice(0, 2))];
  let language = remember ? wanted.find((l) => known.includes(l)) || known[0] : known[0];
  const formats = new Map();

  function t(key, filled = {}) {
    const text = spoken[language][key];
    if (text === undefined) throw new Error(`no text ${key} in ${language}`);
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in filled ? filled[name] : whole));
  }

  function number(value, digits) {
    const key = `${language} ${digits}`;
    if (!formats.has(key)) {
      const both = { minimumFractionDigits: digits, maximumFractionDigits: digits };
      formats.set(key, new Intl.NumberFormat(language, both));
    }
    return formats.get(key).format(value).replace("-", "−").replace(/^−(0([.,]0+)?)$/, "$1");
  }

  // The fixed texts of the page: data-t names the text of an element, data-t-label its name.
  function show() {
    document.documentElement.lang = language;
    document.title = t("title");
    for (const element of document.querySelectorAll("[data-t]")) {
      element.textContent = t(element.dataset.t);
    }
    for (const element of document.querySelectorAll("[data-t-label]")) {
      element.setAttribute("aria-label", t(element.dataset.tLabel));
    }
  }

  function choose(wish) {
    if (!known.includes(wish)) return;
    language = wish;
    try {
      localStorage.setItem("language", wish);
    } catch {
      // a page from the disk may not keep anything
    }
    show();
  }

  return { t, number, show, choose, known, language: () => language };
};
