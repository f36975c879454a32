"""Vehicles by the hundred thousand, for benchmarks, drills and a look at full pages."""

from apps.demo.fleet.making import Maker, add_vehicles, key_of, pcid_of

__all__ = ["Maker", "add_vehicles", "key_of", "pcid_of"]
