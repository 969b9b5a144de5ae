"""What other departments hold (数据清单): definitions of lists, cells as their columns mean them, names of firms.

Everything here is pure: definitions, bytes and settings in, values and faults out.
"""
