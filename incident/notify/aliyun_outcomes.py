"""What Alibaba Cloud's codes mean, when it refuses a text and when it reports what became of one.

Whoever it is that can put it right is told apart, as for Twilio (`retries`): the account, the approved words, the
person's number, the provider. An unknown refusal goes on to the next provider or way; a page is never lost to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from incident.errors import why
from incident.notify.retries import BUSY, NO_ANSWER, UNREACHABLE, Action, Blame, Outcome, outcome

_CREDENTIALS: Final = Outcome(Action.NEXT_WAY, Blame.ACCOUNT, why("page.failed.credentials"), alarm=True)
_SUSPENDED: Final = Outcome(Action.NEXT_WAY, Blame.ACCOUNT, why("page.failed.suspended"), alarm=True)
_NO_CREDIT: Final = Outcome(Action.NEXT_WAY, Blame.ACCOUNT, why("page.failed.no_credit"), alarm=True)
_QUOTA: Final = Outcome(Action.NEXT_WAY, Blame.ACCOUNT, why("page.failed.quota"), alarm=True)
_SIGNATURE: Final = Outcome(Action.NEXT_WAY, Blame.ACCOUNT, why("page.failed.signature"), alarm=True)
_TEMPLATE: Final = Outcome(Action.NEXT_WAY, Blame.CONTENT, why("page.failed.template"))
_NUMBER_LIMIT: Final = Outcome(Action.NEXT_WAY, Blame.PROVIDER, why("page.failed.number_limit"))
_REFUSED: Final = Outcome(Action.NEXT_WAY, Blame.PROVIDER, why("page.failed.refused"))
_UNCLEAR: Final = outcome(None, 500)
_NO_NUMBER: Final = Outcome(Action.BROKEN, Blame.CONTACT, why("page.failed.invalid_number"))
_UNKNOWN_NUMBER: Final = Outcome(Action.BROKEN, Blame.CONTACT, why("page.failed.unknown_number"))
_BLOCKED: Final = Outcome(Action.BROKEN, Blame.CONTACT, why("page.failed.blocked"))

REFUSALS: Final[Mapping[str, Outcome]] = {
    "isp.RAM_PERMISSION_DENY": _CREDENTIALS,
    "isv.DENY_IP_RANGE": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "IncompleteSignature": _CREDENTIALS,
    "isv.ACCOUNT_NOT_EXISTS": _SUSPENDED,
    "isv.ACCOUNT_ABNORMAL": _SUSPENDED,
    "isv.PRODUCT_UNSUBSCRIBE": _SUSPENDED,
    "isv.PRODUCT_UN_SUBSCRIPT": _SUSPENDED,
    "isv.OUT_OF_SERVICE": _NO_CREDIT,
    "isv.AMOUNT_NOT_ENOUGH": _NO_CREDIT,
    "isv.DAY_LIMIT_CONTROL": _QUOTA,
    "isv.MONTH_LIMIT_CONTROL": _QUOTA,
    "isv.SMS_SIGNATURE_ILLEGAL": _SIGNATURE,
    "isv.SMS_SIGN_ILLEGAL": _SIGNATURE,
    "SIGNATURE_BLACKLIST": _SIGNATURE,
    "isv.SMS_TEMPLATE_ILLEGAL": _TEMPLATE,
    "isv.TEMPLATE_MISSING_PARAMETERS": _TEMPLATE,
    "isv.TEMPLATE_PARAMS_ILLEGAL": _TEMPLATE,
    "isv.INVALID_JSON_PARAM": _TEMPLATE,
    "isv.INVALID_PARAMETERS": _TEMPLATE,
    "isv.PARAM_NOT_SUPPORT_URL": _TEMPLATE,
    "isv.PARAM_LENGTH_LIMIT": _TEMPLATE,
    "isv.BLACK_KEY_CONTROL_LIMIT": _TEMPLATE,
    "isv.SMS_CONTENT_ILLEGAL": _TEMPLATE,
    "isv.BUSINESS_LIMIT_CONTROL": _NUMBER_LIMIT,
    "isv.MOBILE_NUMBER_ILLEGAL": _NO_NUMBER,
    "isp.SYSTEM_ERROR": _UNCLEAR,
    "isp.GATEWAY_ERROR": _UNCLEAR,
    "InternalError": _UNCLEAR,
    "ServiceUnavailable": _UNCLEAR,
}

_FAMILIES: Final = (("Throttling", BUSY), ("InvalidAccessKeyId", _CREDENTIALS), ("Forbidden", _CREDENTIALS))

REPORTS: Final[Mapping[str, Outcome]] = {
    "INVALID_NUMBER": _UNKNOWN_NUMBER,
    "MOBILE_NOT_ON_SERVICE": UNREACHABLE,
    "MOBILE_TERMINAL_ERROR": UNREACHABLE,
    "MOBLLE_TERMINAL_ERROR": UNREACHABLE,
    "MOBILE_ACCOUNT_ABNORMAL": UNREACHABLE,
    "MOBILE_IN_BLACK": _BLOCKED,
    "CONTENT_KEYWORD": _TEMPLATE,
    "CONTENT_ERROR": _TEMPLATE,
    "SIGNATURE_BLACKLIST": _SIGNATURE,
    "MOBILE_SEND_LIMIT": _NUMBER_LIMIT,
    "FREQ_LIMIT": _NUMBER_LIMIT,
    "NO_ROUTE": _REFUSED,
    "REJECTED": _REFUSED,
    "IS_CLOSED": _REFUSED,
}
"""As pushed back by the carriers. What is not here (they have hundreds of their own) breaks no way: it is over for this
text only, and the next way goes."""


def refusal(code: str | None, status: int) -> Outcome:
    """What a refused request means: the code in the answer first, then HTTP's."""
    if code is not None and code in REFUSALS:
        return REFUSALS[code]
    family = next((found for prefix, found in _FAMILIES if code and code.startswith(prefix)), None)
    if family is not None:
        return family
    if code and code.startswith(("isv.", "isp.")):
        return _REFUSED
    return NO_ANSWER if status == 200 else outcome(None, status)


def report(code: str) -> Outcome:
    """What a failed delivery report means."""
    return REPORTS.get(code, UNREACHABLE)
