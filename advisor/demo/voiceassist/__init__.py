"""An example application: conversations with an assistant, on FastAPI, SQLAlchemy and Redis, with the agents in it."""
