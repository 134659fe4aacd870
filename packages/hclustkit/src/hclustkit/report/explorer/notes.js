// Sentences beside the pictures: what a cut line cannot do, and which indicators take no part.
"use strict";

const Notes = (words) => {
  const { escape, tag } = Markup;

  // Below the dendrogram.
  function tree(model, k) {
    const none = words.noLine(model);
    const { tie } = model.tree;
    const ties = tie.slice(0, tie.length + 1 - k).filter(Boolean).length;
    const merges = ties === 1 ? "One merge below the cut was" : `${ties} merges below the cut were`;
    return [
      none && escape(none),
      escape(words.axisNote(model)),
      "Strong lines: merges inside the clusters.",
      !none && tag("span", { class: "screen" }, "The cut line can be dragged."),
      ties > 0 && `${merges} decided between pairs equally near.`,
    ].filter(Boolean).join(" ");
  }

  // Above the page; nothing where there is nothing to say.
  function notice(problems, absent, year) {
    const one = absent.length === 1;
    const missing = `${words.joined(absent)} ${one ? "has" : "have"} no data in ${year} ` +
      `and ${one ? "takes" : "take"} no part.`;
    const html = [...problems, ...(absent.length ? [missing] : [])]
      .map((sentence) => tag("p", {}, escape(sentence)))
      .join("");
    const dismiss = tag("button", { type: "button", class: "quiet", id: "dismiss" }, "Dismiss");
    return html && tag("div", {}, html) + dismiss;
  }

  return { tree, notice };
};
