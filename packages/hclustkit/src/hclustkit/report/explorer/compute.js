// The numbers of the page: what hclustkit computes, for a table of a few dozen rows. No drawing
// here.
"use strict";

const Compute = (() => {
  const SCALINGS = ["zscore", "range", "rank", "log-zscore", "none"];
  const LINKAGES = ["ward", "average", "complete", "single", "weighted", "centroid", "median"];
  const AXES = ["cumulative", "increment", "height"];
  const SQUARED = new Set(["ward", "centroid", "median"]);
  const INVERTING = new Set(["centroid", "median"]);
  const EPS = Number.EPSILON;
  const TIE_TOLERANCE = 1e-10;
  const AXIS_END = 25;

  // What the reader chose cannot be computed; `key` is its text for the reader, and what is filled in.
  class InputProblem extends Error {
    constructor(key, filled = {}) {
      super(`${key} ${JSON.stringify(filled)}`);
      Object.assign(this, { key: `problem_${key}`, filled });
    }
  }

  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const mean = (numbers) => sum(numbers) / numbers.length;
  const columnOf = (rows, j) => rows.map((row) => row[j]);

  // ------------------------------------------------------------------------ preparation

  function checkVaries(column, name, scaling) {
    const low = Math.min(...column);
    const high = Math.max(...column);
    if (high - low <= 4 * EPS * Math.max(Math.abs(low), Math.abs(high))) {
      throw new InputProblem("constant", { name });
    }
  }

  function ranks(column) {
    // equal values share the average of their ranks
    return column.map((value) => {
      const below = column.filter((other) => other < value).length;
      const equal = column.filter((other) => other === value).length;
      return below + (equal + 1) / 2;
    });
  }

  function standardizeColumn(column, scaling, name) {
    checkVaries(column, name, scaling);
    if (scaling === "rank") return ranks(column);
    if (scaling === "range") {
      const low = Math.min(...column);
      const width = Math.max(...column) - low;
      return column.map((value) => (value - low) / width);
    }
    let values = column;
    if (scaling === "log-zscore") {
      values = column.map(Math.log);
      checkVaries(values, name, scaling);
    }
    const centre = mean(values);
    const away = values.map((value) => value - centre);
    const deviation = Math.sqrt(sum(away.map((d) => d * d)) / (values.length - 1));
    return away.map((d) => d / deviation);
  }

  // rows: n arrays of p numbers; names: of the columns, labels: of the rows, for messages.
  function standardize(rows, scaling, names, labels) {
    if (scaling === "none") return rows.map((row) => row.slice());
    if (scaling === "log-zscore") {
      rows.forEach((row, i) =>
        row.forEach((value, j) => {
          if (value <= 0) {
            throw new InputProblem("logarithm", { name: names[j], value, where: labels[i] });
          }
        })
      );
    }
    const columns = names.map((name, j) => standardizeColumn(columnOf(rows, j), scaling, name));
    return rows.map((_, i) => columns.map((column) => column[i]));
  }

  // The part of each column in the sum of all squared distances; 0 everywhere if that is 0.
  function sharesOfDistance(rows) {
    const spread = rows[0].map((_, j) => {
      const column = columnOf(rows, j);
      const centre = mean(column);
      return sum(column.map((value) => (value - centre) ** 2));
    });
    const total = sum(spread);
    return spread.map((value) => (total > 0 ? value / total : 0));
  }

  // --------------------------------------------------------------------------- the tree

  function distances(rows, linkage) {
    const squared = (a, b) => sum(a.map((value, j) => (value - b[j]) ** 2));
    const between = SQUARED.has(linkage) ? squared : (a, b) => Math.sqrt(squared(a, b));
    return rows.map((a) => rows.map((b) => between(a, b)));
  }

  // Distance between a third cluster (size r) and the union of two (sizes p and q) from its
  // distances a and b to them and theirs h to each other (Lance and Williams 1967).
  const UPDATES = {
    ward: (a, b, h, p, q, r) => ((p + r) * a + (q + r) * b - r * h) / (p + q + r),
    average: (a, b, h, p, q) => (p * a + q * b) / (p + q),
    complete: (a, b) => Math.max(a, b),
    single: (a, b) => Math.min(a, b),
    weighted: (a, b) => (a + b) / 2,
    centroid: (a, b, h, p, q) => (p * a + q * b - (p * q * h) / (p + q)) / (p + q),
    median: (a, b, h) => (a + b) / 2 - h / 4,
  };

  // The merges as hclustkit gives them. pairs: numbers of the two clusters,
  // 0..n-1 the cases, n + t the cluster of stage t. Of pairs equally near the one with the
  // lowest cases goes first; tie says where that decided. `watch` is shown every stage before
  // its merge: the places of the clusters (that of the lowest case), the distances between them
  // (squared where the linkage needs that), their sizes, the pair and the runner-up.
  function mergeTree(rows, linkage, watch) {
    const n = rows.length;
    const squared = SQUARED.has(linkage);
    const largest = Math.max(...rows.map((row) => Math.max(...row.map(Math.abs))));
    const noise = 4 * EPS * largest * Math.sqrt(rows[0].length);
    const limitOfHeight = (h) => h * (1 + TIE_TOLERANCE) + noise;
    const limit = squared
      ? (value) => limitOfHeight(Math.sqrt(Math.max(value, 0))) ** 2
      : limitOfHeight;
    const update = UPDATES[linkage];
    const d = distances(rows, linkage);
    const size = new Array(n).fill(1);
    // a cluster is kept where its lowest case was
    const number = rows.map((_, i) => i);
    const there = rows.map((_, i) => i);
    const pairs = [];
    const heights = [];
    const sizes = [];
    const tie = [];
    for (let stage = 0; stage < n - 1; stage += 1) {
      let least = Infinity;
      for (const i of there) for (const j of there) if (i < j) least = Math.min(least, d[i][j]);
      const bound = limit(least);
      let found = null;
      let second = null;
      let equal = 0;
      for (const i of there) {
        for (const j of there) {
          if (i < j && d[i][j] <= bound) {
            equal += 1;
            found = found || [i, j];
          }
          if (watch && i < j && !(found && i === found[0] && j === found[1]) &&
            (!second || d[i][j] < d[second[0]][second[1]])) second = [i, j];
        }
      }
      const [i, j] = found;
      if (watch) watch({ there, d, size, pair: found, second });
      const h = d[i][j];
      const height = squared ? Math.sqrt(Math.max(h, 0)) : Math.max(h, 0);
      heights.push(height <= noise ? 0 : height);
      tie.push(equal > 1);
      pairs.push([number[i], number[j]].sort((a, b) => a - b));
      there.splice(there.indexOf(j), 1);
      for (const c of there) {
        if (c !== i) d[i][c] = d[c][i] = update(d[i][c], d[j][c], h, size[i], size[j], size[c]);
      }
      size[i] += size[j];
      sizes.push(size[i]);
      number[i] = n + stage;
    }
    if (!INVERTING.has(linkage)) {
      // heights cannot fall, by theory; this removes the last rounding
      for (let t = 1; t < heights.length; t += 1) {
        heights[t] = Math.max(heights[t], heights[t - 1]);
      }
    }
    return { n, linkage, pairs, heights, sizes, tie };
  }

  // ------------------------------------------------------------ what is read off the tree

  // Ward: cumulative within-cluster sum of squares; otherwise the heights.
  function coefficients(tree) {
    if (tree.linkage !== "ward") return tree.heights.slice();
    let total = 0;
    return tree.heights.map((h) => (total += (h * h) / 2));
  }

  // One object a stage, as hclustkit; cases counted from 1.
  function schedule(tree) {
    const { n, pairs, tie } = tree;
    const coefficient = coefficients(tree);
    const lowest = Array.from({ length: n }, (_, i) => i);
    const nextStage = new Array(2 * n - 1).fill(0);
    const rows = pairs.map(([left, right], t) => {
      const [a, b] = lowest[left] < lowest[right] ? [left, right] : [right, left];
      lowest.push(lowest[a]);
      nextStage[a] = nextStage[b] = t + 1;
      return {
        stage: t + 1,
        cluster_1: lowest[a] + 1,
        cluster_2: lowest[b] + 1,
        coefficient: coefficient[t],
        first_appears_1: Math.max(a - n + 1, 0),
        first_appears_2: Math.max(b - n + 1, 0),
        tie: tie[t],
      };
    });
    rows.forEach((row, t) => (row.next_stage = nextStage[n + t]));
    return rows;
  }

  // Exactly k clusters, numbered from 1 in the order of their first case.
  function cut(tree, k) {
    const { n, pairs } = tree;
    const top = Array.from({ length: 2 * n - 1 }, (_, i) => i);
    for (let t = n - k - 1; t >= 0; t -= 1) {
      const [a, b] = pairs[t];
      top[a] = top[b] = top[n + t];
    }
    const number = new Map();
    return top.slice(0, n).map((cluster) => {
      if (!number.has(cluster)) number.set(cluster, number.size + 1);
      return number.get(cluster);
    });
  }

  // Leaf order and link points, the axis 0..25, as hclustkit.
  function geometry(tree, axis) {
    const { n, pairs, heights } = tree;
    if (axis === "increment" && tree.linkage !== "ward") {
      throw new InputProblem("increment");
    }
    const value = {
      height: () => heights.slice(),
      cumulative: () => coefficients(tree),
      increment: () => heights.map((h) => (h * h) / 2),
    }[axis]();
    const end = Math.max(...value);
    const y = value.map((v) => (end > 0 ? AXIS_END * (v / end) : v));
    const order = [];
    const waiting = [2 * n - 2];
    while (waiting.length) {
      const node = waiting.pop();
      if (node < n) order.push(node);
      else waiting.push(pairs[node - n][1], pairs[node - n][0]);
    }
    const atX = new Array(n);
    order.forEach((leaf, place) => (atX[leaf] = place + 1));
    const atY = new Array(n).fill(0);
    const links = pairs.map(([a, b], t) => {
      atX.push((atX[a] + atX[b]) / 2);
      atY.push(y[t]);
      return { stage: t + 1, x: [atX[a], atX[a], atX[b], atX[b]], y: [atY[a], y[t], y[t], atY[b]] };
    });
    return { order, links, y, value };
  }

  // Where a straight line cuts k branches on the axis of `y`, and what is in its way, if
  // anything: merges that invert, that are at 0, or at the same height on both sides of the cut.
  function cutLine(y, k) {
    const below = y.slice(0, y.length + 1 - k);
    const above = y.slice(y.length + 1 - k);
    const low = Math.max(0, ...below);
    // past the last merge there is one cluster: a little beyond the end of the axis
    const high = above.length ? Math.min(...above) : AXIS_END * 1.04;
    const least = TIE_TOLERANCE * AXIS_END;
    let obstacle = "";
    if (high - low < -least) obstacle = "inverted";
    else if (high <= least) obstacle = "zero";
    else if (high - low <= least) obstacle = "equal";
    return { position: (low + high) / 2, obstacle };
  }

  // Mean of each column in each cluster 1..k.
  function clusterMeans(rows, membership) {
    const k = Math.max(...membership);
    return Array.from({ length: k }, (_, c) => {
      const members = rows.filter((_, i) => membership[i] === c + 1);
      return rows[0].map((_, j) => mean(columnOf(members, j)));
    });
  }

  // --------------------------------------------------------------------------- agreement

  // counts[a][b]: cases in cluster a + 1 of one partition and b + 1 of the other.
  function contingency(one, other) {
    const counts = Array.from({ length: Math.max(...one) }, () =>
      new Array(Math.max(...other)).fill(0)
    );
    one.forEach((a, i) => (counts[a - 1][other[i] - 1] += 1));
    return counts;
  }

  const pairsOf = (count) => (count * (count - 1)) / 2;

  // Hubert and Arabie (1985), Comparing partitions. Journal of Classification 2, 193-218.
  function adjustedRand(one, other) {
    const table = contingency(one, other);
    const rows = table.map(sum);
    const columns = table[0].map((_, j) => sum(columnOf(table, j)));
    const together = sum(table.flat().map(pairsOf));
    const inOne = sum(rows.map(pairsOf));
    const inOther = sum(columns.map(pairsOf));
    const expected = (inOne * inOther) / pairsOf(one.length);
    const most = (inOne + inOther) / 2;
    return most === expected ? 1 : (together - expected) / (most - expected);
  }

  // Meila (2007), Comparing clusterings: an information based distance. Journal of
  // Multivariate Analysis 98, 873-895. In nats; 0 means equal.
  function variationOfInformation(one, other) {
    const table = contingency(one, other);
    const n = one.length;
    const rows = table.map(sum);
    const columns = table[0].map((_, j) => sum(columnOf(table, j)));
    let total = 0;
    table.forEach((row, a) =>
      row.forEach((count, b) => {
        if (count)
          total -= (count / n) * (Math.log(count / rows[a]) + Math.log(count / columns[b]));
      })
    );
    return Math.max(total, 0);
  }

  // For each cluster of `reference`: where its cases are in `other`. The relation is that of
  // hclustkit.compare: "recovered" (the same set), "merged" (together, with
  // others), "split" (over clusters of its own) or "split and merged".
  function fate(reference, other) {
    const table = contingency(reference, other);
    return table.map((row, a) => {
      const clusters = row.flatMap((count, b) => (count ? [b + 1] : []));
      const company = other.flatMap((b, i) =>
        clusters.includes(b) && reference[i] !== a + 1 ? [i] : []
      );
      const relation =
        clusters.length === 1
          ? company.length
            ? "merged"
            : "recovered"
          : company.length
            ? "split and merged"
            : "split";
      return { cluster: a + 1, clusters, company, relation };
    });
  }

  // Pairs clusters of two partitions one to one so that the pairs share the most cases, as
  // hclustkit.compare: of several such pairings the clusters of
  // `other`, in the order of their first case, each get the earliest cluster of `reference`
  // that still allows it. partner: clusters of `other` → those of `reference`; one that shares
  // no case is left out. moves: the cases outside the pairs, the fewest that must change cluster
  // to turn one partition into the other (Gusfield 2002, Information Processing Letters 82,
  // 159-164). Exact, by dynamic programming over the sets of clusters of `other` that already
  // have a partner: these are few, and so are their sets.
  function match(reference, other) {
    const table = contingency(reference, other);
    const rank = [...new Set(other)];
    const earlier = (one, two) => {
      const differs = one.findIndex((partner, place) => partner !== two[place]);
      return differs >= 0 && one[differs] < two[differs];
    };
    const none = rank.map(() => Infinity);
    let best = new Map([[0, { shared: 0, partners: none }]]);
    table.forEach((row, a) => {
      const next = new Map(best);
      best.forEach(({ shared, partners }, taken) => {
        rank.forEach((b, place) => {
          const count = row[b - 1];
          if (!count || taken & (1 << place)) return;
          const key = taken | (1 << place);
          const known = next.get(key);
          const total = shared + count;
          if (known && known.shared > total) return;
          const found = partners.map((partner, p) => (p === place ? a + 1 : partner));
          if (known && known.shared === total && !earlier(found, known.partners)) return;
          next.set(key, { shared: total, partners: found });
        });
      });
      best = next;
    });
    const chosen = [...best.values()].reduce((one, two) =>
      two.shared > one.shared || (two.shared === one.shared && earlier(two.partners, one.partners))
        ? two : one);
    const pairs = rank.map((b, place) => [b, chosen.partners[place]]);
    return {
      partner: new Map(pairs.filter(([, a]) => a < Infinity)),
      moves: other.length - chosen.shared,
    };
  }

  return {
    SQUARED,
    SCALINGS,
    LINKAGES,
    AXES,
    AXIS_END,
    InputProblem,
    standardize,
    sharesOfDistance,
    mergeTree,
    coefficients,
    schedule,
    cut,
    geometry,
    cutLine,
    clusterMeans,
    adjustedRand,
    variationOfInformation,
    fate,
    match,
  };
})();
