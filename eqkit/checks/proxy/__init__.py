"""``eqkit proxy``: the traffic between a client and a service held against a contract."""
