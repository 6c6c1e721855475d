"""What makes a password good enough: its length, and that others would not guess it. No rule asks for odd signs."""

from django.contrib.auth import password_validation as django
from django.core.exceptions import ValidationError

# Words that somebody who attacks this very service tries first; a password may hold one among others.
WORDS_OF_THIS_WORK = (
    "ofsted",
    "improvement",
    "inadequate",
    "children",
    "council",
    "services",
    "inspection",
    "inspector",
    "safeguarding",
    "tracker",
    "password",
    "plan",
)


class LongEnough(django.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return f"Choose a password of {self.min_length} or more characters; three or four words do well"


class NotCommon(django.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return "Choose another password: this one is on lists that attackers try"


class NotLikeThePerson(django.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return "Choose a password that is less like your %(verbose_name)s"


class NotOfThisWork:
    """Refuses what is little more than words such as “ofsted” and “improvement”, in any case, with any numbers."""

    def validate(self, password: str, user: object = None) -> None:
        letters = "".join(character for character in password.casefold() if character.isalpha())
        left = letters
        for word in WORDS_OF_THIS_WORK:
            left = left.replace(word, "")
        if letters != left and len(left) < 5:
            raise ValidationError(
                "Choose a password that is not made of words about this work, such as “ofsted” or “improvement”",
                code="of_this_work",
            )

    def get_help_text(self) -> str:
        return "Not only words about this work."
