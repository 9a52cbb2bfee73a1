"""A change as JSON and back, without loss: an int stays an int, 30.0 stays a float, NaN and infinity stay so."""

from pydantic import ConfigDict, TypeAdapter, ValidationError

from advisor.model.change import ChangeRecord
from advisor.model.errors import JournalError

# A dataclass takes no configuration from outside, and inherits that of what it stands in: hence the tuple of one.
# A field that a later version added is refused; one that a later version gave a default may be missing.
_STORED: TypeAdapter[tuple[ChangeRecord]] = TypeAdapter(
    tuple[ChangeRecord], config=ConfigDict(extra="forbid", ser_json_inf_nan="constants")
)
_UNKNOWN_WORDS = {"unexpected_keyword_argument", "enum"}
_FIX = "use the version of the advisor that wrote it"


def to_json(record: ChangeRecord) -> str:
    return _STORED.dump_json((record,)).decode()[1:-1]


def from_json(text: str) -> ChangeRecord:
    """Raises JournalError, naming the field, for a document that this version does not understand to the last word."""
    try:
        return _STORED.validate_json(f"[{text}]")[0]
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False, include_context=False)
        newer = next((problem for problem in problems if problem["type"] in _UNKNOWN_WORDS), None)
        problem = newer or problems[0]
        place = ".".join(str(part) for part in problem["loc"][1:])
        if newer is not None:
            raise JournalError(
                f"it was written by a newer version: {place!r} is not known here", where="stored change", fix=_FIX
            ) from error
        raise JournalError(f"it cannot be read: {place}: {problem['msg']}", where="stored change", fix=_FIX) from error
