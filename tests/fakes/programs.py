"""Programs that only some machines have: a test that needs one is skipped, and says so."""

from __future__ import annotations

import os
import shutil

import pytest


def needed(name: str, package: str) -> str:
    """The path of a program; without it the test is skipped, or fails where all is installed."""
    found = shutil.which(name)
    if found is None:
        what = f"no {name} here: install Debian's {package}"
        (pytest.fail if "EVERYTHING_IS_INSTALLED" in os.environ else pytest.skip)(what)
    assert found is not None
    return found
