"""The group of verbs: what is said without a display, and help that fits a terminal."""

from __future__ import annotations

import pytest

from core.cli import main


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_without_a_display_it_says_so_and_what_to_use_instead(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("core.cli.desktop.has_display", lambda _: False)

    assert run() == 2

    said = capsys.readouterr()
    assert "Usage:" in said.out
    assert "There is no display" in said.err
    assert "serve" in said.err
    assert "demo --headless" in said.err


def test_the_list_of_verbs_fits_eighty_columns_without_cuts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    assert run("--help") == 0

    listed = capsys.readouterr().out
    assert "..." not in listed.partition("Commands:")[2]
    assert max(map(len, listed.splitlines())) <= 80
