// The host in a page of the book: the representations are a script beside this one.

const textOf = textsIn(document.currentScript.src.replace(/[^/]*$/, ""));

async function film(element) {
  const form = JSON.parse(element.dataset.film);
  element.setAttribute("aria-busy", "true");
  try {
    new Film(element, form, await unpacked(await textOf(form.file)));
  } catch (error) {
    const again = button("Try again", () => film(element));
    element.replaceChildren(make("p", { role: "alert", textContent: `The film could not be loaded: ${error.message}` }), again);
  }
  element.removeAttribute("aria-busy");
}

for (const element of document.querySelectorAll(".isoaux-film")) inTime(element, () => film(element));
