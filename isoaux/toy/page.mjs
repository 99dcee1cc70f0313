// The host in a page of the book: the settings are in the page's address, and the worker runs this script's own text.

const working = () => new Worker(URL.createObjectURL(new Blob([`(${isoauxToy})()`], { type: "text/javascript" })));

for (const element of document.querySelectorAll(".isoaux-toy")) {
  const begin = () => new Toy(element, stateIn(TOY, TOY_CHECKS), working());
  if (addresses(location.hash, TOY_CHECKS)) {
    begin();
    element.scrollIntoView();
  } else inTime(element, begin);
}
