"""The files that the book's pages link, show or offer for download, found by reading the pages as the book does."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from os.path import normpath
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

SHOWN = ("text/markdown", "text/html")
"""Outputs of a notebook that may hold links."""

ADDRESSES = ("href", "src", "data", "poster")
"""Attributes of HTML that name a file."""


def files(page: Path, root: Path) -> list[Path]:
    """The places of all local files that a page names, relative to ``root``, whether the files exist or not.

    ``page`` is a ``.md`` or ``.ipynb`` file below ``root``, the folder of the book's ``_config.yml``. Read are Markdown
    links and images, roles, directives with their options and content, and attributes of HTML; of a notebook its
    Markdown cells and its outputs. A target that begins with ``/`` starts at ``root``, any other in the page's folder
    (as Sphinx has it). Addresses with a scheme or a host and places outside of ``root`` are left out. A target that is
    a label and no file gives a place where nothing is.
    """
    top, places = root.resolve(), dict[Path, None]()
    for target in targets(page, _parser(top)):
        address = urlsplit(target)
        path = unquote(address.path)
        if address.scheme or address.netloc or not path or "\0" in path:
            continue
        place = Path(normpath(top / path.lstrip("/") if path.startswith("/") else page.resolve().parent / path))
        if place.is_relative_to(top):
            places[place.relative_to(top)] = None
    return list(places)


def targets(page: Path, parser: MarkdownIt) -> list[str]:
    """Everything in a page that may be the address of a file or of another page, as it is written there."""
    text = page.read_text("utf-8")
    if page.suffix != ".ipynb":
        return list(_of_text(text, parser))
    texts = []
    for cell in json.loads(text).get("cells", []):
        if cell["cell_type"] == "markdown":
            texts.append("".join(cell["source"]))
        for output in cell.get("outputs", []):
            texts += ["".join(output["data"][kind]) for kind in SHOWN if kind in output.get("data", {})]
    return [target for words in texts for target in _of_text(words, parser)]


def _parser(root: Path) -> MarkdownIt:
    """The Markdown parser of the book at ``root``, with the extensions of its configuration."""
    parse = yaml.safe_load((root / "_config.yml").read_text("utf-8")).get("parse", {})
    return create_md_parser(MdParserConfig(enable_extensions=parse.get("myst_enable_extensions", [])), RendererHTML)


def _of_text(text: str, parser: MarkdownIt) -> Iterator[str]:
    for token in parser.parse(text):
        yield from _of_token(token, parser)


def _of_token(token: Token, parser: MarkdownIt) -> Iterator[str]:
    for name in ("href", "src"):
        if value := token.attrs.get(name):
            yield str(value)
    if token.type == "myst_role":  # {download}`words <target>` or {download}`target`
        words, _, target = token.content.rpartition("<")
        yield target.removesuffix(">") if words and target.endswith(">") else token.content
    elif token.type in ("fence", "colon_fence") and token.info.startswith("{"):
        yield from _of_directive(token, parser)
    elif token.type in ("html_block", "html_inline"):
        yield from _of_html(token.content)
    for child in token.children or ():
        yield from _of_token(child, parser)


def _of_directive(token: Token, parser: MarkdownIt) -> Iterator[str]:
    """The argument of a directive, the values of its options, and the targets in its content."""
    name, _, argument = token.info.partition("}")
    yield argument.strip()
    lines = token.content.splitlines()
    while lines and lines[0].lstrip().startswith(":") and (option := lines[0].strip()[1:]).count(":"):
        yield option.partition(":")[2].strip()
        del lines[0]
    if name != "{math":
        yield from _of_text("\n".join(lines), parser)


def _of_html(text: str) -> list[str]:
    reader = _Reader()
    reader.feed(text)
    return reader.addresses


class _Reader(HTMLParser):
    """Collects the addresses in HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value for name, value in attrs if value and name in ADDRESSES]
