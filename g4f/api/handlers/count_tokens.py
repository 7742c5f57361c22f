"""POST /v1/messages/count_tokens: counted by an upstream that can, estimated where none of the chain's does."""

from g4f.api.admission import BYTES_PER_TOKEN, Ticket
from g4f.api.handlers import chat
from g4f.api.inbound import Inbound
from g4f.api.whole import Whole, json_whole
from g4f.dialects.face import Front
from g4f.dialects.registry import front
from g4f.errors import BadRequestError, ExhaustedError, ProviderNotWorkingError
from g4f.exchange.request import Dialect, Operation, Request

#: Says that the number is ours.
ESTIMATED = "x-g4f-estimated"


async def count_tokens(inbound: Inbound) -> Whole | None:
    """The tokens of a chat's input. An estimate is a quarter of the bytes of the request, and says so in a header."""
    face = front(Dialect.ANTHROPIC)
    with inbound.line.caller.allowance.admit(inbound.announced) as ticket:
        body = await inbound.body()
        path = {**inbound.variables, "operation": Operation.COUNT_TOKENS.value}
        asked = chat.admitted(inbound, chat.decode(inbound, body, face, path))
        return await counted(inbound, asked, ticket, face, "input_tokens", size=len(body))


async def counted(
    inbound: Inbound, asked: Request, ticket: Ticket, face: Front, name: str, *, size: int
) -> Whole | None:
    """What an upstream counted; or an estimate under `name`, by the size of the body."""
    try:
        return await chat.answer(inbound, asked, ticket, face)
    except BadRequestError:
        raise  # an upstream that counts refuses the request itself
    except (ExhaustedError, ProviderNotWorkingError):
        estimated = json_whole({name: size // BYTES_PER_TOKEN})
        estimated.headers |= {ESTIMATED: "true", face.id_header: inbound.line.request_id}
        return estimated
