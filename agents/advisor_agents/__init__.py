"""Lives inside an application: shows its pools and caches to Prometheus and takes new settings while it runs."""

from advisor_agents.agent import Agent
from advisor_agents.board import Board, BoardUnavailableError, FileBoard
from advisor_agents.bounds import Bounds, Rejection
from advisor_agents.exposition import CONTENT_TYPE, metrics_page
from advisor_agents.knob import ApplyFailedError, RestartNeededError

__all__ = [
    "CONTENT_TYPE",
    "Agent",
    "ApplyFailedError",
    "Board",
    "BoardUnavailableError",
    "Bounds",
    "FileBoard",
    "Rejection",
    "RestartNeededError",
    "metrics_page",
]
