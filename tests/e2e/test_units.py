"""The systemd units: systemd has nothing to say about them, and they fit the program."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from core.cli.serve import serve
from core.credentials import NAMES
from tests.fakes.programs import needed

FOLDER = Path(__file__).parents[2] / "resources" / "operations"
WHOLE, HALF = "gladly-source.service", "gladly-source@.service"
UNITS = (WHOLE, HALF)
#: of 10; what is left is the network, and sockets to systemd and within the process
MOST_EXPOSURE = 1.2
#: a stop takes so long at most (README, As a service)
STOP_SECONDS = 10


def settings_of(name: str) -> dict[str, list[str]]:
    """The assignments of a unit, all values of each."""
    found: dict[str, list[str]] = {}
    for line in (FOLDER / name).read_text().splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


@pytest.fixture(params=[WHOLE, "gladly-source@receive.service", "gladly-source@forward.service"])
def installed(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A unit as systemd would find it, the program installed."""
    program = tmp_path / "gladly-source"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for name in {HALF, request.param}:
        source = FOLDER / (WHOLE if name == WHOLE else HALF)
        text = source.read_text().replace("/opt/gladly-source/bin/gladly-source", str(program))
        (tmp_path / name).write_text(text)
    return tmp_path / str(request.param)


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    program = needed("systemd-analyze", "systemd")
    return subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_systemd_has_nothing_to_say_about_the_units(installed: Path) -> None:
    verified = analyze("verify", "--man=no", installed)

    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")


def test_what_a_unit_is_exposed_to_is_little(installed: Path) -> None:
    looked_at = analyze("security", "--offline=true", "--no-pager", installed)

    match = re.search(r"Overall exposure level for \S+: (\d+\.\d+)", looked_at.stdout)
    assert match is not None, looked_at.stderr
    assert float(match[1]) <= MOST_EXPOSURE


@pytest.mark.parametrize("name", UNITS)
def test_every_secret_of_the_program_can_be_given_as_a_credential(name: str) -> None:
    given = settings_of(name)["LoadCredential"]

    assert {one: f"gladly-source.{one}" for one in NAMES} == dict(
        one.split(":", maxsplit=1) for one in given
    )


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("instance", ["receive", "forward"])
def test_the_program_takes_the_arguments_of_the_units(name: str, instance: str) -> None:
    (command,) = settings_of(name)["ExecStart"]
    program, verb, *arguments = command.replace("%i", instance).split()

    context = serve.make_context(verb, arguments, resilient_parsing=False)

    assert (program, verb) == ("/opt/gladly-source/bin/gladly-source", "serve")
    assert context.params == {"role": "all" if name == WHOLE else instance}


@pytest.mark.parametrize("name", UNITS)
def test_systemd_waits_longer_than_a_stop_takes_and_repeats_no_wrong_settings(name: str) -> None:
    found = settings_of(name)

    assert int(found["TimeoutStopSec"][0]) > STOP_SECONDS
    assert found["RestartPreventExitStatus"] == ["2"]
    assert found["Type"] == ["notify"]
    assert int(found["WatchdogSec"][0]) > STOP_SECONDS


def test_the_halves_differ_from_the_whole_in_role_and_home_alone() -> None:
    whole, half = (settings_of(name) for name in UNITS)

    differ = {key for key in whole | half if whole.get(key) != half.get(key)}

    assert differ == {
        "Description",
        "ExecStart",
        "Environment",
        "StateDirectory",
        "User",
        "WorkingDirectory",
    }
