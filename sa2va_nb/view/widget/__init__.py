"""The scrubber: a widget, and the same in pages without a kernel."""
