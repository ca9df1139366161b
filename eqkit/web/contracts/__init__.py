"""The server of any contract: requests are held against it, and answered as it says."""
