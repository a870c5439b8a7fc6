"""Makes calls: planned, priced, bounded, made, resumed."""
