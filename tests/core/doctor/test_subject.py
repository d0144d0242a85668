"""Where things lie, and how much room is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.doctor.subject import Outside, existing, free_bytes

if TYPE_CHECKING:
    from pathlib import Path


def test_the_nearest_folder_that_exists_stands_for_one_that_does_not(tmp_path: Path):
    assert existing(tmp_path) == tmp_path
    assert existing(tmp_path / "a" / "b") == tmp_path


def test_free_space_is_known_before_the_home_is_made(tmp_path: Path):
    assert free_bytes(tmp_path / "not" / "there") > 0


def test_the_world_outside_is_segments_own_by_default():
    assert Outside().settings_url == "https://cdn-settings.segment.com"
    assert Outside().transport is None
