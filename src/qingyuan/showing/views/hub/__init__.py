"""The dispatch hub of all departments."""
