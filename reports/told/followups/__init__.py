"""The follow-up questions told: what goes with practice, routes, queues."""
