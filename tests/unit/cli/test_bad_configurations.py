"""Over a hundred bad settings files: each is refused before anything is done, with file, line, key and fix."""

from pathlib import Path

import pytest

from advisor.model.errors import ConfigurationError
from advisor.settings.load import load_settings
from tests.fakes.command import advisor_within

ADDRESSES = [
    ("prometheus:\n  url: ''\n", 2, "prometheus.url", "http://host:9090"),
    ("prometheus:\n  url: ' '\n", 2, "prometheus.url", "http://host:9090"),
    ("prometheus:\n  url: localhost:9090\n", 2, "prometheus.url", "http://host:9090"),
    ("prometheus:\n  url: file:///etc/passwd\n", 2, "prometheus.url", "not http or https"),
    ("prometheus:\n  url: ftp://host/\n", 2, "prometheus.url", "not http or https"),
    ("prometheus:\n  url: http://\n", 2, "prometheus.url", "names no host"),
    ("prometheus:\n  url: http://me:geheim@\n", 2, "prometheus.url", "names no host"),
    ("prometheus:\n  url: http://host:port\n", 2, "prometheus.url", "port"),
    ("prometheus:\n  url: http://host:0\n", 2, "prometheus.url", "port 0"),
    ("prometheus:\n  url: http://host:65536\n", 2, "prometheus.url", "between 1 and 65535"),
    ("prometheus:\n  url: http://host:-1\n", 2, "prometheus.url", "between 1 and 65535"),
    ("prometheus:\n  url: 'http://[::1'\n", 2, "prometheus.url", "http://host:9090"),
    ("prometheus:\n  url: 'http://ho st:9090'\n", 2, "prometheus.url", "http://host:9090"),
    ('prometheus:\n  url: "http://host\\n:9090"\n', 2, "prometheus.url", "line break"),
    ('prometheus:\n  url: "http://host:9090\\n"\n', 2, "prometheus.url", "line break"),
    ("prometheus:\n  url: http://host/?tenant=a\n", 2, "prometheus.url", "? or #"),
    ("prometheus:\n  url: http://host/#/graph\n", 2, "prometheus.url", "? or #"),
    ("prometheus:\n  url: [http://host]\n", 2, "prometheus.url", "valid string"),
    ("prometheus:\n  url: 9090\n", 2, "prometheus.url", "valid string"),
    (
        "prometheus:\n  url: http://me:geheim@host\n  bearer_token: geheim\n",
        3,
        "prometheus.bearer_token",
        "take the user",
    ),
    ("redis:\n  url: ''\n", 2, "redis.url", "redis://HOST:6379/0"),
    ("redis:\n  url: host:6379\n", 2, "redis.url", "redis://HOST:6379/0"),
    ("redis:\n  url: http://:geheim@host\n", 2, "redis.url", "not redis or rediss"),
    ("redis:\n  url: file:///run/redis.sock\n", 2, "redis.url", "not redis or rediss"),
    ("redis:\n  url: redis://\n", 2, "redis.url", "names no host"),
    ("redis:\n  url: redis://:geheim@host:port\n", 2, "redis.url", "port"),
    ("redis:\n  url: redis://host:99999\n", 2, "redis.url", "between 1 and 65535"),
    ("redis:\n  url: redis://host/main\n", 2, "redis.url", "not a number"),
    ("redis:\n  url: redis://host?colour=red\n", 2, "redis.url", "colour"),
    ("redis:\n  url: unix://\n", 2, "redis.url", "unix:///run/redis.sock"),
    ('redis:\n  url: "redis://host\\r\\n"\n', 2, "redis.url", "line break"),
    ("postgres:\n  dsn: ''\n", 2, "postgres.dsn", "postgresql://HOST:5432"),
    ('postgres:\n  dsn: "host=h\\npassword=geheim"\n', 2, "postgres.dsn", "line break"),
    ("postgres:\n  dsn: mysql://u:geheim@host/d\n", 2, "postgres.dsn", "none of libpq's"),
    ("postgres:\n  dsn: mysql+psycopg://u:geheim@host/d\n", 2, "postgres.dsn", "none of libpq's"),
    ("postgres:\n  dsn: database\n", 2, "postgres.dsn", "name=value"),
    ("postgres:\n  dsn: postgresql://u:geheim%p@host/d\n", 2, "postgres.dsn", "%25 for %"),
    ("postgres:\n  dsn: postgresql://u:geheim#%w@host/d\n", 2, "postgres.dsn", "%25 for %"),
    ("postgres:\n  dsn: postgresql://u:ge/heim@host/d\n", 2, "postgres.dsn", "%2F for /"),
    ("postgres:\n  dsn: postgresql://u:geheim@host:54x2/d\n", 2, "postgres.dsn", "a port is no number"),
    ("postgres:\n  dsn: postgresql://u:geheim@[::1]:99999/d\n", 2, "postgres.dsn", "a port is no number"),
    ("postgres:\n  dsn: host=h password='geheim port=1' port=abc\n", 2, "postgres.dsn", "a port is no number"),
    ("postgres:\n  builder_dsn: ''\n", 2, "postgres.builder_dsn", "postgresql://HOST:5432"),
    ("postgres:\n  replica_dsns:\n    - postgresql://h/d\n    - ''\n", 4, "postgres.replica_dsns.1", "is empty"),
    ("kubernetes:\n  kubeconfig: ''\n", 2, "kubernetes.kubeconfig", "at least 1 character"),
    ("kubernetes:\n  context: ' '\n", 2, "kubernetes.context", "pattern"),
    ('kubernetes:\n  context: "a\\nb"\n', 2, "kubernetes.context", "pattern"),
    ("kubernetes:\n  manifests: [k8s]\n", 2, "kubernetes.manifests", "valid string"),
    ("kubernetes:\n  namespaces: shop\n", 2, "kubernetes.namespaces", "valid array"),
    ("kubernetes:\n  namespaces: [Shop]\n", 2, "kubernetes.namespaces.0", "pattern"),
    ("kubernetes:\n  namespaces: [a/../b]\n", 2, "kubernetes.namespaces.0", "pattern"),
    ("kubernetes:\n  enabled: maybe\n", 2, "kubernetes.enabled", "valid boolean"),
    ("kubernetes:\n  name_space: [shop]\n", 2, "kubernetes.name_space", "namespaces"),
    ("kubernetes:\n  timeout_seconds: 1m\n", 2, "kubernetes.timeout_seconds", "longer"),
    (
        "guide:\n  kubernetes:\n    scale_up: {window_seconds: 0s, percent: 0, period_seconds: 30s}\n",
        3,
        "scale_up.percent",
        "equal to 1",
    ),
    (
        "guide:\n  kubernetes:\n    job_request: {cpu_cores: 1, memory_bytes: 256}\n",
        3,
        "job_request.memory_bytes",
        "no unit",
    ),
    ("web:\n  listen_address: ''\n", 2, "web.listen_address", "127.0.0.1:9595"),
    ("web:\n  listen_address: 9595\n", 2, "web.listen_address", "valid string"),
    ("web:\n  listen_address: '9595'\n", 2, "web.listen_address", "not host:port"),
    ("web:\n  listen_address: ':9595'\n", 2, "web.listen_address", "not host:port"),
    ("web:\n  listen_address: 127.0.0.1\n", 2, "web.listen_address", "not host:port"),
    ("web:\n  listen_address: 127.0.0.1:http\n", 2, "web.listen_address", "not host:port"),
    ("web:\n  listen_address: 127.0.0.1:65536\n", 2, "web.listen_address", "between 0 and 65535"),
    ("web:\n  listen_address: 127.0.0.1:-1\n", 2, "web.listen_address", "not host:port"),
    ("web:\n  listen_address: '::1:9595'\n", 2, "web.listen_address", "[::1]:9595"),
    ("web:\n  listen_address: 0.0.0.0:9595\n", 2, "web.listen_address", "listen on 127.0.0.1"),
    ("web:\n  listen_address: '[::]:9595'\n", 2, "web.listen_address", "name web.token_files"),
    ("web:\n  listen_address: host:9595\n", 2, "web.listen_address", "not an IP address"),
    ("web:\n  listen_address: http://127.0.0.1:9595\n", 2, "web.listen_address", "not host:port"),
    ("web:\n  trusted_proxies: [0.0.0.0/0]\n", 2, "web.trusted_proxies.0", "is everybody"),
    ("web:\n  trusted_proxies: [proxy.example]\n", 2, "web.trusted_proxies.0", "10.0.0.0/24"),
    ("web:\n  trusted_proxies: [10.0.0.0/33]\n", 2, "web.trusted_proxies.0", "10.0.0.0/24"),
    ("web:\n  trusted_proxies: 10.0.0.5\n", 2, "web.trusted_proxies", "valid array"),
    ("web:\n  trusted_user_header: 'X User'\n", 2, "web.trusted_user_header", "pattern"),
]

JOURNALS = [
    ("''", "sqlite:///FILE"),
    ("null", "valid string"),
    ("advisor.db", "sqlite:///FILE"),
    ("sqlite://advisor.db", "with three"),
    ("'sqlite:///:memory:'", "in memory"),
    ("sqlite:///", "in memory"),
    ("mysql://u:geheim@h/d", "sqlite:///FILE"),
    ("file:advisor.db", "sqlite:///FILE"),
    ("postgresql://h:port/d", "port"),
    ('"sqlite:///a\\nb"', "line break"),
]

DURATIONS = [
    (group, name, value)
    for group, name in [
        ("prometheus", "timeout_seconds"),
        ("prometheus", "step_seconds"),
        ("postgres", "deadline_seconds"),
        ("redis", "timeout_seconds"),
        ("breaker", "pause_seconds"),
        ("daemon", "interval_seconds"),
        ("daemon", "lease_seconds"),
        ("trial", "hold_seconds"),
        ("trial", "trial_seconds"),
        ("policy", "approval_expires_seconds"),
    ]
    for value in ("0", "0s", "-5s", "5", "2.5", "9999999d", "soon", "''", "null", "true", "[5s]")
]

NUMBERS = [
    ("policy:\n  knobs:\n    db.pool_size:\n      minimum: -1\n", 4, "policy.knobs.db.pool_size.minimum", "from 1"),
    ("policy:\n  knobs:\n    db.pool_size:\n      maximum: 2.5\n", 4, "policy.knobs.db.pool_size.maximum", "2 or 3"),
    ("policy:\n  knobs:\n    db.pool_size:\n      minimum: 0\n", 4, "policy.knobs.db.pool_size.minimum", "from 1"),
    ("policy:\n  knobs:\n    cache.l1.ttl:\n      maximum: 1.0e300\n", 4, "policy.knobs.cache.l1.ttl.maximum", "1e+12"),
    (
        "policy:\n  knobs:\n    cache.l3.similarity_threshold:\n      maximum: 2\n",
        4,
        "similarity_threshold.maximum",
        "to 1",
    ),
    (
        "policy:\n  knobs:\n    http.max_connections:\n      maximum: .inf\n",
        4,
        "http.max_connections.maximum",
        "finite",
    ),
    ("policy:\n  knobs:\n    db.pool_size: {minimum: 9, maximum: 2}\n", 3, "policy.knobs.db.pool_size", "swap them"),
    ("policy:\n  knobs:\n    db.pool_size: {attempts: 0}\n", 3, "policy.knobs.db.pool_size.attempts", "equal to 1"),
    ("policy:\n  knobs:\n    db.pool_size: {largest_step_ratio: 1}\n", 3, "largest_step_ratio", "greater than 1"),
    ("policy:\n  knobs:\n    db.pool_size: {cost_ratio: 0}\n", 3, "cost_ratio", "greater than 0"),
    ("policy:\n  knobs:\n    db.pool: {}\n", 3, "policy.knobs.db.pool", "did you mean"),
    ("policy:\n  environment: ''\n", 2, "policy.environment", "at least 1"),
    ('policy:\n  environment: "a\\nb"\n', 2, "policy.environment", "pattern"),
    ("policy:\n  daily_changes: 0\n", 2, "policy.daily_changes", "equal to 1"),
    ("policy:\n  daily_changes: 1.5\n", 2, "policy.daily_changes", "valid integer"),
    ("policy:\n  evidence_tolerance: 1\n", 2, "policy.evidence_tolerance", "less than 1"),
    ("policy:\n  quiet_load_ratio: -1\n", 2, "policy.quiet_load_ratio", "greater than 0"),
    ("policy:\n  blast_radius: {largest_instances: 0}\n", 2, "policy.blast_radius.largest_instances", "equal to 1"),
    ("policy:\n  blast_radius: {largest_table_bytes: -5MB}\n", 2, "largest_table_bytes", "500MB"),
    ("policy:\n  blast_radius:\n    largest_table_bytes: 99999999999999TB\n", 3, "largest_table_bytes", "smaller size"),
    ("policy:\n  trust: {smallest_count: 0}\n", 2, "policy.trust.smallest_count", "equal to 1"),
    ("policy:\n  trust: {smallest_coverage: 1.1}\n", 2, "policy.trust.smallest_coverage", "equal to 1"),
    ("trial:\n  confidence: 1\n", 2, "trial.confidence", "less than 1"),
    ("trial:\n  confidence: .nan\n", 2, "trial.confidence", "finite"),
    ("trial:\n  confidence: -.inf\n", 2, "trial.confidence", "finite"),
    ("trial:\n  latency_harm: 1e999\n", 2, "trial.latency_harm", "finite"),
    ("trial:\n  latency_harm: 1e30\n", 2, "trial.latency_harm", "equal to 100"),
    ("trial:\n  throughput_harm: 2\n", 2, "trial.throughput_harm", "equal to 1"),
    ("trial:\n  restore_attempts: 999999999999999999\n", 2, "trial.restore_attempts", "equal to 1000"),
    ("trial:\n  smallest_effective_samples: 1\n", 2, "trial.smallest_effective_samples", "equal to 3"),
    ("trial:\n  earlier_days: [1, 0]\n", 2, "trial.earlier_days.1", "equal to 1"),
    ("trial:\n  earlier_days: [400]\n", 2, "trial.earlier_days.0", "365"),
    ("trial:\n  canary: {shares: [0.5, 0.2]}\n", 2, "trial.canary", "rise"),
    ("trial:\n  canary: {shares: [1.5]}\n", 2, "trial.canary", "between 0 and 1"),
    ("breaker:\n  failures: 0\n", 2, "breaker.failures", "equal to 1"),
    ("postgres:\n  cpu_cores: 0\n", 2, "postgres.cpu_cores", "equal to 1"),
    ("postgres:\n  cpu_cores: 1.5\n", 2, "postgres.cpu_cores", "valid integer"),
    ("postgres:\n  quiet: {attempts: -1}\n", 2, "postgres.quiet.attempts", "equal to 1"),
    ("postgres:\n  slow_log: ftp://log\n", 2, "postgres.slow_log", "file:PATH"),
    ("postgres:\n  slow_log: 'file:'\n", 2, "postgres.slow_log", "file:PATH"),
    ("postgres:\n  name: ''\n", 2, "postgres.name", "at least 1"),
    ("applications:\n  - name: ''\n", 2, "applications.0.name", "at least 1"),
    ("applications:\n  - name: a\n    board: 'file:'\n", 3, "applications.0.board", "file:PATH"),
    ("applications:\n  - name: a\n    replicas: 0\n", 3, "applications.0.replicas", "equal to 1"),
    ("applications:\n  - name: a\n  - name: a\n", 3, "applications.1.name", "a name of its own"),
    ("guide:\n  pool: {exhausted_ratio: 1.5}\n", 2, "guide.pool.exhausted_ratio", "equal to 1"),
    ("guide:\n  pool: {smallest_size: 0}\n", 2, "guide.pool.smallest_size", "equal to 1"),
    ("guide:\n  cache: {low_hit_ratio: {l1: 70}}\n", 2, "guide.cache.low_hit_ratio.l1", "equal to 1"),
    ("guide:\n  cache: {low_hit_ratio: {l9: 0.7}}\n", 2, "guide.cache.low_hit_ratio.l9", "l[123]"),
    ("guide:\n  cache: {longest_ttl_seconds: {l2: 0}}\n", 2, "guide.cache.longest_ttl_seconds.l2", "greater than 0"),
]

PAIRS = [
    ("web:\n  trusted_user_header: X-User\n", 2, "web.trusted_user_header", "without web.trusted_proxies"),
    ("web:\n  trusted_proxies: [10.0.0.5]\n", 2, "web.trusted_proxies", "without web.trusted_user_header"),
    ("web:\n  token_files: [a/ci, b/ci]\n", 2, "web.token_files.1", "a name of its own"),
    ("prometheus:\n  timeout_seconds: 30s\n", 2, "prometheus.timeout_seconds", "raise prometheus.deadline_seconds"),
    ("prometheus:\n  deadline_seconds: 5s\n", 2, "prometheus.deadline_seconds", "lower prometheus.timeout_seconds"),
    ("prometheus:\n  rate_window_seconds: 5s\n", 2, "prometheus.rate_window_seconds", "lower prometheus.step_seconds"),
    ("postgres:\n  timeout_seconds: 1m\n", 2, "postgres.timeout_seconds", "raise postgres.deadline_seconds"),
    ("postgres:\n  build_timeout_seconds: 1s\n", 2, "postgres.build_timeout_seconds", "lower postgres.lock_timeout"),
    ("redis:\n  deadline_seconds: 1s\n", 2, "redis.deadline_seconds", "lower redis.timeout_seconds"),
    ("trial:\n  longest_seconds: 60s\n", 2, "trial.longest_seconds", "lower trial.trial_seconds"),
    ("trial:\n  trial_seconds: 2d\n", 2, "trial.trial_seconds", "raise trial.longest_seconds"),
    ("trial:\n  history_seconds: 60s\n", 2, "trial.history_seconds", "lower trial.baseline_seconds"),
    ("trial:\n  hold_seconds: 5s\n", 2, "trial.hold_seconds", "lower daemon.interval_seconds"),
    ("policy:\n  autonomy:\n    lower_kept_ratio: 0.95\n", 3, "policy.autonomy.lower_kept_ratio", "swap them"),
    ("policy:\n  ranking:\n    chance_high_risk: 0.8\n", 3, "policy.ranking.chance_high_risk", "swap them"),
    ("guide:\n  pool: {idle_ratio: 0.95}\n", 2, "guide.pool.idle_ratio", "swap them"),
    ("guide:\n  transaction:\n    critical_age_ratio: 0.4\n", 3, "guide.transaction.critical_age_ratio", "swap them"),
    (
        "guide:\n  pool:\n    tiers:\n      - {users: 9, pool_size: 5, max_overflow: 5}\n"
        "      - {users: 5, pool_size: 9, max_overflow: 5}\n",
        5,
        "guide.pool.tiers.1.users",
        "rising users",
    ),
]

NAMES = [
    (
        "disabled_rules:\n  - pool-exhaustion\n  - pool-exhausted\n",
        3,
        "disabled_rules.1",
        "did you mean 'pool-exhaustion'",
    ),
    ("disabled_rules: pool-exhaustion\n", 1, "disabled_rules", "valid array"),
    ("prometheus:\n  presets: [agents, giude]\n", 2, "prometheus.presets.1", "did you mean 'guide'"),
    ("prometheus:\n  presets: []\n", 2, "prometheus.presets", "at least 1"),
    ("prometheus:\n  ca_file: no.pem\n", 2, "prometheus.ca_file", "name a PEM file"),
    ("prometheus:\n  ca_file: advisor.yaml\n", 2, "prometheus.ca_file", "name a PEM file"),
    ("prometheus:\n  matchers: {a b: x}\n", 2, "prometheus.matchers.a b", "pattern"),
    ("prometheus:\n  matchers: {namespace: 5}\n", 2, "prometheus.matchers.namespace", "valid string"),
    ("prometheus:\n  matchers: [namespace]\n", 2, "prometheus.matchers", "an object"),
    ("rule_packs: [nowhere]\n", 1, "rule_packs", "install"),
    ("mode: aply\n", 1, "mode", "'apply'"),
    ("postgres:\n  dns: x\n", 2, "postgres.dns", "did you mean 'dsn'"),
]

SURFACES = [
    ("slack:\n  channel: C0TUNING\n", 2, "slack.channel", "set slack.bot_token_file"),
    ("slack:\n  bot_token_file: token\n", 2, "slack.bot_token_file", "set slack.channel"),
    ("slack:\n  channel: ''\n", 2, "slack.channel", "at least 1 character"),
    ("slack:\n  approvers: U0ADA\n", 2, "slack.approvers", "array"),
    ("slack:\n  approvers:\n    - U0ADA\n    - '@ada'\n", 4, "slack.approvers.1", "match pattern"),
    ("slack:\n  approvers:\n    - u0ada\n", 3, "slack.approvers.0", "match pattern"),
    ("slack:\n  team: harbour\n", 2, "slack.team", "match pattern"),
    ("slack:\n  app_id: advisor\n", 2, "slack.app_id", "match pattern"),
    ("slack:\n  api_base_url: slack.com\n", 2, "slack.api_base_url", "http:// or https://"),
    ("slack:\n  digest: 25:00\n", 2, "slack.digest", "09:00 Europe/Berlin"),
    ("slack:\n  digest: 9:00\n", 2, "slack.digest", "09:00 Europe/Berlin"),
    ("slack:\n  digest: '09:00 Europe/Atlantis'\n", 2, "slack.digest", "no time zone"),
    ("slack:\n  reports: [yearly]\n", 2, "slack.reports", "weekly"),
    ("slack:\n  quiet_hours: [nights]\n", 2, "slack.quiet_hours", "not a change window"),
    ("slack:\n  bot_token: xoxb-geheim\n", 2, "slack.bot_token", "did you mean 'bot_token_file'?"),
    ("notify:\n  webhook_url: https://h/geheim\n", 2, "notify.webhook_url", "set notify.webhook_secret_file"),
    ("notify:\n  webhook_secret_file: secret\n", 2, "notify.webhook_secret_file", "set notify.webhook_url"),
    ("notify:\n  teams_url: h/geheim\n", 2, "notify.teams_url", "https://HOST/PATH"),
    ("notify:\n  teams_url: https://me:geheim@h/\n", 2, "notify.teams_url", "neither a user"),
    ("notify:\n  teams_url: ftp://h/geheim\n", 2, "notify.teams_url", "not http or https"),
]


@pytest.mark.parametrize(("text", "line", "key", "fix"), [*ADDRESSES, *NUMBERS, *PAIRS, *NAMES, *SURFACES])
def test_a_bad_setting_ends_with_2_and_names_file_line_key_and_fix(
    tmp_path: Path, text: str, line: int, key: str, fix: str
) -> None:
    (tmp_path / "advisor.yaml").write_text(text)
    done = advisor_within(tmp_path, "rules", "list", "--config", "advisor.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: advisor.yaml:{line}: ")
    assert key in done.stderr
    assert fix in done.stderr
    assert "geheim" not in done.stderr
    assert "***" not in done.stderr, "an example that is blotted out helps nobody"


@pytest.mark.parametrize(("url", "fix"), JOURNALS)
def test_a_bad_address_of_the_journal_is_refused(tmp_path: Path, url: str, fix: str) -> None:
    file = tmp_path / "advisor.yaml"
    file.write_text(f"journal:\n  url: {url}\n")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(file, {}, {})
    assert str(caught.value).startswith(f"{file}:2: journal.url: ")
    assert fix in str(caught.value)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(("group", "name", "value"), DURATIONS)
def test_a_duration_that_makes_no_sense_is_refused(tmp_path: Path, group: str, name: str, value: str) -> None:
    (tmp_path / "advisor.yaml").write_text(f"{group}:\n  {name}: {value}\n")
    done = advisor_within(tmp_path, "rules", "list", "--config", "advisor.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: advisor.yaml:2: {group}.{name}: ")
    assert "meaning: " in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["report"],
        ["run", "--once"],
        ["check"],
        ["demo"],
        ["indexes"],
        ["backtest", "--from", "-1h"],
        ["trial-check", "--from", "-1h"],
        ["changes"],
        ["changes", "calibration"],
        ["changes", "show", "x"],
        ["changes", "approve", "x"],
        ["changes", "reject", "x"],
        ["changes", "clear", "x"],
        ["pause"],
        ["resume"],
        ["rules"],
        ["rules", "show", "pool-exhaustion"],
    ],
)
def test_every_command_checks_the_whole_configuration_first(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "advisor.yaml").write_text("disabled_rules: [no-such-rule]\nprometheus:\n  presets: [no-such-preset]\n")
    done = advisor_within(tmp_path, *arguments, "--config", "advisor.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert [line.partition(" ")[2].partition(": ")[0] for line in done.stderr.splitlines()] == [
        "advisor.yaml:1",
        "advisor.yaml:3",
    ]
    assert not (tmp_path / "journal.db").exists()


def test_a_preset_without_a_label_that_its_signal_needs_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "drops.yaml").write_text(
        "# ours\ncache.reuse_within_ratio: >-\n  sum by (app, cache) (rate(reuse_bucket{%matchers%}[%window%]))\n"
    )
    (tmp_path / "own" / "advisor.yaml").write_text("prometheus: {presets: [agents, drops.yaml]}\n")
    done = advisor_within(tmp_path, "report", "--config", "own/advisor.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: own/drops.yaml:2: cache.reuse_within_ratio lacks the labels that it needs: le (keep them in the "
        "outermost aggregation, as `sum by (app, cache, le)`, or set them with label_replace)\n"
    )
