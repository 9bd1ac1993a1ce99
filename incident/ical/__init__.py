"""iCalendar (RFC 5545): shifts written for other people's calendars, and shifts and time off read from theirs. Pure."""
