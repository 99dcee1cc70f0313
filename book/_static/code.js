"use strict";
// One switch shows and hides the code of a page's cells; what a reader chose holds for all pages.
(() => {
  const page = document.documentElement;
  const key = "isoaux-code";
  const kept = () => {
    try { return localStorage.getItem(key) === "shown"; } catch { return false; }
  };
  const show = (shown) => {
    page.dataset.code = shown ? "shown" : "hidden";
    for (const fold of document.querySelectorAll(".tag_hide-input > details.above-input")) fold.open = shown;
  };
  page.dataset.code = kept() ? "shown" : "hidden"; // before anything is drawn
  document.addEventListener("DOMContentLoaded", () => {
    const buttons = document.querySelector(".article-header-buttons");
    if (!buttons || !document.querySelector(".tag_hide-input, .tag_hide-cell, .cell.imports")) return;
    const button = document.createElement("button");
    button.className = "btn btn-sm isoaux-code";
    button.type = "button";
    const set = (shown) => {
      show(shown);
      button.textContent = shown ? "Hide code" : "Show code";
    };
    button.addEventListener("click", () => {
      const shown = page.dataset.code === "hidden";
      try { localStorage.setItem(key, shown ? "shown" : "hidden"); } catch { /* not kept */ }
      set(shown);
    });
    set(kept());
    buttons.prepend(button);
  });
})();
