"""Mathematics as native MathML: a Sphinx math renderer on latex2mathml, with no script and no font to load.

A formula that latex2mathml does not understand becomes a build warning (an error under -W) and is shown as its
source. ``convert`` is the whole of it; the rest tells Sphinx where the pieces go.
"""

import html
import re
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from docutils import nodes
from latex2mathml.converter import Converter
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)

MACROS: dict[str, tuple[int, str]] = {
    "R": (0, r"\mathbb{R}"),
    "O": (0, r"\mathrm{O}"),
    "E": (0, r"\mathbb{E}"),
    "norm": (1, r"\left\lVert #1 \right\rVert"),
    "abs": (1, r"\left\lvert #1 \right\rvert"),
    "mean": (1, r"\left\langle #1 \right\rangle"),
    "sign": (0, r"\operatorname{sign}"),
    "median": (0, r"\operatorname{median}"),
    "MAD": (0, r"\operatorname{MAD}"),
    "loss": (0, r"\mathcal{L}"),
    "law": (0, r"\overset{\text{law}}{=}"),
}
"""Name -> (number of arguments, body): the book's own commands."""

ENVIRONMENTS = {"cases", "matrix", "pmatrix", "bmatrix", "array", "split", "align*", "aligned"}
"""Environments that come out right; others are refused. ``aligned`` is read as ``split``."""

PREAMBLE = "".join(rf"\newcommand{{\{name}}}[{n}]{{{body}}}" for name, (n, body) in MACROS.items())


class UnsupportedMath(ValueError):
    """A formula that would come out wrong."""


def convert(latex: str, display: bool = False) -> str:
    """A formula as one ``<math>`` element.

    Raises UnsupportedMath that names the command, environment or mistake.
    """
    source = " ".join(latex.split())
    for environment in re.findall(r"\\begin\s*\{([^}]*)\}", source):
        if environment not in ENVIRONMENTS:
            raise UnsupportedMath(f"environment {environment!r}")
    braces = re.sub(r"\\\\|\\[{}]", "", source)
    if braces.count("{") != braces.count("}"):
        raise UnsupportedMath("unbalanced braces")
    source = source.replace("{aligned}", "{split}")
    if display and re.search(r"\\\\|&", re.sub(r"\\begin.*\\end\s*\{[^}]*\}", "", source)):
        source = rf"\begin{{split}}{source}\end{{split}}"
    try:
        math = Converter(display="block" if display else "inline").convert_to_element(PREAMBLE + source)
    except Exception as error:  # latex2mathml raises a dozen unrelated kinds, StopIteration among them
        raise UnsupportedMath(type(error).__name__) from error
    del math.attrib["xmlns"]  # HTML knows the element by its name
    for element in list(math.iter()):
        _mend(element)
    for element in list(math.iter()):
        _space_functions(element)
    return tostring(math, encoding="unicode")


def _mend(element: Element) -> None:
    """Turn entities into characters and put right what browsers would show differently from TeX."""
    text = element.text or ""
    if element.tag == "mi" and re.fullmatch("&#x000[4-7][0-9A-F];", text):
        element.set("mathvariant", "normal")  # \mathrm of one letter, which MathML would make italic
    element.text = text = html.unescape(text)
    if element.tag == "mo" and re.fullmatch("[A-Za-z ]{2,}", text):
        element.tag = "mi"  # \operatorname; an <mo> would get the space of a relation
    if element.tag == "mi" and text == ":":
        element.tag = "mo"
    if element.get("mathvariant", "normal") != "normal":
        raise UnsupportedMath(f"alphabet {element.get('mathvariant')!r}")  # MathML Core shows plain italics
    if element.tag == "mspace" and element.get("linebreak"):
        raise UnsupportedMath(r"\\ outside of an environment")
    if element.tag in ("mi", "mo", "mn") and (text == "&" or (text.startswith("\\") and len(text) > 1)):
        raise UnsupportedMath(f"command {text!r}")
    if (align := element.attrib.pop("columnalign", None)) and element.tag == "mtd":
        element.set("class", f"align-{align}")  # MathML Core has no such attribute; the style sheet does it


def _is_function(element: Element) -> bool:
    """A named function (log, tanh) or one with an index or power."""
    if element.tag in ("msub", "msup", "msubsup", "munder"):
        return bool(len(element)) and _is_function(element[0])
    return element.tag == "mi" and bool(re.fullmatch("[A-Za-z ]{2,}", element.text or ""))


def _space_functions(row: Element) -> None:
    """A thin space between a named function and a neighbour that is neither operator nor bracket."""
    if row.tag not in ("mrow", "mtd", "math", "mstyle"):
        return
    children = list(row)
    for child in children:
        row.remove(child)
    for before, child in zip([None, *children[:-1]], children, strict=True):
        if before is not None and before.tag != "mo" and child.tag != "mo":
            fenced = len(child) and child[0].tag == "mo"
            if "mspace" not in (before.tag, child.tag) and (
                _is_function(child) or (_is_function(before) and not fenced)
            ):
                SubElement(row, "mspace", width="0.167em")
        row.append(child)


def _math(translator: Any, node: nodes.Element, display: bool) -> str:
    try:
        return convert(node.astext(), display)
    except UnsupportedMath as problem:
        logger.warning(
            "mathematics that would not show: %s in %s", problem, node.astext(), location=node, type="mathml"
        )
        return f"<code>{html.escape(node.astext())}</code>"


def _inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(translator.starttag(node, "span", "", CLASS="math notranslate"))
    translator.body.append(_math(translator, node, display=False) + "</span>")
    raise nodes.SkipNode


def _display(translator: Any, node: nodes.math_block) -> None:
    translator.body.append(translator.starttag(node, "div", CLASS="math notranslate"))
    if node["number"]:  # first, as in Sphinx's own renderer: the theme puts it on the right
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append(_math(translator, node, display=True) + "</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer; ``html_math_renderer: mathml`` selects it."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
