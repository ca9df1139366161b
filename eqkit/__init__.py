"""eqkit: a server that keeps the ElasticQueue contract, and the machinery behind it."""

__version__ = "0.1.0"
