"""Facts that inspections know of an enterprise: one file each, loaded by being in this folder."""
