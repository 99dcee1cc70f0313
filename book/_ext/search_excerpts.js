"use strict";
// Sphinx asks for every page that a search has found, to quote from it; a browser refuses that to pages from disk. Here
// the words of all pages come from one script, over http as from disk, which is asked for when something was found.
{
  const root = document.documentElement.dataset.content_root;
  let words = null;
  const load = () => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${root}_static/page_words.js`;
    script.onload = () => resolve(PAGE_WORDS);
    script.onerror = reject;
    document.head.append(script);
  });
  window.fetch = async (address) => {
    words ??= load();
    const page = new DOMParser().parseFromString('<div role="main"></div>', "text/html");
    page.body.firstChild.textContent = (await words)[address.slice(root.length)] ?? "";
    return new Response(page.body.innerHTML);
  };
}
