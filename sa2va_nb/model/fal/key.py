"""Looks whether there is a key, without holding it."""

from fal_client.auth import MissingCredentialsError, fetch_auth_credentials

from sa2va_nb.errors import MissingKeyError
from sa2va_nb.model.fal.words import KEYS_PAGE, client_errors_in_words

_NO_KEY = (
    f"a fal key is needed to run Sa2VA, and none was found. Get one at {KEYS_PAGE} and set it as the environment "
    "variable FAL_KEY: `export FAL_KEY=…` in the shell that starts Jupyter, or in a "
    'notebook `os.environ["FAL_KEY"] = getpass.getpass()`, which leaves no trace in it. '
    'Without a key these work: segment(…, engine="motion"), open_run(…) and load_masks(…)'
)
_LONGEST = 8000  # characters; a key has some hundred, what `fal auth login` saves a few thousand


def check_key() -> None:
    """Look for a key as the client will; one that is no key must not get into a header's error message.

    Raises:
        MissingKeyError: if there is none, or what is there is none.
    """
    with client_errors_in_words():
        try:
            is_one = _has_form_of_key(fetch_auth_credentials().token)  # no variable here holds it
        except MissingCredentialsError as error:
            raise MissingKeyError(_NO_KEY) from error
        except (OSError, UnicodeDecodeError) as error:
            raise MissingKeyError(
                "what `fal auth login` had saved can't be read; run it again, or set FAL_KEY"
            ) from error
    if not is_one:
        raise MissingKeyError(
            "the fal key that was found holds spaces, line breaks or letters outside ASCII, or far too many, so it is "
            f"no key; copy it anew from {KEYS_PAGE} into FAL_KEY"
        )


def _has_form_of_key(token: str) -> bool:
    return token.isascii() and token.isprintable() and " " not in token and len(token) <= _LONGEST
