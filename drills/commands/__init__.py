"""The chapters of the command `drill`."""
