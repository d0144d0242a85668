"""The real OS keyring, and a machine that has none, each in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNLOCKED = 'eval "$(printf test | gnome-keyring-daemon --unlock --components=secrets)" && exec "$@"'
needs_keyring = pytest.mark.skipif(
    not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")),
    reason="apt-get install -y --no-install-recommends dbus gnome-keyring libsecret-1-0",
)

USES_THE_KEYRING = """
from pathlib import Path
import keyring
from core.credentials import KeyringPlace, Secrets

print(type(keyring.get_keyring()).__module__)
one, two = KeyringPlace(Path("/home-one")), KeyringPlace(Path("/home-two"))
assert one.get("write-key") is None
one.set("write-key", "first")
assert one.get("write-key") == "first"
one.set("write-key", "zwei \\u00fc\\u4e2d\\U0001f511 ' \\" \\n end")
assert one.get("write-key") == "zwei \\u00fc\\u4e2d\\U0001f511 ' \\" \\n end"
assert two.get("write-key") is None
assert one.get("webhook-password") is None
two.set("write-key", "second")
found = Secrets({}, two).find("write-key")
assert (found[0].reveal(), found[1]) == ("second", "OS keyring")
assert one.delete("write-key") is True
assert one.delete("write-key") is False
assert one.get("write-key") is None
assert two.get("write-key") == "second"
print("all well")
"""

REMEMBERS = """
import sys
from pathlib import Path
from core.credentials import KeyringPlace

place = KeyringPlace(Path("/home-one"))
if sys.argv[1:]:
    place.set("write-key", sys.argv[1])
print(place.get("write-key"))
"""

WITHOUT = """
from pathlib import Path
from core.credentials import KeyringPlace, Secrets
from core.errors import SecretMissing, SecretStoreUnavailable

place = KeyringPlace(Path("/home-one"))
for attempt in (
    lambda: place.get("write-key"),
    lambda: place.set("write-key", "planted"),
    lambda: place.delete("write-key"),
):
    try:
        attempt()
    except SecretStoreUnavailable as exc:
        print(exc)
try:
    Secrets({}, place).require("write-key")
except SecretMissing as exc:
    print(exc)
"""


def environment(folder: Path, **changes: str) -> dict[str, str]:
    """A user with an empty home and no session."""
    runtime = folder / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in {"PATH", "LANG", "LC_ALL", "SYSTEMROOT"}
    }
    return {
        **kept,
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        **changes,
    }


def run(command: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, within seconds."""
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=30
    )


def in_session(folder: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a Python script in a D-Bus session with an unlocked keyring."""
    (folder / "data" / "keyrings").mkdir(parents=True, exist_ok=True)
    shell = ["sh", "-c", UNLOCKED, "sh", sys.executable, "-c", script, *arguments]
    return run(["dbus-run-session", "--", *shell], environment(folder))


def holding(folder: Path, text: str) -> list[Path]:
    """Every file below the folder that holds the text."""
    return [
        file for file in folder.rglob("*") if file.is_file() and text.encode() in file.read_bytes()
    ]


@needs_keyring
def test_the_os_keyring_keeps_replaces_and_forgets_secrets_by_home(tmp_path: Path) -> None:
    done = in_session(tmp_path, USES_THE_KEYRING)

    assert done.stdout.splitlines() == ["keyring.backends.SecretService", "all well"], done.stderr


@needs_keyring
def test_a_secret_outlives_the_session_and_rests_encrypted(tmp_path: Path) -> None:
    first = in_session(tmp_path, REMEMBERS, "planted-secret")
    second = in_session(tmp_path, REMEMBERS)

    assert first.stdout == "planted-secret\n", first.stderr
    assert second.stdout == "planted-secret\n", second.stderr
    assert holding(tmp_path, "planted-secret") == []


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="their keyring needs no D-Bus")
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"},
        {"DBUS_SESSION_BUS_ADDRESS": "nonsense"},
        {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
        {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"},
        {"PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring"},
    ],
    ids=["no bus", "dead bus", "bad address", "null backend", "fail backend", "plain text"],
)
def test_without_a_keyring_every_way_out_is_named_and_nothing_is_kept(
    tmp_path: Path, changes: dict[str, str]
) -> None:
    done = run([sys.executable, "-c", WITHOUT], environment(tmp_path, **changes))

    lines = done.stdout.splitlines()
    assert len(lines) == 4, done.stderr
    for line in lines[:3]:
        assert "keyring" in line
        assert "GLADLY_SOURCE_<NAME>" in line
        assert "GLADLY_SOURCE_<NAME>_FILE" in line
    assert "secret set write-key" in lines[3]
    assert "GLADLY_SOURCE_WRITE_KEY or GLADLY_SOURCE_WRITE_KEY_FILE" in lines[3]
    assert done.stderr == ""
    assert holding(tmp_path, "planted") == []


@needs_keyring
def test_a_locked_keyring_that_cannot_ask_says_so_at_once(tmp_path: Path) -> None:
    done = run(["dbus-run-session", "--", sys.executable, "-c", WITHOUT], environment(tmp_path))

    lines = done.stdout.splitlines()
    assert len(lines) == 4, done.stderr
    assert all("keyring" in line for line in lines)
    assert holding(tmp_path, "planted") == []


@needs_keyring
def test_a_bus_without_any_secret_service_is_no_keyring(tmp_path: Path) -> None:
    """This bus knows no service that it could start."""
    config = tmp_path / "bus.conf"
    config.write_text(
        "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>"
        '<policy context="default"><allow send_destination="*" eavesdrop="true"/>'
        '<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>'
    )

    done = run(
        ["dbus-run-session", f"--config-file={config}", "--", sys.executable, "-c", WITHOUT],
        environment(tmp_path),
    )

    assert len(done.stdout.splitlines()) == 4, done.stderr
    assert holding(tmp_path, "planted") == []
