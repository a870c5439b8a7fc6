"""See, measure and judge what Sa2VA segmented in a video: ``import sa2va_nb as sa``.

The public names are those of ``__init__.pyi``; each is imported when it is first used.
"""

import lazy_loader as _lazy

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
