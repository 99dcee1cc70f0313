"""Modules of JavaScript, as parts of one script."""

import re


def plain(source: str) -> str:
    """A module's text without its imports, exports and lines of comment."""
    without_comments = re.sub(r"^ *//.*\n", "", source, flags=re.M)
    without_imports = re.sub(r"^import [^;]*;\n", "", without_comments, flags=re.M)
    return re.sub(r"^export ", "", without_imports, flags=re.M)
