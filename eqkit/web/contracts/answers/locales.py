"""The texts of the locale that a server was started with."""

from eqkit.answers.generating.texts.local import Texts, UnknownLocale, texts_of_locale
from eqkit.errors import SettingsError, StartupError
from eqkit.extras import missing


def local_texts(locale: str) -> Texts:
    """Return the texts of a locale; raises StartupError without Faker, SettingsError for an unknown one."""
    try:
        return texts_of_locale(locale)
    except ImportError as error:
        raise StartupError(missing("--faker", "faker", error)) from error
    except UnknownLocale as error:
        raise SettingsError(f"--faker: {error}") from error
