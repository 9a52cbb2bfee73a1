"""Two workers of twenty-four threads, forked from one that has loaded the application: docs/agents-in-workers.md."""

from advisor_agents.workers import child_exit  # noqa: F401

preload_app = True
workers = 2
worker_class = "gthread"
threads = 24
keepalive = 0
"""As behind a proxy that opens a connection for each request: both workers get their share."""


def post_fork(server, worker):
    worker.app.wsgi().begin()
