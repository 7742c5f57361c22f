"""What the supervisor and a worker say to each other: questions and answers, both ways, over a socket of their own.

A line of JSON is one message. Whoever asks waits; a channel that closes fails every question that is open.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from g4f import log
from g4f.errors import ConfigError, G4FError, RequestError

_log = log.get()

#: Bytes of a message: a file and its key files, twice as long in base64, and metrics of thousands of series.
LONGEST = 32 << 20
#: Seconds that the other side gets for an answer.
PATIENCE = 30.0

Json = dict[str, Any]
#: Answers a question by its word and what comes with it.
Answering = Callable[[str, Json], Awaitable[Any]]


class ChannelError(Exception):
    """There is no answer: the other side is gone, does not answer in time, or broke."""


class Channel:
    """One end. `run` reads until the other end is gone; `answering` answers its questions."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answering: Answering) -> None:
        self._reader = reader
        self._writer = writer
        self._answering = answering
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._count = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    async def over(cls, descriptor: Any, answering: Answering) -> "Channel":
        """A channel over a connected socket."""
        reader, writer = await asyncio.open_unix_connection(sock=descriptor, limit=LONGEST)
        return cls(reader, writer, answering)

    async def run(self) -> None:
        """Until the other side is gone."""
        try:
            while line := await self._reader.readline():
                self._take(orjson.loads(line))
        except (OSError, ValueError):
            pass  # a message cut short: its sender is gone
        except (KeyError, TypeError, AttributeError) as error:
            # JSON, and no message: whoever sent it is out of its mind.
            _log.error("worker.babbles", exception=type(error).__name__)
        finally:
            self.close()

    def close(self) -> None:
        """Fail what is asked, and hang up."""
        asked, self._asked = self._asked, {}
        for future in asked.values():
            if not future.done():
                future.set_exception(ChannelError("the other side is gone"))
        self._writer.close()

    async def ask(self, word: str, told: Json | None = None, *, patience: float = PATIENCE) -> Any:
        """The answer to a question. Raises ChannelError, and ConfigError or RequestError where that is the answer."""
        self._count += 1
        number = self._count
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(patience):
                await self._send({"number": number, "ask": word, "told": told or {}})
                return await answer
        except TimeoutError:
            raise ChannelError(f"no answer to {word} in {patience:g} s") from None
        except OSError:
            raise ChannelError("the other side is gone") from None
        finally:
            self._asked.pop(number, None)

    def _take(self, message: Json) -> None:
        if "ask" in message:
            number, word, told = message["number"], message["ask"], message["told"]
            task = asyncio.get_running_loop().create_task(self._answer(number, word, told))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return
        future = self._asked.get(message["number"])
        if future is None or future.done():
            return
        if "failed" in message:
            future.set_exception(_failure(message["failed"]))
        else:
            future.set_result(message["answer"])

    async def _answer(self, number: int, word: str, told: Json) -> None:
        reply: Json = {"number": number}
        try:
            reply["answer"] = await self._answering(word, told)
        except G4FError as error:
            reply["failed"] = _described(error)
        except Exception as error:  # noqa: BLE001 - the asker is told, whatever it is
            _log.error("worker.failed", exception=type(error).__name__, where=word)
            reply["failed"] = {"kind": "broke", "message": f"an internal error ({type(error).__name__})"}
        with contextlib.suppress(OSError):
            await self._send(reply)

    async def _send(self, message: Json) -> None:
        self._writer.write(orjson.dumps(message) + b"\n")
        await self._writer.drain()


class _Problem(str):
    """A problem of a file as it was told, with its place in front."""

    __slots__ = ()


def _described(error: G4FError) -> Json:
    if isinstance(error, ConfigError):
        return {"kind": "config", "problems": [str(problem) for problem in error.problems]}
    return {"kind": "refused", "message": error.message, "status": error.status, "code": error.code}


def _failure(told: Json) -> Exception:
    match told["kind"]:
        case "config":
            return ConfigError([_Problem(problem) for problem in told["problems"]])
        case "refused":
            return RequestError(told["message"], status=told["status"], code=told["code"])
        case _:
            return ChannelError(told["message"])
