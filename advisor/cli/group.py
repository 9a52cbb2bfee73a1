"""A command with parts, of which `list` is meant when none is named."""

import typer
from typer.core import TyperGroup


class ListsByDefault(TyperGroup):
    """`advisor changes` and `advisor changes -o json` list, as `advisor changes list` does."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:
        names_a_part = bool(args) and (not args[0].startswith("-") or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if names_a_part else ["list", *args])
