"""A stand-in for fal's hosts on loopback, for driving the unmodified client with no network."""

from tests.standin.server import StandIn

__all__ = ["StandIn"]
