"""Files that ship with the program: SQL, tracking plan, samples, licences."""

from __future__ import annotations
