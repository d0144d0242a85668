"""Small widgets that every page is made of; they show and ask, and decide nothing."""

from __future__ import annotations
