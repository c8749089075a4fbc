"""Changes out: the feed, subscriptions, signed deliveries."""
