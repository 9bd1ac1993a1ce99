"""Our own description turned against us: whatever it allows, and whatever it forbids, is answered and never a 5xx.

What is answered keeps to the description as well. `make fuzz` asks for much more, with other dice each time; here the
dice are always the same, so that a failure is a change's and not chance's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.web.place import NUMBERS, Place, opened
from web.app import ENDPOINTS
from web.openapi import describe

pytestmark = pytest.mark.long

MANY = int(os.environ.get("FUZZ", "0"))
GENTLY = settings(
    max_examples=MANY or 3,
    derandomize=not MANY,
    database=None,
    deadline=None,
    phases=list(Phase) if MANY else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS: Any = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS = {
    f"{operation.ok().method.upper()} {operation.ok().path}": operation.ok()
    for operation in schemathesis.openapi.from_dict(describe(ENDPOINTS)).get_all_operations()
}
REAL = {
    "id": ["C1", "C2", "C3"],
    "person": ["alice", "bob", "vera"],
    "roster": ["field-response", "hq-response"],
    "playbook": ["system-outage"],
    "number": [NUMBERS["alice"]],
}
"""Names that exist, or most requests would be about nothing. The generated ones come as well."""


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory, template: Any) -> Iterator[Place]:
    """Three incidents: one that rings, one in hand, one resolved. Streams say good-bye at once."""
    with opened(tmp_path_factory.mktemp("fuzz"), template) as place:
        ringing, in_hand, over = (place.reported(title=f"down {n}", product="cloud") for n in range(3))
        for one in (in_hand, over):
            place.act(one["id"], "acknowledge")
        place.act(over["id"], "resolve", cause="a cable", measure="another cable")
        place.deliver()
        place.app.state.hub.stopping = True
        assert ringing["code"] == "C1"
        yield place


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_no_request_is_an_error_of_ours(busy: Place, name: str) -> None:
    operation = OPERATIONS[name]
    modes = [operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]

    @GENTLY
    @given(case=st.one_of(modes), data=st.data())
    def ask(case: Any, data: st.DataObject) -> None:
        for part, real in REAL.items():
            if part in case.path_parameters and data.draw(st.integers(0, 3)):
                case.path_parameters[part] = data.draw(st.sampled_from(real))
            if isinstance(case.body, dict) and part in case.body and data.draw(st.booleans()):
                case.body[part] = data.draw(st.sampled_from(real))
        for headers in (busy.key("admin"), {}):
            given = case.as_transport_kwargs(base_url="http://127.0.0.1:8000", headers=headers)
            raw = given.pop("data", None)
            del given["cookies"]
            answer = busy.client.request(**given, **({"data": raw} if isinstance(raw, dict) else {"content": raw}))
            case.validate_response(answer, checks=CHECKS)

    ask()
