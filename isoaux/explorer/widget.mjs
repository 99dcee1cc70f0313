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

function asking(model) {
  const waiting = new Map();
  let asked = 0;
  model.on("msg:custom", ({ answer, error }, [buffer] = []) => {
    const { done, failed } = waiting.get(answer);
    waiting.delete(answer);
    if (error) failed(new Error(error));
    else done(new Int16Array(buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength)));
  });
  const load = (network, { epoch }) =>
    new Promise((done, failed) => {
      waiting.set(++asked, { done, failed });
      model.send({ question: asked, network: keyOf(network), epoch });
    });
  return { list: model.get("_list"), load };
}

export default { render: ({ model, el }) => show(el, traits(model), asking(model)) };
