"""The shapes in which contracts declare their errors, and errors written in them."""
