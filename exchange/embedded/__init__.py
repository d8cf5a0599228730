"""PostgreSQL and Kafka as child processes: the real servers, started without an installation."""
