// Chapters come before the objects of the library, and before the pages that list these.
var Scorer = {
  score: ([page, title, anchor, description, score]) =>
    score - (description ? 1000 : 0) - (page.startsWith("book/api") ? 500 : 0) + (anchor ? 0 : 20),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 30,
  partialTitle: 12,
  term: 5,
  partialTerm: 2,
};
