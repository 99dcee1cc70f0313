// The host in a page of the book: files are scripts, the settings are in the page's address.

const loadText = textsIn(document.currentScript.src.replace(/[^/]*$/, ""));

const CHECKED = cuttable(LIST);

for (const element of document.querySelectorAll(".isoaux-slice")) {
  const begin = () => cut(element, stateIn(cutSettings(LIST), CHECKED), { list: LIST, text: loadText });
  if (addresses(location.hash, CHECKED)) {
    begin();
    element.scrollIntoView();
  } else inTime(element, begin);
}
