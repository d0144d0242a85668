"""The house rules that a machine can check."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(
    path
    for top in ("core", "gui")
    for path in (ROOT / top).rglob("*.py")
    if path.name not in {"__init__.py", "__main__.py"}
)
MAX_LINES = 400
MAX_FUNCTION_LINES = 60
#: shown by the tests named here instead of one of their own
ELSEWHERE = {
    "core/cli": "tests/e2e/test_verbs.py",
    "core/model.py": "tests/contract/test_store.py",
    "core/home.py": "tests/core/test_settings.py",
    "core/ingest/reading.py": "tests/core/ingest/test_app.py",
    "core/engine_secrets.py": "tests/core/test_engine.py",
    "core/pipeline/facts.py": "tests/core/pipeline/test_resolver.py",
    "core/pipeline/lookups.py": "tests/core/pipeline/test_resolver.py",
    "core/pipeline/preparation.py": "tests/core/pipeline/test_resolver.py",
    "core/ingest/channels.py": "tests/e2e/test_polling.py",
    "core/store/inbox.py": "tests/contract/test_store.py",
    "core/store/pages.py": "tests/contract/test_store.py",
    "core/store/rows.py": "tests/contract/test_store.py",
    "core/store/postgres_tx.py": "tests/core/store/test_postgres.py",
    "core/store/postgres_schema.py": "tests/core/store/test_postgres.py",
    "core/store/postgres_clock.py": "tests/core/store/test_postgres.py",
    "core/store/postgres_move.py": "tests/core/store/test_moving.py",
    "core/store/sqlite_move.py": "tests/core/store/test_moving.py",
    "core/store/sqlite_tx.py": "tests/core/store/test_sqlite.py",
    "core/store/sqlite_errors.py": "tests/core/store/test_sqlite.py",
    "core/store/sqlite_readers.py": "tests/core/store/test_sqlite.py",
    "core/store/sqlite_dialect.py": "tests/core/store/test_sqlite.py",
    "core/store/spans.py": "tests/contract/test_store.py",
    "core/store/view.py": "tests/contract/test_store.py",
    "core/store/parts.py": "tests/contract/test_store.py",
    "core/store/ways.py": "tests/contract/test_store.py",
    "core/store/words.py": "tests/contract/test_store.py",
    "core/store/activity.py": "tests/contract/test_store.py",
    "gui/emblem.py": "tests/gui/test_small_parts.py",
    "gui/front.py": "tests/gui/test_small_parts.py",
    "gui/wishes.py": "tests/gui/test_small_parts.py",
    "gui/link.py": "tests/gui/test_session.py",
    "gui/run.py": "tests/gui/test_session.py",
    "gui/saving.py": "tests/gui/test_session.py",
    "gui/app.py": "tests/e2e/test_desktop.py",
}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_every_module_has_its_test_file(path: Path) -> None:
    own = ROOT / "tests" / path.relative_to(ROOT).parent / f"test_{path.name}"
    shown_by = [test for start, test in ELSEWHERE.items() if name(path).startswith(start)]

    assert own.exists() or any((ROOT / test).exists() for test in shown_by)


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text)
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    large = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, functions)
        and (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION_LINES
    ]

    assert len(text.splitlines()) <= MAX_LINES
    assert large == []
    assert ast.get_docstring(tree)
