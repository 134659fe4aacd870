// Sentences beside the pictures: what a cut line cannot do, and which indicators take no part.
"use strict";

const Notes = (words) => {
  const { escape, tag } = Markup;
  const { t } = words;

  // Below the dendrogram.
  function tree(model, k) {
    const none = words.noLine(model);
    const { tie } = model.tree;
    const ties = tie.slice(0, tie.length + 1 - k).filter(Boolean).length;
    return [
      none && escape(none),
      escape(words.axisNote(model)),
      escape(t("strong_lines")),
      !none && tag("span", { class: "screen" }, escape(t("can_drag"))),
      ties > 0 && escape(t("ties", { count: ties })),
    ].filter(Boolean).join(" ");
  }

  // Above the page; nothing where there is nothing to say.
  function notice(problems, absent, year) {
    const named = words.joined(absent);
    const html = [...problems, ...(absent.length ? [t("no_data", { named, year }, absent.length)] : [])]
      .map((sentence) => tag("p", {}, escape(sentence)))
      .join("");
    const dismiss = tag("button", { type: "button", class: "quiet", id: "dismiss" }, escape(t("dismiss")));
    return html && tag("div", {}, html) + dismiss;
  }

  return { tree, notice };
};
