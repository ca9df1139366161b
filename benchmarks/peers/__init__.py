"""The servers that eqkit is measured against: two in Python, and the set-up of three others."""
