"""A change as JSON and back, without loss: an int stays an int, 30.0 stays a float, NaN stays NaN."""

import json

from pydantic import TypeAdapter, ValidationError

from advisor.model.change import ChangeRecord
from advisor.model.errors import JournalError

_CHANGES: TypeAdapter[ChangeRecord] = TypeAdapter(ChangeRecord)


def to_text(record: ChangeRecord) -> str:
    return json.dumps(_CHANGES.dump_python(record, mode="json"), ensure_ascii=False, separators=(",", ":"))


def from_text(text: str) -> ChangeRecord:
    """Raises JournalError for a document that this version does not understand to the last word."""
    fix = "use the version of the advisor that wrote it"
    try:
        record = _CHANGES.validate_json(text)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise JournalError(f"a stored change cannot be read at {place!r}", where="journal", fix=fix) from error
    if to_text(record) != text:
        raise JournalError(f"change {record.id} holds more than this version knows", where="journal", fix=fix)
    return record
