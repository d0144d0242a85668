"""The program as a process, on real sockets."""

from __future__ import annotations
