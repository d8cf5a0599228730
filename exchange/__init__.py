"""The exchange hub: agencies' records in, checked, linked and sealed; golden records out to Kafka, exactly once."""
