"""The desk: everything that changes an incident goes through its one transaction."""
