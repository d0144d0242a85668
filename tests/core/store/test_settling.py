"""Nothing below the settled id is ever missed, however transactions overlap."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.store.settling import Settling


def test_without_writers_everything_is_there():
    assert Settling().note(7, frozenset()) == 7


def test_an_id_is_settled_when_all_who_wrote_at_its_time_have_ended():
    settling = Settling()

    assert settling.note(7, frozenset({"a", "b"})) == 0
    assert settling.note(9, frozenset({"b", "c"})) == 0
    assert settling.note(12, frozenset({"c", "d"})) == 7
    assert settling.note(13, frozenset({"e"})) == 12


def test_it_never_goes_back():
    settling = Settling()
    settling.note(7, frozenset())

    assert settling.note(3, frozenset()) == 7  # retention removed the newest


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("begin"), st.integers(0, 5)),
            st.tuples(st.just("insert"), st.integers(0, 5)),
            st.tuples(st.just("end"), st.integers(0, 5)),
            st.tuples(st.just("read"), st.integers(0, 3)),
        ),
        max_size=60,
    )
)
def test_whoever_reads_up_to_the_settled_id_misses_no_row(steps: list[tuple[str, int]]):
    """Transactions take ids under a lock and commit in any order; a reading takes two steps."""
    settling, made, ids = Settling(), 0, 0
    under_way: dict[int, tuple[str, list[int]]] = {}
    committed: set[int] = set()
    counted: set[int] = set()
    top = 0

    def end(one: int) -> None:
        if one in under_way:
            committed.update(under_way.pop(one)[1])

    for step, one in steps:
        if step == "begin" and one not in under_way:
            made += 1
            under_way[one] = (f"t{made}", [])
        elif step == "insert" and one in under_way:
            ids += 1
            under_way[one][1].append(ids)
        elif step == "end":
            end(one)
        elif step == "read":
            newest = max(committed, default=0)
            end(one)  # somebody commits between the two
            settled = settling.note(newest, frozenset(name for name, _ in under_way.values()))
            counted |= {row for row in committed if top < row <= settled}
            top = max(top, settled)

    for number in list(under_way):
        end(number)
    assert {row for row in committed if row <= top} == counted
