"""Reads and writes video files, and maps mask frames to source frames."""
