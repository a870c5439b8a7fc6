"""Studies of many runs, clips or prompts."""
