"use strict";
// The picture of a figure opens in its own size, with its caption, in a dialog that the Escape key closes.
document.addEventListener("DOMContentLoaded", () => {
  const pictures = [...document.querySelectorAll("article figure img:not([aria-hidden])")].filter((image) => !image.closest("a"));
  if (pictures.length === 0) return;
  const dialog = document.createElement("dialog");
  dialog.className = "isoaux-enlarged";
  dialog.innerHTML = '<form method="dialog"><button class="btn btn-sm">Close</button></form><div tabindex="0" role="group" aria-label="Picture"></div><p></p>';
  const [place, words] = [dialog.querySelector("div"), dialog.querySelector("p")];
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);
  for (const image of pictures) {
    const caption = image.closest("figure").querySelector("figcaption p");
    const number = caption?.querySelector(".caption-number")?.textContent.trim();
    const button = document.createElement("button");
    button.type = "button";
    button.className = "isoaux-enlarge";
    button.title = "Enlarge";
    button.setAttribute("aria-label", `Enlarge ${number || "picture"}: ${image.alt}`);
    const picture = image.closest(".ink") ?? image;
    picture.replaceWith(button);
    button.append(picture);
    button.addEventListener("click", () => {
      place.replaceChildren(picture.cloneNode(true));
      words.textContent = caption ? caption.textContent.replace(/#$/, "") : "";
      dialog.setAttribute("aria-label", number || "Picture");
      dialog.showModal();
    });
  }
});
