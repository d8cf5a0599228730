"""The independent checker behind `hub verify`: it shares no code with what it checks (settings apart).

It reads the tables, the topics, the sources, the files and docs/envelope.md's formats by itself, and other libraries
than the pipeline's where there are two: kafka-python instead of confluent-kafka, psycopg and csv instead of ADBC and polars.
"""
