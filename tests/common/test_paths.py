"""Folders that somebody names: absolute at once, one sentence where there is none, the same for every process."""

import os
import pwd
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from isoaux.common import paths


@pytest.fixture
def no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user of whom nothing is known but a number, as in many containers."""

    def unknown(uid: int) -> NoReturn:
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)


@pytest.mark.parametrize("place", ["images", "./images/", "a b/ü ☃", "..", "/absolute/", "~", "~/images"])
def test_a_folder_is_absolute_and_expanded(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    whole = place.replace("~", str(tmp_path / "home"))
    assert paths.absolute(place, "dataset") == Path(whole if whole.startswith("/") else f"{tmp_path}/{whole}")


def test_a_home_that_is_not_known_is_refused_with_what_named_it(no_home, refused):
    refused(["dataset is '~/images'", "absolute path"], paths.absolute, "~/images", "dataset")
    refused(["ISOAUX_DATA is '~nobody-is-called-so'"], paths.absolute, "~nobody-is-called-so", "ISOAUX_DATA")


def test_a_folder_below_one_that_was_deleted_is_refused(tmp_path, monkeypatch, refused):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    refused(["dataset is 'images'", "deleted", "absolute path"], paths.absolute, "images", "dataset")


@pytest.mark.parametrize(("variable", "named"), [("ISOAUX_CACHE", paths.cache), ("ISOAUX_DATA", paths.downloads)])
def test_the_folders_of_the_environment(variable, named, tmp_path, monkeypatch, refused):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for place, whole in (("store/", "store"), ("~/store", "home/store"), (str(tmp_path / "x"), "x")):
        monkeypatch.setenv(variable, place)
        assert named() == tmp_path / whole and not named().exists()
    (tmp_path / "file").touch()
    monkeypatch.setenv(variable, "file")
    refused([f"{variable} is '{tmp_path / 'file'}'", "is a file", "folder"], named)


def test_where_results_are_kept_if_nothing_is_said(tmp_path, monkeypatch):
    for variable in ("ISOAUX_CACHE", "ISOAUX_DATA"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert paths.cache() == tmp_path / ".cache" / "isoaux" and paths.downloads() == paths.cache() / "downloads"


def test_a_user_without_a_home_is_told_which_variable_to_set(no_home, monkeypatch, refused, tmp_path):
    monkeypatch.delenv("ISOAUX_CACHE")
    refused(["ISOAUX_CACHE is '~/.cache/isoaux'", "home", "absolute path"], paths.cache)
    monkeypatch.setenv("ISOAUX_CACHE", str(tmp_path))
    assert paths.cache() == tmp_path


def test_a_checkout_may_be_named_by_a_relative_path(checkout, monkeypatch):
    monkeypatch.chdir(checkout.parent)
    monkeypatch.setenv("ISOAUX_HOME", checkout.name)
    assert paths.home() == checkout
    assert paths.variables()["ISOAUX_HOME"] == str(checkout)


MOVED = """
import os, subprocess, sys
from isoaux.common import paths
os.chdir("/")
script = "from isoaux.common import paths; print(paths.cache())"
print(paths.cache(), paths.downloads(), paths.home())
subprocess.run([sys.executable, "-c", script], check=True)
"""


def test_a_change_of_the_folder_changes_none_of_them_here_or_in_a_child(checkout):
    variables = {"ISOAUX_CACHE": "store", "ISOAUX_DATA": "./images", "ISOAUX_HOME": "."}
    made = subprocess.run(
        [sys.executable, "-c", MOVED],
        env=os.environ | variables,
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )
    here = f"{checkout}/store {checkout}/images {checkout}"
    assert sorted(made.stdout.split()) == sorted(f"{here} {checkout}/store".split())
