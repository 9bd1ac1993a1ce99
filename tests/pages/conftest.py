from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.place import Place, migrated, opened


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("pages"))


@pytest.fixture
def place(tmp_path: Path, template: Path) -> Iterator[Place]:
    """A small command centre: alice and bob are on duty, charlie above them, dora is admin, vera only looks."""
    with opened(tmp_path, template) as found:
        yield found
