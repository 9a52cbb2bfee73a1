"""Slack's limits, in characters or counts, and where each is documented (pages under docs.slack.dev)."""

BLOCKS_PER_MESSAGE = 50  # reference/block-kit/blocks
SECTION_CHARACTERS = 3000  # reference/block-kit/blocks/section-block
HEADER_CHARACTERS = 150  # reference/block-kit/blocks/header-block
CONTEXT_ELEMENTS = 10  # reference/block-kit/blocks/context-block
BUTTON_TEXT_CHARACTERS = 75  # reference/block-kit/block-elements/button-element
OPTION_TEXT_CHARACTERS = 75  # reference/block-kit/composition-objects/option-object
OPTION_VALUE_CHARACTERS = 150  # the same
CONFIRM_TITLE_CHARACTERS = 100  # reference/block-kit/composition-objects/confirmation-dialog-object
CONFIRM_TEXT_CHARACTERS = 300  # the same
CONFIRM_BUTTON_CHARACTERS = 30  # the same
MESSAGE_TEXT_CHARACTERS = 4000  # reference/methods/chat.postMessage: advised; cut at 40,000
MESSAGE_CHARACTERS = 10_000
"""All blocks of a message together. Nowhere documented; from about 13,000 the answer is `msg_blocks_too_long`."""

RESERVE = 0.9
"""Of each limit so much is used: Slack does not say how it counts what is no plain letter."""


def within(limit: int) -> int:
    """What of a limit is used."""
    return int(limit * RESERVE)
