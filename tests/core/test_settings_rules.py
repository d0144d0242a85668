"""Settings together: further sources, and what contradicts itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core import settings
from core.errors import SettingsInvalid
from core.home import Home
from core.settings import Mapping_, Settings, Source, load, save

if TYPE_CHECKING:
    from pathlib import Path

TWO = """
[segment]
alias = "support"

[sources.marketing]
region = "eu"
names = "live-chat"
hash = ["email"]

[sources.warehouse]
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(path=tmp_path)


def written(home: Home, text: str) -> Home:
    home.settings_file.write_text(text)
    return home


def test_each_further_source_has_a_section(home: Home) -> None:
    loaded = load(written(home, TWO), {})

    assert list(loaded.settings.sources) == ["marketing", "warehouse"]
    assert loaded.settings.sources["marketing"].url == "https://events.eu1.segmentapis.com"
    assert loaded.settings.sources["warehouse"] == Source()
    assert loaded.origin["sources.marketing.region"] == "settings.toml"
    assert loaded.origin["sources.marketing.drop"] == "default"


def test_what_a_source_does_not_say_is_as_for_all() -> None:
    shared = Mapping_(opened_when="created", identify=True, drop=("phone",))
    source = Source(names="live-chat", drop=())

    assert source.mapping(shared) == Mapping_(
        opened_when="created", identify=True, names="live-chat", drop=()
    )


def test_the_environment_names_them_too(home: Home) -> None:
    loaded = load(home, {"GLADLY_SOURCE_SOURCES__MARKETING__REGION": "eu"})

    assert loaded.settings.sources == {"marketing": Source(region="eu")}


def test_they_are_written_as_they_were_read(home: Home) -> None:
    before = load(written(home, TWO), {}).settings

    save(before, home)

    assert load(home, {}).settings == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sources.Marketing]", "sources.Marketing is not allowed"),
        ('[sources."a.b"]', "sources.a.b is not allowed"),
        ("[sources]\nmarketing = 1", "sources.marketing is not a setting"),
        ("sources = 1", "is a section"),
        ("[sources.a]\nwrite_key = 'x'", "secrets never stand in the file"),
        ("[sources.a]\nopened_when = 'created'", "sources.a.opened_when is not a setting"),
        ("[sources.a]\nregion = 'asia'", "allowed are "),
        ("[sources.a]\nhost = 'http://example.com'", "sources.a.host"),
        ("[sources.default]", "has that name already"),
        ("[sources.main]", "has that name already"),
        ("[mapping]\ndrop=['email']\n[sources.a]\nhash=['email']", "sources.a.drop and"),
        ("[mapping]\nmerges=true\n[sources.a]\nuser_id='external'", "sources.a.merges is true"),
    ],
)
def test_what_cannot_be_is_refused_by_name(home: Home, text: str, said: str) -> None:
    with pytest.raises(SettingsInvalid, match="sources") as refused:
        load(written(home, text), {})

    assert said in str(refused.value)


def test_settings_put_together_by_hand_are_checked_as_well() -> None:
    with pytest.raises(SettingsInvalid, match=r"sources\.No"):
        settings.check(Settings(sources={"No": Source()}))
