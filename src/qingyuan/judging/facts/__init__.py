"""Facts that judging knows of an enterprise: one file each, loaded by being in this folder.

Later stages have a folder of the same name. They are loaded when their stage is (`apps.py`), so that imports look back
and screening sees them all.
"""
