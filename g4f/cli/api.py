"""`g4f api`: serve with options in place of a file, or over one."""

import argparse
from collections.abc import Sequence

from g4f.cli.options import add_config
from g4f.cli.run import serve_by

_EXAMPLES = """\
examples:
  g4f api                                             http://127.0.0.1:1337/v1, what there are keys for
  g4f api --port 8080 --debug
  g4f api --g4f-api-key "your-secret-key"             callers need it (G4F_API_KEY keeps it out of the process list)
  g4f api --provider Copilot --model gpt-4o           for requests that name none
  g4f api --host 0.0.0.0 --port 1337                  from everywhere: refused without a key
  g4f api --config g4f.yaml --timeout 300 --ignored-providers OpenRouter Groq
  g4f api --workers 4                                 four processes on one port

Every option but --port and --host has a variable: G4F_API_KEY, G4F_PROXY, G4F_PROVIDER, G4F_TIMEOUT, G4F_DEBUG, ...
What they say stands over the file; --proxy is for providers that the file gives none.
exit codes: 0 stopped as told, 1 the address cannot be listened on, 2 wrong usage, 78 the configuration is refused
"""


def main(argv: Sequence[str]) -> int:
    """Serve; returns the exit code."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.bind and (options.host or options.port):
        parser.error("--bind says both; leave --host and --port out")
    return serve_by(
        options.config,
        may_be_missing=True,
        listen=_listen(options),
        workers=options.workers,
        debug=options.debug or None,
        api_key=options.g4f_api_key,
        provider=options.provider,
        model=options.model,
        proxy=options.proxy,
        timeout=options.timeout,
        stream_timeout=options.stream_timeout,
        ignored_providers=options.ignored_providers,
        cookies_dir=options.cookies_dir,
        gui=options.gui or None,
        demo=options.demo or None,
        log_format="json" if options.disable_colors else None,
    )


def _listen(options: argparse.Namespace) -> str | None:
    from g4f.api.programmatic import listen_address

    if options.bind or not (options.host or options.port is not None):
        return options.bind or None
    return listen_address(options.host, options.port)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="g4f api",
        description="Serve OpenAI's API (and its kin) on this machine.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_config(parser, "a file to serve by; without one, the catalog's models that there are keys for")
    where = parser.add_argument_group("where")
    where.add_argument("--port", "-p", type=int, metavar="PORT", help="1337 unless said; 0 for any free one")
    where.add_argument("--host", metavar="HOST", help="127.0.0.1 unless said; 0.0.0.0, for everybody, needs a key")
    where.add_argument("--bind", metavar="HOST:PORT", help="both at once")
    where.add_argument("--workers", type=int, metavar="N", help="processes that share the port; 1 unless said")
    access = parser.add_argument_group("who and what")
    access.add_argument("--g4f-api-key", metavar="KEY", help="a key that callers must send (G4F_API_KEY)")
    access.add_argument("--provider", metavar="NAME", help="for requests that pick none; no other is tried then")
    access.add_argument("--model", metavar="NAME", help="for chats that name none")
    access.add_argument("--ignored-providers", nargs="+", metavar="NAME", help="providers that are never used")
    access.add_argument("--demo", action="store_true", help="let the built-in Demo answer for models nobody serves")
    access.add_argument("--cookies-dir", metavar="DIR", help="where your own sessions are kept")
    upstream = parser.add_argument_group("upstream")
    upstream.add_argument("--proxy", metavar="URL", help="for every provider that has none of its own")
    upstream.add_argument("--timeout", metavar="SECONDS", help="for a whole request; also 5m, 1h30m")
    upstream.add_argument("--stream-timeout", metavar="SECONDS", help="between two pieces of a stream")
    other = parser.add_argument_group("other")
    other.add_argument("--gui", "-g", action="store_true", help="serve a chat page at /chat/")
    other.add_argument("--debug", "-d", action="store_true", help="log at debug level")
    other.add_argument("--disable-colors", action="store_true", help="log as JSON, also on a terminal")
    # Taken for scripts that have them, and needless here: files are followed and read when they change, by themselves.
    for needless in ("--reload", "--no-gui", "--ignore-cookie-files", "--access-log", "--no-access-log"):
        other.add_argument(needless, action="store_true", help=argparse.SUPPRESS)
    return parser
