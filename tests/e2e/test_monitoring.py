"""Dashboard and alerts ask for nothing that a running engine does not tell."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from core.cli.main import VERBS
from core.coverage import Fate
from core.doctor.doctor import NAMES as CHECKS
from core.health import WELL
from core.ingest.intake import ANSWERS
from core.ingest.standing import Standing
from core.model import Channel, DeliveryStatus
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from tests.fakes import body, gladly_event
from tests.fakes.rig import HOOK, Rig

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "resources" / "operations"
#: what Prometheus adds to what it is told
ADDED = {"job", "instance"}
WORDS = {
    "by",
    "count",
    "histogram_quantile",
    "max",
    "or",
    "rate",
    "sum",
    "vector",
}
SOURCE = "\n".join(path.read_text() for path in (ROOT / "core").rglob("*.py"))


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "grafana.json").read_text())
    return found


def asked_by_dashboard() -> list[str]:
    return [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]


def alerts() -> dict[str, str]:
    """The expression of each alert; the file keeps to so little of YAML that this reads it."""
    text = (FOLDER / "alerts.yml").read_text()
    found = re.findall(r"- alert: (\w+)\n\s+expr: (>-\n(?:\s{10}.*\n)+|.*\n)", text)
    return {name: " ".join(expr.removeprefix(">-").split()) for name, expr in found}


EXPRESSIONS = [*asked_by_dashboard(), *alerts().values()]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, set[str]]]:
    """Every sample name that an engine tells after an event, with its labels."""
    with (
        SimulatorServer(SegmentSimulator()) as segment,
        Rig(tmp_path_factory.mktemp("home"), segment__host=segment.url) as rig,
        rig.client() as client,
    ):
        client.post(HOOK, content=body(gladly_event("CONVERSATION/CLOSED", agent="agent-1")))
        assert rig.wait(lambda: "accepted" in {one.status for one in rig.deliveries()})
        found: dict[str, set[str]] = {"up": set()}  # Prometheus' own
        for family in text_string_to_metric_families(client.get("/metrics").text):
            for sample in family.samples:
                found.setdefault(sample.name, set()).update(sample.labels)
        yield found


def without_texts(expression: str) -> str:
    return re.sub(r'"[^"]*"', '""', expression)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_metric_and_label_is_one_that_an_engine_tells(
    expression: str, told: dict[str, set[str]]
) -> None:
    plain = without_texts(expression)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\bby \([^)]*\)", " ", plain)
    names = set(re.findall(r"[a-zA-Z_][a-zA-Z0-9_]*", bare)) - WORDS
    selectors = re.findall(r"([a-z_]+)\{([^}]*)\}", plain)
    grouped = {
        one.strip() for part in re.findall(r"by \(([^)]*)\)", plain) for one in part.split(",")
    }

    assert names
    assert names <= told.keys()
    for name, labels in selectors:
        assert set(re.findall(r"(\w+)\s*[=!]", labels)) <= told[name] | ADDED, name
    assert grouped <= set().union(*(told[name] for name in names)) | ADDED


def values_of(label: str) -> set[str]:
    """Every value of this label that an expression names, patterns taken apart."""
    found = re.findall(rf'\b{label}\s*(?:=~|!~|=|!=)\s*"([^"]*)"', " ".join(EXPRESSIONS))
    return {one.removesuffix(".*") for value in found for one in value.split("|")}


@pytest.mark.parametrize(
    ("label", "known"),
    [
        ("status", {*DeliveryStatus}),
        ("fate", {*Fate}),
        ("answer", {*ANSWERS}),
        ("channel", {*Channel}),
    ],
)
def test_every_value_of_a_label_is_one_of_the_program_s(label: str, known: set[str]) -> None:
    assert values_of(label) <= {str(one) for one in known}


def test_every_component_and_state_is_a_word_of_the_program_s() -> None:
    words = values_of("component") | values_of("state")

    assert {"refused", "switched-off", "listener"} <= words
    assert {one for one in words if f'"{one}"' not in SOURCE} == set()
    (off,) = re.findall(r'component="gladly-webhook", state=~"([^"]*)"', " ".join(EXPRESSIONS))
    assert set(off.split("|")) <= {str(one) for one in Standing}


def test_what_is_counted_as_not_well_is_what_the_engine_calls_degraded() -> None:
    (well,) = re.findall(r'state!~"([^"]*)"', " ".join(asked_by_dashboard()))

    assert set(well.split("|")) == WELL


def test_the_dashboard_can_be_imported_and_its_panels_do_not_overlap() -> None:
    found = dashboard()
    cells: set[tuple[int, int]] = set()
    for panel in found["panels"]:
        place = panel["gridPos"]
        taken = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells, panel["title"]
        assert place["x"] + place["w"] <= 24
        cells |= taken

    assert len({panel["id"] for panel in found["panels"]}) == len(found["panels"])
    assert {one["name"] for one in found["templating"]["list"]} == {"datasource", "job"}


def test_every_alert_says_what_happened_and_what_to_do() -> None:
    text = (FOLDER / "alerts.yml").read_text()
    blocks = text.split("- alert: ")[1:]

    assert len(blocks) == len(alerts())
    for block in blocks:
        assert "summary: " in block, block
        assert "description: " in block, block
        assert re.search(r"severity: (page|ticket) ", block), block


def test_every_verb_and_check_that_an_alert_names_exists() -> None:
    text = (FOLDER / "alerts.yml").read_text()
    commands = re.findall(r"`gladly-source ([a-z-]+)([a-z -]*)", text)

    assert commands
    assert {verb for verb, _ in commands} <= VERBS.keys()
    asked = {check for verb, rest in commands if verb == "check" for check in rest.split()}
    assert asked <= set(CHECKS)


def test_prometheus_itself_takes_the_rules() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool here: it is in Debian's prometheus, which is large")
    checked = subprocess.run(
        [promtool, "check", "rules", FOLDER / "alerts.yml"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr
