"""Handlers of a contract: tag = module, operationId = function."""
