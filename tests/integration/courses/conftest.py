"""The small course of tests/content instead of the real one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal.core.settings import ROOT
from portal.courses import catalogue
from portal.courses.catalogue import Catalogue


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """Return the catalogue with one course of two lessons, every kind of step in it."""
    folder = tmp_path_factory.mktemp("small") / "content"
    shutil.copytree(ROOT / "tests" / "content", folder)
    shutil.copytree(ROOT / "content" / "listing_rules", folder / "listing_rules")
    for rules in (ROOT / "content").glob("*_rules.toml"):
        shutil.copy(rules, folder)
    return catalogue.load(Path(folder))


@pytest.fixture(autouse=True)
def taught(app: Flask, small: Catalogue) -> Iterator[None]:
    """Let the app teach the small course."""
    real = app.extensions["portal_catalogue"]
    app.extensions["portal_catalogue"] = small
    yield
    app.extensions["portal_catalogue"] = real
