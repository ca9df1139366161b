"""Values of each type, made for the schemas of one conjunction."""
