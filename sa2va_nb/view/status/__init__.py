"""Shows how far calls are."""
