"""Facts that evaluation knows of an enterprise: one file each, loaded by being in this folder."""
