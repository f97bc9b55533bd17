"""The same chat on python-socketio as one writes it first: a handler for each event, and in it a look
into the database before anything is done.

Each event gets a task of its own (that is the default, `async_handlers=True`), so a client's messages
overtake each other while they wait. What it fails is in its ledger (target.toml), and not to be mended
here: `python-ordered` is the same chat mended.
"""

import asyncio
import itertools
import os

import socketio
import uvicorn

NEAR, FAR = 0.002, 0.030  # seconds that a look into either copy of the database takes

sio = socketio.AsyncServer(async_mode="asgi")
nicknames = {}  # of each socket
copies = {}  # of each socket: the copy of the database that is asked next


@sio.event
async def connect(sid, _environ):
    copies[sid] = itertools.cycle([NEAR, FAR])


@sio.event
async def enter_room(sid, nickname, room):
    await database(sid)
    nicknames[sid] = nickname
    await sio.enter_room(sid, room)
    await sio.emit("welcome", nickname, room=room, skip_sid=sid)


@sio.event
async def new_message(sid, text, room):
    await database(sid)
    line = f"{nicknames.get(sid)}: {text}"
    await sio.emit("new_message", line, room=room, skip_sid=sid)


@sio.event
async def disconnect(sid, _reason):
    nicknames.pop(sid, None)
    copies.pop(sid, None)


async def database(sid):
    """A look into the database, of which there are two copies that a session asks in turn. One is next
    door and the other far away, so that what is asked second is often answered first: here each time,
    for a suite that finds it must find it in each run."""
    if sid in copies:
        await asyncio.sleep(next(copies[sid]))


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
