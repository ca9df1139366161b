"""Clients of ElasticQueue, made by generators from its contract and tried against a server."""
