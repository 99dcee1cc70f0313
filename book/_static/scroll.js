"use strict";
// A formula that is wider than its column is scrolled by keyboard, too.
addEventListener("load", () => {
  const mark = (formula) => {
    if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
    else formula.removeAttribute("tabindex");
  };
  const observer = new ResizeObserver((entries) => entries.forEach((entry) => mark(entry.target)));
  const formulas = document.querySelectorAll("div.math");
  formulas.forEach((formula) => observer.observe(formula));
  document.fonts.ready.then(() => formulas.forEach(mark)); // a formula is as wide as its font
});
