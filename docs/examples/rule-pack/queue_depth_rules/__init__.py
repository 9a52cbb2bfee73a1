"""A rule pack: the rule, and everything it needs, in one distribution."""

from pathlib import Path

from advisor.model.knob import Carrier, KnobKind
from advisor.ports.rule_pack import RulePack
from queue_depth_rules.queue_backlog import KNOB, QUEUE_BACKLOG, QueueDepthSettings

_FOLDER = Path(__file__).resolve().parent

PACK = RulePack(
    name="queue_depth",
    rules=(QUEUE_BACKLOG,),
    signals=_FOLDER / "signals.yaml",
    presets=_FOLDER / "presets",
    settings=QueueDepthSettings,
    pages=_FOLDER / "pages",
    knobs=(KnobKind(name=KNOB, carrier=Carrier.AGENTS, per_instance=True),),
)
