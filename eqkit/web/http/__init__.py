"""HTTP/1.1 on a socket: a protocol of our own over httptools, and the server that runs it."""
