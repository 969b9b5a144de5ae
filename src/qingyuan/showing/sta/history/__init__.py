"""Observations out of the hot table and the days below it: of one Datastream, of many in their own order or another."""
