"""The commands that ask: in a pipe, on a terminal, with files, and in a conversation."""

import io
import json
import os
import pty
import socket
import stat
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.cli import conversation, front
from g4f.cli.terminal import Markdown
from tests.support.terminal import Terminal

ROOT = Path(__file__).parents[2]


class Mirror:
    """Answers with all that it was given."""

    @staticmethod
    async def create_async_generator(model, messages, **kwargs):
        for message in messages:
            yield f"[{message['role']}: {message['content']}]"
        yield f"{[name for _, name in kwargs.get('media', ())]}"


@pytest.fixture(autouse=True)
def asked(monkeypatch, tmp_path):
    """The commands ask the mirror, in an empty directory and with an empty standard input."""
    from g4f.cli import asking
    from g4f.client import Client

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr(conversation, "DEFAULT", tmp_path / "home" / "conversation.json")
    monkeypatch.setattr(asking, "make_client", lambda options: Client(Mirror))
    return tmp_path


def client(*words):
    return front.main(["client", "--conversation-file", "talk.json", *words])


def test_a_question_and_what_is_piped_in_are_one_question(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("the diff"))
    assert front.main(["write", "a message", "-", "-i", "be brief"]) == 0
    assert capsys.readouterr().out == "[system: be brief][user: write a message\n\nthe diff][]\n"


def test_what_is_piped_in_is_read_only_if_it_is_asked_for(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("piped"))
    front.main(["just this"])
    front.main([])
    assert capsys.readouterr().out == "[user: just this][]\n[user: piped][]\n"


def test_without_a_question_the_command_says_so(capsys):
    assert front.main([]) == 2
    assert "nothing to ask" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["gui"], ["gui", "--port", "8080"], ["version"]])
def test_a_command_that_g4f_had_is_no_question(capsys, words):
    assert front.main(words) == 2
    assert f"there is no command '{words[0]}'" in capsys.readouterr().err


def test_a_question_may_begin_with_the_name_of_a_command_that_g4f_had(capsys):
    assert front.main(["version", "two", "of", "what?"]) == 0
    assert capsys.readouterr().out == "[user: version two of what?][]\n"


def test_a_client_goes_on_with_its_conversation_until_it_is_told_to_forget(capsys):
    client("one")
    client("two")
    assert capsys.readouterr().out.splitlines()[-1].startswith("[user: one][assistant: [user: one][]][user: two]")
    assert stat.S_IMODE(Path("talk.json").stat().st_mode) == 0o600
    client("--clear-history", "three")
    assert capsys.readouterr().out == "[user: three][]\n"
    client("--no-config", "four")
    assert capsys.readouterr().out == "[user: four][]\n"
    assert "four" not in Path("talk.json").read_text()


def test_a_conversation_is_looked_back_on_only_so_far(capsys):
    for word in ("one", "two", "three"):
        client("--max-messages", "2", word)
    assert "one]" not in capsys.readouterr().out.splitlines()[-1].partition("[assistant")[0]
    assert len(json.loads(Path("talk.json").read_text())["messages"]) == 2


def test_a_file_that_is_no_conversation_is_none(capsys):
    for junk in ("{", "[]", '{"messages": 7}', '{"messages": [{"role": 1}]}'):
        Path("talk.json").write_text(junk)
        assert client("hi") == 0
        assert capsys.readouterr().out == "[user: hi][]\n"


def test_files_are_read_into_the_question_and_pictures_are_shown(capsys):
    Path("notes.txt").write_text("remember")
    Path("cat.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert client("-N", "what", "notes.txt", "cat.png", "https://example.com/dog.jpg", "is", "this?") == 0
    out = capsys.readouterr().out
    assert "what is this?\n\nnotes.txt:\n```\nremember\n```" in out
    assert out.endswith("['cat.png', 'dog.jpg']\n")


def test_an_answer_can_be_kept_and_can_take_the_place_of_a_file(capsys):
    client("-N", "-O", "answer.md", "hi")
    assert Path("answer.md").read_text() == "[user: hi][]"
    Path("main.py").write_text("x = 1\n")
    client("-e", "main.py", "Add types.")
    assert "x = 1" in Path("main.py").read_text()
    assert not Path("talk.json").exists()
    Path("binary.bin").write_bytes(b"\xff\xfe")
    assert client("binary.bin", "?") == 1


def test_a_chat_answers_line_after_line(capsys, monkeypatch):
    lines = "hello\n/file notes.txt\nand this\n/clear\nanew\n/model x\n/nonsense\n/save all.md\n/exit\nnever\n"
    Path("notes.txt").write_text("N")
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    assert front.main(["chat", "--conversation-file", "c.json"]) == 0
    out = capsys.readouterr().out
    assert "[user: hello][]\n" in out
    assert "[user: and this\n\nnotes.txt:" in out
    assert "\n[user: anew][]\n" in out
    assert "[user: /nonsense]" in out
    assert "never" not in out
    assert "**user**\n\nanew" in Path("all.md").read_text()
    assert conversation.load(Path("c.json"), 2)[0]["content"] == "/nonsense"


def test_models_are_listed(capsys):
    assert front.main(["models"]) == 0
    assert "gpt-4o" in capsys.readouterr().out.splitlines()


def test_an_error_is_a_line_and_an_exit_code(capsys, monkeypatch):
    from g4f.cli import asking
    from g4f.client import Client

    monkeypatch.setattr(asking, "make_client", lambda options: Client())
    assert front.main(["hi", "-m", "no-such-model"]) == 1
    assert capsys.readouterr().err.startswith("g4f: The model 'no-such-model' does not exist")


@pytest.mark.parametrize("words", [["--help"], ["client", "--help"], ["chat", "--help"], ["models", "--help"]])
def test_every_command_has_help_with_examples(words, capsys):
    with pytest.raises(SystemExit) as left:
        front.main(words)
    assert (left.value.code, "examples:" in capsys.readouterr().out) == (0, True)


def test_the_answer_is_styled_on_a_terminal_and_plain_in_a_pipe(tmp_path):
    (tmp_path / "g4f.yaml").write_text("models: {m: {chain: [Demo]}}")
    command = [sys.executable, "-m", "g4f", "say **this**", "--model", "m", "--stream"]
    environ = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    piped = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True)
    assert piped.stdout.endswith("You said: say **this**\n")
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, cwd=tmp_path, env=environ, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        with os.fdopen(ours, "rb", buffering=0) as terminal:
            try:
                while piece := terminal.read(1024):
                    shown += piece
            except OSError:
                pass  # a terminal whose other end is closed
        assert process.wait(10) == 0
    assert b"\x1b[1mthis\x1b[0m" in shown


def test_ctrl_c_stops_an_answer_and_the_chat_goes_on(tmp_path):
    hangs = socket.create_server(("127.0.0.1", 0))  # takes the call and never answers
    address = f"http://127.0.0.1:{hangs.getsockname()[1]}/v1"
    file = f"providers: {{Lab: {{base_url: '{address}'}}}}\nmodels: {{m: {{chain: [Lab]}}, d: {{chain: [Demo]}}}}\n"
    (tmp_path / "g4f.yaml").write_text(file)
    environ = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "TERM": "dumb"}
    command = [sys.executable, "-m", "g4f", "chat", "--model", "m"]
    with hangs, Terminal(command, environ=environ, cwd=tmp_path) as terminal:
        terminal.until("> ")
        terminal.type("a question\n")
        with hangs.accept()[0]:
            terminal.forget()
            terminal.type("\x03")
            terminal.until("(stopped)")
            terminal.until("> ")
        terminal.type("/model d\n")
        terminal.type("whole\n")
        terminal.until("You said: whole")
        assert terminal.interrupt() == 130


def test_ctrl_c_at_the_prompt_drops_the_line_and_twice_it_leaves(capsys, monkeypatch):
    class Person(io.StringIO):
        def isatty(self):
            return True

    typed = iter([KeyboardInterrupt, "one", KeyboardInterrupt, "two", KeyboardInterrupt, KeyboardInterrupt, "never"])

    def read(prompt):
        line = next(typed)
        if line is KeyboardInterrupt:
            raise line
        return line

    monkeypatch.setattr("sys.stdin", Person())
    monkeypatch.setattr("builtins.input", read)
    assert front.main(["chat"]) == 130
    said = capsys.readouterr().out
    assert "[user: one]" in said and "[user: two]" in said and "never" not in said


def styled(pieces):
    out = io.StringIO()
    shown = Markdown(out)
    for piece in pieces:
        shown.feed(piece)
    shown.end()
    return out.getvalue()


def test_markdown_is_styled():
    text = "# Title\nplain **bold** and `code`\n```python\nx = **y\n```\nafter"
    assert styled([text]) == (
        "\x1b[1;4mTitle\x1b[0m\nplain \x1b[1mbold\x1b[0m and \x1b[36mcode\x1b[0m\n"
        "\x1b[2m```python\x1b[0m\x1b[36m\nx = **y\n\x1b[2m```\x1b[0m\nafter"
    )


def test_an_answer_cannot_command_the_terminal():
    assert "\x1b" not in styled(["\x1b]0;title\x07 \x1b[2J \x9b2J"])


@given(st.text(alphabet="ab *`#\n", max_size=60), st.lists(st.integers(0, 60), max_size=8))
def test_the_style_does_not_depend_on_where_the_text_was_cut(text, cuts):
    places = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    pieces = [text[a:b] for a, b in pairwise(places)]
    assert styled(pieces) == styled([text])
