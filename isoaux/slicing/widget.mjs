// The host in JupyterLab: settings are the traits of a Python object, which sends the texts of files when asked.

const SET = ["network", "epoch", "space", "images", "view", "segment"];

const ownTraits = (model) => ({
  get: (name) => model.get(name),
  set: (name, value) => {
    model.set(name, value);
    model.save_changes();
  },
  listen: (listener) => {
    const heard = SET.map((name) => [`change:${name}`, () => listener(name)]);
    heard.forEach((pair) => model.on(...pair));
    return () => heard.forEach((pair) => model.off(...pair));
  },
  report: (numbers) => {
    for (const [name, value] of Object.entries(numbers)) model.set(name, value);
    model.save_changes();
  },
});

// Every view of a model hears all answers: its questions have names that no other view's have.
function files(model) {
  const waiting = new Map();
  const view = crypto.getRandomValues(new Uint32Array(2)).join("-");
  let asked = 0;
  const hear = ({ answer, text, error }) => {
    if (!waiting.has(answer)) return;
    const { done, failed } = waiting.get(answer);
    waiting.delete(answer);
    if (error) failed(new Error(error));
    else done(text);
  };
  model.on("msg:custom", hear);
  const text = (name) =>
    new Promise((done, failed) => {
      const question = `${view}-${++asked}`;
      waiting.set(question, { done, failed });
      model.send({ question, name });
    });
  return { list: model.get("_list"), text, end: () => model.off("msg:custom", hear) };
}

export default {
  render({ model, el }) {
    const source = files(model);
    const end = cut(el, ownTraits(model), source);
    return () => {
      end();
      source.end();
    };
  },
};
