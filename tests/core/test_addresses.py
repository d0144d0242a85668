"""No address shows its password, however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.addresses import holds_password, without_password

URL = "postgresql://gladly@db.example.com/gladly"


@pytest.mark.parametrize(
    ("whole", "shown"),
    [
        (URL, URL),
        ("postgresql://u:s3cret@h:5432/d", "postgresql://u@h:5432/d"),
        ("postgresql://u:s3cret@[::1]:5432/d", "postgresql://u@[::1]:5432/d"),
        ("postgresql://u:p%40s3cret@a:1,b:2/d?x=1", "postgresql://u@a:1,b:2/d?x=1"),
        ("postgresql://u:s3#cret@h/d", "postgresql://u@h/d"),
        ("postgresql://u:s3?cret@h/d?x=1", "postgresql://u@h/d?x=1"),
        ("postgresql://h/d?password=s3cret&sslmode=require", "postgresql://h/d?sslmode=require"),
        ("postgresql://h/d?%70assword=s3cret", "postgresql://h/d"),
        ("postgresql://h/d?sslpassword=s3cret", "postgresql://h/d"),
        ("postgres:///d?options=-csearch_path%3Done", "postgres:///d?options=-csearch_path%3Done"),
        ("postgresql:///d", "postgresql:///d"),
    ],
)
def test_an_address_is_shown_whole_but_for_passwords(whole: str, shown: str) -> None:
    assert without_password(whole) == shown
    assert holds_password(whole) == (shown != whole)
    assert not holds_password(shown)


@given(st.text(st.characters(exclude_characters="@/", exclude_categories=["Cs"]), min_size=4))
def test_whatever_the_password_is_it_is_not_shown(password: str) -> None:
    assert without_password(f"postgresql://u:{password}@h/d") == "postgresql://u@h/d"


@pytest.mark.parametrize("text", ["", "nothing", "u:s3cret@h/d", "://"])
def test_what_is_no_address_is_not_shown_at_all(text: str) -> None:
    with pytest.raises(ValueError, match=r"^This is no address\.$"):
        without_password(text)
    assert not holds_password(text)


def test_other_values_hold_none() -> None:
    assert not any(map(holds_password, (None, 5, "a:b@c", ("https://u:p@h",))))
