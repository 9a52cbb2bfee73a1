"""The last net under the rule that nobody prints a secret: passwords and tokens in known shapes are blotted out."""

import re

_HIDDEN = "***"
_SHAPES = (
    re.compile(r"(?<=://)\S*(?=@)"),  # user and password in an address
    re.compile(r"(?i)(?<=\bBearer )\S+"),
    re.compile(r"(?i)(?<=\bBasic )[A-Za-z0-9+/=]{8,}"),
    re.compile(r"\bxox[a-z]-[\w-]+"),  # Slack
)
_PAIR = re.compile(
    r"(?i)\b(\w*(?:password|passwd|secret|token)\w*[\"']?\s*[=:]\s*)('(?:[^'\\]|\\.)*'|\"[^\"]*\"|[^\s&,;]+)"
)


def redact(text: str) -> str:
    """`text` with everything that looks like a credential replaced by ***."""
    for shape in _SHAPES:
        text = shape.sub(_HIDDEN, text)
    return _PAIR.sub(rf"\1{_HIDDEN}", text)
