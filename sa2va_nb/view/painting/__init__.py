"""Pixels of masks over images, as the browser paints them."""
