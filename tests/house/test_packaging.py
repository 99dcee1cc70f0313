"""The lock, the environments and the metadata agree, and nothing committed names a machine or a registry.

Each rule is a small function from text to complaints, so that the last tests can show it failing.
"""

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from roots import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = {extra: [Requirement(line) for line in lines] for extra, lines in PROJECT["optional-dependencies"].items()}
CORE = [Requirement(line) for line in PROJECT["dependencies"]]
CONDA_NAMES = {"pytorch": "torch"}
JUPYTER_BOOK = next(r for r in EXTRAS["book"] if r.name == "jupyter-book")


def named(requirements: list[Requirement]) -> dict[str, Requirement]:
    return {canonicalize_name(r.name): r for r in requirements}


ALL = named(CORE + [r for requirements in EXTRAS.values() for r in requirements])


# --- the lock


def pins(lock: str) -> list[tuple[Requirement, int]]:
    """Every entry of a lock with its number of hashes."""
    entries = re.sub(r"\s*\\\n\s*", " ", re.sub(r"(?m)^\s*#.*\n?", "", lock)).splitlines()
    return [(Requirement(entry.split(" --hash=")[0]), entry.count(" --hash=sha256:")) for entry in entries if entry]


def lock_complaints(lock: str) -> Iterator[str]:
    for what in ("://", "@ file", "-e ", "--index-url", "--find-links"):
        if what in lock:
            yield f"holds {what!r}"
    for requirement, hashes in pins(lock):
        clauses = list(requirement.specifier)
        if len(clauses) != 1 or clauses[0].operator != "==" or "*" in clauses[0].version:
            yield f"{requirement} is not pinned"
        if any("+" in clause.version for clause in clauses):
            yield f"{requirement} is a local version"
        if not hashes:
            yield f"{requirement} has no hash"


def missing_from_lock(lock: str, wanted: dict[str, Requirement]) -> Iterator[str]:
    locked: dict[str, list[Requirement]] = {}
    for pin, _ in pins(lock):
        locked.setdefault(canonicalize_name(pin.name), []).append(pin)
    for name, requirement in wanted.items():
        if name not in locked:
            yield f"{name} is not in the lock"
        for pin in locked.get(name, []):
            version = next(iter(pin.specifier)).version
            if not requirement.specifier.contains(version, prereleases=True):
                yield f"{pin} does not satisfy {requirement}"


def test_lock_is_pinned_hashed_and_free_of_addresses() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert not list(lock_complaints(lock))
    assert len(pins(lock)) > 100


def test_lock_covers_pyproject() -> None:
    assert not list(missing_from_lock((ROOT / "requirements.lock").read_text(), ALL))


def test_lock_serves_linux_and_macos_from_python_3_11() -> None:
    assert PROJECT["requires-python"] == ">=3.11"
    lock = pins((ROOT / "requirements.lock").read_text())
    for system, kernel in (("linux", "Linux"), ("darwin", "Darwin")):
        for version in ("3.11", "3.12", "3.13", "3.14"):
            environment = {
                "python_version": version,
                "python_full_version": f"{version}.7",
                "sys_platform": system,
                "platform_system": kernel,
                "platform_machine": "aarch64" if system == "linux" else "arm64",
                "platform_python_implementation": "CPython",
                "implementation_name": "cpython",
                "os_name": "posix",
            }
            chosen = [canonicalize_name(r.name) for r, _ in lock if not r.marker or r.marker.evaluate(environment)]
            assert len(chosen) == len(set(chosen)), f"two versions of one package on {system}, Python {version}"
            assert set(ALL) <= set(chosen), f"incomplete on {system}, Python {version}"


# --- the environments


def conda(path: str) -> tuple[dict[str, Requirement], list[str]]:
    """The packages of a conda environment under their pip names, and its pip section."""
    entries = yaml.safe_load((ROOT / path).read_text())["dependencies"]
    pip = [line for entry in entries if isinstance(entry, dict) for line in entry["pip"]]
    requirements = [Requirement(entry) for entry in entries if isinstance(entry, str)]
    for requirement in requirements:
        requirement.name = CONDA_NAMES.get(requirement.name, requirement.name)
    return named(requirements), pip


def bound_complaints(environment: dict[str, Requirement], extra_names: set[str]) -> Iterator[str]:
    for name, requirement in environment.items():
        if name == "python":
            if str(requirement.specifier) != PROJECT["requires-python"]:
                yield f"{requirement}, but pyproject.toml says {PROJECT['requires-python']}"
        elif name in ALL:
            if requirement.specifier != ALL[name].specifier:
                yield f"{requirement}, but pyproject.toml says {ALL[name]}"
        elif name not in extra_names:
            yield f"{name} is not named in pyproject.toml"


def test_root_environment_is_the_full_set() -> None:
    environment, pip = conda("environment.yml")
    assert not list(bound_complaints(environment, {"pip", "nodejs"}))
    assert set(named(CORE)) <= set(environment)
    # whatever conda-forge lacks comes through isoaux's own extras, so all of them are named there
    (own,) = pip
    assert own.startswith("-e .[") and set(own.removeprefix("-e .[").rstrip("]").split(",")) == set(EXTRAS)


def test_binder_draws_without_torch() -> None:
    environment, pip = conda(".binder/environment.yml")
    assert not list(bound_complaints(environment, {"pip"}))
    assert set(named(CORE)) | {"papermill", "ipykernel"} <= set(environment)
    assert not pip and not set(environment) & set(named(EXTRAS["train"])), "Binder only draws"
    post_build = ROOT / ".binder" / "postBuild"
    assert "torch" not in post_build.read_text() and "--no-deps" in post_build.read_text()
    assert post_build.stat().st_mode & 0o111, "repo2docker runs postBuild only if it is executable"


def test_core_and_extras_keep_their_promises() -> None:
    assert set(named(CORE)) == {"numpy", "scipy", "matplotlib", "pyyaml"}
    assert not set(named(EXTRAS["train"])) & set(named(EXTRAS["book"]))
    upper = [r for r in ALL.values() if any(clause.operator not in {">=", ">"} for clause in r.specifier)]
    assert upper == [JUPYTER_BOOK], "upper bounds make environments impossible; only Jupyter Book needs one"


# --- what is committed


def committed() -> list[Path]:
    """Tracked files and those that would be tracked; skips where this is not a checkout."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    # in a container the checkout may belong to somebody else
    command = ["git", "-c", "safe.directory=*", *listed]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return [path for name in listing.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


FOREIGN = {
    "the folder beside the checkout": rb"\.\./shared\b",
    "a path of somebody's machine": rb"(?<![\w./~-])/(?:work|root|home/[\w.-]+|Users/[\w.-]+)/(?=\w)",
    "a package registry's host": rb"\b(?:pypi|pythonhosted|npmjs|anaconda|download\.pytorch)\.(?:org|com)\b",
}


def foreign_complaints(content: bytes) -> Iterator[str]:
    for what, pattern in FOREIGN.items():
        if found := re.search(pattern, content):
            yield f"{what}: {found.group().decode(errors='replace')}"


def test_nothing_committed_names_a_machine_or_a_registry() -> None:
    complaints = {
        str(path.relative_to(ROOT)): found
        for path in committed()
        if (found := list(foreign_complaints(path.read_bytes())))
    }
    assert not complaints


def pin_complaints(text: str) -> Iterator[str]:
    """Jupyter Book 2 cannot build this book: an install line or a bound without the one pin is a trap."""
    for line in text.splitlines():
        for found in re.finditer(r"\bjupyter-book(?![\w/-])((?:[\s,]*[<>=!~]+\s*[\w.*]+)*)", line):
            bound = re.sub(r"\s", "", found.group(1))
            if bound:
                if set(bound.split(",")) != {str(clause) for clause in JUPYTER_BOOK.specifier}:
                    yield line.strip()
            elif re.search(r"\binstall\b[^`;&|]*$|^\s*-\s+$", line[: found.start()]):
                yield line.strip()  # an install line or a list entry; elsewhere it is the tool or its command


def test_jupyter_book_is_pinned_wherever_it_is_named() -> None:
    suffixes = {".md", ".yml", ".yaml", ".toml", ".cff", ".ipynb", ""}
    complaints = {
        str(path.relative_to(ROOT)): found
        for path in committed()
        if path.suffix in suffixes and (found := list(pin_complaints(path.read_text(errors="replace"))))
    }
    assert not complaints


def test_citation_has_what_readers_of_it_require() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors", "version", "license", "preferred-citation"} <= set(citation)
    assert citation["cff-version"] == "1.2.0" and citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"] == "MIT"
    paper = citation["preferred-citation"]
    assert {"type", "title", "authors", "year"} <= set(paper)
    assert (paper["year"], paper["authors"][0]["family-names"]) == (2025, "Bird")


# --- the rules above can fail


GOOD = "numpy==2.4.6 ; python_version < '3.12' \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"


@pytest.mark.parametrize(
    "spoiled",
    [
        GOOD.replace("==2.4.6", ">=2.4"),
        GOOD.replace("==2.4.6", "==2.4.*"),
        GOOD.replace("2.4.6", "2.4.6+cpu"),
        GOOD.split(" \\")[0] + "\n",
        "--index-url somewhere\n",
        GOOD.replace("==2.4.6", " @ file:///tmp/numpy.whl"),
        GOOD + "# from https://example.org\n",
    ],
)
def test_lock_rules_can_fail(spoiled: str) -> None:
    assert not list(lock_complaints(GOOD))
    try:
        assert list(lock_complaints(spoiled))
    except ValueError:  # not even a requirement
        pass


def test_coverage_rules_can_fail() -> None:
    assert not list(missing_from_lock(GOOD, named([Requirement("numpy>=2.0")])))
    assert list(missing_from_lock(GOOD, named([Requirement("numpy>=2.5")])))
    assert list(missing_from_lock(GOOD, named([Requirement("scipy")])))
    assert not list(bound_complaints(named([Requirement(str(JUPYTER_BOOK))]), set()))
    assert list(bound_complaints(named([Requirement("jupyter-book>=1.0.4")]), set()))
    assert list(bound_complaints(named([Requirement("jupyterlab")]), set()))


def test_content_rules_can_fail() -> None:
    for parts in (
        ("..", "shared", "data"),
        ("see ", "work", "main"),
        ('File "', "root", "x.py"),
        ("", "home", "me", "x"),
    ):
        assert list(foreign_complaints("/".join(parts).encode())), parts
    assert list(foreign_complaints(".".join(("https://pypi", "org")).encode()))
    inside = "/".join(("a", "work", "b"))
    innocent = f".github/workflows, {inside}, https://example.org/home/page, ~/.cache, shared/, /workshop/x"
    assert not list(foreign_complaints(innocent.encode()))
    assert list(pin_complaints("pip install jupyter-book"))
    assert list(pin_complaints("  - jupyter-book"))
    assert list(pin_complaints('"jupyter-book>=1.0.4",'))
    assert list(pin_complaints("jupyter-book==1.0.4"))
    assert list(pin_complaints("jupyter-book >= 1.0.4"))
    assert not list(pin_complaints("Jupyter Book 1 (jupyter-book >= 1.0.4, < 2)"))
    assert not list(pin_complaints("pip install 'jupyter-book>=1.0.4,<2', then `jupyter-book build . -W`"))
