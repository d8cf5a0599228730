"""The `hub` command: one file per group of commands; see `hub --help`."""
