"""The broker: topics by kafka-python's admin client, events by confluent-kafka in transactions (design §4.2)."""
