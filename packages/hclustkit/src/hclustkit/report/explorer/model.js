// From a state to everything that is shown of it.
"use strict";

const Models = (data, states, { said, called }) => {
  const trees = new Map();

  // z-scores of a column; null where it does not vary and has none.
  function zScores(column, name) {
    try {
      const rows = column.map((value) => [value]);
      return Compute.standardize(rows, "zscore", [name], []).map(([z]) => z);
    } catch (error) {
      if (error instanceof Compute.InputProblem) return null;
      throw error;
    }
  }

  // The tree depends on fewer choices than the view: moving the cut does not build it anew.
  function treeOf({ year, scaling, linkage }, ids) {
    const key = JSON.stringify([year, scaling, linkage, ids]);
    if (!trees.has(key)) {
      const variants = ids.map((id) => states.columns.get(id).variant);
      const names = ids.map((id, j) => [id.split(":")[0], said(variants[j].label)].filter(Boolean).join(", "));
      const labels = data.regions.map((_, i) => called(i));
      const values = labels.map((_, i) => variants.map((variant) => variant.values[year][i]));
      const scaled = Compute.standardize(values, scaling, names, labels);
      const merges = [];
      const inside = labels.map((_, i) => [i]);
      const tree = Compute.mergeTree(scaled, linkage, ({ d, pair: [i, j], second }) => {
        const value = second && d[second[0]][second[1]];
        merges.push({
          members: [inside[i], inside[j]],
          second: second && { members: second.map((c) => inside[c]), d: value },
        });
        inside[i] = [...inside[i], ...inside[j]];
      });
      if (trees.size > 200) trees.clear();
      trees.set(key, {
        ids, variants, values, scaled, tree, merges, year, scaling, linkage,
        zScores: names.map((name, j) => zScores(values.map((row) => row[j]), name)),
        shares: Compute.sharesOfDistance(scaled),
        schedule: Compute.schedule(tree),
      });
    }
    return trees.get(key);
  }

  // Throws Compute.InputProblem, for the reader, where the choice cannot be computed.
  function of(state) {
    const ids = states.taking(state);
    if (!ids.length) throw new Compute.InputProblem("empty");
    const base = treeOf(state, ids);
    const { k } = state;
    const published = data.published.membership;
    const membership = Compute.cut(base.tree, k);
    const { partner, moves } = published.length
      ? Compute.match(membership, published) : { partner: new Map(), moves: null };
    const meansOf = (rows) => Compute.clusterMeans(rows, membership);
    // the looks that no cluster here has, for clusters of the reference without a partner
    let free = k;
    const geometry = Compute.geometry(base.tree, state.axis);
    return {
      ...base, k, membership, moves, geometry,
      axis: state.axis,
      cutLine: Compute.cutLine(geometry.y, k),
      members: Array.from({ length: k }, (_, c) =>
        membership.flatMap((cluster, i) => (cluster === c + 1 ? [i] : []))),
      means: meansOf(base.values),
      zMeans: base.zScores.map((z) => z && meansOf(z.map((v) => [v])).map(([mean]) => mean)),
      ari: published.length ? Compute.adjustedRand(membership, published) : null,
      vi: published.length ? Compute.variationOfInformation(membership, published) : null,
      fates: published.length ? Compute.fate(published, membership) : [],
      publishedLooks: data.published.numerals.map((_, c) => partner.get(c + 1) || (free += 1)),
      alone: data.published.numerals.map((_, c) => c + 1).filter((c) => !partner.has(c)),
    };
  }

  return { of };
};
