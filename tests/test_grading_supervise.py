"""What comes out of the jail: bytes from a stranger, cut into frames."""

import json
import struct

import pytest

from paths_abroad.grading.supervise import _Listener


def frame(message: object) -> bytes:
    data = json.dumps(message).encode()
    return struct.pack(">I", len(data)) + data


def test_frames_are_found_however_the_bytes_arrive():
    messages = [{"cell": 0}, {"answer": ["x-1", "é"]}, {"done": True}]
    data, listener = b"".join(map(frame, messages)), _Listener()
    heard = [
        found for place in range(len(data)) for found in listener.feed(data[place : place + 1])
    ]
    assert heard == messages


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\xff" * 8,
        frame([1]),
        frame({"a": 1, "b": 2}),
        struct.pack(">I", 3) + b"NaN",
        struct.pack(">I", 9) + b'{"a": NaN',
        struct.pack(">I", 2) + b"\xff\xfe",
    ],
    ids=["length", "list", "two", "not-json", "cut", "not-utf8"],
)
def test_what_was_said_before_the_rubbish_is_heard(rubbish):
    listener, heard = _Listener(), []
    with pytest.raises(ValueError):
        for found in listener.feed(frame({"cell": 9}) + rubbish + frame({"cell": 10})):
            heard.append(found)
    assert heard == [{"cell": 9}]
