"""The gate: right credentials in any usual spelling pass, everything else does not."""

from __future__ import annotations

import base64

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.credentials import Secret
from core.ingest.auth import GRACE_SECONDS, Gate, Keys

USER, PASSWORD, TOKEN = "gladly", "pässword ✓ : 42", "tökén-✓"
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)


def basic(user: str, password: str, scheme: str = "Basic") -> tuple[bytes, bytes]:
    encoded = base64.b64encode(f"{user}:{password}".encode())
    return b"authorization", scheme.encode() + b" " + encoded


def gate(auth: str = "both") -> Gate:
    return Gate(
        auth,  # type: ignore[arg-type]
        username=USER,
        password=Secret(PASSWORD),
        header="X-Gladly-Token",
        token=Secret(TOKEN),
    )


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC", "bAsIc"])
def test_basic_passes_in_any_case_with_utf8_credentials(scheme: str):
    assert gate("basic").admits([basic(USER, PASSWORD, scheme)])


@pytest.mark.parametrize("spaces", [b" ", b"  ", b"   "])
def test_spaces_around_the_encoded_credentials_do_not_matter(spaces: bytes):
    value = b"Basic" + spaces + base64.b64encode(f"{USER}:{PASSWORD}".encode()) + b" "

    assert gate("basic").admits([(b"authorization", value)])


def test_token_header_passes_whatever_case_its_name_is_set_in():
    assert gate("header").admits([(b"x-gladly-token", TOKEN.encode())])


def test_either_is_enough_for_both_and_the_other_may_be_wrong():
    one = gate("both")

    assert one.admits([basic(USER, PASSWORD)])
    assert one.admits([(b"x-gladly-token", TOKEN.encode())])
    assert one.admits([basic(USER, "wrong"), (b"x-gladly-token", TOKEN.encode())])
    assert one.admits([basic(USER, PASSWORD), (b"x-gladly-token", b"wrong")])
    assert not one.admits([basic(USER, "wrong"), (b"x-gladly-token", b"wrong")])


def test_only_what_is_asked_for_counts():
    assert not gate("basic").admits([(b"x-gladly-token", TOKEN.encode())])
    assert not gate("header").admits([basic(USER, PASSWORD)])


def test_none_lets_everything_pass():
    assert Gate("none").admits([])


@pytest.mark.parametrize("auth", ["basic", "header", "both"])
def test_without_a_secret_nobody_passes(auth: str):
    shut = Gate(auth, username=USER, header="X-Gladly-Token")  # type: ignore[arg-type]

    assert not shut.admits([])
    assert not shut.admits([basic(USER, ""), (b"x-gladly-token", b"")])
    assert not shut.admits([basic(USER, "None"), (b"x-gladly-token", b"None")])


def test_both_with_one_secret_set_takes_that_one():
    only_token = Gate("both", username=USER, header="X-Gladly-Token", token=Secret(TOKEN))

    assert only_token.admits([(b"x-gladly-token", TOKEN.encode())])
    assert not only_token.admits([basic(USER, PASSWORD)])
    assert not only_token.asks_for_basic


@given(st.binary(max_size=200))
def test_any_other_authorization_value_is_refused_and_never_raises(value: bytes):
    right = f"{USER}:{PASSWORD}".encode()
    assume(right not in value)
    assume(base64.b64encode(right) not in value)

    assert not gate().admits([(b"authorization", value), (b"x-gladly-token", value)])


@given(st.binary(max_size=120))
def test_garbage_behind_the_word_basic_is_refused(garbage: bytes):
    assume(base64.b64encode(f"{USER}:{PASSWORD}".encode()) not in garbage)

    assert not gate("basic").admits([(b"authorization", b"Basic " + garbage)])


@given(user=TEXTS, password=TEXTS)
def test_wrong_user_or_password_is_refused(user: str, password: str):
    assume(f"{user}:{password}" != f"{USER}:{PASSWORD}")

    assert not gate("basic").admits([basic(user, password)])


@given(st.integers(0, 40), st.sampled_from(["cut", "longer", "case", "twice"]))
def test_nearly_right_credentials_are_refused(at: int, way: str):
    near = {
        "cut": PASSWORD[: at % len(PASSWORD)],
        "longer": PASSWORD + "x" * (at + 1),
        "case": PASSWORD.upper(),
        "twice": PASSWORD * 2,
    }[way]

    assert not gate("basic").admits([basic(USER, near)])


@given(user=TEXTS.filter(lambda text: ":" not in text), password=TEXTS)
def test_whatever_the_credentials_are_the_right_ones_pass(user: str, password: str):
    one = Gate("basic", username=user, password=Secret(password))

    assert one.admits([basic(user, password)])


# --- more than one at a time -------------------------------------------------------------------


class Clock:
    """Monotonic seconds that stand still until told otherwise."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def rotating(clock: Clock) -> Gate:
    return Gate("basic", username=USER, password=Secret("old"), clock=clock)


def test_a_second_password_is_right_beside_the_first():
    one = rotating(Clock())

    one.accept(Keys(password=Secret("new")))

    assert one.admits([basic(USER, "old")])
    assert one.admits([basic(USER, "new")])
    assert not one.admits([basic(USER, "other")])


def test_the_old_one_is_right_until_what_is_under_way_has_arrived():
    clock = Clock()
    one = rotating(clock)
    one.accept(Keys(password=Secret("new")))

    one.only(Keys(password=Secret("new")))

    assert one.admits([basic(USER, "old")])
    clock.now += GRACE_SECONDS
    assert not one.admits([basic(USER, "old")])
    assert one.admits([basic(USER, "new")])


def test_one_that_ends_is_right_again_when_it_is_accepted_again():
    clock = Clock()
    one = rotating(clock)
    one.only(Keys(password=Secret("new")))

    one.accept(Keys(password=Secret("old")))
    clock.now += GRACE_SECONDS

    assert one.admits([basic(USER, "old")])


def test_ending_twice_does_not_prolong_it():
    clock = Clock()
    one = rotating(clock)
    one.only(Keys(password=Secret("new")))
    clock.now += GRACE_SECONDS - 1

    one.only(Keys(password=Secret("newest")))
    clock.now += 1

    assert not one.admits([basic(USER, "old")])
    assert one.admits([basic(USER, "new")])


def test_tokens_change_alike():
    one = Gate("header", header="X-Gladly-Token", token=Secret("old"))
    one.accept(Keys(token=Secret("new")))

    assert one.admits([(b"x-gladly-token", b"old")])
    assert one.admits([(b"x-gladly-token", b"new")])


def test_a_second_one_of_nothing_lets_nobody_in():
    one = rotating(Clock())
    one.accept(Keys())

    assert not one.admits([basic(USER, ""), basic(USER, "None"), (b"", b"")])
    assert one.asks_for_basic
