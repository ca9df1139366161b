"""The server: one visible list of layers over Connexion."""
