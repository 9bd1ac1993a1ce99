"""The story: an alert, silence, the ladder, an answer, the handling, a verified end. Every step is checked.

It acts as people and monitors do: alerts come from the monitor, answers from the phones, the rest through the API.
Waiting is always for an entry on the live stream, and never longer than the figures below.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bench.demo.centre import Centre, Json, Phone, Refusal
from bench.demo.follower import Follower, Seen
from bench.demo.screen import Screen
from bench.demo.words import CAUSE, GATEWAYS, HALL_3, MEASURE, RESTORED, UPDATE
from bench.monitor import Monitor
from bench.processes import Failed, pause
from incident.clock import monotonic
from incident.notify.sms_parts import count

RUNG_S: Final = 300
"""How long the shipped policy waits for an answer to a Critical before the next rung."""
BETWEEN_S: Final = 10
"""Between two commands, on the centre's clock: people need a moment, too."""
CALL: Final = "☎"
"""How a call stands on a simulated phone."""
SOON_S: Final = 30.0
"""Real seconds for anything that should come at once. It takes far less, and the summary says how much."""


@dataclass(frozen=True, slots=True)
class Lag:
    """From the request of somebody outside to the entry on the live stream, in seconds."""

    what: str
    seconds: float


@dataclass
class Story:
    """`rate` is how fast the centre's clock runs."""

    centre: Centre
    screen: Screen
    follower: Follower
    monitor: Monitor
    rate: float
    lags: list[Lag] = field(default_factory=list)
    incident: str = ""
    phones: dict[str, Phone] = field(default_factory=dict)

    def tell(self) -> None:
        self.phones = self.centre.phones()
        self.screen.act("1  An alert fires")
        first = self._alert()
        self.screen.act("2  Nobody answers: the ladder")
        top = self._silence(first)
        self.screen.act("3  Headquarters answers")
        commander = self._answer(top)
        self.screen.act("4  Handling")
        self._handle(first)
        self._quiet_since_the_answer()
        self.screen.act("5  Resolved, verified, closed")
        self._end(commander, first)

    def _alert(self) -> str:
        """The alert becomes a graded incident, and one person's phone shows one message. Returns that person."""
        self.screen.say(f"{self.monitor.name} fires {HALL_3.labels['alertname']}")
        start = monotonic()
        self.monitor.fire(HALL_3)
        reported = self.follower.wait(lambda one: one.kind == "reported", SOON_S, "the report")
        self.lags.append(Lag("alert fired at the monitor → reported", reported.arrived - start))
        self.incident = reported.incident
        paged = self._paged_on(1, SOON_S)
        view = self.centre.incident(self.incident)
        self.screen.checked(f"graded {view['level']}, because: {view['level_reason']}")
        self.screen.checked(f"playbook {view['playbook_name']} runs, because: {view['playbook_reason']['text']}")
        self.screen.checked(f"it belongs to {view['unit_name']}, because: {view['routed']['text']}")
        expect(view["level"] == "critical" and view["playbook"] == "system-outage", "graded and started")
        person = self._people(paged, 1)[0]
        # At a quick clock, or on a slow machine, the call that follows two minutes later is there already.
        texts = [text for text in self._page_on_phone(person) if not text.startswith(CALL)]
        expect(len(texts) == 1, f"{person} has one message, not {len(texts)}")
        parts = count(texts[0])
        expect(parts.parts == 1, f"the page fits one part, not {parts.parts}")
        self.screen.checked(f"one SMS, one part ({parts.units} units of {parts.encoding}), in this person's language")
        return person

    def _silence(self, first: str) -> str:
        """Each rung is paged when the one before it stayed silent. Returns whom headquarters has."""
        person = first
        for rung in (2, 3, 4):
            paged = self._paged_on(rung, RUNG_S / self.rate + SOON_S)
            self._called(person)
            person = self._people(paged, rung)[0]
            self._page_on_phone(person)
            if rung == 2:
                self._passing_alert()
        view = self.centre.incident(self.incident)
        expect(view["alarm"]["paged"][-1]["person"] == person != first, "the ladder has reached headquarters")
        self.screen.checked("headquarters is paged: the field team, its second and the regional centre stayed silent")
        return person

    def _called(self, person: str) -> None:
        """Who does not answer the SMS is called two minutes later; each way once. A notice may stand there as well."""
        texts = self._messages(person, self.incident)
        calls = [text for text in texts if text.startswith(CALL)]
        pages = [text for text in texts if "/a/" in text]
        expect(len(pages) == len(calls) == 1, f"{person} has one page by SMS and one call: {len(pages)}, {len(calls)}")
        self.screen.phone(self.phones[person], calls[0])

    def _passing_alert(self) -> None:
        """Another alert, which recovers before anybody takes it."""
        self.screen.say(f"meanwhile {GATEWAYS.labels['alertname']} fires as well")
        self.monitor.fire(GATEWAYS)
        title = GATEWAYS.summary
        opened = self.follower.wait(
            lambda one: one.kind == "paged" and one.row.get("title") == title, SOON_S, "the second alert"
        )
        self._page_on_phone(self._people(opened, 1)[0], opened.incident)
        pause(20 / self.rate)
        self.screen.say("and recovers before anybody has taken it")
        start = monotonic()
        self.monitor.recover(GATEWAYS)
        ended = self._wait("resolved", "the end of the second alert", opened.incident)
        self.lags.append(Lag("recovery at the monitor → resolved", ended.arrived - start))
        view = self.centre.incident(opened.incident)
        expect(view["commander"] is None and not view["alarm"]["ringing"], "it resolved by itself")
        self.screen.checked("resolved by its own recovery: nobody had it, nobody is paged any more")

    def _answer(self, person: str) -> str:
        """One word by SMS. It commands from now on, and nothing more goes out."""
        phone = self.phones[person]
        self.screen.phone(phone, "收到", sent=True)
        start = monotonic()
        messages = self.centre.text(phone, "收到")
        taken = self._wait("acknowledged", "the acknowledgement")
        self.lags.append(Lag("收到 on the phone → acknowledged", taken.arrived - start))
        self._wait("command_taken", "the command")
        self.screen.phone(phone, messages[-1]["body"])
        view = self.centre.incident(self.incident)
        alarm = view["alarm"]
        expect(view["commander"]["person"] == person, f"{person} commands")
        expect(not alarm["ringing"] and alarm["next_at"] is None, "the ladder stands still")
        self.screen.checked(f"{view['commander']['name']} commands; what was still to go out to anybody is cancelled")
        return person

    def _handle(self, hand: str) -> None:
        """The word, posts, and every critical step in its order; the alert itself recovers on the way."""
        self._act("update", text=UPDATE, audience="customers", restored_percent=0, customers_affected=12)
        for post, person in (("operations", hand), ("expert", hand), ("scribe", self._second(hand))):
            self._act("fill-post", post=post, person=person)
        self._steps(hand)
        self.screen.say("the machines run again, and the monitor says so")
        start = monotonic()
        self.monitor.recover(HALL_3)
        noted = self._wait("alert_recovered", "the recovery")
        self.lags.append(Lag("recovery at the monitor → noted", noted.arrived - start))
        phase = self.centre.incident(self.incident)["phase"]
        expect(phase == "handling", "the recovery ended what somebody has taken")
        self.screen.checked("the recovery is noted; the incident stays its commander's until people say it is over")
        self._act("update", text=RESTORED, audience="customers", restored_percent=100)
        self._act("restore")

    def _steps(self, person: str) -> None:
        """All critical steps, and what must be done before them."""
        plan = {step["id"]: step for step in self.centre.incident(self.incident)["steps"]}
        wanted: set[str] = set()
        todo = [name for name, step in plan.items() if step["weight"] == "critical"]
        while todo:
            name = todo.pop()
            if name not in wanted:
                wanted.add(name)
                todo += plan[name]["after"]
        last = next(name for name in reversed(plan) if name in wanted)
        try:
            self.centre.act(self.incident, "finish-step", step=last, person=person)
        except Refusal as refusal:
            self.screen.refused(f"“{plan[last]['text']}” first? Refused: {refusal.detail}")
        else:
            raise Failed("the last step could be done before the first")
        while wanted:
            ready = next(name for name in plan if name in wanted and not wanted.intersection(plan[name]["after"]))
            self._act("finish-step", step=ready, person=person)
            wanted.remove(ready)
        self.screen.checked("every critical step is done, in its order")

    def _end(self, commander: str, hand: str) -> None:
        self._act("resolve", person=commander, note="备用机房运行正常。")
        self._refused("Close now?", "close")
        lacking = [reason["text"] for reason in self.centre.incident(self.incident)["to_close"]]
        self.screen.refused("closing still needs:", lacking)
        expect(len(lacking) >= 4, "closing was refused with its reasons")
        self._refused("Verified by the commander?", "verify", person=commander, test="tried it myself")
        self._act(
            "record-findings",
            cause=CAUSE,
            measure=MEASURE,
        )
        self._act(
            "verify", person=self._second(hand), test="下单、支付、设备控制从外网各试一次，全部通过。", passed=True
        )
        self._refused("Close with an open list?", "close")
        for item in self.centre.incident(self.incident)["closeout"]:
            self._act("tick-closeout", item=item["id"])
        done = self._act("close", summary="三号厅断电，由备用机房恢复，无数据丢失。")
        expect(done["incident"]["phase"] == "closed", "it is closed")
        self.screen.checked("closed: cause, measure, test and another person's verification are in the log")

    def _quiet_since_the_answer(self) -> None:
        """Wait past the moment at which the next rung was due, and see that nobody was paged or called."""
        top = self._paged_on(4, SOON_S)
        taken = self._wait("acknowledged", "the acknowledgement")
        due = datetime.fromisoformat(top.entry["fields"]["next_at"]) + timedelta(seconds=5)
        left = (due - datetime.fromisoformat(self.follower.seen[-1].at)).total_seconds()
        self.screen.say("until the fifth rung would have been due…")
        pause(max(0.0, left) / self.rate)
        later = [one for one in self.follower.seen if one.incident == self.incident and one.position > taken.position]
        expect(not any(one.kind in ("paged", "escalated") for one in later), "nobody was paged after the answer")
        for phone in self.phones.values():
            calls = [m for m in self.centre.messages(phone) if m["body"].startswith(CALL) and m["at"] > taken.at]
            expect(not calls, f"{phone.name} was not called after the answer")
        self.screen.checked("since the answer nobody was paged or called any more: neither this rung nor the next")

    def _act(self, command: str, **body: object) -> Json:
        """Put a command, and wait until its last entry has come by the stream."""
        pause(BETWEEN_S / self.rate)
        start = monotonic()
        done = self.centre.act(self.incident, command, **body)
        position = done["entries"][-1]["position"]
        seen = self.follower.wait(lambda one: one.position == position, SOON_S, command)
        self.lags.append(Lag(f"POST {command}", seen.arrived - start))
        return done

    def _refused(self, question: str, command: str, **body: object) -> None:
        try:
            self.centre.act(self.incident, command, **body)
        except Refusal as refusal:
            self.screen.refused(f"{question} Refused: {refusal.detail}", refusal.reasons)
        else:
            raise Failed(f"{command} was not refused")

    def _paged_on(self, rung: int, timeout_s: float) -> Seen:
        return self.follower.wait(
            lambda one: (
                one.incident == self.incident and one.kind == "paged" and one.entry["fields"]["rung"] == rung - 1
            ),
            timeout_s,
            f"the page of rung {rung}",
        )

    def _wait(self, kind: str, what: str, incident: str = "") -> Seen:
        wanted = incident or self.incident
        return self.follower.wait(lambda one: one.incident == wanted and one.kind == kind, SOON_S, what)

    def _people(self, paged: Seen, rung: int) -> list[str]:
        people = [one["person"] for one in paged.entry["fields"]["people"]]
        expect(bool(people), f"somebody is on duty on rung {rung}")
        return people

    def _page_on_phone(self, person: str, incident: str = "") -> list[str]:
        """Wait for the page of `person`, show it, and return what the phone says about this incident."""
        wanted = incident or self.incident
        self.follower.wait(
            lambda one: (
                one.incident == wanted and one.kind == "page_delivered" and one.entry["fields"]["person"] == person
            ),
            SOON_S,
            f"the page on the phone of {person}",
        )
        texts = self._messages(person, wanted)
        expect(bool(texts), f"the page is on the phone of {person}")
        self.screen.phone(self.phones[person], texts[0])
        return texts

    def _messages(self, person: str, incident: str) -> list[str]:
        found = self.centre.messages(self.phones[person])
        return [str(m["body"]) for m in found if m["incident"] == incident and m["direction"] == "to_phone"]

    def _second(self, first: str) -> str:
        """Whoever was paged after the first one."""
        paged = self.centre.incident(self.incident)["alarm"]["paged"]
        return str(next(one["person"] for one in paged if one["person"] != first))


def expect(found: bool, what: str) -> None:
    """Raises Failed when something that must be so is not."""
    if not found:
        raise Failed(f"not so: {what}")
