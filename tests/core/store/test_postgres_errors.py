"""What the server says becomes an error that says what to do; a bug stays one."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

from core.errors import StoreBusy, StoreCorrupt, StoreFull, StoreUnavailable
from core.store.postgres_errors import translated, wants_another_try


@pytest.mark.parametrize(
    ("said", "expected", "retryable"),
    [
        (psycopg.OperationalError("connection refused"), StoreUnavailable, True),
        (errors.AdminShutdown("terminating"), StoreUnavailable, True),
        (errors.CannotConnectNow("starting up"), StoreUnavailable, True),
        (errors.TooManyConnections("too many clients"), StoreUnavailable, True),
        (errors.ReadOnlySqlTransaction("standby"), StoreUnavailable, True),
        (errors.InsufficientPrivilege("no"), StoreUnavailable, True),
        (errors.IoError("could not write"), StoreUnavailable, True),
        (errors.DiskFull("no space"), StoreFull, True),
        (errors.LockNotAvailable("lock timeout"), StoreBusy, True),
        (errors.DeadlockDetected("deadlock"), StoreBusy, True),
        (errors.DataCorrupted("bad page"), StoreCorrupt, False),
    ],
)
def test_what_the_server_does_is_an_error_with_a_hint(
    said: psycopg.Error, expected: type, retryable: bool
) -> None:
    error = translated(said)

    assert isinstance(error, expected)
    assert error.retryable is retryable
    assert error.hint


@pytest.mark.parametrize("mistake", [errors.UndefinedTable("x"), errors.NotNullViolation("x")])
def test_a_mistake_of_ours_stays_what_it_is(mistake: psycopg.Error) -> None:
    assert translated(mistake) is mistake
    assert not wants_another_try(mistake)


def test_what_another_engine_was_in_the_way_of_is_run_again() -> None:
    assert wants_another_try(errors.DeadlockDetected("x"))
    assert wants_another_try(errors.SerializationFailure("x"))


def test_only_the_first_line_is_told() -> None:
    error = translated(psycopg.OperationalError("refused\nDETAIL: ada@example.com"))

    assert "refused" in str(error)
    assert "ada" not in str(error)
