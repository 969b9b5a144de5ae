"""Discharge and emission: limits that bind, rates of stacks, oxygen, loads, quotas, valid data, substitutes."""
