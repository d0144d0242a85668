"""Addresses, e-mails, aliases and write keys: what is mended, what is refused, what is odd."""

from __future__ import annotations

import pytest

from gui.setup import shapes


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  example.com/  ", "https://example.com"),
        ('"https://Example.com/path/"', "https://Example.com/path"),
        ("HTTPS://example.com?x=1#y", "https://example.com"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("localhost:80/a", "http://localhost:80/a"),
        ("https://[::1", "https://[::1"),
        ("https://", "https://"),
    ],
)
def test_an_address_is_tidied(typed: str, kept: str) -> None:
    assert shapes.tidy_address(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("acme", "https://acme.gladly.com"),
        (" Acme ", "https://acme.gladly.com"),
        ("acme.gladly.qa", "https://acme.gladly.qa"),
        ("https://acme.gladly.com/inbox/1", "https://acme.gladly.com"),
        ("", ""),
    ],
)
def test_gladlys_address_is_made_of_what_people_type(typed: str, kept: str) -> None:
    assert shapes.tidy_gladly(typed) == kept


def test_the_webhooks_path_is_taken_off_a_public_url() -> None:
    assert shapes.tidy_public("a.example.com/gladly/webhook", "/gladly/webhook") == (
        "https://a.example.com"
    )


@pytest.mark.parametrize(
    "address",
    ["https://example.com", "https://a-b.example.com:8443/x", "http://127.0.0.1:1", "http://[::1]"],
)
def test_addresses_that_may_be_used(address: str) -> None:
    assert shapes.address_problem(address) is None


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://example.com", "https://"),
        ("https://user:secret@example.com", "user name"),
        ("https://example", "not complete"),
        ("ftp://example.com", "not a web address"),
        ("https://ex ample.com", "not a web address"),
        ("https://example.com:99999", "not a web address"),
        ("nonsense", "not a web address"),
    ],
)
def test_addresses_that_are_refused_say_why(address: str, words: str) -> None:
    assert words in (shapes.address_problem(address) or "")


@pytest.mark.parametrize(("text", "good"), [("a@b.example", True), ("a@b", False), ("ab", False)])
def test_an_e_mail_address_has_a_name_and_a_host(text: str, *, good: bool) -> None:
    assert (shapes.email_problem(text) is None) is good


@pytest.mark.parametrize(("text", "good"), [("prod-1", True), ("", False), ("my source", False)])
def test_an_alias_is_short_and_without_blanks(text: str, *, good: bool) -> None:
    assert (shapes.alias_problem(text) is None) is good


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("a" * 32, None),
        ("a" * 31, "this one has 31"),
        ("a b", "blank"),
        ("ä" * 32, "letters and digits only"),
    ],
)
def test_an_odd_write_key_is_told_and_nothing_is_forbidden(key: str, words: str | None) -> None:
    warning = shapes.write_key_warning(key)

    assert warning is None if words is None else words in (warning or "")
