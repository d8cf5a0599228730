"""The only rooms that touch the network, the database, the broker, the clock, the environment and randomness."""
