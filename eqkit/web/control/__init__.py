"""The control plane: what it is made of, who may use it, and the one that stands beside a proxy."""
