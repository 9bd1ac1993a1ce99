"""A sentence in the languages of the house, for what people write into playbooks, policies and the organisation."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Text(BaseModel):
    """English and Chinese, both required: a plan that half of the team cannot read is no plan. `zh` is in simplified
    characters; who reads traditional ones is shown `zh_hant`, or `zh` where nobody has written it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)
    zh_hant: str | None = Field(default=None, min_length=1, exclude_if=lambda text: text is None)

    def for_locale(self, locale: str) -> str:
        """The wording for a locale of the catalogs (`en`, `zh_Hans`, `zh_Hant`)."""
        if not locale.startswith("zh"):
            return self.en
        return self.zh_hant or self.zh if locale == "zh_Hant" else self.zh

    def as_dict(self) -> dict[str, str]:
        """As it lies in a board row: without what nobody has written."""
        return {"en": self.en, "zh": self.zh} | ({"zh_hant": self.zh_hant} if self.zh_hant else {})


def _alike(value: object) -> object:
    return {"en": value, "zh": value} if isinstance(value, str) else value


Name = Annotated[Text, BeforeValidator(_alike)]
"""The name of a team or a roster: where one word is written it is the name in every language, as a person's is."""
