"""The middlewares of the server, each a module: it changes a request on its way in, or its answer."""
