"""Modules that anywidget loads, rendered in a page with a model like anywidget's."""

from typing import Any

RENDER = """([source, traits, given]) => import(
  URL.createObjectURL(new Blob([source], {type: "text/javascript"}))).then(
  ({default: {render}}) => {
    const listeners = {};
    const model = {
      get: (name) => traits[name],
      set: (name, value) => {
        traits[name] = value;
        (listeners[`change:${name}`] ?? []).forEach((listener) => listener());
      },
      on: (name, listener) => (listeners[name] ??= []).push(listener),
      off: () => {},
      save_changes: () => {},
      send: SEND,
    };
    globalThis.model = model;
    const el = document.createElement("div");
    document.body.replaceChildren(el);
    render({model, el});
  })"""


def render(page: Any, widget: Any, send: str, given: Any) -> None:
    """Put a widget in the place of a page's body; its model is the page's ``model``.

    ``send`` is a JavaScript function that answers the widget's messages, out of ``given`` and by ``listeners``.
    """
    names = [name for name in widget.traits(sync=True) if name not in ("layout", "tabbable", "tooltip")]
    traits = {name: getattr(widget, name) for name in names}
    page.evaluate(RENDER.replace("SEND", send), [widget._esm, traits, given])
