"""Runs of the pools' cleansing: planned as batches of keys, worked off as a job, counted."""

from apps.operator.cleansing.planning import ALL_POOLS, Leaving, preview
from apps.operator.cleansing.running import KIND, decide, scheduled, start, work_off

__all__ = ["ALL_POOLS", "KIND", "Leaving", "decide", "preview", "scheduled", "start", "work_off"]
