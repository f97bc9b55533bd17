"""The same chat on python-socketio, told to handle a client's events one after the other.

By default python-socketio starts a task for each event, and nothing keeps them in order (that one is
`python-default`). With `async_handlers=False` the next event of a client waits for the end of the
handler of the one before.
"""

import asyncio
import json
import os

import socketio
import uvicorn
from engineio.payload import Payload

# A client that polls sends all that it has to say in one payload. Of one with more than 16 packets
# python-engineio drops every packet, and answers 200; this is where it lets one ask for more.
Payload.max_decode_packets = 10_000

sio = socketio.AsyncServer(async_mode="asgi", async_handlers=False)
nicknames = {}  # of each socket
welcomes = {}  # of each socket: the task that says its last welcome


@sio.event
async def enter_room(sid, nickname=None, room=None, *_more):
    await welcomed(sid)
    nicknames[sid] = nickname
    await sio.enter_room(sid, key(room))

    # What a handler returns is its ack, and the welcome comes after that.
    async def welcome():
        await sio.emit("welcome", (nickname,), room=key(room), skip_sid=sid)

    welcomes[sid] = asyncio.create_task(welcome())


@sio.event
async def new_message(sid, text=None, room=None, *_more):
    await welcomed(sid)
    line = f"{nicknames.get(sid)}: {text}"
    await sio.emit("new_message", line, room=key(room), skip_sid=sid)


@sio.event
async def disconnect(sid, _reason):
    await welcomed(sid)
    nicknames.pop(sid, None)


async def welcomed(sid):
    """Waits until the room has heard the welcome that an earlier event still owes it: the next event
    is handled as soon as the ack is on its way."""
    if task := welcomes.pop(sid, None):
        await task


def key(room):
    """A text for a room of whatever type: python-socketio takes `None` for everybody and a list for
    several rooms, and no object can be one."""
    return json.dumps(room, default=repr)


if __name__ == "__main__":
    uvicorn.run(
        socketio.ASGIApp(sio),
        host=os.environ.get("HOST", "127.0.0.1"),
        port=int(os.environ.get("PORT", "3000")),
        log_level="warning",
        # Engine.IO has its own heartbeat. That of WebSocket, every 20 s, ends a right session: its pong
        # waits behind what the client has sent before, and may take 20 s more on a machine that is busy.
        ws_ping_interval=None,
        timeout_graceful_shutdown=1,  # seconds; connections that stay open are then closed
    )
