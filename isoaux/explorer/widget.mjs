// The host in JupyterLab: settings are the traits of a Python object, which sends representations when asked.

function traits(model) {
  return {
    get: (name) => model.get(name),
    set: (name, value) => {
      model.set(name, value);
      model.save_changes();
    },
    listen: (listener) => {
      const names = Object.keys(SETTINGS);
      const own = names.map((name) => () => listener(name));
      names.forEach((name, k) => model.on(`change:${name}`, own[k]));
      return () => names.forEach((name, k) => model.off(`change:${name}`, own[k]));
    },
    report: (numbers) => {
      for (const [name, value] of Object.entries(numbers)) model.set(name, value);
      model.save_changes();
    },
  };
}

// Every view of a model hears all answers: its questions have names that no other view's have.
function asking(model) {
  const waiting = new Map();
  const view = crypto.getRandomValues(new Uint32Array(2)).join("-");
  let asked = 0;
  const hear = ({ answer, error }, [buffer] = []) => {
    if (!waiting.has(answer)) return;
    const { done, failed } = waiting.get(answer);
    waiting.delete(answer);
    if (error) failed(new Error(error));
    else done(new Float32Array(buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength)));
  };
  model.on("msg:custom", hear);
  const ask = (content) =>
    new Promise((done, failed) => {
      const question = `${view}-${++asked}`;
      waiting.set(question, { done, failed });
      model.send({ question, ...content });
    });
  const load = (network, { epoch }) => ask({ network: keyOf(network), epoch });
  const vectors = (network) => ask({ network: keyOf(network), vectors: true });
  return { list: model.get("_list"), load, vectors, end: () => model.off("msg:custom", hear) };
}

function render({ model, el }) {
  const source = asking(model);
  const end = show(el, traits(model), source);
  return () => {
    end();
    source.end();
  };
}

export default { render };
