"""`incident doctor`: whether the next Critical would be answered. `incident test-page`: asking people beforehand."""

from __future__ import annotations

import json
from typing import Annotated, Final

import typer

from incident.cli.data import _house
from incident.cli.plans import Json, _show, _table
from incident.cli.run import Data
from incident.cli.say import out, words
from incident.desk.rounds import WAIT_S, ask
from incident.errors import BadInput, Fault, Refused, Unknown, why
from incident.orders import pageable
from incident.organisation import Organisation
from incident.readiness import About, Finding, Site, Weight, findings, grouped
from incident.record import rounds
from incident.record.naming import sentence
from incident.store import proofs, signs
from incident.store.engine import reading
from incident.wiring import House

NOT_READY: Final = 1


def add_to(app: typer.Typer) -> None:
    app.command()(doctor)
    app.command("test-page")(send_test_page)


def doctor(as_json: Json = False, data: Data = None) -> int:
    """What stands in the way of the next page. Exit 1 when a Critical could not be answered."""
    with _house(data) as house:
        organisation, found = house.directory.organisation(), _found(house)
        blocked = any(one.weight is Weight.BLOCKS for one in found)
        if as_json:
            said = [_as_dict(one, organisation) for one in found]
            out(json.dumps({"answerable": not blocked, "findings": said}, ensure_ascii=False))
        else:
            _tell(found, organisation, house)
    return NOT_READY if blocked else 0


def _found(house: House) -> tuple[Finding, ...]:
    settings, now = house.settings, house.clock.now()
    with reading(house.engine) as connection:
        proved = {name: proof.at for name, proof in proofs.last_answered(connection).items() if proof.at}
        ping = signs.last_ping(connection)
    site = Site(settings.simulated, settings.public_url, settings.deadman_url is not None, ping.problem if ping else "")
    return findings(house.directory.organisation(), house.library, site, proved, now)


def _said(one: Finding, organisation: Organisation) -> str:
    parts = [one.said, *([one.because] if one.because else [])]
    return " ".join(sentence(part, organisation, words()) for part in parts)


def _as_dict(one: Finding, organisation: Organisation) -> dict[str, str]:
    return {
        "rule": one.rule,
        "weight": str(one.weight),
        "about": str(one.about),
        "name": one.name,
        "said": _said(one, organisation),
        "do": sentence(one.do, organisation, words()),
    }


def _tell(found: tuple[Finding, ...], organisation: Organisation, house: House) -> None:
    say, names = words(), _names(organisation, house)
    counts = {weight: sum(one.weight is weight for one in found) for weight in Weight}
    if not found:
        out(say.t("doctor.ready"))
        return
    table = _table("doctor.col.weight", "doctor.col.about", "doctor.col.what", "doctor.col.do")
    for group in grouped(found):
        one, about = group.first, say.t(f"doctor.about.{group.first.about}")
        who = say.t("list.comma").join(names.get(name, name) for name in group.names)
        named = about if one.about is About.SITE else f"{about}: {who}"
        weight, do = say.t(f"doctor.weight.{one.weight}"), sentence(one.do, organisation, say)
        table.add_row(weight, named, _said(one, organisation), do)
    _show(table)
    if counts[Weight.BLOCKS]:
        out(say.t("doctor.blocked", count=counts[Weight.BLOCKS]))
    else:
        out(say.t("doctor.answerable", weak=counts[Weight.WEAK], soon=counts[Weight.SOON]))


def _names(organisation: Organisation, house: House) -> dict[str, str]:
    locale = words().locale
    named = {unit.id: unit.name.for_locale(locale) for unit in organisation.units}
    named |= {roster.id: roster.name.for_locale(locale) for roster in organisation.rosters}
    named |= {person.id: person.name for person in organisation.people}
    return named | {playbook.id: playbook.name.for_locale(locale) for playbook in house.library.playbooks()}


def send_test_page(
    person: Annotated[list[str] | None, typer.Argument(help="Ids of people.")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Everybody who can be paged.")] = False,
    data: Data = None,
) -> int:
    """Send people a test page, answered like a real one. A running installation delivers it."""
    if bool(person) is everybody:
        raise BadInput(Fault("PERSON", why("cli.test_whom")))
    with _house(data) as house:
        organisation = house.directory.organisation()
        names = [one.id for one in rounds.askable(organisation)] if everybody else list(person or ())
        for name in names:
            found = organisation.person(name)
            if found is None:
                raise Unknown("person", name[:60])
            if not pageable(organisation, name):
                raise Refused(why("refused.test_no_way", name=found.name))
        people = [one for one in organisation.people if one.id in names]
        for one, asked in [(one, ask(house.desk, one, "system")) for one in people]:
            state = asked.result(WAIT_S).state
            assert state is not None
            out(f"{state.report.code}  {one.name}")
    return 0
