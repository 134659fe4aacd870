// How the search of the site weighs what it finds: what pages say before names of the reference.
var Scorer = {
  score: ([page, , , , score]) => (page.startsWith("api/") ? score - 30 : score),
  objNameMatch: 1,
  objPartialMatch: 0,
  objPrio: { 0: 1, 1: 0, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
