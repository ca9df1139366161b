"""The documents that eqkit serves; a package, so that a wheel and an editable install find them alike."""
