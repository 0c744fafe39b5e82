"""The launcher: everything on one machine with one command (`make run`)."""
