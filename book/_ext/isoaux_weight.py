"""What pages do without: icons that are fonts and scripts, rules and scripts that they do not use, and source maps.

The template ``layout.html`` does not ask for the script of icons, and asks for what searching needs on the page of
the search alone. Here, scripts and styles of directives are left out of pages without such a directive, and when the
site is written, files that no page asks for are removed and the theme's style is reduced to rules that can apply.
"""

import re
import shutil
from pathlib import Path
from typing import Any

import tinycss2
from sphinx.application import Sphinx

ONLY_WITH = {
    "sphinx-design.min.css": 'class="sd-',
    "design-tabs.js": 'class="sd-tab',
    "togglebutton.css": 'class="toggle|above-input|dropdown',
    "togglebutton.js": 'class="toggle|dropdown',
    "mystnb.": 'class="cell',
    "copybutton.css": 'class="highlight',
    "copybutton.js": 'class="highlight',
    "clipboard.min.js": 'class="highlight',
    "pygments.css": 'class="highlight',
}
"""The beginning of a file's name, and what the body of a page has that needs it (a regular expression)."""

UNUSED = ("scripts/fontawesome.js*", "vendor", "locales", "styles/theme.css", "webpack-macros.html",
          "sbt-webpack-macros.html", "**/*.map")  # fmt: skip
"""Static files of the theme that no page asks for."""

THEME = "styles/pydata-sphinx-theme.css"

WRITTEN = re.compile(r"[A-Za-z_][\w-]*")
"""What may be the name of a class, of an element or of an identifier in a page or a script."""


def only_what_is_used(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Leave out the scripts and styles of directives that the page does not have."""
    body = context.get("body") or ""
    for kind in ("css_files", "script_files"):
        context[kind][:] = [asset for asset in context[kind] if _needed(asset, body)]


def _needed(asset: Any, body: str) -> bool:
    name = str(getattr(asset, "filename", asset) or "").rpartition("/")[2]
    needs = [needed for start, needed in ONLY_WITH.items() if name.startswith(start)]
    return not needs or re.search(needs[0], body) is not None


def reduced(style: str, written: set[str]) -> str:
    """A style sheet without the rules for classes and identifiers that are not among the ``written`` names.

    A rule stays if one of its selectors can apply; rules of every other kind (variables, key frames) stay. Rules
    within conditions like ``@media`` are reduced alike. Font faces go.
    """
    return _serialised(tinycss2.parse_stylesheet(style, skip_comments=True, skip_whitespace=True), written)


def _serialised(rules: list[Any], written: set[str]) -> str:
    kept = []
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = tinycss2.serialize(rule.prelude)
            if any(_applies(selector, written) for selector in _selectors(selectors)):
                kept.append(f"{selectors.strip()}{{{tinycss2.serialize(rule.content)}}}")
        elif rule.type == "at-rule" and rule.at_keyword in ("media", "supports"):
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            if body := _serialised(inner, written):
                kept.append(f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{body}}}")
        elif rule.type == "at-rule" and rule.at_keyword not in ("font-face", "charset"):
            kept.append(rule.serialize())
    return "\n".join(kept)


def _selectors(text: str) -> list[str]:
    """The parts of a list of selectors, split at commas outside of brackets."""
    return re.split(r",(?![^(]*\))", text)


def _applies(selector: str, written: set[str]) -> bool:
    """Whether every class and identifier that a selector asks for is written somewhere.

    What stands in brackets (alternatives, negations, attributes) is not looked at: the rule stays.
    """
    outer = re.sub(r"\([^()]*(\([^()]*\)[^()]*)*\)|\[[^\]]*\]", "", selector)
    return all(name in written for name in re.findall(r"[.#]([A-Za-z_][\w-]*)", outer))


def lighten(app: Sphinx, error: Exception | None) -> None:
    """Remove static files that no page asks for, and reduce the theme's style to what the site's pages use."""
    static = Path(app.outdir) / "_static"
    if error is not None or app.builder.name != "html":
        return
    for pattern in UNUSED:
        for path in list(static.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in [*static.glob("scripts/*.js"), *static.glob("styles/*.css")]:
        text = path.read_text("utf8")
        path.write_text(re.sub(r"(//# |/\*# )sourceMappingURL=\S+( \*/)?", "", text), "utf8")
    pages = [*Path(app.outdir).glob("*.html"), *(Path(app.outdir) / "book").rglob("*.html")]
    scripts = [*static.glob("*.js"), *static.glob("scripts/*.js")]
    scripts += [path for path in static.glob("*/*.mjs") if path.stem == path.parent.name]
    written: set[str] = set()
    for path in [*pages, *scripts]:
        written.update(WRITTEN.findall(path.read_text("utf8")))
    written = {name for name in written if not re.match("fa(-|[bsr]?$)", name)}  # icons: icons.css has those in use
    (static / THEME).write_text(reduced((static / THEME).read_text("utf8"), written), "utf8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect what is left out of pages, and what of the site."""
    app.connect("html-page-context", only_what_is_used, priority=950)
    app.connect("build-finished", lighten)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
