"""The resources of the control plane by the tags of its document, once for each client."""
