"""JSON lines over a socket."""

from __future__ import annotations

import socket
import threading

from outlast.workloads.channel import Channel


def test_messages_arrive_whole_and_in_order():
    """Also when they are larger than a read, and when several come at once."""
    one, two = socket.socketpair()
    here, there = Channel(one), Channel(two)
    sent = [{"number": number, "text": "x\n" * (number * 1000)} for number in range(60)]
    sender = threading.Thread(target=lambda: [here.send(message) for message in sent])
    sender.start()

    assert sent == [there.receive() for _ in sent]

    sender.join()
    here.close()
    assert there.receive() is None
    there.close()


def test_half_a_message_is_the_end():
    """The other side died while it spoke."""
    one, two = socket.socketpair()
    one.sendall(b'{"half":')
    one.close()
    there = Channel(two)

    assert there.receive() is None
    there.close()
