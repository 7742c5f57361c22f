"""Run by the interpreter of TensorZero's environment: start its HTTP gateway and stay.

It needs nothing of this project. Arguments: its configuration file, and the words before the address that is printed.
"""

import signal
import sys

import tensorzero

gateway = tensorzero._start_http_gateway(
    config_file=sys.argv[1], clickhouse_url=None, postgres_url=None, valkey_url=None, async_setup=False
)
print(f"{sys.argv[2]}{gateway.base_url}", flush=True)
signal.pause()
