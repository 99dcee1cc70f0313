"""A walk through a page with the Tab key alone, as a reader without a mouse makes it."""

from typing import Any

PARTS = "a[href], button, input, select, textarea, summary, canvas[tabindex], [role=application], [tabindex]"

FIRST = """([scope, back]) => {
  const all = [...document.querySelectorAll(scope)].at(0);
  const stop = document.createElement("button");
  stop.textContent = "Stop";
  stop.id = back ? "behind" : "before";
  back ? all.after(stop) : all.before(stop);
  if (!back) stop.focus();
}"""

HERE = """(scope) => {
  const here = document.activeElement;
  if (here.id === "behind") return null;
  const style = getComputedStyle(here);
  const label = here.ariaLabel || [...(here.labels ?? [])].map((one) => one.textContent).join(" ") || here.textContent;
  const ring = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  return { within: Boolean(here.closest(scope)), tag: here.localName, name: label.trim(), ring };
}"""

OFFERED = """([scope, parts]) => [...document.querySelector(scope).querySelectorAll(parts)].filter((one) =>
  one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.tabIndex >= 0).length"""


def walk(page: Any, scope: str) -> list[str]:
    """The names of what the Tab key reaches in the first element of the page that ``scope`` selects, in that order.

    Fails where the key leaves the element and comes back, is held in it, reaches something without a name or without a
    ring around it, or passes over something that a mouse can use.
    """
    for back in (False, True):
        page.evaluate(FIRST, [scope, back])
    offered, names = page.evaluate(OFFERED, [scope, PARTS]), []
    for _ in range(offered + 1):
        page.keyboard.press("Tab")
        if (here := page.evaluate(HERE, scope)) is None:
            break
        assert here["within"] and here["name"] and here["ring"], (here, names)
        names.append(here["name"])
    assert page.evaluate("document.activeElement.id") == "behind", f"the key does not leave: {names}"
    assert len(names) == offered, (offered, names)
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(HERE, scope)["name"] == names[-1], "and it comes back the same way"
    page.evaluate("document.querySelectorAll('#before, #behind').forEach((one) => one.remove())")
    return names
