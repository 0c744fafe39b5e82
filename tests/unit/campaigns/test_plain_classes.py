"""Every reply class of the engine means something to people, in both languages."""

import pytest
from django.utils import translation

from mailer.engine.vocabulary import ReplyClass, Stage
from mailer.words import PLAIN_CLASSES, STAGE_WORDS, plain_class, reply_classes_of


@pytest.mark.parametrize(
    "reply_class", [each for each in ReplyClass if each != ReplyClass.ACCEPTED]
)
def test_every_refusal_has_a_title_a_cause_and_a_next_step(reply_class):
    plain = PLAIN_CLASSES[reply_class]

    for language in ("ja", "en"):
        with translation.override(language):
            assert all(str(words) for words in (plain.title, plain.cause, plain.next_step))
    assert reply_class in reply_classes_of(plain.key)


def test_only_recipients_that_are_gone_or_complained_are_said_to_be_stopped():
    stopping = {name for name, plain in PLAIN_CLASSES.items() if plain.stops_reader}

    assert stopping == {
        ReplyClass.INVALID_RECIPIENT,
        ReplyClass.INACTIVE_MAILBOX,
        ReplyClass.COMPLAINT,
    }


def test_a_class_from_a_newer_engine_is_other():
    assert plain_class("from-the-future").key == "other"


def test_every_stage_has_words():
    assert set(STAGE_WORDS) == {*(str(stage) for stage in Stage), "report"}
