"""What must not leave this computer is taken out of text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.credentials import Secret
from core.doctor.cleaner import Cleaner
from core.home import Home
from core.logs import Redactor

ENVIRON = {"GLADLY_SOURCE_WRITE_KEY": "planted-key", "HOME": "/home/jane", "SHORT": "abc"}


@pytest.fixture
def clean() -> Cleaner:
    redact = Redactor()
    redact.learn([Secret("planted-token")])
    return Cleaner(redact, Home(path=Path("/home/jane/.local/gladly")), ENVIRON)


@pytest.mark.parametrize(
    "text",
    [
        "jane.doe@example.com",
        "mailto:jane.doe@example.com",
        "email=jane.doe@example.com,",
        "<jane.doe@example.com>",
        "jane.doe%40example.com",
        "j\u00e4ne.doe@ex\u00e4mple.com",
    ],
)
def test_email_addresses_are_taken_out(clean, text):
    assert "doe" not in clean(f"sent to {text} today")


@pytest.mark.parametrize(
    "number",
    [
        "+14155550100",
        "+1 415 555 0100",
        "(415) 555-0100",
        "415.555.0100",
        "4155550100",
        "+49 30 1234567",
        "+33 1.42.68.53.00",
        "tel:+1-415-555-0100",
        "555-0100",
        "+1\u00a0415\u2011555\u20110100",
    ],
)
def test_phone_numbers_are_taken_out(clean, number):
    left = clean(f"called {number} today")

    assert "(number)" in left
    assert not any(piece in left for piece in ("555", "0100", "1234567", "68.53"))


@pytest.mark.parametrize(
    "text", ["on 2026-05-28 at 10:00", "port 8377", "127.0.0.1", "192.168.100.200", "took 12.5 s"]
)
def test_what_says_nothing_of_a_person_stays(clean, text):
    assert clean(text) == text


def test_secrets_folders_and_queries_are_taken_out(clean):
    text = "planted-key planted-token /home/jane/.local/gladly/x /home/jane/y https://a.b/c?q=1"

    assert clean(text) == "********** ********** <home>/x ~/y https://a.b/c?(removed)"


def test_a_user_whose_home_is_the_root_folder_changes_no_path():
    clean = Cleaner(Redactor(), Home(path=Path("/data")), {"HOME": "/"})

    assert clean("/etc/hosts") == "/etc/hosts"


def test_the_users_folder_is_hidden_even_where_the_environment_does_not_name_it(monkeypatch):
    """As in the demo, whose environment holds its own settings only."""
    folder = Path("/home/jane").absolute()
    monkeypatch.setattr(Path, "home", lambda: folder)
    clean = Cleaner(Redactor(), Home(path=Path("/demo")), {})

    assert clean(f"File {folder / 'app' / 'x.py'}") == f"File {Path('~') / 'app' / 'x.py'}"


def test_our_log_lines_are_cleaned(clean):
    line = "12:00:01 info core.engine: stopping who=jane.doe@example.com"

    assert clean.log([line]) == ["12:00:01 info core.engine: stopping who=(e-mail)"]


def test_what_a_library_logged_is_left_out(clean):
    line = "12:00:01 error segment: error uploading {'name': 'Jane Doe'}"

    assert clean.log([line]) == ["12:00:01 error segment: (not ours: left out)"]


def test_of_an_exception_only_its_kind_and_place_stay(clean):
    lines = [
        "Traceback (most recent call last):",
        '  File "/home/jane/app/core/x.py", line 3, in run',
        "    raise ValueError(name)",
        "ValueError: Jane Doe is not a number",
        "core.errors.StoreFull: Jane Doe",
        "JaneDoe",
        "Jane Doe said: ValueError",
    ]

    assert clean.log(lines) == [
        "Traceback (most recent call last):",
        '  File "~/app/core/x.py", line 3, in run',
        "ValueError",
        "core.errors.StoreFull",
    ]


def test_json_lines_are_cleaned_member_by_member(clean):
    entry = {
        "time": "2026-05-28T10:00:00.123Z",
        "level": "error",
        "logger": "core.pipeline",
        "message": "a service failed",
        "service": "jane.doe@example.com",
        "traceback": "Traceback (most recent call last):\nValueError: Jane Doe",
    }

    (left,) = clean.log([json.dumps(entry)])

    assert json.loads(left) == {
        **entry,
        "service": "(e-mail)",
        "traceback": "Traceback (most recent call last):\nValueError",
    }


def test_json_lines_of_libraries_keep_no_content(clean):
    entry = {"time": "t", "level": "error", "logger": "httpx", "message": "Jane", "url": "Jane"}

    (left,) = clean.log([json.dumps(entry)])

    assert "Jane" not in left
    assert json.loads(left)["logger"] == "httpx"


def test_half_a_json_line_is_dropped(clean):
    assert clean.log(['{"message": "Jane']) == []
