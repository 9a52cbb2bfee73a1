"""Which secrets of the surfaces lie in which files."""

from collections.abc import Iterator

from advisor.model.check import CheckLine, failed, ok
from advisor.model.errors import ConfigurationError
from advisor.settings.schema import Settings
from advisor.settings.secret_file import SecretFile
from advisor.settings.surfaces.notify import NotifySettings
from advisor.settings.surfaces.slack import SlackSettings

APP_TOKEN = "slack.app_token_file"  # noqa: S105


def signing_secret(slack: SlackSettings) -> SecretFile | None:
    file = slack.signing_secret_file
    return SecretFile(file, "slack.signing_secret_file") if file is not None else None


def webhook_secret(notify: NotifySettings) -> SecretFile | None:
    file = notify.webhook_secret_file
    return SecretFile(file, "notify.webhook_secret_file") if file is not None else None


def check_secrets(settings: Settings) -> Iterator[CheckLine]:
    """One line a file that is named and will be read; nothing of what is in it. The bot's token is asked of Slack."""
    for file in _named(settings):
        try:
            file.read()
        except ConfigurationError as error:
            yield failed(file.setting, error.what, error.fix)
        else:
            yield ok(file.setting, f"{file.path} can be read")


def _named(settings: Settings) -> Iterator[SecretFile]:
    from advisor.surfaces.web.tokens import token_files

    slack = settings.slack
    yield from token_files(settings.web.token_files)
    if slack.channel is not None:
        if slack.app_token_file is not None:
            yield SecretFile(slack.app_token_file, APP_TOKEN)
        yield from filter(None, [signing_secret(slack)])
    if settings.notify.webhook_url is not None:
        yield from filter(None, [webhook_secret(settings.notify)])
