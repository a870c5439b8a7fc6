"""Calls the model: requests, the engines that answer them, downloads and prices."""
