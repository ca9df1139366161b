"""Answers to openapi/elasticqueue.yaml: tag = module, operationId = function."""
