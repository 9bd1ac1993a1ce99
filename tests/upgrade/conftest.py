"""The command centre of the web's tests."""

from tests.web.conftest import place, template

__all__ = ["place", "template"]
