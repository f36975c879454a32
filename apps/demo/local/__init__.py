"""Everything on one machine: web server, worker, clock and an embedded Valkey as one stack."""
