"""Tables as people keep them: cells out of CSV and Excel files, times and amounts out of cells, a layout out of titles.

Everything here is pure: bytes and settings in, observations and faults out.
"""
