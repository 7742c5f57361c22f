"""OpenAI's chat completions, both faces: the door to the modules that hold them.

Server face: `decode_request`, then the frames or the completion, `encode_stream_error` and `DONE`. Upstream
face: `encode_request`, then `Relay` for a stream and `decode_completion` for a whole answer
(`frames_of_completion` where the upstream did not stream). `ChunkEncoder` and `encode_completion` write
answers of adapters of other wires.
"""

from g4f.dialects.openai_completion import decode_completion, frames_of_completion
from g4f.dialects.openai_encode import ChunkEncoder, encode_completion
from g4f.dialects.openai_relay import Relay
from g4f.dialects.openai_request import decode_request, encode_request
from g4f.dialects.openai_wire import DONE, chunks_of, encode_stream_error

__all__ = [
    "DONE",
    "ChunkEncoder",
    "Relay",
    "chunks_of",
    "decode_completion",
    "decode_request",
    "encode_completion",
    "encode_request",
    "encode_stream_error",
    "frames_of_completion",
]
