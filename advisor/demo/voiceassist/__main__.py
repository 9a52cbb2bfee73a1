"""`python -m advisor.demo.voiceassist PORT`: serve on loopback. Settings come by VOICEASSIST_... variables."""

import os
import sys

import uvicorn

from advisor.demo.voiceassist.app import create_app
from advisor.demo.voiceassist.configuration import Configuration


def main() -> None:
    app = create_app(Configuration.from_environment(os.environ))
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
