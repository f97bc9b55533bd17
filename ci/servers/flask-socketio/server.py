"""The same chat on Flask-SocketIO, with threads and the web server that Flask brings along.

By default each event gets a thread of its own, and what of a client's events happens first is left to the
scheduler: now and then another than came first. With `async_handlers=False` the next event of a client
waits for the end of the handler of the one before; otherwise this is the chat as one writes it first.
"""

import logging
import os
import signal
import threading

from engineio.payload import Payload
from flask import Flask, session
from flask_socketio import SocketIO, emit, join_room
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler

# A client that polls sends all that it has to say in one payload. Of one with more than 16 packets
# python-engineio drops every packet, and answers 200; this is where it lets one ask for more.
Payload.max_decode_packets = 10_000

# What is sent to a client goes out at once. Otherwise it waits, up to 40 ms, until the client has
# acknowledged what was sent to it before.
WSGIRequestHandler.disable_nagle_algorithm = True

# Whoever polls opens a connection for each request. Where Python has little time, more than the usual 128 wait
# to be accepted, and the kernel drops what is above that: its client tries again a whole second later.
BaseWSGIServer.request_queue_size = 4096

app = Flask(__name__)
app.config["SECRET_KEY"] = os.urandom(16)
sio = SocketIO(app, async_mode="threading", async_handlers=False)

# python-socketio answers a CONNECT, and only then takes the client for connected: where another thread goes
# on between the two, what the client sends at once is dropped. Nor do its tables of rooms know of threads.
# What Engine.IO hands up is handled by one thread at a time; none of it takes long.
engine, one_at_a_time = sio.server.eio, threading.RLock()


def alone(handle):
    def handler(*args):
        with one_at_a_time:
            return handle(*args)

    return handler


for event, handle in list(engine.handlers.items()):
    engine.on(event, alone(handle))


@app.get("/")
def page():
    return "The seed contract on Flask-SocketIO.\n"


# What a handler returns is its ack, and that comes after all that the handler has emitted.


@sio.event
def enter_room(nickname, room):
    session["nickname"] = nickname  # of this socket: each has a copy of the session of its own
    join_room(room)
    emit("welcome", nickname, to=room, include_self=False)


@sio.event
def new_message(text, room):
    emit("new_message", f"{session.get('nickname')}: {text}", to=room, include_self=False)


# With ECHO=1 in the environment: whatever arguments come are sent back.
if os.environ.get("ECHO") == "1":

    @sio.on("message")
    def echo(*args):
        emit("message-back", args)

    @sio.on("message-with-ack")
    def answer(*args):
        return args


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # threads that serve would be waited for
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request otherwise
    sio.run(
        app,
        host=os.environ.get("HOST", "127.0.0.1"),
        port=int(os.environ.get("PORT", "3000")),
        # Werkzeug says of itself that it is for development; that is where a suite is run.
        allow_unsafe_werkzeug=True,
    )
