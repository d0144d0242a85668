"""A store with very many believable rows, made fast: what the viewer is measured on.

Rows go in past the store's own writers, in bulk and without waiting for the disk, but into the
schema as it is migrated, with every index and trigger that it has.
"""

from __future__ import annotations

import base64
import json
import math
import random
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from core.model import Channel, DeliveryStatus, Fact, WebhookStatus
from core.store import migrations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

DAYS = 7.0
CHUNK = 20_000
CACHE_KB = 400_000
#: one delivery in so many is a copy that somebody made under a new messageId
COPIES = 3000
OPEN_MANY = 2000
SOURCES = (
    (("Martha", "Sean", "Zoë", "José", "Björk", "Søren", "Łukasz", "Ana-Maria", "Chloé", "Ebba",
      "Femi", "Giulia", "Ömer", "Nguyễn", "Grace"),
     ("Williams", "O'Brien", "Müller-Lüdenscheid", "Núñez", "Guðmundsdóttir", "Ørsted", "Novák",
      "Wiśniewski", "d'Angelo", "Nyström", "Adeyemi", "Rossi", "Yılmaz", "Thị Minh Khai", "Smith")),  # noqa: RUF001 - a Turkish name
    (("Анна", "Олександр", "Дмитрий", "Ірина"), ("Кузнецова", "Шевченко", "Волков", "Коваль")),
    (("Ελένη", "Γιώργος"), ("Παπαδοπούλου", "Νικολάου")),
    (("محمد", "فاطمة"), ("عبد الله", "الحسن")),
    (("ליאור", "נועה"), ("כהן", "לוי")),
    (("王", "李", "張"), ("小明", "偉", "麗華")),
    (("佐藤", "山田"), ("花子", "太郎")),
    (("김", "이"), ("민준", "서연")),
    (("प्रिया", "अर्जुन"), ("शर्मा", "वर्मा")),
    (("สมชาย", "มาลี"), ("ใจดี", "แสงทอง")),
)  # fmt: skip
AGENTS = (
    "Amy Ortiz", "Bilal Haddad", "Chloë Martin", "Dmitri Volkov", "Ebba Nyström", "Femi Adeyemi",
    "Grace O'Neill", "Hiro Tanaka", "Иван Петров", "佐々木 健",
)  # fmt: skip
# Plain text where a row wants it: enums are slow a million times.
WEBHOOK, BOTH, POLL, BACKFILL, TEST = map(str, (
    Channel.WEBHOOK, Channel.BOTH, Channel.POLL, Channel.BACKFILL, Channel.TEST
))  # fmt: skip
CHANNELS = [WEBHOOK] * 880 + [BOTH] * 80 + [POLL] * 35 + [BACKFILL] * 3 + [TEST] * 2
ACCEPTED, CONFIRMED, DEAD, DISCARDED, RETRYING, PENDING = map(str, (
    DeliveryStatus.ACCEPTED, DeliveryStatus.CONFIRMED, DeliveryStatus.DEAD,
    DeliveryStatus.DISCARDED, DeliveryStatus.RETRYING, DeliveryStatus.PENDING,
))  # fmt: skip
ENDS = [ACCEPTED] * 960 + [CONFIRMED] * 10 + [DEAD] * 20 + [DISCARDED] * 10
CREATED, CLOSED, ASSIGNED = map(str, (Fact.CREATED, Fact.CLOSED, Fact.ASSIGNED))
RESOLVED, SKIPPED = map(str, (WebhookStatus.RESOLVED, WebhookStatus.SKIPPED))
FAILURES = (
    ("segment.http_503", "Segment answered 503.", 503),
    ("segment.http_429", "Segment asked to slow down.", 429),
    ("segment.no_answer", "Segment did not answer in time.", None),
    ("segment.connection_lost", "The connection to Segment was lost.", None),
)
REFUSALS = (
    ("segment.rejected_400", "Segment rejected the event: 400.", 400),
    ("segment.refused", "Segment's library refused the event.", None),
    ("segment.http_501", "Segment answered 501.", 501),
)
OK = ("segment.accepted", "", 200)
FINISHED = frozenset(ENDS)
TAKEN = frozenset((ACCEPTED, CONFIRMED))


class Person(NamedTuple):
    """Somebody who writes in."""

    id: str
    name: str
    email: str
    phone: str
    #: as they stand in JSON
    properties: str
    looked_up: str


class Talk(NamedTuple):
    """An open conversation."""

    id: str
    person: Person
    agent_id: str
    agent_name: str


class Table(NamedTuple):
    """What goes into the store, table by table."""

    webhooks: list[tuple[Any, ...]]
    facts: list[tuple[Any, ...]]
    deliveries: list[tuple[Any, ...]]
    contents: list[tuple[Any, ...]]
    attempts: list[tuple[Any, ...]]


INSERTS = (
    "INSERT INTO webhook (id, dedupe_key, kind, channel, received_at, occurred_ns,"
    " conversation_id, customer_id, status, reason, body) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
    "INSERT OR IGNORE INTO fact (conversation_id, occurred_ms, kind, occurred_ns, customer_id,"
    " agent_id, webhook_id, received_at, channel) VALUES (?,?,?,?,?,?,?,?,?)",
    "INSERT INTO delivery (id, webhook_id, message_id, type, event, conversation_id, customer_id,"
    " user_id, occurred_at, received_at, created_at, channel, status, reason, incomplete,"
    " attempts, queued_at, tries, next_attempt_at, last_code, last_error, accepted_at, replay_of)"
    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    "INSERT INTO delivery_content (delivery_id, search, customer, agent, email, looked_up, payload)"
    " VALUES (?,?,?,?,?,?,?)",
    "INSERT INTO attempt (delivery_id, number, started_at, duration_ms, http_status, code, error,"
    " batch_id) VALUES (?,?,?,?,?,?,?,?)",
)


def fill(
    path: Path, rows: int, seed: int = 1, *, days: float = DAYS, now: float | None = None
) -> None:
    """Create a store with `rows` deliveries over the last `days`, and all that led to them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        migrations.migrate(connection, path)
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KB:d}")
        later = _take_away(connection)
        for table in Maker(rows, seed, days, time.time() if now is None else now).tables():
            connection.execute("BEGIN")
            for insert, lines in zip(INSERTS, table, strict=True):
                connection.executemany(insert, lines)
            connection.execute("COMMIT")
        connection.execute("INSERT INTO delivery_fts (delivery_fts) VALUES ('rebuild')")
        for sql in later:
            connection.execute(sql)
        connection.execute("PRAGMA journal_mode = WAL")


def _take_away(connection: sqlite3.Connection) -> list[str]:
    """Drop indexes and triggers, which are faster made afterwards; the statements for that."""
    found = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql <> ''"
    ).fetchall()
    for kind, name, _ in found:
        connection.execute(f"DROP {kind} {name}")
    return [sql for _, _, sql in found]


class Maker:
    """Invents rows; the same for the same seed and time."""

    def __init__(self, rows: int, seed: int, days: float, now: float) -> None:
        self._rows = rows
        self._dice = random.Random(seed)
        self._seconds = days * 86_400
        self._waves = max(1, round(days))
        self._now = now
        self._people = [self._person(number) for number in range(max(20, rows // 20))]
        self._agents = [(self._id(), name) for name in AGENTS]
        self._open: list[Talk] = []
        self._webhook = 0

    def tables(self) -> Iterator[Table]:
        """All rows, a chunk at a time."""
        for start in range(0, self._rows, CHUNK):
            table = Table([], [], [], [], [])
            numbers = range(start + 1, min(start + CHUNK, self._rows) + 1)
            self._noise = iter(self._ids(3 * len(numbers)))
            for number in numbers:
                self._delivery(table, number)
            yield table

    def _delivery(self, table: Table, number: int) -> None:
        dice = self._dice
        created = self._moment(number)
        waited = dice.expovariate(2.5) if dice.random() < 0.99 else dice.uniform(5, 3600)
        received = created - waited
        occurred = received - 0.2 - dice.random()
        opened = len(self._open) < max(1, min(OPEN_MANY, self._rows // 10)) or dice.random() < 0.5
        talk = self._talk() if opened else self._open.pop(dice.randrange(len(self._open)))
        if opened:
            self._open.append(talk)
        channel = self._pick(CHANNELS)
        webhook = self._notify(table, talk, channel, received, occurred, opened=opened)
        message = "gs-" + f"{dice.getrandbits(160):040x}"
        replay_of = None
        if number % COPIES == 0:
            replay_of = number - dice.randrange(1, COPIES)
            message += "-r1"
        status, tried = self._status(number)
        event = "Conversation Opened" if opened else "Conversation Closed"
        incomplete = dice.random() < 0.003
        end, code, error = self._attempts(table, number, status, tried, created)
        accepted = end if status in TAKEN else None
        due = None
        if status in {PENDING, RETRYING}:
            due = created if status == PENDING else self._now + dice.uniform(5, 3600)
        table.deliveries.append(
            (number, webhook, message, "track", event, talk.id, talk.person.id, talk.person.id,
             occurred, received, created, channel, status,
             "Incomplete: Gladly could not be asked for customer." if incomplete else "",
             int(incomplete), tried, created, tried, due, code, error, accepted, replay_of)
        )  # fmt: skip
        table.contents.append(_content(number, talk, event, message, opened=opened, at=occurred))

    def _notify(
        self, table: Table, talk: Talk, channel: str, received: float, occurred: float, *,
        opened: bool,
    ) -> int:  # fmt: skip
        """The webhooks behind a delivery: its own, and often one that is skipped."""
        kind = CREATED if opened else CLOSED
        own = self._told(table, talk, channel, (received, occurred), kind)
        if opened and self._dice.random() < 0.6:
            self._told(table, talk, channel, (received, occurred + 0.05), ASSIGNED)
        return own

    def _told(
        self, table: Table, talk: Talk, channel: str, times: tuple[float, float], kind: str
    ) -> int:
        received, occurred = times
        status = SKIPPED if kind == ASSIGNED else RESOLVED
        self._webhook += 1
        occurred_ns = int(occurred * 1e9)
        key = next(self._noise)
        body = (
            f'{{"id":"{key}","type":"{kind}","initiator":{{"id":"{talk.agent_id}","type":"AGENT"}}'
            f',"content":{{"customerId":"{talk.person.id}","conversationId":"{talk.id}",'
            f'"context":{{"assignee":{{"agentId":"{talk.agent_id}"}}}}}}}}'
        )
        table.webhooks.append(
            (self._webhook, key, kind, channel, received, occurred_ns, talk.id,
             talk.person.id, status, "", body.encode())
        )  # fmt: skip
        table.facts.append(
            (talk.id, occurred_ns // 1_000_000, kind, occurred_ns, talk.person.id,
             talk.agent_id, self._webhook, received, channel)
        )  # fmt: skip
        return self._webhook

    def _status(self, number: int) -> tuple[str, int]:
        """Where a delivery stands, and after how many attempts; only new ones still wait."""
        age = self._rows - number
        if age < self._rows // 1000:
            return PENDING, 0
        if age < self._rows // 20 and self._dice.random() < 0.1:
            return RETRYING, self._dice.randrange(1, 6)
        end = self._pick(ENDS)
        return end, 1 if self._dice.random() < 0.98 else self._dice.randrange(2, 5)

    def _attempts(
        self, table: Table, number: int, status: str, tried: int, created: float
    ) -> tuple[float, str, str]:
        """The attempts of a delivery; the time of the last one's answer, its code and error."""
        at, code, error = created, "", ""
        for one in range(1, tried + 1):
            last = one == tried and status in FINISHED
            if last and status in TAKEN:
                code, error, answer = OK
            else:
                dead = last and status == DEAD
                code, error, answer = self._pick(REFUSALS if dead else FAILURES)
            milliseconds = int(self._dice.lognormvariate(4.6, 0.5))
            at += 0.2 * self._dice.random() + (0 if one == 1 else 5.0 ** (one - 1))
            table.attempts.append(
                (number, one, at, milliseconds, answer, code, error, f"b{number // 100}")
            )
            at += milliseconds / 1000
        return at, code, error

    def _moment(self, number: int) -> float:
        """When the delivery was made: days with busy and calm hours; a later one is later."""
        share = number / self._rows
        turns = 2 * math.pi * self._waves
        share -= 0.8 * math.sin(share * turns) / turns
        return self._now - self._seconds * (1 - share)

    def _talk(self) -> Talk:
        agent_id, agent_name = self._pick(self._agents)
        return Talk(next(self._noise), self._pick(self._people), agent_id, agent_name)

    def _person(self, number: int) -> Person:
        dice = self._dice
        latin = dice.random() < 0.75
        first, last = SOURCES[0] if latin else self._pick(SOURCES[1:])
        name = f"{self._pick(first)} {self._pick(last)}"
        handle = "".join(one for one in name.lower() if one.isascii() and one.isalpha())
        email = f"{handle or 'customer'}.{number}@example.{self._pick(('com', 'org', 'net'))}"
        phone = f"+1202555{dice.randrange(10_000):04d}"
        known = {"customerName": name, "email": email, "phone": phone}
        one = self._id()
        looked_up = json.dumps({"customerId": one, **known}, ensure_ascii=False)[:-1]
        return Person(one, name, email, phone, json.dumps(known)[:-1], looked_up)

    def _pick(self, choices: Sequence[Any]) -> Any:
        """Like `Random.choice`, in half the time."""
        return choices[int(self._dice.random() * len(choices))]

    def _id(self) -> str:
        return next(iter(self._ids(1)))

    def _ids(self, count: int) -> Sequence[str]:
        """Ids in Gladly's style: 22 characters."""
        noise = base64.urlsafe_b64encode(self._dice.randbytes(18 * count)).decode()
        return [noise[start : start + 22] for start in range(0, 24 * count, 24)]


def _content(
    number: int, talk: Talk, event: str, message: str, *, opened: bool, at: float
) -> tuple[object, ...]:
    person = talk.person
    when = datetime.fromtimestamp(int(at), UTC).isoformat()
    agent = json.dumps(talk.agent_name)
    payload = (
        f'{{"properties": {person.properties}, "conversationId": "{talk.id}", "status": '
        f'"{"OPEN" if opened else "CLOSED"}", "agentId": "{talk.agent_id}", "agentName": {agent}'
        f'{"" if opened else ", " + TOPICS}}}, "timestamp": "{when}", "context": {CONTEXT}, '
        f'"userId": "{person.id}", "type": "track", "event": "{event}", "messageId": "{message}"}}'
    )
    looked_up = f'{person.looked_up}, "agentName": {agent}}}'
    search = f"{talk.id} {person.phone} {'OPEN' if opened else 'CLOSED'}"
    customer, agent = f"{person.name} {person.id}", f"{talk.agent_name} {talk.agent_id}"
    content = (looked_up.encode(), payload.encode())
    return (number, search, customer, agent, person.email, *content)


TOPICS = '"topics": ["TQ1x0Z6uTyS1r0cCvD3tXw"]'
CONTEXT = (
    '{"app": {"name": "Gladly Source", "version": "1.0.0"}, "integration": {"name": '
    '"Gladly Source", "version": "1.0.0"}, "library": {"name": "analytics-python", '
    '"version": "2.4.0"}}'
)
