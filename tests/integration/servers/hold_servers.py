"""Run by a test: starts one server of each kind, prints their processes and folders, and waits to be ended."""

import json
import signal
import sys
import time
from contextlib import ExitStack

from advisor.servers import postgres, prometheus, valkey

# A shell lets what it starts in the background ignore Ctrl-C, and its children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

with ExitStack() as servers:
    processes = [servers.enter_context(postgres.start()).process, servers.enter_context(valkey.start()).process]
    if "--with-prometheus" in sys.argv:
        processes.append(servers.enter_context(prometheus.start({})).process)
    sys.stdout.write(json.dumps({str(process.pid): str(process.folder) for process in processes}) + "\n")
    sys.stdout.flush()
    time.sleep(100)
