// Looks that follow the clusters from view to view, and what moved in words.
"use strict";

const Moved = (data, words) => {
  const free = (taken) => {
    let look = 1;
    while (taken.has(look)) look += 1;
    taken.add(look);
    return look;
  };

  // Gives every cluster the look of the cluster that it is matched with in the view before, and
  // the rest of the looks to the others; clusters of the reference look like their partners.
  function follow(model, before) {
    const partner = before ? Compute.match(before.membership, model.membership).partner : new Map();
    const kept = model.members.map((_, c) =>
      (before ? partner.has(c + 1) && before.looks[partner.get(c + 1) - 1] : c + 1));
    const taken = new Set(kept.filter(Boolean));
    const looks = kept.map((look) => look || free(taken));
    const published = data.published.membership;
    const pairs = published.length ? Compute.match(model.membership, published).partner : new Map();
    const publishedLooks = data.published.numerals.map((_, c) =>
      (pairs.has(c + 1) ? looks[pairs.get(c + 1) - 1] : free(taken)));
    return { ...model, looks, publishedLooks };
  }

  // The cases outside the matched clusters, each with the cluster of now that it is in.
  function between(before, now) {
    const { partner } = Compute.match(before, now);
    return now.flatMap((cluster, i) => (partner.get(cluster) === before[i] ? [] : [i]));
  }

  // "Kyzylorda to the cluster of Zhambyl; Atyrau to a cluster by itself".
  function sentence(moved, membership) {
    const groups = new Map();
    for (const i of moved) groups.set(membership[i], [...(groups.get(membership[i]) || []), i]);
    return [...groups].map(([cluster, cases]) => {
      const stays = membership.findIndex((c, i) => c === cluster && !moved.includes(i));
      const names = words.joined(cases.map(words.english));
      if (stays >= 0) return `${names} to the cluster of ${words.english(stays)}`;
      return `${names} to a cluster ${cases.length > 1 ? "of their own" : "by itself"}`;
    }).join("; ");
  }

  // What moved against another grouping, called `name`; and why a lower index may come with more
  // clusters recovered.
  function report(model, against) {
    if (!against) return { moved: [], text: "" };
    const moved = between(against.membership, model.membership);
    const { cases, case: one } = words.texts;
    const count = words.count(moved.length, one, cases);
    const text = moved.length
      ? `Against ${against.name}, ${count} moved: ${sentence(moved, model.membership)}.`
      : `Against ${against.name}, no ${one} moved.`;
    return { moved, text: [text, puzzle(model, against)].filter(Boolean).join(" ") };
  }

  function puzzle(model, { recovered, ari }) {
    if (recovered === undefined || model.ari === null) return "";
    const now = words.recovered(model).length;
    if (now <= recovered || model.ari >= ari) return "";
    return `More clusters of ${words.texts.reference} are recovered (${now}, before ${recovered}) with a lower index: ` +
      `the index counts pairs of ${words.texts.cases}, and a cluster of one has none.`;
  }

  return { follow, report };
};
