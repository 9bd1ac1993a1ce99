"""A script as a YAML file, as a person would write it."""

from __future__ import annotations

import io

from ruamel.yaml import YAML

from drills.script.model import Script


def as_yaml(script: Script) -> str:
    """The script as one writes it; `drill lint` reads it."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    stream = io.StringIO()
    data = script.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    data["local_time"] = f"{script.local_time:%H:%M}"
    yaml.dump(data, stream)
    return stream.getvalue()
