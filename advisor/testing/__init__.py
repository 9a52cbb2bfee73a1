"""The complete doubles of every port, and ready-made words of the domain: for whoever writes a rule, a source, a knob
or a surface of his own, and for our own tests.

`advisor.testing.doubles` says which double stands in for which port; each module holds the doubles of one kind, such as
`FakeKnob` in `advisor.testing.knob`. A double keeps the promises of its port, the errors included, and has attributes
that a test sets to make it fail. `words`, `snapshots` and `database_states` make what goes in and out (`a_proposal()`,
`a_snapshot(...)`, `a_table(...)`): whole and unremarkable, so that a test names only what it is about. `rules` and
`asking` make rules and ask them. Nothing here needs a test runner, a server, a file or the network:

    clock, knob = FakeClock(), FakeKnob(5)
    knob.fail("apply", KnobBusyError("locked", where="shop"))
"""
