"""The face: HTTP API, live streams, hooks and pages. Nothing is decided here; every act goes to the desk."""
