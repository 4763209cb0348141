"""Room: demo.
You are the demonstration world: everything in you is made up and says so.
You may name: services, models, extensions, rules, funds, settings.   You may never name: the web.
Names of funds and places stand in world.toml; the same instant makes the same world."""

from __future__ import annotations

from grants.demo.filling import Filled, fill, is_filled, sign_ins

__all__ = ["Filled", "fill", "is_filled", "sign_ins"]
