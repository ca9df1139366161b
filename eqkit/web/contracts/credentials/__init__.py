"""The credentials of requests by the security schemes of a contract, their scopes, and the errors."""
