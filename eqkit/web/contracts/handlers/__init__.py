"""Handlers of a user's own: functions in a folder that answer the operations of a contract."""

from eqkit.web.contracts.handlers.calls import Samples, UserHandler
from eqkit.web.contracts.handlers.problems import Problem
from eqkit.web.contracts.handlers.user_handlers import UserHandlers

__all__ = ["Problem", "Samples", "UserHandler", "UserHandlers"]
