"""A sentence in both languages of the house, for what people write into playbooks, policies and the organisation."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Text(BaseModel):
    """English and Chinese (simplified), both required: a plan that half of the team cannot read is no plan."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)

    def for_locale(self, locale: str) -> str:
        """The wording for a locale of the catalogs (`en`, `zh_Hans`, `zh_Hant`)."""
        return self.zh if locale.startswith("zh") else self.en
