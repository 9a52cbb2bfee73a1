"""Puts a document where the user wants it: on stdout or in a file."""

import json
import os
import sys

from advisor.cli.flags import OutputFlags
from advisor.model.errors import ConfigurationError
from advisor.surfaces.choices import OutputFormat
from advisor.surfaces.documents.document import Document
from advisor.surfaces.formats.page import to_html
from advisor.surfaces.formats.render import to_csv, to_json, to_markdown, to_yaml
from advisor.surfaces.formats.text import one_line, to_text


def show(document: Document, flags: OutputFlags) -> None:
    """Render `document` and write it. Raises ConfigurationError when the file cannot be written."""
    is_text = flags.output in (OutputFormat.TABLE, OutputFormat.WIDE)
    if flags.out_file is not None:
        try:
            flags.out_file.write_text(render(document, flags.output), encoding="utf-8", newline="")
        except OSError as error:
            raise ConfigurationError(
                f"cannot be written: {error.strerror}", where=str(flags.out_file), fix="name another --out-file"
            ) from error
    elif is_text and sys.stdout.isatty():
        from advisor.surfaces.formats.terminal import print_on_terminal

        print_on_terminal(document, sys.stdout, wide=flags.output is OutputFormat.WIDE)
    else:
        _write(render(document, flags.output))


def refuse_to_follow(flags: OutputFlags) -> None:
    """Raises ConfigurationError, before anything is waited for, where lines cannot follow one another."""
    if flags.out_file is not None:
        raise ConfigurationError("a file cannot follow what happens", where="--out-file", fix="redirect stdout")
    if flags.output not in (OutputFormat.TABLE, OutputFormat.WIDE, OutputFormat.JSON):
        what = f"{flags.output.value} cannot follow what happens"
        raise ConfigurationError(what, where="-o", fix="use table or json")


def show_line(document: Document, flags: OutputFlags) -> None:
    """One thing of several that follow one another: a line of text or of JSON. See `refuse_to_follow`."""
    if flags.output is OutputFormat.JSON:
        _write(json.dumps(document.data, ensure_ascii=False, allow_nan=False) + "\n")
    else:
        _write(one_line(document.title) + "\n")


def render(document: Document, output: OutputFormat) -> str:
    match output:
        case OutputFormat.TABLE:
            return to_text(document, wide=False)
        case OutputFormat.WIDE:
            return to_text(document, wide=True)
        case OutputFormat.JSON:
            return to_json(document)
        case OutputFormat.YAML:
            return to_yaml(document)
        case OutputFormat.CSV:
            return to_csv(document)
        case OutputFormat.MARKDOWN:
            return to_markdown(document)
        case OutputFormat.HTML:
            return to_html(document)


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (head, a pager) has seen enough. Python would complain again when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
