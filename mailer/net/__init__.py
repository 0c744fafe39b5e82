"""Sockets, DNS and Redis. Knows the engine, never models."""
