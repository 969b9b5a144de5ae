"""Platforms above for administrators: how each stands, what did not arrive, what it asked for; entering one."""
