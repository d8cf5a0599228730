"""The hub's database: tables, migrations, and whole-column reads and writes."""
