"""ElasticQueue as a service on eqkit: its docs held against its contract, and the probes of its servers."""
