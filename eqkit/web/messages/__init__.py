"""A request and its answer inside the server: bodies, headers, links, media types and error documents."""
