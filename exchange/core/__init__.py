"""Pure: values in, values out. Nothing here opens a file, a socket or a database, or asks for the time or for chance."""
