"""The folder that a project with handlers of its own begins with, made of a contract and grown with it."""
