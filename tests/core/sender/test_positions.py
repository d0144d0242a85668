"""Members are found on their lines, whatever the text."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from core.sender.positions import lines_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
TEXT = """{
  "id": "a{,:]",
  "content": {
    "list": [
      1,
      {"x": "\\"q\\" \\\\"}
    ],
    "last": null
  },
  "type":
     "T"
}"""


def test_every_member_has_the_line_on_which_it_is_written():
    lines = lines_of(TEXT)

    assert lines == {
        "$": 1,
        "$.id": 2,
        "$.content": 3,
        "$.content.list": 4,
        "$.content.list[0]": 5,
        "$.content.list[1]": 6,
        "$.content.list[1].x": 6,
        "$.content.last": 8,
        "$.type": 10,
    }


def paths(value: object, path: str = "$") -> set[str]:
    found = {path}
    if isinstance(value, dict):
        for name, inner in value.items():
            found |= paths(inner, f"{path}.{name}")
    if isinstance(value, list):
        for index, inner in enumerate(value):
            found |= paths(inner, f"{path}[{index}]")
    return found


@given(JSON, st.sampled_from([None, 2]), st.booleans())
def test_every_path_of_any_json_has_a_line(value: object, indent: int | None, ascii_only: bool):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)

    assert paths(value) == set(lines_of(text))


@given(st.text(alphabet='{}[],:"\\ \nab1'))
def test_no_text_is_too_broken(text: str):
    lines_of(text)


def test_depth_does_not_matter():
    assert lines_of("[" * 100_000)
