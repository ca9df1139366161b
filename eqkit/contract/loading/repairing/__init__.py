"""The objects of a sloppy document as they can be served, kind by kind."""
