// Every step of a tree of a few points: candidates, costs, the new row of the table. No drawing.
//
// One unit for all linkages, the cost: half the squared distance. It is the increase of the sum
// of squares for Ward's method, and for any linkage what joining two single points so far apart
// would add to it.
"use strict";

const Steps = (() => {
  const mean = (numbers) => numbers.reduce((total, number) => total + number, 0) / numbers.length;
  const meanOf = (rows) => rows[0].map((_, j) => mean(rows.map((row) => row[j])));
  const squares = (a, b) => a.reduce((total, value, j) => total + (value - b[j]) ** 2, 0);

  // points: n rows of numbers. stages[s]: the clusters before merge s + 1, each with its place
  // (that of its lowest point), its members and its centroid as scaled; the costs between them.
  function run(points, scaling, linkage, names, labels) {
    const rows = Compute.standardize(points, scaling, names, labels);
    const squared = Compute.SQUARED.has(linkage);
    const toCost = (d) => (squared ? d : d * d) / 2;
    const members = new Map(rows.map((_, i) => [i, [i]]));
    const stages = [];
    const tree = Compute.mergeTree(rows, linkage, ({ there, d, pair }) => {
      const clusters = there.map((place) => ({
        place, members: members.get(place), centroid: meanOf(members.get(place).map((i) => rows[i])),
      }));
      const costs = there.map((i) => there.map((j) => toCost(d[i][j])));
      stages.push({ clusters, costs, pair: pair.slice() });
      const [i, j] = pair;
      members.set(i, [...members.get(i), ...members.get(j)].sort((a, b) => a - b));
      members.delete(j);
    });
    const all = { place: 0, members: rows.map((_, i) => i), centroid: meanOf(rows) };
    stages.push({ clusters: [all], costs: [[0]], pair: null });
    return {
      rows, linkage, tree, stages,
      costs: tree.heights.map((h) => (h * h) / 2),
      schedule: Compute.schedule(tree),
    };
  }

  // What a merge adds to the sum of squares, whatever the linkage goes by.
  function increaseOf(one, other) {
    const [p, q] = [one.members.length, other.members.length];
    return ((p * q) / (p + q)) * squares(one.centroid, other.centroid);
  }

  // The pair that is merged at a stage.
  function made({ clusters, pair }) {
    const [one, other] = pair.map((place) => clusters.find((c) => c.place === place));
    return { one, other, increase: increaseOf(one, other) };
  }

  // Every pair that may merge at a stage, the cheapest first; of equal ones the lowest places.
  function candidates({ clusters, costs, pair }) {
    const found = [];
    clusters.forEach((one, i) => clusters.slice(i + 1).forEach((other, at) => {
      const isMade = Boolean(pair) && one.place === pair[0] && other.place === pair[1];
      found.push({ one, other, cost: costs[i][i + 1 + at], increase: increaseOf(one, other), made: isMade });
    }));
    return found.sort((a, b) => b.made - a.made || a.cost - b.cost);
  }

  // The new row after merge s + 1 by the formula of Lance and Williams: of every third cluster
  // its costs to the two that merged and theirs to each other, the sizes, and the result.
  function newRow({ stages }, s) {
    const { clusters, costs, pair } = stages[s];
    const [i, j] = pair.map((place) => clusters.findIndex((c) => c.place === place));
    const after = stages[s + 1];
    const at = after.clusters.findIndex((c) => c.place === pair[0]);
    return clusters.flatMap((third, r) => {
      if (r === i || r === j) return [];
      const there = after.clusters.findIndex((c) => c.place === third.place);
      return [{
        third, a: costs[i][r], b: costs[j][r], h: costs[i][j],
        p: clusters[i].members.length, q: clusters[j].members.length, r: third.members.length,
        result: after.costs[at][there],
      }];
    });
  }

  return { run, made, candidates, newRow, meanOf };
})();
