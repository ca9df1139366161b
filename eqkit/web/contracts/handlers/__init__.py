"""Handlers of a user's own: functions in a folder that answer the operations of a contract."""
