"""What is kept of conversations: bounded in every direction, and nothing that cannot be believed."""

import json

import pytest

from g4f.config.schema import Conversations as Limits
from g4f.gateway.conversations import PREFIX, Conversations, Talk
from g4f.gateway.shelf import SWEEP_EVERY
from g4f.state.file import FileStore
from g4f.state.memory import MemoryStore
from g4f.state.types import StateError

ASKED, SAID = {"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}
BE_BRIEF, BE_KIND = {"role": "system", "content": "be brief"}, {"role": "developer", "content": "be kind"}


@pytest.fixture(params=["memory", "file"])
def store(request, tmp_path):
    return MemoryStore() if request.param == "memory" else FileStore(tmp_path / "state")


USUAL = Limits()


async def say(kept: Conversations, name: str, *messages, limits=USUAL, caller="anybody", answer=SAID):
    talk = (await kept.recall(caller, name)).continued_by(messages)
    await kept.keep(talk.answered_by(answer), limits)


async def test_a_conversation_goes_on_where_it_ended(store):
    await say(Conversations(store), "c", BE_BRIEF, ASKED)
    talk = await Conversations(store).recall("anybody", "c")
    more = {"role": "user", "content": "three"}
    assert talk.continued_by([more]).messages == [BE_BRIEF, ASKED, SAID, more]


async def test_a_conversation_belongs_to_the_key_that_began_it(store):
    kept = Conversations(store)
    await say(kept, "c", ASKED, caller="alice")
    assert (await kept.recall("bob", "c")).messages == []
    assert (await kept.recall("alice", "c")).messages == [ASKED, SAID]


def test_new_instructions_replace_the_old_ones():
    talk = Talk("c", [BE_BRIEF], [ASKED, SAID])
    assert talk.continued_by([BE_KIND, ASKED]).messages == [BE_KIND, ASKED, SAID, ASKED]


def test_a_client_that_repeats_the_conversation_is_not_given_it_twice():
    talk = Talk("c", [BE_BRIEF], [ASKED, SAID])
    more = {"role": "user", "content": "three"}
    assert talk.continued_by([BE_BRIEF, ASKED, SAID, more]).messages == [BE_BRIEF, ASKED, SAID, more]
    assert talk.continued_by([ASKED]).messages == [BE_BRIEF, ASKED, SAID, ASKED]


async def test_the_oldest_turns_go_first_and_a_conversation_begins_with_its_user(store):
    kept, limits = Conversations(store), Limits(max_messages=3)
    for number in range(4):
        await say(kept, "c", BE_BRIEF, {"role": "user", "content": str(number)}, limits=limits)
    assert (await kept.recall("anybody", "c")).messages == [BE_BRIEF, {"role": "user", "content": "3"}, SAID]


async def test_a_tool_result_is_never_kept_without_its_call(store):
    kept = Conversations(store)
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}
    await say(kept, "c", ASKED, answer=call)
    await say(kept, "c", {"role": "tool", "tool_call_id": "1", "content": "x"}, limits=Limits(max_messages=3))
    assert (await kept.recall("anybody", "c")).messages == []


async def test_a_conversation_is_not_larger_than_its_bound(store):
    kept, limits = Conversations(store), Limits(max_size=300)
    await say(kept, "c", {"role": "user", "content": "x" * 100}, limits=limits)
    await say(kept, "c", {"role": "user", "content": "y" * 100}, limits=limits)
    assert [said["content"][0] for said in (await kept.recall("anybody", "c")).messages] == ["y", "t"]
    await say(kept, "c", {"role": "user", "content": "z" * 1000}, limits=limits)
    assert (await kept.recall("anybody", "c")).messages == []


async def test_a_conversation_that_was_silent_too_long_is_forgotten(store):
    now = [1000.0]
    kept = Conversations(store, wall=lambda: now[0])
    await say(kept, "c", ASKED, limits=Limits(ttl=60.0))
    now[0] += 59
    assert (await kept.recall("anybody", "c")).messages == [ASKED, SAID]
    now[0] += 1
    assert (await kept.recall("anybody", "c")).messages == []


async def test_of_too_many_conversations_those_that_were_silent_longest_go(store):
    kept, limits = Conversations(store), Limits(max_count=5)
    for number in range(SWEEP_EVERY + 1):
        await say(kept, str(number), ASKED, limits=limits)
    assert len(store.listed(PREFIX)) == 5
    assert (await kept.recall("anybody", str(SWEEP_EVERY))).messages == [ASKED, SAID]
    assert (await kept.recall("anybody", "0")).messages == []


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b"null", b'{"version":2}', b'{"version":1,"until":"x","system":[],"turns":[]}'),
        *(b'{"version":1,"until":9e99,"system":[],"turns":["x"]}', b'{"version":1,"until":9e99,"system":[]}'),
    ],
)
async def test_what_is_no_conversation_is_an_empty_one(store, content):
    kept = Conversations(store)
    await say(kept, "c", ASKED)
    store.save(store.listed(PREFIX)[0].name, content)
    assert (await kept.recall("anybody", "c")).messages == []


async def test_a_store_that_fails_takes_no_answer_with_it():
    class Broken(MemoryStore):
        def load(self, name):
            raise StateError("broken")

        def save(self, name, content):
            raise StateError("broken")

    await say(Conversations(Broken()), "c", ASKED)


async def test_the_name_of_a_document_says_nothing_of_the_conversation(store):
    await say(Conversations(store), "../../etc/passwd", ASKED, caller="alice")
    (document,) = store.listed(PREFIX)
    assert "passwd" not in document.name
    assert "alice" not in document.name
    assert json.loads(store.load(document.name))["turns"] == [ASKED, SAID]
