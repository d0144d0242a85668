"""How the server is addressed: TLS over networks, secrets elsewhere; readers: test_postgres.py."""

from __future__ import annotations

import pytest

from core.errors import StoreUnavailable
from core.store.postgres_connections import address


@pytest.mark.parametrize(
    ("url", "environ", "expected"),
    [
        ("postgresql://u@db.example.com/d", {}, "require"),
        ("postgresql://u@192.0.2.7/d", {}, "require"),
        ("postgresql://u@localhost,db.example.com/d", {}, "require"),
        ("postgresql:///d", {"PGHOST": "db.example.com"}, "require"),
        ("postgresql://u@db.example.com/d?sslmode=verify-full", {}, "verify-full"),
        ("postgresql://u@db.example.com/d?sslmode=disable", {}, "disable"),
        ("postgresql://u@db.example.com/d", {"PGSSLMODE": "verify-ca"}, None),
        ("postgresql://u@localhost/d", {}, None),
        ("postgresql://u@127.0.0.1/d", {}, None),
        ("postgresql://u@[::1]/d", {}, None),
        ("postgresql:///d", {}, None),
        ("postgresql:///d?host=/run/postgresql", {}, None),
    ],
)
def test_over_a_network_tls_is_required_unless_it_was_decided_otherwise(
    url: str, environ: dict[str, str], expected: str | None
) -> None:
    assert address(url, environ).get("sslmode") == expected


def test_what_the_address_says_goes_before_our_own_wishes() -> None:
    found = address("postgresql://u@localhost/d?connect_timeout=60&application_name=x", {})

    assert found["connect_timeout"] == "60"
    assert found["application_name"] == "x"
    assert found["keepalives_idle"] == "10"


@pytest.mark.parametrize(
    "url", ["postgresql://u:hidden@h/d?hidden", "postgresql://u:hidden%zz@h/d"]
)
def test_an_address_that_makes_no_sense_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        address(url, {})

    assert "hidden" not in str(caught.value)
    assert caught.value.__cause__ is None
