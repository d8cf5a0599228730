"""What an agency installs. For now: reading a library's topic as any agency could, with nothing of the hub's own keys."""
