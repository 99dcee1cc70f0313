"""A page with one live element and no more, as a file: what the element needs of a page, without the book."""

import html
from pathlib import Path


def page(folder: Path, name: str, script: str, style: str, content: str, form: str = "") -> str:
    """The address, from disk, of a page in ``folder`` with an element of the class ``isoaux-NAME``.

    ``content`` is the HTML in the element, ``form`` the text of its attribute ``data-NAME``, if it has one.
    """
    (folder / f"{name}.mjs").write_text(script, "utf-8")
    data = f' data-{name}="{html.escape(form)}"' if form else ""
    (folder / "page.html").write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{name}</title><style>{style}</style>'
        '<meta name="viewport" content="width=device-width"></head><body style="font-family: sans-serif"><main>'
        f'<div class="isoaux-{name}"{data}>{content}</div></main><script src="{name}.mjs"></script></body></html>',
        "utf-8",
    )
    return (folder / "page.html").as_uri()
