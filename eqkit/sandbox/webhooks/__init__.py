"""The webhooks of a sandbox: its subscriptions, and the attempts to post to them."""
