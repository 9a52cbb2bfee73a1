#!/usr/bin/env bash
# Nightly upkeep of one database: ANALYZE and VACUUM for the tables that need it, and for no others.
#
# Connects by DATABASE_URL, or by PGHOST, PGPORT, PGDATABASE and PGUSER (the role that owns the tables).
# --dry-run says what it would do. The thresholds are those of guide.maintenance in config/advisor.yaml:
# CHANGED_RATIO (0.2) of a table's rows changed since its ANALYZE, DEAD_RATIO (0.1) of its row versions dead,
# and SMALLEST_ROWS (10000), below which a table is left to autovacuum.
# What needs a person or a trial (bloat, rebuilds, autovacuum's settings) is for `advisor report`.
set -euo pipefail

dry_run=no
case "${1:-}" in
    --dry-run) dry_run=yes ;;
    "") ;;
    *) echo "usage: $0 [--dry-run]" >&2; exit 2 ;;
esac
changed_ratio=${CHANGED_RATIO:-0.2} dead_ratio=${DEAD_RATIO:-0.1} smallest_rows=${SMALLEST_ROWS:-10000}
for number in "$changed_ratio" "$dead_ratio" "$smallest_rows"; do
    [[ $number =~ ^[0-9]+(\.[0-9]+)?$ ]] || { echo "not a number: $number" >&2; exit 2; }
done

# Others' statements queue up behind a lock that is waited for: not for long.
export PGAPPNAME=advisor-maintenance PGOPTIONS="${PGOPTIONS:-} -c lock_timeout=3s -c statement_timeout=3600s"
export PGHOST=${PGHOST:-localhost} PGPORT=${PGPORT:-5432} PGDATABASE=${PGDATABASE:-voiceassist} PGUSER=${PGUSER:-postgres}

query() { psql ${DATABASE_URL:+"$DATABASE_URL"} --no-psqlrc --quiet --tuples-only --no-align -v ON_ERROR_STOP=1 "$@"; }
say() { echo "$(date -u +%FT%TZ) $*"; }

if [ "$(query -c 'SELECT pg_is_in_recovery()')" = t ]; then
    say "this server is a replica; nothing to do here"
    exit 0
fi

# One statement a line, the most neglected table first. VACUUM of dead rows; ANALYZE of changed or unknown ones.
needed=$(query -v changed="$changed_ratio" -v dead="$dead_ratio" -v rows="$smallest_rows" <<'SQL'
SELECT format('VACUUM (TRUNCATE false%s) %I.%I', CASE WHEN stale THEN ', ANALYZE' ELSE '' END, schemaname, relname)
FROM (SELECT s.*, c.reltuples, n_mod_since_analyze >= :changed * n_live_tup
             OR (c.reltuples <= 0 AND coalesce(last_analyze, last_autoanalyze) IS NULL) AS stale
      FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid WHERE c.relkind = 'r') t
WHERE n_live_tup + n_dead_tup >= :rows AND n_dead_tup >= :dead * (n_live_tup + n_dead_tup)
UNION ALL
SELECT format('ANALYZE %I.%I', schemaname, relname)
FROM (SELECT s.*, c.reltuples FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid WHERE c.relkind = 'r') t
WHERE n_live_tup >= :rows AND n_dead_tup < :dead * (n_live_tup + n_dead_tup)
  AND (n_mod_since_analyze >= :changed * n_live_tup
       OR (reltuples <= 0 AND coalesce(last_analyze, last_autoanalyze) IS NULL));
SQL
)

failed=0
if [ -z "$needed" ]; then
    say "no table needs upkeep"
else
    while IFS= read -r statement; do
        say "$statement"
        [ "$dry_run" = yes ] && continue
        # A lock that is not to be had leaves one table for tomorrow; the others go on. A role that may not gets a
        # mere WARNING from Postgres, which must not look like success.
        if ! output=$(query -c "$statement" </dev/null 2>&1); then
            say "failed: $output"; failed=1
        elif [[ $output == *"permission denied"* ]]; then
            say "refused: $output"; failed=1
        fi
    done <<<"$needed"
fi

say "largest tables (indexes included); what of it is bloat, advisor report says:"
query -F ' ' -c "SELECT quote_ident(schemaname) || '.' || quote_ident(relname), pg_size_pretty(pg_total_relation_size(relid))
    FROM pg_stat_user_tables ORDER BY pg_total_relation_size(relid) DESC LIMIT 10"
say "done"
exit "$failed"
