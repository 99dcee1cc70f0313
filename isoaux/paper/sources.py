"""The sources of images."""

from isoaux.common.choices import unknown

SOURCES = ("cifar10", "mnist", "patches", "digits")
"""Sources by name; ``folder:PATH`` for any folder of images is another one."""


def check_name(source: str) -> str:
    """``source`` if it is one of :data:`SOURCES` or ``folder:PATH`` in UTF-8; ValueError otherwise. Reads nothing."""
    if source not in SOURCES and not (source.startswith("folder:") and source != "folder:"):
        raise unknown("dataset", source, [*SOURCES, "folder:PATH"])
    if any("\ud800" <= character <= "\udfff" for character in source):  # notebooks keep it as UTF-8
        if _is_utf8(source):
            raise ValueError(
                f"dataset is {source!r}, a path in UTF-8 that was read in a locale which is not; accepted: the same in "
                "a locale of UTF-8, as with LC_ALL=C.UTF-8."
            )
        raise ValueError(f"dataset is {source!r}; accepted: a folder whose path is UTF-8.")
    return source


def _is_utf8(source: str) -> bool:
    """Whether the bytes that Python could not decode are UTF-8."""
    try:
        return bool(source.encode("utf-8", "surrogateescape").decode("utf-8"))
    except UnicodeError:
        return False


SAMPLES = {"cifar10": 50_000, "mnist": 60_000, "patches": 12_000, "digits": 1_498}
"""The numbers of training images of the sources."""
