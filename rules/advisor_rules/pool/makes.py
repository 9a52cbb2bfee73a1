"""How each make of connection pool calls its limits: what a person has to write. One table."""

from collections.abc import Mapping
from dataclasses import dataclass

from advisor.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    """size: what sets the connections kept open, or the one limit there is. overflow: what sets those beyond; "" where
    there is one limit. form: what is written around them, with {} in their place.
    """

    size: str
    overflow: str = ""
    form: str = "{}"

    @property
    def has_one_limit(self) -> bool:
        return not self.overflow

    @property
    def limits(self) -> str:
        """What its connections are limited by, such as "pool_size + max_overflow"."""
        return " + ".join(filter(None, [_name(self.size), _name(self.overflow)]))

    def setting(self, size: int, overflow: int | None) -> str:
        """What a person would write. An overflow that is not measured is not named."""
        if self.has_one_limit:
            return self.form.format(self.size.format(size + (overflow or 0)))
        parts = [self.size.format(size), *([] if overflow is None else [self.overflow.format(overflow)])]
        return self.form.format(", ".join(parts))


def _name(part: str) -> str:
    return part.partition("{")[0].strip(" =:(")


SQLALCHEMY = Make(size="pool_size={}", overflow="max_overflow={}", form="create_engine(..., {})")
HIKARI_CP = Make(size="maximumPoolSize={}", form="HikariCP: {}")
GO = Make(size="SetMaxOpenConns({})", form="db.{}")
PGBOUNCER = Make(size="default_pool_size={}", overflow="reserve_pool_size={}", form="pgbouncer.ini: {}")
NODE_POSTGRES = Make(size="max: {}", form="new Pool({{..., {}}})")
DJANGO = Make(size='"max_size": {}', form='DATABASES[...]["OPTIONS"]["pool"] = {{{}}}')
ANY = Make(size="the pool's largest size: {}")

_OF_PRESET: Mapping[str, Make] = {
    "agents": SQLALCHEMY,
    "guide": SQLALCHEMY,
    "fastapi": SQLALCHEMY,
    "micrometer": HIKARI_CP,
    "go_sql": GO,
    "pgbouncer_exporter": PGBOUNCER,
    "prom_client": NODE_POSTGRES,
    "django": DJANGO,
}
"""By the preset that tells of the pool, or, where that one is of every make, of the application's requests."""


def make_of(snapshot: Snapshot, labels: Mapping[str, str]) -> Make:
    """labels: of the pool's signals. The advisor's own agents measure SQLAlchemy; so does who does not say."""
    by_pool = snapshot.preset("pool.size", **labels)
    by_requests = snapshot.preset("http.requests_per_second", app=labels.get("app", ""))
    if not by_pool:
        return SQLALCHEMY
    return _OF_PRESET.get(by_pool) or _OF_PRESET.get(by_requests, ANY)
