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

  const { t } = words;

  // "Kyzylorda to the cluster of Zhambyl; Atyrau to a cluster by itself".
  function sentence(moved, membership) {
    const groups = new Map();
    for (const i of moved) groups.set(membership[i], [...(groups.get(membership[i]) || []), i]);
    return [...groups].map(([cluster, cases]) => {
      const stays = membership.findIndex((c, i) => c === cluster && !moved.includes(i));
      const names = words.joined(cases.map(words.called));
      if (stays >= 0) return t("to_cluster_of", { names, one: words.called(stays) });
      return t("to_alone", { names }, cases.length);
    }).join("; ");
  }

  // What moved against another grouping, called `name`; and why a lower index may come with more
  // clusters recovered than in the `usual` view.
  function report(model, against, usual) {
    if (!against) return { moved: [], text: puzzle(model, usual) };
    const moved = between(against.membership, model.membership);
    const { name } = against;
    const text = moved.length
      ? t("moved", { name, count: moved.length, moves: sentence(moved, model.membership) })
      : t("moved_none", { name });
    return { moved, text: [text, puzzle(model, usual)].filter(Boolean).join(" ") };
  }

  function puzzle(model, { recovered, ari }) {
    if (model.ari === null) return "";
    const now = words.recovered(model).length;
    if (now <= recovered || model.ari >= ari) return "";
    return t("puzzle", { now, before: recovered });
  }

  return { follow, report };
};
