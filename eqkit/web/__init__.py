"""The server: one visible list of middleware over Connexion."""
