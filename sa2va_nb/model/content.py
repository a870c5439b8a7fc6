"""Tells by its first bytes what a file is, whatever it is called or declared to be."""

HEAD_BYTES = 512  # enough for every mark below
_PACKET_BYTES = 188  # of an MPEG transport stream
_MARKS = {
    "webm or mkv": (0, b"\x1aE\xdf\xa3"),
    "gif": (0, b"GIF8"),
    "png": (0, b"\x89PNG\r\n"),
    "jpeg": (0, b"\xff\xd8\xff"),
    "ogg": (0, b"OggS"),
    "flv": (0, b"FLV\x01"),
    "asf": (0, b"0&\xb2u\x8ef\xcf\x11"),
    "mpeg": (0, b"\x00\x00\x01\xba"),
    "mpeg stream": (0, b"\x00\x00\x01\xb3"),
    "h264": (0, b"\x00\x00\x00\x01"),
    "avi": (8, b"AVI "),
    "webp": (8, b"WEBP"),
}
_MP4_BOXES = (b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"skip", b"wide", b"pnot", b"sidx")
_TEXT_STARTS = (b"<", b"{", b"[", b"#EXTM3U")


def kind_of_video(head: bytes) -> str | None:
    """Name the container that a file is, by its first bytes; None for anything that is no video or picture.

    >>> kind_of_video(bytes(4) + b"ftypisom")
    'mp4'
    >>> kind_of_video(b"<html>") is None
    True
    """
    if head[4:8] in _MP4_BOXES:
        return "mp4"
    if head[:1] == b"\x47" and head[_PACKET_BYTES : _PACKET_BYTES + 1] == b"\x47":
        return "mpeg-ts"
    return next((kind for kind, (at, mark) in _MARKS.items() if head[at : at + len(mark)] == mark), None)


def is_text(head: bytes) -> bool:
    """Say whether a file begins as a web page, JSON, XML or a playlist does."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_TEXT_STARTS)
