"""What web, worker and watch use, loaded in the process that they are copies of: once for all three."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from incident.playbooks.reader import load_library
from incident.policy.reader import load_policies
from incident.words import LOCALES, words_for

_MODULES: Final = ("incident.work", "incident.notify.deliver", "web.app", "web.sockets", "uvicorn", "uvloop")
"""The web stands above this floor, so it is named and not imported, as uvicorn is told it."""


def load() -> None:
    """Modules, catalogs and plans. Starts no thread and opens nothing that stays open: copies are made afterwards."""
    for name in _MODULES:
        import_module(name)
    for locale in LOCALES:
        words_for(locale)
    load_policies()
    load_library()
