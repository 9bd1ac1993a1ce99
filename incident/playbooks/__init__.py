"""What to do, by kind and level of incident: the playbooks, their reader, their lint."""
