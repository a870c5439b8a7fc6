"""Shows a Segmentation: widget, figures, page."""
