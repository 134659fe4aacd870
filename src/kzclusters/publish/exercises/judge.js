// Judges a typed answer as kzclusters.lesson.answers does, by the same data and sentences.
// A finding is null for a right answer, else [diagnosis, message].
"use strict";

const Judges = ({ says, limits }) => {
  const { ABSOLUTE, RELATIVE, NEAR, NEAR_FRACTION, EXACT } = limits;
  const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const say = (key, values = {}) => filled(says[key], values);
  const close = (a, b, absolute = ABSOLUTE, relative = RELATIVE) => Math.abs(a - b) <= absolute + relative * Math.abs(b);
  const whole = (v) => v.kind === "number" && v.whole;
  const named = ({ diagnosis, message }) => [diagnosis, message];
  const asRounded = (value, right) => Math.abs(value - Math.round(right * 100) / 100) < EXACT;
  const nearestOf = (known, distance) =>
    known.reduce((best, m) => (best === null || distance(m) < distance(best) ? m : best), null);

  function withCommas({ kind, items }) {
    if (kind !== "tuple" || items.length < 2) return false;
    return items.slice(0, -1).every(whole) && items[items.length - 1].kind === "number";
  }

  // [value, finding]: one of the two is null
  function asNumber(answer) {
    const none = (diagnosis, message) => [null, [diagnosis, message]];
    if (answer.kind === "text") {
      const plain = answer.text.trim().replace(/,/g, ".").replace(/−/g, "-");
      return none("type", say(NUMBER.test(plain) ? "quoted" : "text"));
    }
    if (answer.kind === "truth") return none("type", say("truth"));
    if (answer.kind === "number") {
      return Number.isFinite(answer.value) ? [answer.value, null] : none("type", say("finite"));
    }
    if (withCommas(answer)) return none("comma", say("comma"));
    if (answer.items) return none("type", say("several"));
    return none("type", say("kind", { kind: says.empty }));
  }

  function number({ right, known, absolute, relative }, answer) {
    const [value, wrong] = asNumber(answer);
    if (value === null) return wrong;
    const off = Math.abs(value - right);
    let nearest = nearestOf(known, (m) => Math.abs(value - m.value));
    if (nearest && Math.abs(value - nearest.value) >= off) nearest = null;
    if (close(value, right, absolute, relative)) {
      return !nearest || (absolute > 0.005 && asRounded(value, right)) ? null : named(nearest);
    }
    if (off <= NEAR * Math.abs(right)) return nearest ? named(nearest) : ["rounding", say("rounding")];
    const fitting = known.filter((m) =>
      close(value, m.value, Math.min(absolute, Math.abs(m.value) / 2), Math.max(relative, RELATIVE)));
    if (fitting.length) return named(nearestOf(fitting, (m) => Math.abs(value - m.value)));
    if (right !== 0 && close(value, -right, absolute, relative)) return ["sign", say("sign")];
    return ["", say("unknown")];
  }

  const sameCount = (value, count) => Math.abs(value - count) < 1e-6 * Math.max(1, Math.abs(count));
  // as Python rounds: halves to the even number
  const rounded = (v) => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v));

  function count({ right, known, near, not_whole, low, high, outside }, answer) {
    const [value, wrong] = asNumber(answer);
    if (value === null) return wrong;
    if (sameCount(value, right)) return null;
    const slip = known.find((m) => sameCount(value, m.value));
    if (slip) return named(slip);
    if (!sameCount(value, rounded(value))) {
      const fraction = near.find((m) => Math.abs(value - m.value) <= NEAR_FRACTION);
      return fraction ? named(fraction) : ["not whole", not_whole];
    }
    if ((low !== null && value < low) || (high !== null && value > high)) return ["range", outside];
    return ["", say("unknown")];
  }

  const apart = (a, b) => (a.length === b.length ? Math.max(0, ...a.map((x, i) => Math.abs(x - b[i]))) : Infinity);

  function list({ right, known, length, lengths, absolute, relative }, answer) {
    if (answer.kind === "set") return ["type", say("set")];
    const { items } = answer;
    if (!items) return ["type", say("list")];
    if (items.length === 2 * right.length && items.every(whole)) return ["comma", say("comma")];
    const values = [];
    for (const item of items) {
      const [value, wrong] = asNumber(item);
      if (value === null) return ["type", say("item", { place: values.length + 1, message: wrong[1] })];
      values.push(value);
    }
    const same = (b) => values.length === b.length && values.every((x, i) => close(x, b[i], absolute, relative));
    const nearest = nearestOf(known, (m) => apart(values, m.value));
    const nearer = nearest && apart(values, nearest.value) < apart(values, right);
    if (same(right) && (!nearer || values.every((x, i) => asRounded(x, right[i])))) return null;
    if (nearer && (same(right) || same(nearest.value))) return named(nearest);
    if (values.length !== right.length) return ["length", lengths[values.length] || length];
    const first = values.findIndex((x, i) => !close(x, right[i], absolute, relative)) + 1;
    return first === 1 ? ["from the start", say("first")] : ["from a stage", say("stage", { place: first })];
  }

  const capital = (text) => text[0].toUpperCase() + text.slice(1);

  function labels(judge, answer) {
    const { right, known, resolve, shown, size, example, one, many, fewest, unknown, alone, some } = judge;
    const single = answer.kind === "text" && answer.text.trim() && fewest === 1;
    const items = single ? [answer] : answer.items;
    if (!items) return ["type", say("names", { example })];
    const found = [];
    for (const item of items) {
      if (item.kind !== "text") return ["type", say("quotes", { example })];
      const key = item.text.split(/\s+/).filter(Boolean).join(" ").toLowerCase();
      if (!Object.hasOwn(resolve, key)) {
        if (/[,;]|\sand\s/.test(item.text)) return ["type", say("names", { example })];
        return ["unknown name", say("unknown name", { item: item.text, one, These: `The ${many}`, shown: shown.join(", ") })];
      }
      found.push(resolve[key]);
    }
    if (new Set(found).size < found.length) return ["repeated", say("repeated", { One: capital(one) })];
    if (!found.length) return ["count", say("none named")];
    const chosen = JSON.stringify(found.sort());
    const is = (set) => JSON.stringify(set.slice().sort()) === chosen;
    if (right.some(is) || (some && right.some((set) => found.every((label) => set.includes(label))))) return null;
    if (size !== null && found.length !== size) return ["count", say("size", { size, many, found: found.length })];
    const slip = known.find((m) => is(m.value));
    if (slip) return named(slip);
    const wrong = alone.find((m) => found.includes(m.value));
    if (wrong) return named(wrong);
    if (size === null && found.length < fewest) return ["count", say("few", { many })];
    return ["", unknown];
  }

  const kinds = { number, count, list, labels };

  // The verdict on a typed answer: its state, diagnosis and message.
  function verdict({ judge, praise }, typed) {
    const answer = Typed.read(typed);
    if (answer.kind === "none" || answer.kind === "dots") return { state: "unanswered", diagnosis: "", message: "" };
    const wrong = kinds[judge.kind](judge, answer);
    if (!wrong) return { state: "right", diagnosis: "", message: praise };
    return { state: "wrong", diagnosis: wrong[0], message: wrong[1] };
  }

  return { verdict };
};
