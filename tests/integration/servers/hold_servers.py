"""Run by a test: starts one server of each kind, prints their processes and folders, and waits to be ended."""

import json
import sys
import time
from contextlib import ExitStack

from advisor.servers import postgres, prometheus, valkey

with ExitStack() as servers:
    processes = [servers.enter_context(postgres.start()).process, servers.enter_context(valkey.start()).process]
    if "--with-prometheus" in sys.argv:
        processes.append(servers.enter_context(prometheus.start({})).process)
    sys.stdout.write(json.dumps({str(process.pid): str(process.folder) for process in processes}) + "\n")
    sys.stdout.flush()
    time.sleep(100)
