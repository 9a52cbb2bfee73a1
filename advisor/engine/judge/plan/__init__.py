"""How a change will be judged, fixed before it is begun: windows, guardrails, tripwires."""
