"""A process of its own that writes notes from four threads until it is stopped, and prints what was answered."""

from __future__ import annotations

import signal
import sys
import threading

from incident.clock import MovedClock
from incident.commands import Note
from incident.desk.requests import Act
from incident.store.engine import open_engine
from tests.desk.house import KEY, START, opened_desk


def main() -> None:
    url, name, incident = sys.argv[1:]
    stop, printing = threading.Event(), threading.Lock()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    engine = open_engine(url)
    with opened_desk(engine, MovedClock(START)) as desk:

        def work(thread: int) -> None:
            number = 0
            while not stop.is_set():
                text = f"{name}-{thread}-{number:05}"
                desk.submit(Act(incident, Note(text), KEY)).result(60)
                with printing:
                    sys.stdout.write(text + "\n")
                    sys.stdout.flush()
                number += 1

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    engine.dispose()


if __name__ == "__main__":
    main()
