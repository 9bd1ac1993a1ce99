"""Who commands and who holds which post: the chapter of `evolve` on it."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from incident.events import (
    CommandEvent,
    CommandOffered,
    CommandTaken,
    PostFilled,
    PostVacated,
    SpanExceeded,
)
from incident.posts import Post
from incident.state import Incident, changed


def commanded(state: Incident, event: CommandEvent, at: datetime) -> Incident:
    match event:
        case CommandOffered():
            return changed(state, offered_to=event.to)
        case CommandTaken():
            people = (*(p for p in state.commanders if p != event.person), event.person)
            return changed(state, commander=event.person, commanders=people, command_since=at, offered_to=None)
        case PostFilled():
            held = tuple(p for p in state.posts.get(event.post, ()) if p != event.person)
            if event.post is not Post.EXPERT:
                held = ()
            return changed(state, posts={**state.posts, event.post: (*held, event.person)})
        case PostVacated():
            held = tuple(p for p in state.posts.get(event.post, ()) if p != event.person)
            rest = {post: people for post, people in state.posts.items() if post is not event.post}
            return changed(state, posts={**rest, event.post: held} if held else rest)
        case SpanExceeded():
            return state
    assert_never(event)
