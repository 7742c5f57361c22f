"""One public door, light and quiet."""

import subprocess
import sys

import pytest

import g4f


@pytest.mark.parametrize("name", g4f.__all__)
def test_what_is_promised_is_there(name):
    assert getattr(g4f, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="Clint"):
        _ = g4f.Clint


def test_importing_loads_nothing_heavy_and_opens_no_socket():
    code = (
        "import sys\n"
        "def hook(event, args):\n"
        "    if event.startswith('socket.'): raise SystemExit(f'{event}')\n"
        "sys.addaudithook(hook)\n"
        "import g4f\n"
        "heavy = {'aiohttp', 'pydantic', 'yaml', 'structlog', 'uvloop', 'watchfiles', 'asyncio'} & set(sys.modules)\n"
        "raise SystemExit(f'loaded {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
