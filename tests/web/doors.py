"""Every route that the application has, whom it lets in, and what it answers to an empty request of those.

One table: a route without a row here fails the tests, and so does a row without a route.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ROLES: Final = ("viewer", "responder", "commander", "admin")
ANYBODY: Final = ""


@dataclass(frozen=True, slots=True)
class Door:
    """`lowest` is the lowest role that may enter; `status` is what those who may are answered, with `{}` as the body.

    `reports` lets integration keys in too. `keys` is what a key is answered where only a person has anything to see.
    """

    method: str
    path: str
    lowest: str
    status: int
    reports: bool = False
    keys: int | None = None

    def lets_in(self, role: str | None) -> bool:
        if self.lowest == ANYBODY:
            return True
        if role == "integration":
            return self.reports
        return role is not None and ROLES.index(role) >= ROLES.index(self.lowest)


DOORS: Final = (
    Door("POST", "/hooks/twilio/sms", ANYBODY, 404),  # no provider is configured here
    Door("POST", "/hooks/twilio/voice", ANYBODY, 404),
    Door("POST", "/hooks/twilio/status", ANYBODY, 404),
    Door("POST", "/hooks/aliyun/{secret}/reports", ANYBODY, 404),  # the same; by the key in the path
    Door("POST", "/hooks/aliyun/{secret}/replies", ANYBODY, 404),
    Door("POST", "/hooks/{format}/{key}", ANYBODY, 422),  # by the key in the path
    Door("POST", "/v2/enqueue", ANYBODY, 400),  # by the key in the body
    Door("POST", "/api/incidents", "responder", 422, reports=True),
    Door("GET", "/api/incidents", "viewer", 200),
    Door("GET", "/api/incidents/{id}", "viewer", 200),
    Door("GET", "/api/incidents/{id}/log", "viewer", 200),
    Door("POST", "/api/incidents/{id}/{command}", "responder", 422),
    Door("GET", "/api/incidents/{id}/messages", "responder", 200),
    Door("GET", "/api/incidents/{id}/pages", "responder", 200),
    Door("GET", "/api/incidents/{id}/report", "viewer", 200),
    Door("GET", "/api/incidents/{id}/playback", "viewer", 409),  # it goes on
    Door("GET", "/api/incidents/{id}/against-today", "commander", 409),
    Door("GET", "/api/stream", "viewer", 200),
    Door("GET", "/api/incidents/{id}/stream", "viewer", 200),
    Door("GET", "/api/people", "viewer", 200),
    Door("POST", "/api/people", "admin", 422),
    Door("PUT", "/api/people/{person}", "admin", 422),
    Door("DELETE", "/api/people/{person}", "admin", 404),
    Door("PUT", "/api/people/{person}/password", "admin", 404),  # one's own too; here it is nobody's
    Door("POST", "/api/people/{person}/signin", "admin", 404),
    Door("GET", "/api/trainings", "viewer", 200),
    Door("GET", "/api/candidates", "admin", 422),  # for what is asked
    Door("GET", "/api/selections", "admin", 200),
    Door("POST", "/api/selections", "admin", 422),
    Door("GET", "/api/selection-weights", "admin", 200),
    Door("PUT", "/api/selection-weights", "admin", 422),
    Door("GET", "/api/exams", "admin", 200),
    Door("POST", "/api/exams", "admin", 422),
    Door("GET", "/api/people/{person}/selection", "admin", 404),  # one's own too; here it is nobody's
    Door("POST", "/api/trainings", "admin", 422),
    Door("GET", "/api/trainings/due", "viewer", 200),
    Door("POST", "/api/people/{person}/test-page", "responder", 404),
    Door("GET", "/api/readiness", "viewer", 200),
    Door("GET", "/readiness", "viewer", 200),
    Door("POST", "/readiness/test-pages", "admin", 303),
    Door("POST", "/readiness/{person}/test-page", "responder", 404),
    Door("GET", "/api/test-pages", "viewer", 200),
    Door("POST", "/api/test-pages", "admin", 200),
    Door("GET", "/api/people/{person}/ways", "admin", 404),  # one's own too; here they are nobody's
    Door("PUT", "/api/people/{person}/ways", "admin", 404),
    Door("POST", "/api/people/{person}/ways/{way}/code", "admin", 404),
    Door("POST", "/api/people/{person}/ways/{way}/confirm", "admin", 404),
    Door("POST", "/api/people/{person}/ways/{way}/test", "admin", 404),
    Door("GET", "/api/on-call", "viewer", 200),
    Door("GET", "/api/rosters", "viewer", 200),
    Door("POST", "/api/rosters/{roster}/overrides", "responder", 422),  # for oneself; others are a commander's
    Door("DELETE", "/api/rosters/{roster}/overrides", "responder", 422),
    Door("GET", "/api/rosters/{roster}/shifts", "viewer", 422),  # which time is asked for
    Door("GET", "/api/rosters/{roster}/fairness", "viewer", 422),
    Door("PUT", "/api/rosters/{roster}", "commander", 422),
    Door("POST", "/api/rosters/{roster}/swaps", "responder", 422),
    Door("POST", "/api/rosters/{roster}/swaps/answer", "responder", 422),
    Door("POST", "/api/people/{person}/time-off", "responder", 422),
    Door("DELETE", "/api/people/{person}/time-off", "responder", 422),
    Door("GET", "/calendar/{token}.ics", ANYBODY, 200),  # by the token in the path
    Door("GET", "/api/organisation", "admin", 200),
    Door("PUT", "/api/organisation", "admin", 422),
    Door("GET", "/api/handover", "viewer", 422),  # which roster is asked for
    Door("GET", "/api/maintenance", "viewer", 200),
    Door("PUT", "/api/maintenance", "commander", 200),
    Door("POST", "/api/maintenance", "commander", 422),
    Door("POST", "/api/maintenance/{window}/end", "commander", 404),
    Door("DELETE", "/api/maintenance/{window}", "commander", 404),
    Door("GET", "/api/drills", "viewer", 200),
    Door("GET", "/api/drills/{drill}", "viewer", 404),
    Door("GET", "/api/drills/{drill}/playback", "viewer", 404),
    Door("GET", "/api/drill-actions", "viewer", 200),
    Door("POST", "/api/drills/{drill}/actions", "commander", 422),
    Door("POST", "/api/drill-actions/{action}/done", "responder", 404),
    Door("GET", "/api/drill-actions/{action}", "viewer", 404),
    Door("POST", "/api/drill-actions/{action}/change", "commander", 404),
    Door("POST", "/api/drill-actions/{action}/withdraw", "commander", 422),
    Door("GET", "/api/drills/{drill}/guests", "commander", 404),
    Door("POST", "/api/drills/{drill}/guests", "commander", 422),
    Door("DELETE", "/api/drills/{drill}/guests/{guest}", "commander", 404),
    Door("GET", "/api/drill-plans", "viewer", 200),
    Door("POST", "/api/drill-plans", "commander", 422),
    Door("GET", "/api/drill-plans/{plan}", "viewer", 404),
    Door("POST", "/api/drill-plans/{plan}/change", "commander", 422),
    Door("POST", "/api/drill-plans/{plan}/cancel", "commander", 422),
    Door("POST", "/api/drill-plans/{plan}/briefing", "commander", 404),
    Door("POST", "/api/drill-plans/{plan}/acknowledge", "viewer", 404),
    Door("POST", "/api/drill-plans/{plan}/start", "commander", 404),
    Door("GET", "/api/practices", "responder", 200),
    Door("POST", "/api/practices", "responder", 422),
    Door("GET", "/api/practices/{practice}", "responder", 404),
    Door("POST", "/api/practices/{practice}/acts", "responder", 422),
    Door("POST", "/api/drills", "commander", 422),
    Door("GET", "/api/drills/{drill}/console", "commander", 404),
    Door("POST", "/api/drills/{drill}/acts", "commander", 422),
    Door("POST", "/api/tabletops", "commander", 422),
    Door("GET", "/api/tabletops/{drill}", "commander", 404),
    Door("POST", "/api/tabletops/{drill}/acts", "commander", 422),
    Door("GET", "/api/playbooks", "viewer", 200),
    Door("GET", "/api/playbooks/{playbook}", "viewer", 200),
    Door("GET", "/api/policies", "viewer", 200),
    Door("GET", "/api/keys", "admin", 200),
    Door("POST", "/api/keys", "admin", 422),
    Door("DELETE", "/api/keys/{name}", "admin", 404),
    Door("GET", "/api/statistics", "viewer", 200),
    Door("GET", "/api/statistics/load", "viewer", 200),
    Door("GET", "/api/statistics/communication", "viewer", 200),
    Door("GET", "/api/statistics/trend", "viewer", 200),
    Door("GET", "/api/statistics/incidents.csv", "viewer", 200),
    Door("GET", "/api/phones", "responder", 200),
    Door("GET", "/api/phones/{number}", "responder", 200),
    Door("POST", "/api/phones/{number}/messages", "responder", 422),
    Door("GET", "/api/audit", "viewer", 200),
    Door("GET", "/healthz", ANYBODY, 200),
    Door("GET", "/readyz", ANYBODY, 200),
    Door("GET", "/readyz/web", ANYBODY, 200),
    Door("GET", "/metrics", ANYBODY, 200),
    Door("GET", "/openapi.json", ANYBODY, 200),
    Door("GET", "/static", ANYBODY, 200),
    Door("GET", "/", "viewer", 200),
    Door("GET", "/wall", "viewer", 200),
    Door("GET", "/load", "viewer", 200),
    Door("GET", "/communication", "viewer", 200),
    Door("GET", "/reports", "viewer", 200),
    Door("GET", "/wall/facts", "viewer", 200),
    Door("GET", "/report", "responder", 200),
    Door("POST", "/report", "responder", 422),
    Door("POST", "/api/dry-run", "viewer", 422),
    Door("GET", "/dry-run", "viewer", 200),
    Door("POST", "/dry-run", "viewer", 422),
    Door("GET", "/incidents/{id}", "viewer", 200),
    Door("POST", "/incidents/{id}/{command}", "responder", 422),
    Door("GET", "/incidents/{id}/report", "viewer", 200),
    Door("GET", "/incidents/{id}/playback", "viewer", 409),  # it goes on
    Door("POST", "/incidents/{id}/report/communication", "responder", 409, keys=422),
    Door("GET", "/incidents/{id}/against-today", "commander", 409),
    Door("GET", "/a/{token}", ANYBODY, 200),  # by the token in the path
    Door("POST", "/a/{token}/{command}", ANYBODY, 422),
    Door("GET", "/c", ANYBODY, 200),
    Door("POST", "/c", ANYBODY, 422),
    Door("GET", "/me", "viewer", 303),
    Door("GET", "/people/{person}/ways", "admin", 404),  # one's own too; here they are nobody's
    Door("POST", "/people/{person}/ways/{act}", "admin", 404),
    Door("GET", "/me/password", "viewer", 200, keys=303),
    Door("POST", "/me/password", "viewer", 422, keys=303),
    Door("POST", "/people", "admin", 422),
    Door("GET", "/people/{person}", "admin", 404),
    Door("POST", "/people/{person}", "admin", 404),
    Door("POST", "/people/{person}/signin", "admin", 404),
    Door("POST", "/people/{person}/remove", "admin", 404),
    Door("GET", "/people/{person}/skills", "admin", 404),
    Door("POST", "/people/{person}/skills", "admin", 404),
    Door("GET", "/on-call", "viewer", 200),
    Door("GET", "/on-call/me", "viewer", 200, keys=422),
    Door("POST", "/on-call/me/time-off", "responder", 422),
    Door("POST", "/on-call/me/time-off/remove", "responder", 422),
    Door("POST", "/on-call/me/feeds", "viewer", 404, keys=422),
    Door("POST", "/on-call/me/feeds/remove", "viewer", 404, keys=422),
    Door("GET", "/on-call/contacts", "viewer", 200),
    Door("GET", "/on-call/unit/{unit}", "viewer", 200),
    Door("GET", "/on-call/roster/{roster}", "viewer", 200),
    Door("GET", "/on-call/roster/{roster}/edit", "commander", 200),
    Door("GET", "/on-call/roster/{roster}/import", "responder", 200),
    Door("POST", "/on-call/{roster}/import", "responder", 422),
    Door("POST", "/on-call/{roster}/layers", "commander", 422),
    Door("POST", "/on-call/{roster}/overrides", "responder", 422),
    Door("POST", "/on-call/{roster}/overrides/remove", "responder", 422),
    Door("POST", "/on-call/{roster}/swaps", "responder", 422),
    Door("POST", "/on-call/{roster}/swaps/answer", "responder", 422),
    Door("GET", "/handover", "viewer", 200),
    Door("GET", "/maintenance", "viewer", 200),
    Door("POST", "/maintenance", "commander", 422),
    Door("POST", "/maintenance/{window}", "commander", 422),
    Door("POST", "/maintenance/{window}/end", "commander", 404),
    Door("POST", "/maintenance/{window}/remove", "commander", 404),
    Door("GET", "/people", "viewer", 200),
    Door("GET", "/candidates", "admin", 200),
    Door("POST", "/candidates", "admin", 422),
    Door("POST", "/candidates/weights", "admin", 422),
    Door("GET", "/exams", "admin", 200),
    Door("POST", "/exams", "admin", 422),
    Door("GET", "/keys", "admin", 200),
    Door("POST", "/keys", "admin", 422),
    Door("POST", "/keys/{name}/revoke", "admin", 404),
    Door("GET", "/people/{person}/selection", "admin", 404),  # one's own too; here it is nobody's
    Door("GET", "/training", "viewer", 200),
    Door("POST", "/training", "admin", 422),
    Door("GET", "/drills", "viewer", 200),
    Door("POST", "/drills/scripts", "commander", 404),
    Door("POST", "/drills/scripts/{name}/remove", "commander", 404),
    Door("GET", "/drills/{id}/report", "viewer", 404),
    Door("GET", "/drills/{id}/playback", "viewer", 404),
    Door("GET", "/drills/{drill}/plan", "viewer", 404),
    Door("POST", "/drills/{drill}/plan", "commander", 404),
    Door("POST", "/drills/actions/{action}/done", "responder", 404),
    Door("GET", "/drills/actions/{action}", "viewer", 404),
    Door("POST", "/drills/actions/{action}", "commander", 404),
    Door("POST", "/drills/actions/{action}/withdraw", "commander", 404),
    Door("GET", "/drills/plans/new", "commander", 422),
    Door("POST", "/drills/plans", "commander", 422),
    Door("GET", "/drills/plans/{plan}", "viewer", 404),
    Door("POST", "/drills/plans/{plan}", "commander", 404),
    Door("POST", "/drills/plans/{plan}/cancel", "commander", 404),
    Door("POST", "/drills/plans/{plan}/briefing", "commander", 404),
    Door("POST", "/drills/plans/{plan}/acknowledge", "viewer", 404),
    Door("POST", "/drills/plans/{plan}/start", "commander", 404),
    Door("GET", "/drills/practice", "responder", 200),
    Door("POST", "/drills/practice", "responder", 422),
    Door("GET", "/drills/practice/{practice}", "responder", 404),
    Door("POST", "/drills/practice/{practice}", "responder", 404),
    Door("GET", "/drills/start", "commander", 422),
    Door("POST", "/drills/start", "commander", 422),
    Door("GET", "/drills/{drill}/console", "commander", 404),
    Door("POST", "/drills/{drill}/console", "commander", 404),
    Door("GET", "/drills/{drill}/observe", "responder", 404),
    Door("POST", "/drills/{drill}/observe", "responder", 404),
    Door("GET", "/drills/{drill}/guests", "commander", 404),
    Door("POST", "/drills/{drill}/guests", "commander", 404),
    Door("POST", "/drills/{drill}/guests/{guest}/remove", "commander", 404),
    Door("GET", "/guest/{token}", ANYBODY, 200),  # by the token in the path
    Door("POST", "/guest/{token}", ANYBODY, 422),
    Door("GET", "/drills/tabletop", "commander", 422),
    Door("POST", "/drills/tabletop", "commander", 422),
    Door("GET", "/drills/{drill}/tabletop", "commander", 404),
    Door("POST", "/drills/{drill}/tabletop", "commander", 404),
    Door("GET", "/playbooks", "viewer", 200),
    Door("GET", "/playbooks/{id}", "viewer", 200),
    Door("GET", "/policies", "viewer", 200),
    Door("GET", "/policies/{id}", "viewer", 200),
    Door("GET", "/phones", "responder", 200),
    Door("POST", "/phones/{number}", "responder", 422),
    Door("GET", "/login", ANYBODY, 200),
    Door("POST", "/login", ANYBODY, 401),
    Door("GET", "/login/{token}", ANYBODY, 200),
    Door("POST", "/login/{token}", ANYBODY, 401),
    Door("POST", "/logout", ANYBODY, 303),
)
