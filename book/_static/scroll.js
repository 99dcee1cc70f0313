"use strict";
// A formula that is wider than its column is scrolled by keyboard, too.
addEventListener("load", () => {
  const mark = () => {
    for (const formula of document.querySelectorAll("div.math")) {
      if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
      else formula.removeAttribute("tabindex");
    }
  };
  mark();
  document.fonts.ready.then(mark); // a formula is as wide as its font
  addEventListener("resize", mark);
});
