"""The words of the domain. Frozen, slotted, keyword-only dataclasses; imports the standard library only."""
