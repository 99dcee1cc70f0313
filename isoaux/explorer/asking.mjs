// What has to be asked of a file before it can be read: which of its arrays, and which of an array's axes are the neurons.

import { button, keyed, labelled, make, whole } from "./elements.mjs";

// A form with the question that reading.mjs has of a file; `answered` is called with { key, axis }.
export function question(name, { arrays, chosen }, answered) {
  const array = make("select");
  array.append(...arrays.map(({ key, words, fits }, k) => make("option", { value: k, textContent: `${key}: ${words}`, disabled: !fits })));
  array.value = chosen;
  const axis = make("select");
  const which = labelled("Neurons are", axis);
  const offer = () => {
    const { shape } = arrays[array.value] ?? { shape: [] };
    const last = shape.length - 1;
    const words = (k) => (k === last ? "the last axis" : `axis ${k}, counted from 0`);
    axis.replaceChildren(...shape.map((size, k) => make("option", { value: k, textContent: `${words(k)}: ${whole(size)}` })).reverse());
    which.hidden = shape.length < 3;
  };
  array.addEventListener("change", offer);
  offer();
  const form = make("form", { className: "question" });
  const several = arrays.length > 1;
  const shape = arrays[chosen].shape.join(" × ");
  const axes = `${name} has ${arrays[0].shape.length} axes, ${shape}. Which are the neurons?`;
  const words = several ? `${name} holds ${whole(arrays.length)} arrays. Which one?` : axes;
  form.append(make("p", { textContent: words }));
  if (several) form.append(labelled("Array", array));
  form.append(which, button("Open", () => form.requestSubmit()));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { key, shape: sizes, fits } = arrays[array.value] ?? {};
    if (fits) answered({ key, ...(sizes.length > 2 && { axis: Number(axis.value) }) });
  });
  return { form, focus: () => keyed(several ? array : axis).focus() };
}
