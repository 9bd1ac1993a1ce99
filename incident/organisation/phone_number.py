"""Phone numbers in E.164. A number of police, fire or ambulance is refused wherever it is written."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import NumberParseException, shortnumberinfo

_PUNCTUATION = re.compile(r"[\s().\-/]")


def phone_number(text: str) -> str:
    """The number in E.164, such as +4917139200. Raises ValueError, which says what is wrong with it."""
    plain = _PUNCTUATION.sub("", text)
    if not plain.startswith("+"):
        if any(shortnumberinfo.is_emergency_number(plain, region) for region in _regions()):
            raise ValueError(f"{plain} is an emergency number: messages are never sent there")
        raise ValueError("write the number with + and the country code, such as +86 190 0000 0001")
    try:
        number = phonenumbers.parse(plain, None)
    except NumberParseException:
        raise ValueError("this is no phone number") from None
    national = phonenumbers.national_significant_number(number)
    regions = phonenumbers.region_codes_for_country_code(number.country_code or 0)
    if any(shortnumberinfo.is_emergency_number(national, region) for region in regions):
        raise ValueError(f"{national} is an emergency number: messages are never sent there")
    if not phonenumbers.is_valid_number(number):
        raise ValueError(f"no such number exists in the plan of +{number.country_code}: check its digits")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _regions() -> frozenset[str]:
    return frozenset(phonenumbers.SUPPORTED_SHORT_REGIONS)
