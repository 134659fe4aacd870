// The page of exercises: answers, hints one at a time, progress that stays in the browser.
"use strict";

(() => {
  const $ = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const data = JSON.parse($("data").textContent);
  const judges = Judges(data);
  const KEY = `kzclusters-exercises${data.label ? `-${data.label}` : ""}`;
  const STATES = { unanswered: "○ not answered yet.", right: "✓ right.", wrong: "✗ not yet." };
  const empty = () => ({ answers: {}, tries: {}, hints: {}, before: {}, after: {} });
  let kept = read();

  function read() {
    try {
      return { ...empty(), ...JSON.parse(localStorage.getItem(KEY)) };
    } catch {
      return empty();
    }
  }

  function keep() {
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // the browser keeps nothing for this page: the answers last as long as it is open
    }
  }

  const verdictOf = (number) => judges.verdict(data.exercises[number - 1], kept.answers[number] || "");

  function showVerdict(section) {
    const { number } = section.dataset;
    const { state, message } = verdictOf(number);
    const place = section.querySelector(".verdict");
    place.dataset.state = state;
    place.textContent = kept.answers[number] ? `${STATES[state]} ${message}` : "";
  }

  // A hint is offered once the one before it was opened, the worked solution after the last.
  function showHints(section) {
    const hints = all(".hint", section);
    const opened = kept.hints[section.dataset.number] || 0;
    hints.forEach((hint, at) => (hint.hidden = at > opened));
    for (const solution of all(".solution", section)) solution.hidden = opened < hints.length;
  }

  function showCount() {
    const states = data.exercises.map((_, at) => verdictOf(at + 1).state);
    const count = (state) => states.filter((s) => s === state).length;
    $("count").textContent = `${count("right")} of ${states.length} right, ${count("wrong")} to look at again, ` +
      `${count("unanswered")} not answered yet.`;
  }

  const rightOf = (when) => data.questions.filter((right, at) => Number(kept[when][at]) === right).length;
  const answered = (when) => Object.keys(kept[when]).length === data.questions.length;

  function showQuestions() {
    for (const input of all("input[type=radio]")) {
      const [when, at] = input.name.split("-");
      input.disabled = false;
      input.checked = kept[when][at] === input.value;
    }
    // the first answers are not judged before the second are given
    $("compared").textContent = answered("after")
      ? `Right after the lesson: ${rightOf("after")} of ${data.questions.length}` +
        (answered("before") ? `; before it: ${rightOf("before")}.` : ".")
      : "";
  }

  function summary() {
    const lines = ["Ward's method: exercises", ...(data.label ? [`Variant ${data.label}`] : []), `Name: ${$("name").value}`, $("count").textContent, ""];
    data.exercises.forEach(({ question }, at) => {
      const number = at + 1;
      const { state, message } = verdictOf(number);
      lines.push(`Exercise ${number}. ${question}`, `  Answer: ${kept.answers[number] || "none"}`,
        `  ${STATES[state]} ${message}`,
        `  Tries: ${kept.tries[number] || 0}, hints opened: ${kept.hints[number] || 0}`, "");
    });
    for (const when of ["before", "after"]) {
      if (answered(when)) lines.push(`Questions ${when}: ${rightOf(when)} of ${data.questions.length} right`);
    }
    return `${lines.join("\n")}\n`;
  }

  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([summary()], { type: "text/plain" }));
    link.download = `exercises${data.label ? `_${data.label}` : ""}.txt`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function show() {
    for (const section of all(".exercise")) {
      section.querySelector("input").value = kept.answers[section.dataset.number] || "";
      showVerdict(section);
      showHints(section);
    }
    showCount();
    showQuestions();
  }

  function check(section) {
    const { number } = section.dataset;
    const typed = section.querySelector("input").value;
    if (typed.trim() && typed !== kept.answers[number]) kept.tries[number] = (kept.tries[number] || 0) + 1;
    kept.answers[number] = typed;
    keep();
    showVerdict(section);
    if (!typed.trim()) section.querySelector(".verdict").textContent = STATES.unanswered;
    showCount();
  }

  for (const section of all(".exercise")) {
    const form = section.querySelector("form");
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      check(section);
    });
    all(".hint", section).forEach((hint, at) => hint.addEventListener("toggle", () => {
      const { number } = section.dataset;
      if (!hint.open || (kept.hints[number] || 0) > at) return;
      kept.hints[number] = at + 1;
      keep();
      showHints(section);
    }));
  }
  document.addEventListener("change", ({ target }) => {
    if (target.type !== "radio") return;
    const [when, at] = target.name.split("-");
    kept[when][at] = target.value;
    keep();
    showQuestions();
  });
  $("progress").hidden = false;
  $("summary").addEventListener("click", save);
  $("erase").addEventListener("click", () => {
    if (!confirm("Erase all answers of this page?")) return;
    kept = empty();
    try {
      localStorage.removeItem(KEY);
    } catch {
      // nothing was kept
    }
    for (const hint of all(".hint")) hint.open = false;
    show();
  });
  show();
})();
