"""``eqkit lint``: an OpenAPI document judged by itself."""
