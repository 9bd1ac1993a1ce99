"""A real Chromium before a real server: uvicorn in a thread, the desk, the hub and the stream as in production."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from incident.settings import Settings
from incident.wiring import House, open_house
from tests.web.place import migrated, secret
from web.app import build

expect.set_options(timeout=20_000)  # a machine that does other things as well is slow, not wrong


def press(page: Page, key: str, *, leads_on: bool = False) -> None:
    """Press a key of the page's own, when the page hears it; if it `leads_on`, until the next page hears keys too."""
    heard = page.locator("html[data-keys]")
    heard.wait_for(state="attached")
    if leads_on:
        with page.expect_navigation():
            page.keyboard.press(key)
        heard.wait_for(state="attached")
    else:
        page.keyboard.press(key)


@dataclass
class Centre:
    """The command centre behind the browser. `troubles` collects what no page may say to its console."""

    house: House
    url: str
    sessions: Any
    browser: Browser
    troubles: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def page(self, by: str = "dora", width: int = 1280, height: int = 800, **more: Any) -> Page:
        viewport = {"width": width, "height": height}
        context = self.browser.new_context(**{"viewport": viewport, "base_url": self.url, "locale": "en-GB"} | more)
        self.contexts.append(context)
        if by:
            value = self.sessions.begin(by)
            context.add_cookies([{"name": "incident_session", "value": value, "url": self.url}])
        page = context.new_page()
        page.on("console", lambda m: self.troubles.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: self.troubles.append(str(e)))
        return page

    def post(self, path: str, **body: object) -> Any:
        headers = {"authorization": f"Bearer {secret('commander')}"}
        answer = httpx2.post(self.url + path, json=body, headers=headers)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def report(self, title: str = "Data centre down", **more: object) -> Any:
        body = {"title": title, "kind": "system_outage", "level": "critical", "product": "cloud", **more}
        return self.post("/api/incidents", **body)


@pytest.fixture(scope="package")
def browser(chromium_path: Path) -> Iterator[Browser]:
    """Only as long as these tests run: while it lives, its event loop stands in the way of everybody else's."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=str(chromium_path), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("browser"))


@pytest.fixture
def centre(tmp_path: Path, template: Path, browser: Browser) -> Iterator[Centre]:
    (tmp_path / "incident.db").write_bytes(template.read_bytes())
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        house = open_house(Settings.load({"INCIDENT_PUBLIC_URL": url}, data_dir=tmp_path))
        app = build(house)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        found = Centre(house, url, app.state.gate.sessions, browser)
        try:
            yield found
        finally:
            for context in found.contexts:
                context.close()
            server.should_exit = True
            thread.join()
            house.close()
            sys.stdout.write(f"the console said: {found.troubles}\n")  # seen when a test fails
